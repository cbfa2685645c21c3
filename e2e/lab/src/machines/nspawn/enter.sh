#!/bin/sh
# Runs a shell command ($2) in all namespaces and in the cgroups of a process ($1), as root, with nothing of our
# environment: what it starts must not outlive the machine, nor count as ours.
while IFS=: read -r _ controllers path; do
  folder="/sys/fs/cgroup/${controllers#name=}"
  [ -n "$controllers" ] || [ ! -d /sys/fs/cgroup/unified ] || folder=/sys/fs/cgroup/unified
  echo 0 >"$folder$path/cgroup.procs"
done <"/proc/$1/cgroup"
exec nsenter --target "$1" --all -- env --ignore-environment --chdir=/root HOME=/root LANG=C.UTF-8 \
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin sh -c "$2"
