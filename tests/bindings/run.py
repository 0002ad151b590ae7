"""run.py PATCHED [NAME...]: the packages of packages.toml, or those named, under the stock ctypes and the patched one.

PATCHED is the directory that patches/cpython/build.sh made. With policies off and warn, what the tests and the examples
of a package do must be what they do under the stock ctypes; under warn, what is found must be what packages.toml lists.
So must every TypeError under error. With the listed lines corrected, if there are any, error must be as the stock one, too.
"""

import collections
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import tomllib

PYTHON = "/usr/bin/python3.11"
HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
WORK = os.path.join(TOP, "build", "bindings")
MODES = ("stock", "off", "warn", "error", "corrected")


def fetch(package):
    """Unpacks the source distribution, as it is, and returns its directory."""
    files = os.path.join(WORK, "files", package["name"] + "-" + package["version"])
    if not os.path.isdir(files):
        requirement = "%(name)s==%(version)s --hash=sha256:%(sha256)s\n" % package
        subprocess.run([PYTHON, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:",
                        "--disable-pip-version-check", "--dest", files + ".new", "-r", "/dev/stdin"],
                       input=requirement, text=True, check=True)
        os.rename(files + ".new", files)
    [name] = os.listdir(files)
    unpacked = os.path.join(WORK, package["name"])
    shutil.rmtree(unpacked, ignore_errors=True)
    shutil.unpack_archive(os.path.join(files, name), unpacked)
    [top] = os.listdir(unpacked)
    return os.path.join(unpacked, top)


def build(package):
    """The directory of the library, built with -g."""
    if "source" not in package:
        return ""
    script = os.path.join(TOP, "tests", "sources", "build.sh")
    done = subprocess.run([script, package["source"]], stdout=subprocess.PIPE, text=True, check=True)
    return os.path.dirname(done.stdout.splitlines()[-1])


def correct(package, top):
    """Puts the lines right that packages.toml has something better for."""
    for place, wrong, right in package.get("corrected", ()):
        name, number = place.split(":")
        with open(os.path.join(top, name)) as file:
            lines = file.readlines()
        index = int(number) - 1
        if wrong not in lines[index]:
            raise SystemExit("%s: %s is not in %r" % (place, wrong, lines[index]))
        lines[index] = lines[index].replace(wrong, right, 1)
        with open(os.path.join(top, name), "w") as file:
            file.writelines(lines)


def run(package, top, libraries, patched, mode):
    """What became of each test and example; and what record.py wrote."""
    path = [] if mode == "stock" else [patched]
    to = os.path.join(WORK, "%s-%s.json" % (package["name"], mode))
    environment = dict(
        os.environ, LD_LIBRARY_PATH=libraries, PYTHONPATH=os.pathsep.join(path + [HERE, top]), LC_ALL="C.UTF-8",
        PYTHONDONTWRITEBYTECODE="1", PYTHONCTYPESTYPECHECK="error" if mode == "corrected" else mode, RECORD_TO=to, RECORD_LIBRARY=package["library"],
        RECORD_PROBE=package["probe"])
    if os.path.exists(to):
        os.remove(to)
    command = [PYTHON, "-m", "pytest", "-q", "-p", "record", "-p", "no:warnings", "-p", "no:cacheprovider",
               "--basetemp", to + ".tmp"]
    done = subprocess.run(command + package["tests"], cwd=top, env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=600)
    if not os.path.exists(to):
        raise SystemExit("%s, %s: ended with %d\n%s" % (package["name"], mode, done.returncode, done.stdout))
    with open(to) as file:
        record = json.load(file)
    if record["ctypes"].startswith(patched + os.sep) != (mode != "stock"):
        raise SystemExit("%s, %s: _ctypes is %s" % (package["name"], mode, record["ctypes"]))
    if (record["declaration"] is None) != (mode in ("stock", "off")):
        raise SystemExit("%s, %s: %s is declared %s" % (package["name"], mode, package["probe"], record["declaration"]))
    for example in package.get("examples", ()):
        done = subprocess.run([PYTHON, *example.split()], cwd=os.path.join(top, package["directory"]),
                              env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
        record["outcomes"][example] = "exit %d, %s" % (done.returncode, done.stdout)
    return record


def unlike(one, other):
    """Lines about the outcomes that are not the same."""
    return ["    %s: %s, stock: %s" % (test, other.get(test), one.get(test))
            for test in sorted(set(one) | set(other)) if one.get(test) != other.get(test)]


def split(findings, bugs):
    """The findings that no listed bug explains, and the bugs that showed."""
    unexplained, shown = [], set()
    for message, lines in findings:
        for number, bug in enumerate(bugs):
            if message.startswith(bug["finding"]) and bug["line"] in lines:
                shown.add(number)
                break
        else:
            unexplained.append("    %s (%s)" % (message, ", ".join(lines[-3:])))
    return unexplained, shown


def check(package, records):
    """Lines about what is not as packages.toml has it."""
    bugs = package.get("bug", [])
    stock = records["stock"]["outcomes"]
    problems = []
    kinds = collections.Counter(stock.values())
    wanted = {"passed": package["passed"], "skipped": package.get("skipped", 0)}
    wanted["examples"] = len(package.get("examples", ()))
    found = {"passed": kinds["passed"], "skipped": kinds["skipped"]}
    found["examples"] = len([text for text in stock.values() if text.startswith("exit 0, ")])
    if found != wanted or sum(wanted.values()) != len(stock):
        problems.append("  stock: %r, not %r" % (dict(kinds), wanted))
    for mode in ("off", "warn", "corrected"):
        lines = unlike(stock, records[mode]["outcomes"])
        if lines:
            problems += ["  %s:" % mode] + lines
    unexplained, shown = split(records["warn"]["warnings"], bugs)
    if unexplained:
        problems += ["  warn finds what is not listed:"] + unexplained
    for number, bug in enumerate(bugs):
        if number not in shown:
            problems.append("  not found: %s, %s" % (bug["line"], bug["finding"]))
    unexplained, shown = split(records["error"]["errors"], bugs)
    if unexplained:
        problems += ["  error raises what is not listed:"] + unexplained
    if bugs and not shown:
        problems.append("  error raises none of the bugs that are listed")
    return problems


def main(patched, names):
    patched = os.path.realpath(patched)
    with open(os.path.join(HERE, "packages.toml"), "rb") as file:
        packages = tomllib.load(file)["package"]
    if names:
        packages = [package for package in packages if package["name"] in names]
    os.makedirs(os.path.join(WORK, "files"), exist_ok=True)
    failed = not packages
    for package in packages:
        top, libraries = fetch(package), build(package)
        # Each in a copy of its own: they run at the same time, and tests leave files behind.
        places = {mode: shutil.copytree(top, "%s-%s" % (top, mode)) for mode in MODES}
        correct(package, places["corrected"])
        with concurrent.futures.ThreadPoolExecutor() as pool:
            running = {mode: pool.submit(run, package, places[mode], libraries, patched, mode) for mode in MODES}
            records = {mode: future.result() for mode, future in running.items()}
        problems = check(package, records)
        failed = failed or bool(problems)
        print("%s %s: %d tests and %d examples, %s" % (
            package["name"], package["version"], package["passed"], len(package.get("examples", ())),
            "FAILED" if problems else "as under the stock ctypes but for %d lines:" % len(package["bug"])
            if "bug" in package else "as under the stock ctypes"))
        for line in problems + ["  %(line)s %(finding)s... (%(reason)s)" % bug for bug in package.get("bug", ())]:
            print(line)
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
