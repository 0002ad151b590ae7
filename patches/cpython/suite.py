import sys, unittest, os, ctypes, warnings, importlib
d=os.path.join(os.path.dirname(ctypes.__file__),"test"); s=unittest.TestSuite()
for f in sorted(os.listdir(d)):
    if f.startswith("test_") and f.endswith(".py"):
        n="ctypes.test."+f[:-3]
        try: importlib.import_module(n)
        except TypeError as e:
            print("IMPORT", n, e); 
            for k in list(sys.modules):
                if k==n: del sys.modules[k]
            p=ctypes.set_typecheck("warn"); 
            try: importlib.import_module(n)
            finally: ctypes.set_typecheck(p)
        s.addTests(unittest.defaultTestLoader.loadTestsFromName(n))
r=unittest.TextTestRunner(verbosity=0).run(s)
