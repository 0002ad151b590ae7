#!/usr/bin/env python3
"""The survey of some packages of Debian: the same records in each way of running, and figures by readelf and objcopy.

usage: check.py COMMAND DIRECTORY

The packages are downloaded into DIRECTORY/pool. Ends with status 1 if records differ, if a figure of ten libraries is another one by
readelf and objcopy, if the page refers to anything outside of it, or if check_archive.py fails.
"""

import re
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from survey import check_archive, report, tables
from survey.cluster import survey
from survey.fetch import fetch
from survey.recompute import recompute

# Small ones, with each kind of debug package: dwz'd, by build-id, by path.
SOURCES = ["adns", "dotconf", "enca", "gsl", "krb5", "libao", "libcerf", "libnet", "libxdmcp", "lua5.4", "pcre3"]


def main() -> None:
    command, directory = sys.argv[1], Path(sys.argv[2])
    pool = directory / "pool"
    check_archive.scan(directory / "scan")
    check_archive.estimator()
    fetch(pool, SOURCES)
    whole = fresh(directory / "one.jsonl")
    begun = time.monotonic()
    run(command, pool, whole, "--jobs", "1")
    seconds = time.monotonic() - begun
    records = tables.read([whole])
    print(f"{records['libraries'].height} libraries of {records['packages'].height} packages in {seconds:.0f} s by one process")
    equal("two processes", run(command, pool, fresh(directory / "two.jsonl"), "--jobs", "2"), whole)
    equal("interrupted and resumed", interrupted(command, pool, fresh(directory / "interrupted.jsonl")), whole)
    shards = [run(command, pool, fresh(directory / f"shard{part}.jsonl"), "--shard", f"{part}/3") for part in (1, 2, 3)]
    merged = directory / "merged.jsonl"
    merged.write_text("".join(sorted("".join(shard.read_text() for shard in shards).splitlines(keepends=True))))
    equal("three shards", merged, whole)
    dask = fresh(directory / "dask.jsonl")
    survey(command, [str(pool)], ["--dwz"], dask, None, 2)
    equal("a Dask cluster of two workers", dask, whole)
    rpm(command, directory / "rpm")
    page = directory / "index.html"
    report.write(records, page)
    outside = re.findall(r"<script|<link|<img|@import|(?:src|href)=\"(?!#)[^\"]*", page.read_text())
    if outside:
        sys.exit(f"the page refers to what is not in it: {outside[:3]}")
    recompute(command, whole, pool, 10)


def fresh(path: Path) -> Path:
    path.unlink(missing_ok=True)
    return path


def run(command: str, pool: Path, output: Path, *options: str) -> Path:
    subprocess.run([command, "survey", str(pool), "--dwz", "--output", str(output), *options], check=True)
    return output


def interrupted(command: str, pool: Path, output: Path) -> Path:
    """Kills the survey when it has written the first records, and twice more; then lets it finish."""
    for _ in range(3):
        before = output.stat().st_size if output.exists() else 0
        process = subprocess.Popen([command, "survey", str(pool), "--dwz", "--output", str(output), "--jobs", "1"])
        while process.poll() is None and (not output.exists() or output.stat().st_size <= before):
            time.sleep(0.01)
        if process.poll() is not None:
            sys.exit("the survey ended before it could be interrupted")
        process.kill()
        process.wait()
        with output.open("a") as torn:
            torn.write('{"group":"torn')
    return run(command, pool, output)


SPEC = """
Name: shape
Version: 1.0
Release: 1
Summary: a library
License: none
%description
A library with one function.
%debug_package
%install
mkdir -p %{buildroot}/usr/lib64
gcc -g -O2 -shared -fPIC -Wl,--build-id -o %{buildroot}/usr/lib64/libshape.so.1 -x c - <<END
struct point { int x, y; };
int shape_area(const struct point *corner, int width) { return corner->x + width; }
END
%files
/usr/lib64/libshape.so.1
"""


def rpm(command: str, directory: Path) -> None:
    """A package of rpm with its debuginfo package."""
    directory.mkdir(parents=True, exist_ok=True)
    spec = directory / "shape.spec"
    spec.write_text(SPEC)
    top = f"_topdir {directory.absolute() / 'top'}"
    subprocess.run(["rpmbuild", "-bb", "--quiet", "--define", top, spec], check=True, capture_output=True)
    records = tables.read([run(command, directory / "top/RPMS", fresh(directory / "records.jsonl"))])
    library, package = records["libraries"].row(0, named=True), records["packages"].filter(libraries=1).row(0, named=True)
    if (library["debug_found"], library["note_described"]) != ("build-id", 1):
        sys.exit(f"rpm: the library's types are not found: {library}")
    if package["error"] or package["built_noted_bytes"] <= package["built_bytes"]:
        sys.exit(f"rpm: the package is not built again: {package}")
    print(f"rpm: the payload grows from {package['built_bytes']} to {package['built_noted_bytes']} bytes")


def equal(way: str, found: Path, whole: Path) -> None:
    if found.read_bytes() != whole.read_bytes():
        sys.exit(f"{way}: other records, see {found} and {whole}")
    print(f"{way}: the same records")


if __name__ == "__main__":
    main()
