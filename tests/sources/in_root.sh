#!/bin/sh
# in_root.sh ROOT COMMAND...: runs the command in an unpacked Debian of root.sh, with /proc and /dev/pts mounted while it runs. Needs root.
set -eu
root=$1
shift
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
mountpoint -q "$root/dev/pts" || mount -t devpts devpts "$root/dev/pts"
trap 'umount "$root/proc" "$root/dev/pts"' EXIT
chroot "$root" "$@"
