#!/usr/bin/env python3
"""What type information costs inside a library, beside other formats: sizes, and time and memory of making it.

usage: sizes.py COMMAND [--runs N] [--jvm DIR] [--write docs/slim.md] [LIBRARY ...]

Libraries are built by build.sh. A column is what the format adds to the file: the difference of the two files where a tool
writes into the library, otherwise the size of what it writes. A tool that fails says so in its cell.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from page import markdown, show

HERE = Path(__file__).resolve().parent
LIBRARIES = ["libz", "lua5.4", "libffi", "expat", "libmagic", "sqlite3", "libarchive", "glib", "libcrypto", "notmuch"]
CPLUSPLUS = {"notmuch"}
COLUMNS = ["DWARF", "dwz, zlib", "CTF", "CTF, zlib", "BTF", "BTF, zstd -19", "abidw, xz", "MiniDebugInfo", "slim",
           "slim --no-names", "slim --zstd"]


class Failed(Exception):
    """Of a tool; the text goes into its cell."""


def run(command, **options):
    """Runs a tool; raises Failed with the name of the tool if it fails or is killed."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, errors="replace", **options)
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        print(f"{' '.join(map(str, command))}: {lines[-1] if lines else done.returncode}", file=sys.stderr)
        how = f"signal {-done.returncode}" if done.returncode < 0 else f"status {done.returncode}"
        raise Failed(f"{Path(command[0]).name} fails ({how})")
    return done.stdout


def size(path):
    return Path(path).stat().st_size


def section_sizes(path):
    """The sections of an ELF file: name to size in the file, in bytes."""
    found = {}
    for line in run(["readelf", "-SW", path]).splitlines():
        match = re.match(r"\s*\[\s*\d+\]\s+(\S+)\s+(\S+)\s+\S+\s+\S+\s+([0-9a-f]+)\s", line)
        if match and match[2] != "NOBITS":
            found[match[1]] = int(match[3], 16)
    return found


class Library:
    """One library in a scratch directory: as built without CTF, stripped, and with CTF."""

    def __init__(self, name, scratch):
        self.name, self.scratch = name, Path(scratch)
        self.built = Path(run([HERE / "build.sh", name]).strip().splitlines()[-1])
        self.full = self.scratch / "full.so"
        run(["objcopy", "--remove-section=.ctf", self.built, self.full])
        self.stripped = self.scratch / "stripped.so"
        run(["strip", "-o", self.stripped, self.full])

    def dwarf(self):
        return sum(length for name, length in section_sizes(self.full).items() if name.startswith(".debug_"))

    def dwz(self):
        out = self.scratch / "dwz.so"
        shutil.copy(self.full, out)
        run(["dwz", out])
        run(["objcopy", "--compress-debug-sections=zlib", out])
        return sum(length for name, length in section_sizes(out).items() if name.startswith(".debug_"))

    def ctf(self):
        if self.name in CPLUSPLUS:
            raise Failed("C only")
        # What a section adds to the file: its bytes, its header and its name.
        return section_sizes(self.built)[".ctf"] + 64 + len(".ctf") + 1

    def ctf_zlib(self):
        """All of the section compressed: ld leaves a section of one dictionary as it is, whatever its size."""
        if self.name in CPLUSPLUS:
            raise Failed("C only")
        section = self.scratch / "ctf"
        run(["objcopy", "-O", "binary", "--only-section=.ctf", "--set-section-flags", ".ctf=alloc", self.built, section])
        return len(zlib.compress(section.read_bytes(), 9))

    def btf_file(self):
        out = self.scratch / "types.btf"
        if not out.exists():
            run(["pahole", f"--btf_encode_detached={out}", self.full])
            if not out.exists() or size(out) == 0:
                raise Failed("pahole writes nothing")
        return out

    def btf(self):
        return size(self.btf_file())

    def btf_zstd(self):
        return self.compressed(["zstd", "-q", "-19", "-c"], self.btf_file())

    def abidw(self):
        out = self.scratch / "abi.xml"
        run(["abidw", "--no-corpus-path", "--no-comp-dir-path", "--out-file", out, self.full])
        return self.compressed(["xz", "-c"], out)

    def compressed(self, command, path):
        return len(subprocess.run([*command, path], check=True, capture_output=True).stdout)

    def mini_debug_info(self):
        """As Fedora makes it: the symbols of functions that .dynsym has not, in an ELF file, xz-compressed."""
        names = {}
        for kind, options in (("dynsym", ["-D"]), ("symtab", [])):
            listed = run(["nm", *options, "--format=posix", "--defined-only", self.full])
            names[kind] = [line.split()[:2] for line in listed.splitlines()]
        known = {re.sub("@.*", "", name) for name, _ in names["dynsym"]}
        keep = self.scratch / "keep"
        keep.write_text("".join(f"{name}\n" for name, kind in names["symtab"] if kind in "Tt" and name not in known))
        debug, mini = self.scratch / "debug", self.scratch / "mini"
        run(["objcopy", "--only-keep-debug", self.full, debug])
        run(["objcopy", "-S", "--remove-section=.gdb_index", "--remove-section=.comment",
             f"--keep-symbols={keep}", debug, mini])
        packed = self.scratch / "mini.xz"
        packed.write_bytes(subprocess.run(["xz", "-c", mini], check=True, capture_output=True).stdout)
        out = self.scratch / "mini.so"
        run(["objcopy", f"--add-section=.gnu_debugdata={packed}", self.stripped, out])
        return size(out) - size(self.stripped)

    def slim(self, command, *options):
        out = self.scratch / "slim.so"
        run([command, "slim", "--debug", self.full, *options, "-o", out, self.stripped])
        return size(out) - size(self.stripped)


