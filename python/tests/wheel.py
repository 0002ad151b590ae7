"""wheel.py [--no-libffi]

Run by the Python of an environment in which the wheel is installed and nothing else. The package must work with what is in the
wheel."""

import os
import subprocess
import sys
import time

for name in "FFITYPECHECK_LIBRARY", "LD_LIBRARY_PATH", "PYTHONPATH", "FFITYPECHECK":
    os.environ.pop(name, None)
LIBC = "/lib/x86_64-linux-gnu/libc.so.6"
WRONG = "import ctypes as c; find = c.CDLL('libc.so.6').memchr; find.argtypes = [c.c_void_p, c.c_int, c.c_int]; find(b'', 0, 0)"
MOST = 0.005                # seconds of processor time that the import takes beyond that of ctypes


def run(*arguments, **environment):
    done = subprocess.run([sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env=dict(os.environ, **environment))
    return done.returncode, done.stdout, done.stderr


def seconds(_):
    program = "import ctypes, time; t = time.process_time(); import ffitypecheck; print(time.process_time() - t)"
    return float(run("-c", program)[1])


def main():
    import ffitypecheck
    from ffitypecheck import _entries
    package = os.path.dirname(ffitypecheck.__file__)
    assert package.startswith(sys.prefix), package
    assert str(ffitypecheck.describe(LIBC, "qsort")) == "void qsort(void *b, size_t n, size_t s, __compar_fn_t cmp)"
    assert _entries.path() == os.path.join(package, "libffitypecheck.so.0"), _entries.path()
    with open("/proc/self/maps") as maps:
        loaded = {line.split()[-1] for line in maps if "libffi" in line}
    own = os.path.join(os.path.dirname(package), "ffitypecheck.libs")
    # auditwheel has put libffi into the wheel. What pip makes of the sdist takes the system's.
    if "--no-libffi" not in sys.argv:
        assert any(path.startswith(own + "/libffi-") for path in loaded), loaded
    # Without a change of the program: the .pth file, and the command.
    by_command = run("-m", "ffitypecheck", "run", "-m", "timeit", "-n1", WRONG)
    for status, _, error in run("-c", WRONG, FFITYPECHECK="error"), by_command:
        assert status == 1 and "TypeError: memchr: argument 3: " in error, error
    assert run("-c", WRONG)[0] == 0
    status, text, error = run("-m", "ffitypecheck", "bindings", "libc.so.6", "qsort")
    assert status == 0, error
    assert "qsort.argtypes = [c_void_p, c_size_t, c_size_t, CFUNCTYPE(c_int, c_void_p, c_void_p)]" in text, text
    least = min(map(seconds, range(20)))
    print("import ffitypecheck: %.1f ms beyond ctypes" % (least * 1000))
    assert least < MOST


if __name__ == "__main__":
    main()
