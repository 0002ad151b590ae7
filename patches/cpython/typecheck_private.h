/* What the files typecheck*.c share. */

#ifndef Py_CTYPES_TYPECHECK_PRIVATE_H
#define Py_CTYPES_TYPECHECK_PRIVATE_H

#ifndef Py_BUILD_CORE_BUILTIN
#  define Py_BUILD_CORE_MODULE 1
#endif
#define PY_SSIZE_T_CLEAN

#include "Python.h"
#include "frameobject.h"
#if PY_VERSION_HEX >= 0x030D0000
#  include "pycore_moduleobject.h"  // _PyModule_GetState()
#  include "pycore_typeobject.h"    // _PyType_GetModuleState()
#endif
#include <ffi.h>
#include "ctypes.h"
#include "typecheck.h"

#ifdef HAVE_FFITYPECHECK

/* ---- what the branches of CPython do in other ways ---- */

#if PY_VERSION_HEX >= 0x030D0000
#  define ST(module) (module)->st,
#  define NEW_CARG(module) PyCArgObject_new((module)->st)
#  define CARG_OF(module, info, data) (info)->paramfunc((module)->st, data)
#  define IS_BYREF(module, object) PyCArg_CheckExact((module)->st, object)
#  define IS_DATA(module, object) CDataObject_Check((module)->st, object)
#  define IS_PLAIN_SIMPLE(module, type) \
    (!_ctypes_simple_instance((module)->st, type))
typedef StgInfo TypeInfo;
#else
#  define ST(module)
#  define NEW_CARG(module) PyCArgObject_new()
#  define CARG_OF(module, info, data) (info)->paramfunc(data)
#  define IS_BYREF(module, object) PyCArg_CheckExact(object)
#  define IS_DATA(module, object) CDataObject_Check(object)
#  define IS_PLAIN_SIMPLE(module, type) (!_ctypes_simple_instance(type))
#  define Py_BEGIN_CRITICAL_SECTION(object) {
#  define Py_END_CRITICAL_SECTION() }
typedef StgDictObject TypeInfo;
#endif

#if PY_MAJOR_VERSION < 3
#  define IS_TEXT(object) (PyString_Check(object) || PyUnicode_Check(object))
#  define IS_INTEGER(object) (PyInt_Check(object) || PyLong_Check(object))
#  define INTERN(text) PyString_InternFromString(text)
#  define TEXT(object) PyString_AsString(object)
#  define TEXT_FORMAT PyString_FromFormat
#  define INTEGER_FROM(number) PyInt_FromLong(number)
#  define INTEGER_MASK(object) PyInt_AsUnsignedLongLongMask(object)
#  define INTEGER_SIZE(object) PyInt_AsSsize_t(object)
#  define DICT_GET(dict, key) PyDict_GetItem(dict, key)
#  define Py_ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#  define Py_MAX(a, b) ((a) > (b) ? (a) : (b))
#  define Py_MIN(a, b) ((a) < (b) ? (a) : (b))
#else
#  define IS_TEXT(object) PyUnicode_Check(object)
#  define IS_INTEGER(object) PyLong_Check(object)
#  define INTERN(text) PyUnicode_InternFromString(text)
#  define TEXT(object) PyUnicode_AsUTF8(object)
#  define TEXT_FORMAT PyUnicode_FromFormat
#  define INTEGER_FROM(number) PyLong_FromLong(number)
#  define INTEGER_MASK(object) PyLong_AsUnsignedLongLongMask(object)
#  define INTEGER_SIZE(object) PyLong_AsSsize_t(object)
#  define DICT_GET(dict, key) PyDict_GetItemWithError(dict, key)
#endif

/* What the module keeps for type checking. */
struct typecheck_module {
#if PY_VERSION_HEX >= 0x030D0000
    ctypes_state *st;
#endif
    /* The default: a policy, times two, and whether what is not declared is
       taken from the library. One number, which threads change and read. */
    int setting;
    PyObject *warning_category;
    /* The classes that say what a type is. */
    PyObject *structure, *union_, *array, *pointer, *simple, *function;
    PyObject *dunder_name, *policy_name;    /* "__name__", "_typecheck" */
};

static inline PyObject *
new_reference(PyObject *object)
{
    Py_INCREF(object);
    return object;
}

static inline int
is_a(PyObject *type, PyObject *base)
{
    return PyType_Check(type)
           && PyType_IsSubtype((PyTypeObject *)type, (PyTypeObject *)base);
}

/* The letter of a simple type; 0 if it has none, -1 error. */
extern int _ctypes_typecheck_code(PyObject *type);

/* ---- typecheck_place.c ---- */

/* The line of a program where something is declared; no code: not known. */
struct place {
    PyObject *code;
    int offset;                 /* of the instruction */
};

/* The line that is running, and the globals of its frame, borrowed. */
extern struct place _ctypes_typecheck_here(struct typecheck_module *module,
                                           PyObject **globals);
extern void _ctypes_typecheck_drop_place(struct place *place);

/* A new reference to the file's name; the line's number. */
extern PyObject *_ctypes_typecheck_file(const struct place *place);
extern int _ctypes_typecheck_line(const struct place *place);

/* Warns of the line; globals may be NULL. */
extern int _ctypes_typecheck_warn(struct typecheck_module *module,
                                  PyObject *message,
                                  const struct place *place,
                                  PyObject *globals);

/* ---- typecheck_memory.c ---- */

/* What an argument points to, as far as ctypes made it. */
struct memory {
    char *address;
    size_t bytes;               /* that are there, from the address on */
    PyObject *type;             /* of the object at the address, borrowed;
                                   NULL: bytes without a type */
};

/* What ctypes knows of a type, or NULL if it is none of its own. */
extern TypeInfo *_ctypes_typecheck_info(struct typecheck_module *module,
                                        PyObject *type);

/* Whether it is known what the argument points to, 1, or not, 0. Of an
   instance of the pointee, if one is given, the address is passed. */
extern int _ctypes_typecheck_memory(struct typecheck_module *module,
                                    PyObject *argument, PyObject *pointee,
                                    struct memory *out);

/* ---- typecheck_repair.c ---- */

/* The result of a library whose type has the letter read, as the program
   declared it: restype and its checker, or with restype NULL an int. Takes
   over the reference of the result. */
extern PyObject *_ctypes_typecheck_give(struct typecheck_module *module,
                                        PyObject *result, PyObject *restype,
                                        PyObject *checker, const char *name);

/* Whether an integer has room in a number of bytes, with or without sign. */
extern int _ctypes_typecheck_has_room(PyObject *number, size_t size);

#endif /* HAVE_FFITYPECHECK */
#endif