def cell(measure, whole):
    try:
        length = measure()
    except Failed as failed:
        return None, str(failed)
    percent = 100 * length / whole
    return percent, f"{length / 1e3:.1f} ({percent:.1f} %)"


def size_table(command, libraries):
    rows, percents, smaller = [], {column: [] for column in COLUMNS}, []
    for name in libraries:
        with tempfile.TemporaryDirectory() as scratch:
            library = Library(name, scratch)
            whole = size(library.stripped)
            measures = [library.dwarf, library.dwz, library.ctf, library.ctf_zlib, library.btf, library.btf_zstd,
                        library.abidw, library.mini_debug_info, lambda: library.slim(command),
                        lambda: library.slim(command, "--no-names"), lambda: library.slim(command, "--zstd")]
            cells, found = [], {}
            for column, measure in zip(COLUMNS, measures):
                found[column], text = cell(measure, whole)
                cells.append(text)
                if found[column] is not None:
                    percents[column].append(found[column])
            if found["slim"] is None or found["CTF"] is None:
                smaller.append("–")
            else:
                smaller.append("yes" if found["slim"] < found["CTF"] else "no")
            rows.append([f"{name} {whole / 1e3:.0f}", *cells, smaller[-1]])
            print(" | ".join(rows[-1]), file=sys.stderr)
    medians = [f"{statistics.median(values):.1f} % ({len(values)})" if values else "–" for values in percents.values()]
    rows.append(["median", *medians, f"{smaller.count('yes')} of {len(smaller) - smaller.count('–')}"])
    head = ["library, stripped kB", *COLUMNS, "slim smaller than CTF?"]
    return markdown([head, *rows])


def measured(command):
    """One run in a process of its own: elapsed s, processor s (user and system), peak resident kB; and its exit status."""
    start = time.monotonic()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read().decode(errors="replace").strip()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, process.returncode, said


def cost_rows(label, tools, runs):
    """tools: name to a function that prepares a run and returns its command. They take turns."""
    samples = {tool: [] for tool in tools}
    for _ in range(runs):
        for tool, prepare in tools.items():
            samples[tool].append(measured(prepare()))
    rows = []
    for tool, taken in samples.items():
        elapsed, processor, memory, statuses, said = zip(*taken)
        outcome = "done"
        if any(statuses):
            outcome = f"fails (status {next(filter(None, statuses))})"
        elif tool == "dwz" and said[-1]:
            outcome = "gives up: " + said[-1].splitlines()[-1].split(": ", 1)[-1]
        rows.append([label, tool, f"{statistics.median(elapsed):.2f}", f"{statistics.median(processor):.2f}",
                     f"{statistics.median(memory) / 1024:.0f}", outcome])
    return rows


def cost_table(command, runs, jvm):
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        library = Library("libcrypto", scratch)

        def fresh(path):
            """Tools that write in place get a copy each time."""
            copy = Path(scratch) / "copy"
            shutil.copy(path, copy)
            return copy

        rows += cost_rows("libcrypto", {
            "ffitypecheck slim": lambda: [command, "slim", "-o", Path(scratch) / "out.so", library.full],
            "pahole -J": lambda: ["pahole", "-J", fresh(library.full)],
            "dwz": lambda: ["dwz", fresh(library.full)],
        }, runs)
        if jvm:
            stripped, debug = jvm_files(jvm, Path(scratch))
            rows += cost_rows("libjvm", {
                "ffitypecheck slim": lambda: [command, "slim", "--debug", debug, "-o", Path(scratch) / "out.so", stripped],
                "dwz": lambda: ["dwz", fresh(debug)],
            }, min(runs, 3))
    return markdown([["library", "tool", "elapsed s", "processor s", "memory MB", "outcome"], *rows])


def jvm_files(directory, scratch):
    """libjvm.so and its debug file, out of two packages of Debian 12 that are only unpacked.

    dwz does not read compressed sections, so both tools get the debug file without. The debuglink goes too: its CRC is not
    that of the debug file as packaged, although the build-id is.
    """
    directory.mkdir(parents=True, exist_ok=True)
    tree = directory / "tree"
    packages = ["openjdk-17-jre-headless", "openjdk-17-dbg"]
    if not tree.exists():
        if not all(any(directory.glob(f"{package}_*.deb")) for package in packages):
            run(["apt-get", "download", "-q", *packages], cwd=directory)
        for package in packages:
            run(["dpkg", "-x", next(directory.glob(f"{package}_*.deb")), directory / "unpacking"])
        (directory / "unpacking").rename(tree)
    stripped = next(tree.glob("usr/lib/jvm/*/lib/server/libjvm.so"))
    build_id = re.search(r"Build ID: (\w+)", run(["readelf", "-nW", stripped]))[1]
    library, debug = scratch / "libjvm.so", scratch / "libjvm.debug"
    run(["objcopy", "--remove-section=.gnu_debuglink", stripped, library])
    run(["objcopy", "--decompress-debug-sections", tree / f"usr/lib/debug/.build-id/{build_id[:2]}/{build_id[2:]}.debug", debug])
    return library, debug


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command")
    parser.add_argument("libraries", nargs="*", default=LIBRARIES)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--jvm", type=Path, help="where libjvm's packages are or go")
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    command = Path(options.command).resolve()
    for mark, table in (("sizes", size_table(command, options.libraries)),
                        ("cost", cost_table(command, options.runs, options.jvm and options.jvm.resolve()))):
        show(table, mark, options.write)


if __name__ == "__main__":
    main()
