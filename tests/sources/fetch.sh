#!/bin/sh
# usage: fetch.sh PACKAGE [SUITE [VERSION]]
# Unpacks a source package of Debian, patches applied, into build/sources/SUITE/PACKAGE (SUITE: bookworm unless given) and
# prints that directory. What is there already is left alone, without a network. With VERSION, it is upstream's tarball of that
# version as the suite has it, without Debian's changes, in build/sources/SUITE/PACKAGE-VERSION.
#
# The mirror is the one that /etc/apt names for this system. apt checks the signature of the suite's Release file and, by the
# hashes in it, each file; the system's own lists and cache are not touched, and root is not needed. Needs dpkg-dev.
set -eu
package=$1
suite=${2:-bookworm}
version=${3:-}
case $package$suite$version in
*[!a-z0-9.+-]*) echo "fetch.sh: no name of a package, a suite and a version: $package $suite $version" >&2; exit 2 ;;
esac
sources=$(cd "$(dirname "$0")/../.." && pwd)/build/sources
tree=$sources/$suite/$package${version:+-$version}
[ ! -d "$tree" ] || { echo "$tree"; exit 0; }

# apt's lists of one suite serve one fetch at a time.
private=$sources/apt/$suite
mkdir -p "$sources/$suite" "$private/state/lists/partial" "$private/cache/archives/partial"
exec 9>"$private/lock"
flock 9
[ ! -d "$tree" ] || { echo "$tree"; exit 0; }

running=$(. /etc/os-release && echo "$VERSION_CODENAME")
mirror=$(apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
    awk -v suite="$running" '$1 == suite && $2 == "main" { print $3; exit }')
[ -n "$mirror" ] || { echo "fetch.sh: /etc/apt names no mirror for $running main" >&2; exit 1; }
# Debian's own keys where they are installed, as Debian's own sources lists have it; otherwise whatever the system trusts.
keys=/usr/share/keyrings/debian-archive-keyring.gpg
[ ! -e $keys ] || signed_by="[signed-by=$keys] "
echo "deb-src ${signed_by:-}$mirror $suite main" > "$private/sources.list"

cat > "$private/apt.conf" <<END
Dir::Etc::SourceList "$private/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
Dir::State "$private/state";
Dir::State::Lists "$private/state/lists";
Dir::State::Status "/var/lib/dpkg/status";
Dir::Cache "$private/cache";
Dir::Log "$private";
Acquire::Languages "none";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
APT::Get::AllowUnauthenticated "false";
APT::Sandbox::User "root";
END
# The command line is read last, so a script of the system in apt.conf.d cannot put the lists back.
own_apt() { APT_CONFIG="$private/apt.conf" apt-get -q -c "$private/apt.conf" "$@"; }

scratch=$(mktemp -d "$sources/$suite/.$package.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
(
    cd "$scratch"
    own_apt -o APT::Update::Error-Mode=any update >log 2>&1 || {
        cat log >&2
        echo "fetch.sh: if a key of $suite is missing, install the newest debian-archive-keyring" >&2
        exit 1
    }
    own_apt --only-source --download-only ${version:+--tar-only} source "$package" >log 2>&1 || { cat log >&2; exit 1; }
    if [ -n "$version" ]; then
        set -- "${package}_$version".orig.tar.*
        [ -f "$1" ] || { echo "fetch.sh: $suite has another version of $package than $version:" *.tar.* >&2; exit 1; }
        mkdir tree
        tar -xf "$1" -C tree --strip-components=1
        exit
    fi
    # apt has checked the files by their hashes; dpkg-source would ask for the maintainer's key besides.
    dpkg-source --no-check --extract ./*.dsc tree >log 2>&1 || { cat log >&2; exit 1; }
)
mv "$scratch/tree" "$tree"
echo "$tree"
