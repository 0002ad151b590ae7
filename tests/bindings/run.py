"""The packages of packages.toml, or those named, under the stock ctypes and the patched one. With policies off, warn and repair, what the tests and the
examples of a package do must be what they do under the stock ctypes; under warn, what is found must be what packages.toml
lists. So must every TypeError under error. With the listed lines corrected, where the list has that, error must be as the
stock one, too; and so must early where nothing is listed. What a package declares, called or not, is held against the
library by the command besides: how many prototypes have which verdict is listed too, and the functions with a MISMATCH.
"""

import argparse
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
OWNER = ("--owner", "unknown")
MODES = ("stock", "off", "warn", "repair", "error")


def download(package):
    """The package as the registry has it: its source, or, where that is not there or cannot be unpacked by pip, its wheel."""
    files = os.path.join(WORK, "files", package["name"] + "-" + package["version"])
    if not os.path.isdir(files):
        requirement = "%(name)s==%(version)s --hash=sha256:%(sha256)s\n" % package
        form = "--only-binary" if package.get("wheel") else "--no-binary"
        subprocess.run([PYTHON, "-m", "pip", "download", "--quiet", "--no-deps", form, package["name"],
                        "--disable-pip-version-check", "--dest", files + ".new", "-r", "/dev/stdin"],
                       input=requirement, text=True, check=True)
        os.rename(files + ".new", files)
    [name] = os.listdir(files)
    return os.path.join(files, name)


