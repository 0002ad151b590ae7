/* The policy "repair": a result that was read by the library's type becomes
   what the program declared. The value is the same wherever the declared type
   has it. Where that has not got it, a Python number has: nothing is cut. */

#include "typecheck_private.h"

#ifdef HAVE_FFITYPECHECK

int
_ctypes_typecheck_has_room(PyObject *number, size_t size)
{
    /* From the least signed number to the greatest without sign. */
    long long least = size < sizeof(long long)
                      ? -(1LL << (8 * size - 1)) : LLONG_MIN;
    unsigned long long most = size < sizeof(long long)
                              ? (1ULL << (8 * size)) - 1 : ULLONG_MAX;
    int overflow;
    long long value = PyLong_AsLongLongAndOverflow(number, &overflow);
    if (overflow == 0) {
        return value < 0 ? value >= least
                         : (unsigned long long)value <= most;
    }
    if (overflow < 0) {
        return 0;
    }
    unsigned long long large = PyLong_AsUnsignedLongLong(number);
    int result = !PyErr_Occurred() && large <= most;
    PyErr_Clear();
    return result;
}

/* What a simple type's letter stands for: the size of an integer and whether
   it has a sign; 0 if it is none. */
static size_t
integer_of(int code, int *is_signed)
{
    const char *letters = "bBhHiIlLqQ";
    static const size_t sizes[] = {
        sizeof(char), sizeof(short), sizeof(int), sizeof(long),
        sizeof(long long)
    };
    const char *found = code > 0 ? strchr(letters, code) : NULL;
    if (found == NULL) {
        return 0;
    }
    *is_signed = (found - letters) % 2 == 0;
    return sizes[(found - letters) / 2];
}

/* The number that a declared integer type would have shown: the value, or,
   where only the sign differs, the same bits. A new reference; *fits: 0 if
   the declared type has not got it, and the value is given as it is. */
static PyObject *
as_declared(PyObject *value, size_t size, int is_signed, int *fits)
{
    unsigned long long bits = PyLong_AsUnsignedLongLongMask(value);
    if (bits == (unsigned long long)-1 && PyErr_Occurred()) {
        return NULL;
    }
    long long number = (long long)bits;
    long long half = size < sizeof(bits) ? 1LL << (8 * size - 1) : 0;
    *fits = 1;
    if (half == 0) {
        return is_signed ? PyLong_FromLongLong(number)
                         : PyLong_FromUnsignedLongLong(bits);
    }
    if (number >= -half && number < half) {
        if (!is_signed && number < 0) {
            number += 2 * half;
        }
        return PyLong_FromLongLong(number);
    }
    *fits = !is_signed && bits < 2 * (unsigned long long)half;
    return Py_NewRef(value);
}

/* An instance of a subclass of a simple type. */
static PyObject *
instance_with(struct typecheck_module *module, PyObject *type, int code,
              PyObject *number)
{
    union {
        char c;
        short h;
        int i;
        long l;
        long long q;
        float f;
        double d;
        long double g;
    } value;
    unsigned long long bits = 0;
    double real = 0;
    memset(&value, 0, sizeof(value));
    if (strchr("fdg", code) != NULL) {
        real = PyFloat_AsDouble(number);
    }
    else {
        bits = PyLong_AsUnsignedLongLongMask(number);
    }
    if (PyErr_Occurred()) {
        return NULL;
    }
    switch (code) {
    case 'b': case 'B': value.c = (char)bits; break;
    case 'h': case 'H': value.h = (short)bits; break;
    case 'i': case 'I': value.i = (int)bits; break;
    case 'l': case 'L': value.l = (long)bits; break;
    case 'f': value.f = (float)real; break;
    case 'd': value.d = real; break;
    case 'g': value.g = real; break;
    default: value.q = (long long)bits;
    }
    return PyCData_FromBaseObj(module->st, type, NULL, 0, (char *)&value);
}

static PyObject *
does_not_fit(PyObject *value, PyObject *type, const char *name)
{
    PyObject *text = PyObject_Str(value);
    if (text != NULL) {
        PyErr_Format(PyExc_TypeError,
                     "%s: result: %.200s returned by the library has no room "
                     "in '%.200s'", name, PyUnicode_AsUTF8(text),
                     ((PyTypeObject *)type)->tp_name);
        Py_DECREF(text);
    }
    return NULL;
}

/* The value as a simple type shows it; a new reference. */
static PyObject *
as_simple(struct typecheck_module *module, PyObject *value, PyObject *type,
          const char *name)
{
    int fits = 1, is_signed = 1, code = _ctypes_typecheck_code(type);
    PyObject *number = NULL;
    if (code < 0) {
        return NULL;
    }
    size_t size = integer_of(code, &is_signed);
    if (code == '?') {
        int truth = PyObject_IsTrue(value);
        return truth < 0 ? NULL : PyBool_FromLong(truth);
    }
    if (code == 'P') {
        int truth = PyObject_IsTrue(value);
        if (truth <= 0 || PyFloat_Check(value)) {
            return truth < 0 ? NULL
                   : Py_NewRef(truth ? value : Py_None);
        }
        return as_declared(value, sizeof(void *), 0, &fits);
    }
    if (size == 0) {
        number = PyFloat_Check(value) ? Py_NewRef(value)
                                      : PyNumber_Float(value);
    }
    else if (PyFloat_Check(value)) {
        double real = PyFloat_AS_DOUBLE(value);
        fits = real == (double)(long long)real;
        number = fits ? PyLong_FromLongLong((long long)real)
                      : Py_NewRef(value);
        if (fits && number != NULL) {
            fits = _ctypes_typecheck_has_room(number, size);
        }
    }
    else {
        number = as_declared(value, size, is_signed, &fits);
    }
    if (number == NULL || !_ctypes_simple_instance(module->st, type)) {
        return number;
    }
    PyObject *result = fits ? instance_with(module, type, code, number)
                            : does_not_fit(value, type, name);
    Py_DECREF(number);
    return result;
}

PyObject *
_ctypes_typecheck_give(struct typecheck_module *module, PyObject *result,
                       PyObject *restype, PyObject *checker, const char *name)
{
    PyObject *given;
    int fits;
    if (!PyLong_Check(result) && !PyFloat_Check(result)) {
        /* A structure, or None. */
        given = restype == Py_None ? Py_NewRef(Py_None)
                                   : Py_NewRef(result);
    }
    else if (restype == NULL || !is_a(restype, module->simple)) {
        /* An int, or what a callable makes of one. */
        given = PyFloat_Check(result)
                ? Py_NewRef(result)
                : as_declared(result, sizeof(int), 1, &fits);
        if (given != NULL && restype != NULL && restype != Py_None) {
            PyObject *number = given;
            given = PyObject_CallFunctionObjArgs(restype, number, NULL);
            Py_DECREF(number);
        }
    }
    else {
        given = as_simple(module, result, restype, name);
    }
    Py_DECREF(result);
    if (given == NULL || checker == NULL) {
        return given;
    }
    PyObject *checked = PyObject_CallFunctionObjArgs(checker, given, NULL);
    Py_DECREF(given);
    return checked;
}

#endif /* HAVE_FFITYPECHECK */
