#!/bin/sh
# Builds the workspace and passes the library's unit tests with the oldest Rust that Cargo.toml promises: the one of
# Debian 13. Needs root and mmdebstrap; takes about five minutes and 1.5 GB below the directory given (default: build/msrv).
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
root=${1:-$top/build/msrv}
mirror=$(sed -n 's/^URIs: //p; s/^deb \(http[^ ]*\) .*/\1/p' /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | head -n 1)
if [ ! -x "$root/usr/bin/rustc" ]; then
    rm -rf "$root"
    mmdebstrap --quiet --variant=apt \
        --include=rustc,cargo,gcc,g++,clang,libc6-dev,libffi-dev,binutils,ca-certificates trixie "$root" "$mirror"
fi
promised=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$top/Cargo.toml")
chroot "$root" rustc --version | grep -F " $promised." || { echo "Debian 13 has another Rust than $promised"; exit 1; }
rm -rf "$root/src" && mkdir -p "$root/src" "$root/root/.cargo"
(cd "$top" && cargo fetch --locked --quiet && git ls-files -z | xargs -0 tar c) | tar x -C "$root/src"
cp -r "${CARGO_HOME:-$HOME/.cargo}/registry" "$root/root/.cargo/"
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
trap 'umount "$root/proc"' EXIT
chroot "$root" sh -c 'cd /src && CARGO_HOME=/root/.cargo &&
    export CARGO_HOME && cargo build --offline --locked --workspace && cargo test --offline --locked --lib'
