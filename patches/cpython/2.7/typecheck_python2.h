/* CPython 2.7: what typecheck*.c use of Python 3. Text is a str or unicode, an
   integer an int or a long. Included by typecheck_private.h, behind ctypes.h
   and before typecheck_compat.h. */

#ifndef Py_CTYPES_TYPECHECK_PYTHON2_H
#define Py_CTYPES_TYPECHECK_PYTHON2_H

#include "frameobject.h"

/* ---- text and integers ---- */

static inline int
typecheck_is_text(PyObject *object)
{
    return PyString_Check(object) || PyUnicode_Check(object);
}

static inline int
typecheck_is_integer(PyObject *object)
{
    return PyInt_Check(object) || PyLong_Check(object);
}

static inline PyObject *
typecheck_integer(PY_LONG_LONG number)
{
    if (number >= LONG_MIN && number <= LONG_MAX) {
        return PyInt_FromLong((long)number);
    }
    return PyLong_FromLongLong(number);
}

#undef PyUnicode_Check
#define PyUnicode_Check typecheck_is_text
#undef PyUnicode_FromString
#define PyUnicode_FromString PyString_FromString
#undef PyUnicode_FromFormat
#define PyUnicode_FromFormat PyString_FromFormat
#define PyUnicode_InternFromString PyString_InternFromString
#define PyUnicode_AsUTF8 PyString_AsString
#define PyUnicode_CompareWithASCIIString(object, text) \
    (PyString_Check(object) ? strcmp(PyString_AS_STRING(object), text) : 1)

#undef PyLong_Check
#define PyLong_Check typecheck_is_integer
#define PyLong_FromLong PyInt_FromLong
#define PyLong_FromLongLong typecheck_integer
#define PyLong_AsSsize_t PyInt_AsSsize_t
#define PyLong_AsUnsignedLongLongMask PyInt_AsUnsignedLongLongMask

/* ---- objects, memory, modules ---- */

#define Py_ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define Py_MAX(a, b) ((a) > (b) ? (a) : (b))
#define Py_MIN(a, b) ((a) < (b) ? (a) : (b))
#define Py_UNUSED(name) _unused_ ## name

static inline PyObject *
Py_NewRef(PyObject *object)
{
    Py_INCREF(object);
    return object;
}

static inline void *
PyMem_Calloc(size_t count, size_t size)
{
    void *memory = PyMem_Malloc(count * size);
    if (memory != NULL) {
        memset(memory, 0, count * size);
    }
    return memory;
}

static inline int
_PyObject_LookupAttr(PyObject *object, PyObject *name, PyObject **result)
{
    *result = PyObject_GetAttr(object, name);
    if (*result != NULL) {
        return 1;
    }
    if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
        return -1;
    }
    PyErr_Clear();
    return 0;
}

#define PyDict_GetItemWithError PyDict_GetItem

static inline int
PyModule_AddObjectRef(PyObject *module, const char *name, PyObject *object)
{
    Py_INCREF(object);
    if (PyModule_AddObject(module, name, object) < 0) {
        Py_DECREF(object);
        return -1;
    }
    return 0;
}

static inline int
PyModule_AddFunctions(PyObject *module, PyMethodDef *functions)
{
    for (; functions->ml_name != NULL; functions++) {
        PyObject *function = PyCFunction_New(functions, NULL);
        if (function == NULL
            || PyModule_AddObject(module, functions->ml_name, function) < 0)
        {
            Py_XDECREF(function);
            return -1;
        }
    }
    return 0;
}

/* ---- frames and warnings ---- */

static inline PyCodeObject *
PyFrame_GetCode(PyFrameObject *frame)
{
    return (PyCodeObject *)Py_NewRef((PyObject *)frame->f_code);
}

static inline PyFrameObject *
PyFrame_GetBack(PyFrameObject *frame)
{
    Py_XINCREF(frame->f_back);
    return frame->f_back;
}

#define PyFrame_GetGlobals(frame) Py_NewRef((frame)->f_globals)
#define PyFrame_GetLasti(frame) ((frame)->f_lasti)

static inline int
PyErr_WarnExplicitObject(PyObject *category, PyObject *message,
                         PyObject *file, int line, PyObject *module,
                         PyObject *registry)
{
    const char *name = module != NULL && PyString_Check(module)
                       ? PyString_AS_STRING(module) : NULL;
    return PyErr_WarnExplicit(category, PyString_AsString(message),
                              PyString_AsString(file), line, name, registry);
}

#endif
