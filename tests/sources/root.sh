#!/bin/sh
# root.sh NAME SUITE PACKAGE,...: unpacks Debian SUITE with these packages into build/roots/NAME, unless it is there, and prints the path.
# Needs root and mmdebstrap.
set -eu
name=$1 suite=$2 packages=$3
root=$(cd "$(dirname "$0")/../.." && pwd)/build/roots/$name
if [ "$(cat "$root/complete" 2>/dev/null)" != "$suite $packages" ]; then
	mirror=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(CODENAME)' 'Created-By: Packages' |
		awk '$2 == "Debian" && $3 !~ /-/ { print $1; exit }')
	rm -rf "$root"
	mkdir -p "$(dirname "$root")"
	# A mirror may be a snapshot whose Release file has expired; its signature counts.
	mmdebstrap --quiet --variant=apt --aptopt='Acquire::Check-Valid-Until "false"' --include="$packages" "$suite" "$root" "$mirror" >&2
	echo "$suite $packages" > "$root/complete"
fi
echo "$root"
