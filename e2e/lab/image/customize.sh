#!/bin/sh
# Run by mmdebstrap as its customize hook: turns a plain Debian root ($1) into the root of all lab machines.
# The folder of this script ($LAB_IMAGE) holds everything it reads, and the hash of that folder names the image.
set -eu
root=$1

cp -r --no-preserve=ownership "$LAB_IMAGE/files/." "$root/"
chmod 0755 "$root/usr/local/lib/k0smotron-lab/writable-cgroups"
chmod 0440 "$root/etc/sudoers.d/remoteuser"

# What must differ from machine to machine is written into each machine's own layer.
rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/hostname" "$root/etc/resolv.conf" "$root/etc/machine-id" \
  "$root/var/lib/dbus/machine-id"

chroot "$root" useradd --create-home --shell /bin/bash --uid 1001 remoteuser
chroot "$root" useradd --create-home --shell /bin/bash --uid 1002 nosudo

# k0s looks for its parts in its own folder and then on PATH; it wants iptables under these names.
for program in xtables-legacy-multi xtables-nft-multi runc; do
  cp -L "$root/usr/sbin/$program" "$root/usr/local/bin/$program"
done
mkdir -p "$root/opt/cni/bin" "$root/etc/cni/net.d" "$root/var/lib/k0s" "$root/lib/modules"
for plugin in bridge host-local loopback portmap; do
  cp -L "$root/usr/lib/cni/$plugin" "$root/opt/cni/bin/$plugin"
done

chroot "$root" systemctl --quiet enable systemd-networkd.service ssh.service \
  lab-ssh-host-key.service lab-writable-cgroups.service 2>/dev/null
while read -r unit; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done <"$LAB_IMAGE/masked-units.txt"

rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin "$root"/usr/share/doc/* "$root"/usr/share/man/* \
  "$root"/usr/share/locale/*
