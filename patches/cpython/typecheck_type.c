/* What the types of ctypes say of themselves: attributes that say what a type
   is in C, read so that a program's own classes may lack them. */

#include "typecheck_private.h"

#ifdef HAVE_FFITYPECHECK

int
_ctypes_typecheck_let_go(void)
{
    if (!PyErr_Occurred()) {
        return 0;
    }
    if (PyErr_ExceptionMatches(PyExc_MemoryError)
        || !PyErr_ExceptionMatches(PyExc_Exception))
    {
        return -1;
    }
    PyErr_Clear();
    return 0;
}

int
_ctypes_typecheck_is_swapped(PyObject *type)
{
#ifdef WORDS_BIGENDIAN
    const char *own_name = "__ctype_be__";
#else
    const char *own_name = "__ctype_le__";
#endif
    PyObject *own;
    int found = PyObject_GetOptionalAttrString(type, own_name, &own);
    if (found > 0) {
        found = own != type;
        Py_DECREF(own);
    }
    return found;
}

int
_ctypes_typecheck_code(PyObject *type)
{
    PyObject *text;
    int result = PyObject_GetOptionalAttrString(type, "_type_", &text);
    if (result > 0) {
        const char *code = PyUnicode_Check(text) ? PyUnicode_AsUTF8(text) : "";
        result = code != NULL ? (unsigned char)code[0] : -1;
        Py_DECREF(text);
    }
    return result;
}

int
_ctypes_typecheck_size(PyObject *object, const char *name, Py_ssize_t *out)
{
    PyObject *value = PyObject_GetAttrString(object, name);
    if (value == NULL) {
        return -1;
    }
    *out = PyLong_AsSsize_t(value);
    Py_DECREF(value);
    return *out < 0 ? -1 : 0;
}

int
_ctypes_typecheck_has_own_from_param(PyObject *type)
{
    PyObject *bases, *dict, *entry;
    if (!PyType_Check(type)) {
        return 1;
    }
    bases = PyObject_GetAttrString(type, "__mro__");
    if (bases == NULL || !PyTuple_Check(bases)) {
        Py_XDECREF(bases);
        return -1;
    }
    int result = 0;
    for (Py_ssize_t i = 0; result == 0 && i < PyTuple_GET_SIZE(bases); i++) {
        dict = PyObject_GetAttrString(PyTuple_GET_ITEM(bases, i), "__dict__");
        if (dict == NULL) {
            result = -1;
            break;
        }
        result = PyMapping_GetOptionalItemString(dict, "from_param", &entry);
        Py_XDECREF(entry);
        Py_DECREF(dict);
    }
    Py_DECREF(bases);
    return result;
}

#endif /* HAVE_FFITYPECHECK */
