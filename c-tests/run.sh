#!/bin/sh
# Runs each program three ways in an empty home and working directory. Besides exiting with 0 it must leak nothing, write
# nothing to its output, and leave the directory as it was. Then the installed package.
set -u
work=$1 version=$2 programs=$3 plain_only=$4
passed=0 failed=0
cd "$work/home" || exit 1
home=$HOME
export HOME="$work/home" XDG_CACHE_HOME="$work/home/cache"
unset FFITYPECHECK_DEBUG_PATH DEBUGINFOD_CACHE_PATH

verdict() { # NAME CONDITION
    if [ "$2" = 0 ]; then
        passed=$((passed + 1)); echo "ok     $1"
    else
        failed=$((failed + 1)); echo "FAILED $1"
    fi
}

run() { # NAME COMMAND…
    name=$1; shift
    cp -p "$work/libfixture.so" "$work/replaced.so"
    cp -p "$work/libinterposer.so" "$work/replacement.so"
    timeout 300 "$@" "$work" "$version" > "$work/output" 2>&1 < /dev/null
    status=$?
    [ ! -s "$work/output" ] || { status=1; cat "$work/output"; }
    [ -z "$(ls -A "$work/home")" ] || { status=1; echo "left behind: $(ls -A "$work/home")"; }
    verdict "$name" $status
}

for program in $programs; do
    for way in plain sanitized valgrind; do
        binary=$work/$program
        set --
        case $way in
        sanitized) binary=$binary-sanitized ;;
        valgrind)
            case " $plain_only " in *" $program "*) continue ;; esac
            set -- valgrind --quiet --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite,possible,indirect ;;
        esac
        run "$program, $way" "$@" "$binary"
    done
done

# The installed package, shared and static.
export HOME="$home"
top=$(cd "$work/../.." && pwd)
stage=$work/stage
make --no-print-directory -s -C "$top" install DESTDIR="$stage" PREFIX=/usr > "$work/output" 2>&1
verdict "make install" $?
package() {
    PKG_CONFIG_PATH=$stage/usr/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR= pkg-config --define-variable=prefix="$stage/usr" \
        --define-variable=libdir="$stage/usr/lib" --define-variable=includedir="$stage/usr/include" "$@" ffitypecheck
}
[ "$(package --modversion)" = "$version" ]
verdict "pkg-config has the version" $?
gcc $(package --cflags) -o "$work/shared" "$top/demo/demo.c" $(package --libs) -ldl &&
    LD_LIBRARY_PATH=$stage/usr/lib "$work/shared" > "$work/output" 2>&1
verdict "a program by pkg-config" $?
mkdir -p "$work/static" && cp "$stage/usr/lib/libffitypecheck.a" "$work/static/"
gcc $(package --cflags) -o "$work/shared-not" "$top/demo/demo.c" -L"$work/static" \
    $(package --static --libs | sed "s|-L$stage/usr/lib||") -ldl && "$work/shared-not" > "$work/output" 2>&1 &&
    ! ldd "$work/shared-not" | grep -q libffitypecheck
verdict "a program with the static library" $?

library=$stage/usr/lib/libffitypecheck.so.$version
sed -n 's/^\t\t\([a-z].*\);$/\1@@FTC_0.1/p' "$top/pkgconfig/ffitypecheck.map" | sort > "$work/expected"
nm -D --defined-only "$library" | sed 's/^[0-9a-f]* . //' | grep -v '^FTC_0.1$' | sort > "$work/exported"
cmp -s "$work/expected" "$work/exported"
verdict "the exports are the version script's, all versioned" $?
readelf -d "$library" | grep -q 'soname: \[libffitypecheck.so.0\]' &&
    [ "$(ldd "$library" | grep -c 'libffi\.so')" = 1 ]
verdict "its soname, and one libffi" $?

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
