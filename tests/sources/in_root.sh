#!/bin/sh
# in_root.sh ROOT COMMAND...: runs the command in an unpacked Debian of root.sh, with /proc mounted while it runs. Needs root.
set -eu
root=$1
shift
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
trap 'umount "$root/proc"' EXIT
chroot "$root" "$@"
