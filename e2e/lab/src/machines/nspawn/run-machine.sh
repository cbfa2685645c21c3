#!/bin/sh
# Runs one machine: boots a root made of layers, boots it again when it reboots, ends when it powers off.
# Its mounts live in a mount namespace of its own and its processes in a pid namespace of its own, so that
# killing one process takes all of it away. Cgroups have no such owner: a part of this script that outlives the
# machine by a moment removes them.
#
# Environment: LAB_MACHINE (unique on this host), LAB_HOST_NAME, LAB_LAYERS (lowerdir of the overlay),
# LAB_FOLDER (holds upper, work, root, state), LAB_BRIDGE
set -u

# The machine's folder below our own cgroup, one in each hierarchy. A process below the folder of another one is
# still counted there; with cgroup v2 alone it stands at the top, since only there controllers may be handed out.
cgroup_folders() {
  unit="k0smotron-lab-$LAB_MACHINE-$$" # of this run: the last one's folders may still be being removed
  while IFS=: read -r _ controllers path; do
    if [ -n "$controllers" ]; then
      echo "/sys/fs/cgroup/${controllers#name=}${path%/}/$unit"
    elif [ -d /sys/fs/cgroup/unified ]; then
      echo "/sys/fs/cgroup/unified${path%/}/$unit"
    else
      echo "/sys/fs/cgroup/$unit"
    fi
  done </proc/self/cgroup
}

make_cgroups() {
  for folder in $LAB_CGROUPS; do
    mkdir -p "$folder"
    for file in cpuset.cpus cpuset.mems; do
      # v1: a new cpuset is empty, and nothing may enter it then.
      [ ! -f "$folder/cpuset.sched_load_balance" ] || cat "${folder%/*}/$file" >"$folder/$file"
    done
    if [ -f "$folder/cgroup.controllers" ] && [ "${folder%/*}" = /sys/fs/cgroup ]; then
      for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
        echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control
      done 2>/dev/null
    fi
  done
}

outer() {
  LAB_CGROUPS=$(cgroup_folders)
  export LAB_CGROUPS
  # Everything below holds the pipe's writing end, so its end of file says that the last process is gone.
  pipe="$LAB_FOLDER/alive"
  rm -f "$pipe"
  mkfifo -m 600 "$pipe"
  exec 9<>"$pipe" 8<"$pipe"
  # Out of our session, group and mark: whoever kills the machine must not kill the one that tidies up after it.
  env -u K0SMOTRON_LAB_PROCESS setsid --fork sh "$0" tidy "$pipe" 9>&-
  while [ -p "$pipe" ]; do sleep 0.01; done
  make_cgroups
  exec unshare --mount --propagation private --pid --fork --kill-child --mount-proc sh "$0" inner 8<&-
}

tidy() {
  cd /
  rm -f "$1" # says that we are out of reach; both ends are open, so its name is no longer needed
  cat <&8 >/dev/null
  for folder in $LAB_CGROUPS; do
    tries=0
    # The kernel empties a cgroup a moment after its last process ended.
    until [ ! -d "$folder" ] || find "$folder" -depth -type d -exec rmdir {} + 2>/dev/null || [ "$tries" -gt 100 ]; do
      tries=$((tries + 1))
      sleep 0.05
    done
  done
}

boot() (
  for folder in $LAB_CGROUPS; do echo 0 >"$folder/cgroup.procs"; done
  modules=
  [ ! -d /lib/modules ] || modules=--bind-ro=/lib/modules
  exec systemd-nspawn --register=no --keep-unit --quiet --machine="$LAB_MACHINE" --hostname="$LAB_HOST_NAME" \
    --directory="$LAB_FOLDER/root" --network-bridge="$LAB_BRIDGE" --boot --resolv-conf=off --capability=all \
    --bind="$LAB_FOLDER/state:/var/lib/k0s" --bind=/dev/kmsg $modules --system-call-filter='@known bpf keyctl'
)

inner() {
  # nspawn keeps lock files and folders per machine name there; they go with this namespace.
  mount -t tmpfs tmpfs /run || exit
  mount -t overlay overlay \
    -o "lowerdir=$LAB_LAYERS,upperdir=$LAB_FOLDER/upper,workdir=$LAB_FOLDER/work" "$LAB_FOLDER/root" || exit
  while :; do
    boot
    status=$?
    [ "$status" -eq 133 ] || exit "$status" # 133: the machine wants to be booted again
  done
}

part=${1:-outer}
[ $# -eq 0 ] || shift
"$part" "$@"
