module k0smotron.io/lab/pause

go 1.26.0
