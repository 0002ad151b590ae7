#!/bin/sh
# Builds the workspace and passes the library's unit tests with the Rust of the Debian suite that is the oldest one to
# have what Cargo.toml promises, or a newer one: forky. Needs root and mmdebstrap; takes about five minutes and 1.5 GB.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
root=$("$top/tests/sources/root.sh" msrv forky rustc,cargo,gcc,g++,clang,libc6-dev,libffi-dev,binutils,ca-certificates)
promised=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$top/Cargo.toml")
found=$(chroot "$root" rustc --version | cut -d' ' -f2)
echo "rustc $found, promised $promised"
[ "$(printf '%s\n' "$promised" "$found" | sort -V | head -n 1)" = "$promised" ]
rm -rf "$root/src" && mkdir -p "$root/src" "$root/root/.cargo"
(cd "$top" && cargo fetch --locked --quiet && git ls-files -z | xargs -0 tar c) | tar x -C "$root/src"
cp -r "${CARGO_HOME:-$HOME/.cargo}/registry" "$root/root/.cargo/"
"$top/tests/sources/in_root.sh" "$root" sh -c 'cd /src && CARGO_HOME=/root/.cargo &&
    export CARGO_HOME && cargo build --offline --locked --workspace && cargo test --offline --locked --lib'
