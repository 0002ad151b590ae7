"""Builds source packages of Debian in an unpacked Debian 12: those of built.toml.

What is built stays, so that an interrupted run continues. A source that fails has a log beside the others, and is tried again by the next
run.
"""

import json
import shutil
import subprocess
import threading
import time
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCES = HERE.parent / "tests/sources"
# Seconds, for the packages that a source needs and for the source itself.
LIMIT = 3600
# Debian's mirror does not have all files of these sources. Of these suites it has the tarball of upstream.
UPSTREAM = {"libmemcached": ("bookworm", "1.1.4"), "freetds": ("forky", "1.5.5+ds")}


def kinds() -> dict[str, str]:
    """The kind of each source package."""
    listed = tomllib.loads((HERE / "built.toml").read_text())
    return {source: kind for kind, names in listed.items() for source in names.split()}


def root(number: int) -> Path:
    """An unpacked Debian 12 that apt can take source packages from."""
    made = subprocess.run([SOURCES / "root.sh", f"survey-{number}", "bookworm", "build-essential,fakeroot,debhelper"], check=True,
                          stdout=subprocess.PIPE, text=True)
    path = Path(made.stdout.strip())
    lists = path / "etc/apt/sources.list"
    if "deb-src" not in lists.read_text():
        lists.write_text("".join(f"{line}\n{line.replace('deb', 'deb-src', 1)}\n" for line in lists.read_text().splitlines()))
        # No file need survive a crash of the machine.
        (path / "etc/dpkg/dpkg.cfg.d/survey").write_text("force-unsafe-io\npath-exclude=/usr/share/man/*\n")
        run_in(path, "apt-get", "update", "-qq").check_returncode()
    (path / "built.sh").write_bytes((HERE / "built.sh").read_bytes())
    return path


def run_in(root: Path, *command: str, log: int | None = None) -> "subprocess.CompletedProcess[bytes]":
    environment = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8"]
    return subprocess.run([SOURCES / "in_root.sh", root, *environment, *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def build(directory: Path, names: list[str], jobs: int) -> None:
    """Builds what the directory does not have yet; only these source packages if some are given."""
    directory.mkdir(parents=True, exist_ok=True)
    tried: set[str] = set()
    picking = threading.Lock()

    def pick() -> str | None:
        """The list is read again each time, so that it can be changed while this runs."""
        with picking:
            left = (name for name in names or kinds() if name not in tried and not (directory / name / "built.json").exists())
            source = next(left, None)
            tried.update([source] if source else [])
            return source

    def work(number: int) -> None:
        where = root(number)
        while source := pick():
            print(f"{source}: {build_one(where, source, directory)}", flush=True)

    workers = [threading.Thread(target=work, args=[number]) for number in range(1, jobs + 1)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def build_one(where: Path, source: str, directory: Path) -> str:
    version = []
    shutil.rmtree(where / "build" / source, ignore_errors=True)
    if source in UPSTREAM:
        suite, number = UPSTREAM[source]
        fetched = subprocess.run([SOURCES / "fetch.sh", source, suite, number], check=True, stdout=subprocess.PIPE, text=True)
        shutil.copytree(fetched.stdout.strip(), where / "build" / source / source, symlinks=True)
        version = [number]
    started = time.monotonic()
    with (directory / f"{source}.log").open("wb") as log:
        done = run_in(where, "timeout", str(LIMIT), "sh", "/built.sh", source, *version, log=log.fileno())
    seconds = round(time.monotonic() - started)
    if done.returncode:
        return f"failed after {seconds} s"
    made = where / "pool" / source
    record = {"source": source, "version": (made / "version").read_text().strip(), "seconds": seconds}
    (directory / source).mkdir(exist_ok=True)
    for package in made.glob("*.deb"):
        shutil.copy(package, directory / source)
    shutil.rmtree(made)
    (directory / source / "built.json").write_text(json.dumps(record) + "\n")
    return f"built in {seconds} s"
