"""Types that are compared with the debug information of a library. Needs libffitypecheck."""

from rpython.tool.udir import udir
from rpython.translator.platform import platform
from rpython.translator.tool.cbuild import ExternalCompilationInfo

SOURCE = """
    __attribute__((visibility("default"))) int answer = 42;
    __attribute__((visibility("default"))) int twice(int value)
    {
        return 2 * value;
    }
    __attribute__((visibility("default")))
    long apply(long (*function)(int, double), int value)
    {
        return function(value, 0.5);
    }
"""


class AppTestTypecheck:
    spaceconfig = dict(usemodules=['_rawffi', 'struct'])

    def setup_class(cls):
        source = udir.join('typechecked.c')
        source.write(SOURCE)
        eci = ExternalCompilationInfo(compile_extra=['-g', '-O1'])
        library = platform.compile([source], eci, 'typechecked',
                                   standalone=False)
        cls.w_library = cls.space.wrap(str(library))

    def setup_method(self, method):
        from rpython.rlib import ffitypecheck
        assert ffitypecheck.eci is not None
        ffitypecheck.enable(False)

    def test_not_enabled(self):
        import _rawffi
        lib = _rawffi.CDLL(self.library)
        arg = _rawffi.Array('i')(1)
        arg[0] = 21
        twice = lib.ptr('twice', ['i'], 'l')
        assert twice(arg)[0] & 0xffffffff == 42
        arg.free()

    def test_set_typecheck(self):
        import _rawffi
        assert _rawffi.set_typecheck(True) is False
        assert _rawffi.set_typecheck(False) is True

    def test_call(self):
        import _rawffi
        _rawffi.set_typecheck(True)
        lib = _rawffi.CDLL(self.library)
        arg = _rawffi.Array('i')(1)
        arg[0] = 21
        assert lib.ptr('twice', ['i'], 'i')(arg)[0] == 42
        # What is never called does no harm.
        wrong = lib.ptr('twice', ['i'], 'd')
        error = raises(TypeError, wrong, arg)
        assert 'twice: result' in str(error.value)
        error = raises(TypeError, lib.ptr('twice', [], 'i'))
        assert 'twice' in str(error.value)
        arg.free()

    def test_address(self):
        import _rawffi
        _rawffi.set_typecheck(True)
        lib = _rawffi.CDLL(self.library)
        address = lib.getaddressindll('twice')
        arg = _rawffi.Array('i')(1)
        arg[0] = 21
        assert _rawffi.FuncPtr(address, ['i'], 'i')(arg)[0] == 42
        raises(TypeError, _rawffi.FuncPtr(address, ['i'], 'd'), arg)
        arg.free()

    def test_variable(self):
        import _rawffi
        _rawffi.set_typecheck(True)
        lib = _rawffi.CDLL(self.library)
        address = lib.getaddressindll('answer')
        assert lib.getaddressindll('answer', 'i') == address
        error = raises(TypeError, lib.getaddressindll, 'answer', 'l')
        assert 'answer: the library has' in str(error.value)
        raises(ValueError, lib.getaddressindll, 'no such variable', 'i')

    def test_callback(self):
        import _rawffi
        _rawffi.set_typecheck(True)
        lib = _rawffi.CDLL(self.library)
        apply = lib.ptr('apply', ['P', 'i'], 'l')
        seen = []

        def function(*arguments):
            seen.append(len(arguments))
            return 42

        value = _rawffi.Array('i')(1)
        value[0] = 21
        right = _rawffi.CallbackPtr(function, ['i', 'd'], 'l')
        pointer = right.byptr()
        assert apply(pointer, value)[0] == 42
        pointer.free()
        wrong = _rawffi.CallbackPtr(function, ['i', 'i'], 'l')
        pointer = wrong.byptr()
        error = raises(TypeError, apply, pointer, value)
        assert 'argument 1' in str(error.value)
        assert 'parameter 2' in str(error.value)
        assert seen == [2]
        pointer.free()
        value.free()

    def test_library_without_debug_information(self):
        import _rawffi
        _rawffi.set_typecheck(True)
        lib = _rawffi.get_libc()
        arg = _rawffi.Array('i')(1)
        arg[0] = -3
        assert lib.ptr('abs', ['i'], 'i')(arg)[0] == 3
        arg.free()