def fetch(package):
    """Unpacks the package, as it is, and returns its directory."""
    unpacked = os.path.join(WORK, package["name"])
    shutil.rmtree(unpacked, ignore_errors=True)
    if "debian" in package:
        source, path = package["debian"].split(":")
        script = os.path.join(TOP, "tests", "sources", "fetch.sh")
        done = subprocess.run([script, *source.split()], stdout=subprocess.PIPE, text=True, check=True)
        return shutil.copytree(os.path.join(done.stdout.strip(), path), os.path.join(unpacked, "tree"))
    archive = download(package)
    if archive.endswith(".whl"):
        shutil.unpack_archive(archive, os.path.join(unpacked, "tree"), "zip")
    else:
        shutil.unpack_archive(archive, unpacked)
    [top] = os.listdir(unpacked)
    top = os.path.join(unpacked, top)
    if package.get("extension"):
        subprocess.run([PYTHON, "setup.py", "-q", "build_ext", "--inplace"], cwd=top, check=True,
                       env=dict(os.environ, CFLAGS="-g"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if "compiled" in package:
        directory, command = package["compiled"].split(": ", 1)
        subprocess.run(command.split(), cwd=os.path.join(top, directory), check=True, stderr=subprocess.DEVNULL)
    return top


def build(package):
    """The directories of the libraries, built with -g."""
    script = os.path.join(TOP, "tests", "sources", "build.sh")
    directories = []
    for source in package.get("sources", ()):
        done = subprocess.run([script, *source.split()], stdout=subprocess.PIPE, text=True, check=True)
        directories.append(os.path.dirname(done.stdout.splitlines()[-1]))
    return os.pathsep.join(directories)


def generate(package, top, libraries):
    """Has the package, a generator of bindings, make those that packages.toml lists, into its directory."""
    sources = os.path.join(TOP, "build", "sources", "bookworm")
    for module, arguments in package.get("generated", ()):
        command = [PYTHON, "-c", package["generator"], "-o", os.path.join(top, module + ".py")]
        subprocess.run(command + arguments.replace("SOURCES", sources).split(), env=environment_of(package, top, libraries, []),
                       cwd=top, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


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


def environment_of(package, top, libraries, more):
    """The environment of a run: the package, what it needs, and the libraries."""
    paths = [HERE, os.path.join(top, package.get("path", "")), *package["needed"]]
    return dict(os.environ, LD_LIBRARY_PATH=libraries, PYTHONPATH=os.pathsep.join(more + paths), LC_ALL="C.UTF-8",
                PYTHONDONTWRITEBYTECODE="1", PYTHONHASHSEED="0", **package.get("environment", {}))


def run_tests(package, top, environment):
    command = [*package.get("under", ()), PYTHON, "-m", "pytest", "-q", "-p", "record", "-p", "no:warnings",
               "-p", "no:cacheprovider", "--basetemp", environment["RECORD_TO"] + ".tmp", *package["tests"]]
    done = subprocess.run(command, cwd=top, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=600)
    return "pytest ended with %d\n%s" % (done.returncode, done.stdout)


def run_examples(package, top, environment):
    """What the package's examples, and our own scripts that use it, write and end with."""
    commands = [(os.path.join(top, package.get("directory", "")), example) for example in package.get("examples", ())]
    commands += [(top, os.path.join(HERE, "scripts", script)) for script in package.get("scripts", ())]
    outcomes = {}
    for directory, example in commands:
        done = subprocess.run([*package.get("under", ()), PYTHON, "-m", "record", *example.split()], cwd=directory,
                              env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        output = done.stdout.replace(top, "TOP")
        outcomes[example.removeprefix(HERE + os.sep)] = "exit %d, %s" % (done.returncode, output)
    return outcomes


def run(package, top, libraries, patched, mode):
    """What became of each test and example; and what record.py wrote."""
    to = os.path.join(WORK, "%s-%s.json" % (package["name"], mode))
    environment = environment_of(package, top, libraries, [] if mode == "stock" else [patched])
    environment.update(PYTHONCTYPESTYPECHECK="error" if mode == "corrected" else mode, RECORD_TO=to, RECORD_TOP=top,
                       RECORD_LIBRARY=package["library"], RECORD_PROBE=package["probe"])
    if os.path.exists(to):
        os.remove(to)
    log = run_tests(package, top, environment) if "tests" in package else ""
    record = {"outcomes": run_examples(package, top, environment), "warnings": [], "errors": []}
    sessions = 0
    with open(to) as file:
        for kind, *values in map(json.loads, file):
            if kind == "outcome":
                record["outcomes"][values[0]] = values[1]
            elif kind == "session":
                sessions += 1
                if values[0].startswith(patched + os.sep) != (mode != "stock"):
                    raise SystemExit("%s, %s: _ctypes is %s" % (package["name"], mode, values[0]))
                if (values[1] is None) != (mode in ("stock", "off")):
                    raise SystemExit("%s, %s: %s is declared %s" % (package["name"], mode, package["probe"], values[1]))
            else:
                record[kind + "s"].append(values)
    if not sessions:
        raise SystemExit("%s, %s: no test and no example ended. %s" % (package["name"], mode, log))
    return record


def count(package, top, libraries):
    """How many prototypes the package declares, by the verdict that the command gives; and the MISMATCHes by name."""
    to = os.path.join(WORK, package["name"] + "-claims.json")
    environment = environment_of(package, top, libraries, [])
    done = subprocess.run([*package.get("under", ()), PYTHON, os.path.join(HERE, "prototypes.py"), to, *package["modules"]],
                          cwd=top, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
    if done.returncode:
        raise SystemExit("%s: prototypes.py ended with %d\n%s" % (package["name"], done.returncode, done.stdout))
    with open(to) as file:
        claims = json.load(file)
    counted, reports = collections.Counter(), []
    for library, claim in claims.items():
        command = [os.path.join(TOP, "build", "ffitypecheck"), "check", *OWNER, "--no-cache", "--as", "json",
                   library, "-"]
        done = subprocess.run(command, input=json.dumps(claim), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=environment)
        counted["prototypes"] += len(claim["declarations"])
        if done.returncode > 1:
            counted["untyped"] += len(claim["declarations"])
            continue
        for checked, declaration in zip(json.loads(done.stdout)["checked"], claim["declarations"]):
            counted[checked["verdict"].lower()] += 1
            source = declaration["source"] or {"file": "", "line": 0}
            checked["place"] = "%s:%d" % (os.path.relpath(source["file"], top), source["line"])
            reports.append(checked)
    with open(os.path.join(WORK, package["name"] + "-prototypes.json"), "w") as file:
        json.dump(reports, file, indent=1)
    return {"counted": dict(counted), "mismatches": sorted(report["subject"] for report in reports
                                                           if report["verdict"] == "MISMATCH")}


def unlike(one, other):
    """Lines about the outcomes that are not the same."""
    return ["    %s: %s, stock: %s" % (test, other.get(test), one.get(test))
            for test in sorted(set(one) | set(other)) if one.get(test) != other.get(test)]


def split(findings, bugs):
    """The findings that no listed bug explains, and the bugs that showed."""
    unexplained, shown = [], set()
    for message, lines in findings:
        for number, bug in enumerate(bugs):
            declared_at = bug.get("helper", bug["line"]) + ";"
            if message.startswith(bug["finding"]) and (bug["line"] in lines or declared_at in message):
                shown.add(number)
                break
        else:
            unexplained.append("    %s (%s)" % (message, ", ".join(lines[-3:])))
    return unexplained, shown


def check(package, records, counts):
    """Lines about what is not as packages.toml has it."""
    bugs = package.get("bug", [])
    stock = records["stock"]["outcomes"]
    problems = []
    kinds = collections.Counter(stock.values())
    wanted = {"passed": package.get("passed", 0), "skipped": package.get("skipped", 0),
              "failed": package.get("failed", 0),
              "examples": len(package.get("examples", ())) + len(package.get("scripts", ()))}
    found = {kind: kinds[kind] for kind in ("passed", "skipped", "failed")}
    found["examples"] = len([text for text in stock.values() if text.startswith("exit 0, ")])
    if found != wanted or sum(wanted.values()) != len(stock):
        problems += ["  stock: %r, not %r" % (found, wanted)]
        problems += ["    %s: %s" % item for item in stock.items() if item[1] not in ("passed", "skipped")]
    for mode in records:
        lines = unlike(stock, records[mode]["outcomes"])
        if lines and mode != "error":
            problems += ["  %s:" % mode] + lines
    for mode in ("repair", "warn"):
        unexplained, shown = split(records[mode]["warnings"], bugs)
        if unexplained:
            problems += ["  %s finds what is not listed:" % mode] + sorted(set(unexplained))
    for number, bug in enumerate(bugs):
        if number not in shown:
            problems.append("  not found: %s, %s" % (bug["line"], bug["finding"]))
    unexplained, raised = split(records["error"]["errors"], bugs)
    if unexplained:
        problems += ["  error raises what is not listed:"] + sorted(set(unexplained))
    fails = unlike(stock, records["error"]["outcomes"])
    if len(fails) != package.get("refused", 0) or (fails and not raised):
        problems += ["  error: %d outcomes are not as under stock" % len(fails)] + fails
    for name in ("counted", "mismatches"):
        if counts[name] != package.get(name):
            problems.append("  %s: %r" % (name, counts[name]))
    return problems


def examine(package, patched):
    """Runs a package in each way. Returns lines about what is not as listed."""
    top, libraries = fetch(package), build(package)
    generate(package, top, libraries)
    # Each in a copy of its own: they run at the same time, and tests leave files behind.
    modes = MODES + (("corrected",) if "corrected" in package else ()) + (() if "bug" in package else ("early",))
    places = {mode: shutil.copytree(top, "%s-%s" % (top, mode), symlinks=True) for mode in modes}
    if "corrected" in package:
        correct(package, places["corrected"])
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        running = {mode: pool.submit(run, package, places[mode], libraries, patched, mode) for mode in modes}
        counts = count(package, top, libraries)
        records = {mode: future.result() for mode, future in running.items()}
    return check(package, records, counts)


def main(patched, names):
    patched = os.path.realpath(patched)
    with open(os.path.join(HERE, "packages.toml"), "rb") as file:
        known = {package["name"]: package for package in tomllib.load(file)["package"]}
    os.makedirs(os.path.join(WORK, "files"), exist_ok=True)
    failed = 0
    for name in names or known:
        package = known[name]
        if "probe" not in package:
            continue
        package["needed"] = [os.path.join(top, known[other].get("path", ""))
                             for other in package.get("needs", ()) for top in [fetch(known[other])]]
        try:
            problems = examine(package, patched)
        except (Exception, SystemExit) as error:
            problems = ["  %s: %s" % (type(error).__name__, error)]
        failed += bool(problems)
        print("%s %s: %d tests and %d examples, %s" % (
            name, package.get("version", "of Debian"), package.get("passed", 0),
            len(package.get("examples", ())) + len(package.get("scripts", ())),
            "FAILED" if problems else "as under the stock ctypes but for %d lines:" % len(package["bug"])
            if "bug" in package else "as under the stock ctypes"))
        for line in problems + ["  %(line)s %(finding)s... (%(reason)s)" % bug for bug in package.get("bug", ())]:
            print(line)
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("patched", help="the directory that patches/cpython/build.sh made")
    parser.add_argument("name", nargs="*")
    arguments = parser.parse_args()
    sys.exit(main(arguments.patched, arguments.name))
