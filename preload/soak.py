"""Ten minutes of calls in threads, while libraries are loaded and unloaded, under the preload library: soak.py COMMAND [SECONDS]

A Python and a Ruby run in turn with eight threads each. The right calls must give no finding and the wrong ones exactly theirs. The
memory of a process must not grow in its second half. A process that does not end in time has a deadlock. COMMAND is the command
ffitypecheck."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROGRAMS = Path(__file__).resolve().parent / "tests" / "programs"
# What memory may grow by, in KiB: the runtimes' own heaps vary.
GROWTH = 4096
EXPECTED = {"twice: argument 1 ('value')", "same_place: argument 1 ('value')", "same_place: result"}

PYTHON = """
import ctypes, _ctypes, sys, threading, time
from ctypes import c_double, c_int, c_long

end = time.monotonic() + float(sys.argv[1])
half = time.monotonic() + float(sys.argv[1]) / 2
calls = [0] * 8
memory = []
loading = threading.Lock()
callee = ctypes.CDLL("./callee.so")


def resident():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def reload():
    # The place of one library is the place of the other.
    for name, kind in (("./one.so", c_long), ("./two.so", c_double), ("./two.so", c_long)):
        library = ctypes.CDLL(name)
        library.same_place.argtypes, library.same_place.restype = [kind], kind
        library.same_place(3)
        _ctypes.dlclose(library._handle)


def work(number):
    compare = ctypes.CFUNCTYPE(c_int, ctypes.POINTER(c_int), ctypes.POINTER(c_int))
    libc = ctypes.CDLL("libc.so.6")
    libc.qsort.restype = None
    libc.qsort.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t, compare]
    while time.monotonic() < end:
        for kind in (c_long, c_int):
            twice = callee["twice"]
            twice.argtypes, twice.restype = [kind], c_long
            assert twice(21) == 42
        for name in range(10, 50):
            function = callee["number_%d" % name]
            function.argtypes, function.restype = [c_long], c_long
            assert function(1) == name + 1
        numbers = (c_int * 4)(3, 1, 2, 0)
        libc.qsort(numbers, 4, 4, compare(lambda a, b: a[0] - b[0]))
        assert list(numbers) == [0, 1, 2, 3]
        calls[number] += 46
        with loading:
            reload()
        if number == 0 and (not memory or time.monotonic() < half):
            memory[:] = [resident()]


threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(sum(calls), resident() - memory[0])
"""

RUBY = """
require 'fiddle'

finish = Process.clock_gettime(Process::CLOCK_MONOTONIC) + ARGV[0].to_f
half = finish - ARGV[0].to_f / 2
now = -> { Process.clock_gettime(Process::CLOCK_MONOTONIC) }
resident = -> { File.read('/proc/self/status')[/VmRSS:\\s+(\\d+)/, 1].to_i }
calls = [0] * 8
memory = nil
loading = Mutex.new
callee = Fiddle.dlopen('./callee.so')
long, int, double = Fiddle::TYPE_LONG, Fiddle::TYPE_INT, Fiddle::TYPE_DOUBLE

threads = 8.times.map do |number|
  Thread.new do
    while now.call < finish
      [long, int].each do |kind|
        raise 'twice' unless Fiddle::Function.new(callee['twice'], [kind], long).call(21) == 42
      end
      (10...50).each do |name|
        raise 'number' unless Fiddle::Function.new(callee["number_#{name}"], [long], long).call(1) == name + 1
      end
      calls[number] += 45
      loading.synchronize do
        [['./one.so', long], ['./two.so', double], ['./two.so', long]].each do |name, kind|
          library = Fiddle.dlopen(name)
          Fiddle::Function.new(library['same_place'], [kind], kind).call(3)
          library.close
        end
      end
      memory = resident.call if number.zero? && (memory.nil? || now.call < half)
    end
  end
end
threads.each(&:join)
GC.start
puts "#{calls.sum} #{resident.call - memory}"
"""


def soak(name, interpreter, source, command, seconds, directory):
    """Runs a program, and tells what is wrong."""
    (directory / name).write_text(source)
    log = directory / "log"
    log.unlink(missing_ok=True)
    line = [command, "run", "--json", "--output", log, "--", interpreter, directory / name, str(seconds)]
    try:
        ran = subprocess.run(line, cwd=directory, capture_output=True, text=True, timeout=seconds + 300, check=False)
    except subprocess.TimeoutExpired:
        return [f"{name}: a deadlock: not at its end after {seconds + 300} s"]
    summary = json.loads(log.read_text().splitlines()[-1])
    failures = []
    if ran.returncode != 1:
        failures.append(f"{name} returns {ran.returncode}: {ran.stderr}")
        return failures
    calls, growth = map(int, ran.stdout.split())
    found = {finding["sentence"].split(":", 2)[0] + ":" + finding["sentence"].split(":", 2)[1] for finding in summary["findings"]}
    print(f"{name}: {seconds} s, {summary['calls']} calls, {summary['closures']} closures, growth {growth} KiB, "
          f"pairs {summary['match']} MATCH, {summary['mismatch']} MISMATCH, findings {sorted(found)}, "
          f"not checked {summary['not_checked']}", flush=True)
    if found != EXPECTED or len(summary["findings"]) != len(EXPECTED):
        failures.append(f"{name}: findings {summary['findings']}")
    if summary["calls"] < calls:
        failures.append(f"{name}: {calls} calls were made")
    if growth > GROWTH:
        failures.append(f"{name}: the memory grew by {growth} KiB")
    return failures


def main():
    command = os.path.abspath(sys.argv[1])
    seconds = int(sys.argv[2] if len(sys.argv) > 2 else 600) // 2
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        flags = ["gcc", "-g", "-shared", "-fPIC", "-Wl,--build-id", "-o"]
        subprocess.run([*flags, directory / "callee.so", PROGRAMS / "callee.c"], check=True)
        subprocess.run([*flags, directory / "one.so", "-DTYPE=long", PROGRAMS / "swap.c"], check=True)
        subprocess.run([*flags, directory / "two.so", "-DTYPE=double", PROGRAMS / "swap.c"], check=True)
        failures = soak("soak.py", "/usr/bin/python3", PYTHON, command, seconds, directory)
        failures += soak("soak.rb", "ruby", RUBY, command, seconds, directory)
    print(*failures, sep="\n")
    return bool(failures)


if __name__ == "__main__":
    begin = time.monotonic()
    failed = main()
    print(f"{time.monotonic() - begin:.0f} s")
    sys.exit(failed)
