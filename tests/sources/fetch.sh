#!/bin/sh
# fetch.sh PACKAGE [SUITE]: unpacks a source package of Debian into build/sources/SUITE/PACKAGE and prints that path.
# The mirror is the one that apt uses; its signature checks stay on. What was fetched stays, and is not asked for again.
set -eu
package=$1
suite=${2:-bookworm}
top=$(cd "$(dirname "$0")/../.." && pwd)
base=$top/build/sources/$suite
target=$base/$package
if [ -e "$target/.unpacked" ]; then
	echo "$target"
	exit 0
fi

# apt with lists and a cache of its own: the system's stay as they are.
state=$top/build/sources/apt-$suite
mkdir -p "$base" "$state/lists/partial" "$state/cache/archives/partial"
mirror=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(CODENAME)' 'Created-By: Packages' |
	awk '$2 == "Debian" && $3 !~ /-/ { print $1; exit }')
if [ -z "$mirror" ]; then
	# Nothing is known of the repositories before the first update.
	${SUDO:-} apt-get update -qq
	mirror=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(CODENAME)' 'Created-By: Packages' |
		awk '$2 == "Debian" && $3 !~ /-/ { print $1; exit }')
fi
[ -n "$mirror" ] || { echo "fetch.sh: apt knows no mirror of Debian" >&2; exit 1; }
cat > "$state/sources.sources" <<END
Types: deb-src
URIs: $mirror
Suites: $suite
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
END
apt() {
	apt-get -qq -o Dir::Etc::SourceList="$state/sources.sources" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::State::Lists="$state/lists" -o Dir::Cache="$state/cache" -o APT::Sandbox::User=root "$@"
}
# A list is good for a day.
if [ -z "$(find "$state/lists" -name '*Sources*' -mtime -1 -print -quit)" ]; then
	apt update >&2
fi
download=$base/download-$package
mkdir -p "$download"
(cd "$download" && apt --download-only source "$package/$suite" >&2)
rm -rf "$target"
# apt has checked the signed index that names the hashes of all files.
dpkg-source --no-check -x "$download"/*.dsc "$target" >&2
touch "$target/.unpacked"
echo "$target"
