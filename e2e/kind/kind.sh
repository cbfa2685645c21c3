#!/bin/sh
# A management cluster on kind with Cluster API core, for a host with Docker and internet. See README.md beside it.
set -eu
name=${K0SMOTRON_KIND_NAME:-k0smotron-e2e}
core=${K0SMOTRON_KIND_CAPI:-v1.13.6} # the version that the lab runs
folder="${K0SMOTRON_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/k0smotron-ts}/kind/$name"
kubeconfig="$folder/kubeconfig"

fail() {
  echo "kind: $*" >&2
  exit 1
}

need() {
  for program in "$@"; do
    command -v "$program" >/dev/null 2>&1 || fail "$program is missing"
  done
  docker info >/dev/null 2>&1 || fail "Docker does not answer: is it running, and may this user talk to it?"
}

# Where pods of the cluster reach services that run on this host.
gateway() {
  docker network inspect kind --format '{{range .IPAM.Config}}{{.Gateway}}{{"\n"}}{{end}}' | grep -m1 '^[0-9.]*$'
}

up() {
  need docker kind kubectl clusterctl
  umask 077
  mkdir -p "$folder"
  kind get clusters 2>/dev/null | grep -qxF "$name" ||
    kind create cluster --name "$name" --kubeconfig "$kubeconfig" --wait 180s
  # `-` leaves out kubeadm's providers: ours run on the host.
  CLUSTER_TOPOLOGY=true KUBECONFIG="$kubeconfig" clusterctl init --core "cluster-api:$core" --bootstrap - \
    --control-plane - --wait-providers
  show
}

show() {
  need docker
  [ -s "$kubeconfig" ] || fail "there is no cluster $name: make it with 'up'"
  echo "export K0SMOTRON_E2E_KUBECONFIG=$kubeconfig"
  echo "export K0SMOTRON_WEBHOOK_HOST=$(gateway)"
}

down() {
  need docker kind
  kind delete cluster --name "$name" --kubeconfig "$kubeconfig"
  rm -rf "$folder"
}

case "${1:-}" in
  up | down) "$1" ;;
  env) show ;;
  *) fail "usage: sh e2e/kind/kind.sh up|env|down" ;;
esac
