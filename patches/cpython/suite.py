import sys, unittest, os, importlib
import ctypes
try:
    import test.test_ctypes as package
    package.__path__
except (ImportError, AttributeError):
    import ctypes.test as package
d = list(package.__path__)[0]
s = unittest.TestSuite()
for f in sorted(os.listdir(d)):
    if f.startswith("test_") and f.endswith(".py"):
        n = package.__name__ + "." + f[:-3]
        try:
            importlib.import_module(n)
        except TypeError as e:
            print("IMPORT %s %s" % (n, e))
            sys.modules.pop(n, None)
            p = ctypes.set_typecheck("warn")
            try:
                importlib.import_module(n)
            finally:
                ctypes.set_typecheck(p)
        except unittest.SkipTest as e:
            print("SKIP", n, e); continue
        s.addTests(unittest.defaultTestLoader.loadTestsFromName(n))
r = unittest.TextTestRunner(verbosity=0).run(s)
