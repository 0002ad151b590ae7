/* CPython before 3.13: what typecheck*.c use of later versions. Included by
   typecheck_private.h, behind ctypes.h. */

#ifndef Py_CTYPES_TYPECHECK_COMPAT_H
#define Py_CTYPES_TYPECHECK_COMPAT_H

/* ---- ctypes: a StgDict for the StgInfo, no state of the module ---- */

typedef StgDictObject StgInfo;
#define PyStgInfo_FromType(st, type, info) \
    (*(info) = PyType_stgdict(type), 0)

typedef struct {
    struct typecheck_module *typecheck;
} ctypes_state;

extern ctypes_state _ctypes_typecheck_state;
#define get_module_state(module) (&_ctypes_typecheck_state)
#define get_module_state_by_def(type) (&_ctypes_typecheck_state)

#undef PyCArg_CheckExact
#define PyCArg_CheckExact(st, object) (Py_TYPE(object) == &PyCArg_Type)
#undef CDataObject_Check
#define CDataObject_Check(st, object) \
    PyObject_TypeCheck(object, &PyCData_Type)
#define PyCArgObject_new(st) PyCArgObject_new()
#define PyCData_FromBaseObj(st, type, base, index, address) \
    PyCData_FromBaseObj(type, base, index, address)
#define _ctypes_callproc(st, proc, arguments, flags, types, restype, checker) \
    _ctypes_callproc(proc, arguments, flags, types, restype, checker)
#define _ctypes_simple_instance(st, type) _ctypes_simple_instance(type)
#define paramfunc(st, data) paramfunc(data)

/* ---- the C API ---- */

/* There is always a GIL. */
#define Py_BEGIN_CRITICAL_SECTION(object) {
#define Py_END_CRITICAL_SECTION() }

#define PyObject_GetOptionalAttr _PyObject_LookupAttr

static inline int
PyObject_GetOptionalAttrString(PyObject *object, const char *name,
                               PyObject **result)
{
    PyObject *key = PyUnicode_FromString(name);
    *result = NULL;
    if (key == NULL) {
        return -1;
    }
    int found = PyObject_GetOptionalAttr(object, key, result);
    Py_DECREF(key);
    return found;
}

static inline int
PyMapping_GetOptionalItemString(PyObject *mapping, const char *key,
                                PyObject **result)
{
    *result = PyMapping_GetItemString(mapping, (char *)key);
    if (*result != NULL) {
        return 1;
    }
    if (!PyErr_ExceptionMatches(PyExc_KeyError)) {
        return -1;
    }
    PyErr_Clear();
    return 0;
}

static inline int
PyDict_GetItemRef(PyObject *dict, PyObject *key, PyObject **result)
{
    *result = PyDict_GetItemWithError(dict, key);
    Py_XINCREF(*result);
    return *result != NULL ? 1 : PyErr_Occurred() ? -1 : 0;
}

static inline int
PyDict_GetItemStringRef(PyObject *dict, const char *key, PyObject **result)
{
    *result = PyDict_GetItemString(dict, key);
    Py_XINCREF(*result);
    return *result != NULL;
}

#endif
