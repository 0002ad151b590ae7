"""Makes rpm packages of upstream's sources, with the macro of packaging/rpm and without it: those of rpm.toml.

The compiler's flags, the compression, minidebuginfo and dwz are Fedora's, as far as the tools of this machine have them.
"""

import subprocess
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parent
Description = dict[str, str]

DEFINES = {
    "optflags": "-O2 -flto=auto -ffat-lto-objects -fexceptions -g -grecord-gcc-switches -pipe -Wall -Werror=format-security "
                "-Wp,-D_FORTIFY_SOURCE=2 -Wp,-D_GLIBCXX_ASSERTIONS -fstack-protector-strong -m64 -mtune=generic "
                "-fasynchronous-unwind-tables -fstack-clash-protection -fcf-protection",
    "build_ldflags": "-Wl,-z,relro -Wl,--as-needed -Wl,-z,now -Wl,--build-id=sha1",
    "_include_minidebuginfo": "1",
    "_find_debuginfo_dwz_opts": "--run-dwz",
    "_binary_payload": "w19.zstdio",
    "_unpackaged_files_terminate_build": "0",
    "_smp_build_ncpus": "1",
    "_buildhost": "localhost",
    "use_source_date_epoch_as_buildtime": "1",
    "clamp_mtime_to_source_date_epoch": "1",
}
STEPS = {
    "configure": ("[ -e configure ] || autoreconf -fi\nsh ./configure --prefix=/usr --libdir=%{{_libdir}} --disable-static {options}\nmake",
                  "make install DESTDIR=%{buildroot}"),
    "cmake": ("cmake -S . -B built -DCMAKE_BUILD_TYPE=None -DCMAKE_INSTALL_PREFIX=/usr -DCMAKE_INSTALL_LIBDIR=lib64 "
              "-DCMAKE_INSTALL_SO_NO_EXE=0 -DBUILD_SHARED_LIBS=ON {options}\ncmake --build built", "DESTDIR=%{buildroot} cmake --install built"),
}
SPEC = """
Name: {name}
Version: {version}
Release: 1
Summary: the library {name}
License: see the sources
Source0: %{{name}}-%{{version}}.tar.gz
%description
The library {name}.
%package devel
Summary: headers of {name}
Requires: %{{name}} = %{{version}}-%{{release}}
%description devel
Headers of {name}.
%debug_package
%prep
%setup -q
%build
export CFLAGS="%{{optflags}}" CXXFLAGS="%{{optflags}}" FFLAGS="%{{optflags}}" LDFLAGS="%{{build_ldflags}}"
cd {directory}
{build}
%install
cd {directory}
{install}
%files
%{{_libdir}}/lib*.so.*
%files devel
%{{_includedir}}/*
"""


def spec(name: str, about: Description) -> str:
    """The spec file."""
    steps, _, options = about.get("steps", "").partition(" ")
    build, install = STEPS[steps] if steps else (about["build"], about["install"])
    return SPEC.format(name=name, version=number(about), directory=about.get("directory", "."), install=install,
                       build=build.format(options=options) if steps else build)


def descriptions() -> dict[str, Description]:
    """What rpm.toml says of each source."""
    return tomllib.loads((HERE / "rpm.toml").read_text())


def number(about: Description) -> str:
    """The version, without what Debian added to it."""
    return about["version"].split("+")[0].removesuffix(".dfsg")


def build(directory: Path, names: list[str]) -> None:
    """Makes the packages that the directory does not have yet, in its `noted` and `plain`; only these sources if some are given."""
    directory = directory.absolute()
    for name, about in descriptions().items():
        if names and name not in names:
            continue
        made = [directory / way / name for way in ("plain", "noted")]
        if all((path / "complete").exists() for path in made):
            continue
        tree = Path(subprocess.run([TOP / "tests/sources/fetch.sh", name, "bookworm", about["version"]], check=True,
                                   stdout=subprocess.PIPE, text=True).stdout.strip())
        top = directory / "top"
        (top / "SOURCES").mkdir(parents=True, exist_ok=True)
        folder = f"{name}-{number(about)}"
        subprocess.run(["tar", "-C", tree, "--transform", f"s|^[.]|{folder}|", "-czf", top / f"SOURCES/{folder}.tar.gz", "."], check=True)
        (top / f"{name}.spec").write_text(spec(name, about))
        results = [rpmbuild(top, name, path, path.parent.name == "noted") for path in made]
        print(f"{name}: {' and '.join(results)}", flush=True)


def rpmbuild(top: Path, name: str, output: Path, noted: bool) -> str:
    defines = {**DEFINES, "_topdir": str(top), "_rpmdir": str(output)}
    macros: list[str] = []
    if noted:
        macros = ["--load", str(TOP / "packaging/rpm/macros.ffitypecheck")]
        defines["__brp_ffitypecheck"] = f"{TOP}/packaging/rpm/brp-ffitypecheck"
    output.mkdir(parents=True, exist_ok=True)
    command = ["rpmbuild", "-bb", "--nodeps", *macros]
    for key, value in defines.items():
        command += ["--define", f"{key} {value}"]
    path = f"PATH={TOP / 'build'}:/usr/sbin:/usr/bin:/sbin:/bin"
    with (top / f"{name}-{output.parent.name}.log").open("wb") as log:
        done = subprocess.run(["env", path, "SOURCE_DATE_EPOCH=1600000000", "LC_ALL=C.UTF-8", *command, top / f"{name}.spec"],
                              stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    if done.returncode:
        return f"failed, see {log.name}"
    (output / "complete").touch()
    return "built"
