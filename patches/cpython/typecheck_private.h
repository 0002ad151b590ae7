/* What the files typecheck*.c share. What is kept of a function, and what a
   call works with, is in typecheck_function.h. */

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

#include <ffitypecheck.h>

/* Shared by these files only: nothing of it is a symbol of the module. */
#pragma GCC visibility push(hidden)

/* ---- what the branches of CPython do in other ways ---- */

#if PY_VERSION_HEX >= 0x030D0000
#  define ST(module) (module)->st,
#  define NEW_CARG(module) PyCArgObject_new((module)->st)
#  define CARG_OF(module, info, data) (info)->paramfunc((module)->st, data)
#  define IS_BYREF(module, object) PyCArg_CheckExact((module)->st, object)
#  define IS_DATA(module, object) CDataObject_Check((module)->st, object)
#  define IS_PLAIN_SIMPLE(module, type) \
    (!_ctypes_simple_instance((module)->st, type))
#  define MODULE_OF_FUNCTION(function) \
    get_module_state_by_def(Py_TYPE(Py_TYPE(function)))->typecheck
#  define MODULE_OF_TYPE(type) \
    get_module_state_by_def(Py_TYPE(type))->typecheck
#  define MODULE_OF(module) get_module_state(module)->typecheck
typedef StgInfo TypeInfo;
#else
#  define ST(module)
#  define NEW_CARG(module) PyCArgObject_new()
#  define CARG_OF(module, info, data) (info)->paramfunc(data)
#  define IS_BYREF(module, object) PyCArg_CheckExact(object)
#  define IS_DATA(module, object) CDataObject_Check(object)
#  define IS_PLAIN_SIMPLE(module, type) (!_ctypes_simple_instance(type))
#  define MODULE_OF_FUNCTION(function) (&_ctypes_typecheck_the_module)
#  define MODULE_OF_TYPE(type) (&_ctypes_typecheck_the_module)
#  define MODULE_OF(module) (&_ctypes_typecheck_the_module)
#  define Py_BEGIN_CRITICAL_SECTION(object) {
#  define Py_END_CRITICAL_SECTION() }
typedef StgDictObject TypeInfo;
#endif

#ifdef Py_GIL_DISABLED
#  define ADD_REFERENCE(count) __atomic_add_fetch(&(count), 1, __ATOMIC_RELAXED)
#  define DROP_REFERENCE(count) \
    __atomic_sub_fetch(&(count), 1, __ATOMIC_ACQ_REL)
#else
#  define ADD_REFERENCE(count) (++(count))
#  define DROP_REFERENCE(count) (--(count))
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

/* ---- small things ---- */

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

static inline void *
zeroed(size_t size)
{
    void *memory = PyMem_Malloc(size);
    if (memory != NULL) {
        memset(memory, 0, size);
    }
    return memory;
}

/* ---- typecheck_module.c ---- */

/* An attribute that may be missing: 1 found, 0 not there, -1 error. */
extern int _ctypes_typecheck_attribute(PyObject *object, const char *name,
                                       PyObject **out);

#define LIBRARY_FUNCTIONS(X) \
    X(ffi_describe_symbol) \
    X(ftc_describe_address) \
    X(ftc_decl_free) \
    X(ftc_decl_kind) \
    X(ftc_decl_spelling) \
    X(ftc_decl_types) \
    X(ftc_decl_type) \
    X(ftc_decl_prep_cif) \
    X(ftc_type_get) \
    X(ftc_type_resolve) \
    X(ftc_type_member) \
    X(ftc_type_parameter) \
    X(ftc_type_spell) \
    X(ftc_claim_new) \
    X(ftc_claim_free) \
    X(ftc_claim_any) \
    X(ftc_claim_array) \
    X(ftc_claim_base) \
    X(ftc_claim_bit_field) \
    X(ftc_claim_complete) \
    X(ftc_claim_function) \
    X(ftc_claim_member) \
    X(ftc_claim_pointer) \
    X(ftc_claim_record) \
    X(ftc_check_argument) \
    X(ftc_check_decl) \
    X(ftc_check_type) \
    X(ftc_report_free) \
    X(ftc_report_at_call) \
    X(ftc_report_passes) \
    X(ftc_report_count) \
    X(ftc_report_verdict) \
    X(ftc_report_finding)

/* The entry points of libffitypecheck, by the names of their declarations. */
struct typecheck_library {
#define MEMBER(name) __typeof__(&name) name;
    LIBRARY_FUNCTIONS(MEMBER)
#undef MEMBER
};

extern struct typecheck_library _ctypes_typecheck_library;
#define ftc _ctypes_typecheck_library

/* Loads the library, once; 0 if it is not there. */
extern int _ctypes_typecheck_load(void);

/* Around what reads files without the GIL: a fork waits until it is over. */
extern void _ctypes_typecheck_begin_reading(void);
extern void _ctypes_typecheck_end_reading(void);

static inline int
succeeded(ftc_status status)
{
    return status == FTC_OK ? 0 : -1;
}

/* What a type of the library is, behind qualifiers and typedefs. */
static inline int
get_type(const ftc_types *types, ftc_type_id id, ftc_type *out)
{
    memset(out, 0, sizeof(*out));
    out->type_size = sizeof(*out);
    return succeeded(ftc.ftc_type_get(types, ftc.ftc_type_resolve(types, id),
                                      out));
}

enum policy {
    POLICY_OFF, POLICY_WARN, POLICY_REPAIR, POLICY_ERROR, POLICY_EARLY
};

/* Whether what does not agree is refused, at the call if not before. */
static inline int
refuses(enum policy policy)
{
    return policy >= POLICY_ERROR;
}

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

#if PY_VERSION_HEX < 0x030D0000
extern struct typecheck_module _ctypes_typecheck_the_module;
#endif

/* The default policy, and whether what is not declared is taken from the
   library. */
extern void _ctypes_typecheck_setting(struct typecheck_module *module,
                                      enum policy *policy, int *extract);

/* The policy of a dll: its _typecheck attribute, 1. 0: it has none, and the
   default is filled in. */
extern int _ctypes_typecheck_policy_of_dll(struct typecheck_module *module,
                                           PyObject *dll, enum policy *policy,
                                           int *extract);

/* What ctypes knows of a type, or NULL if it is none of its own. */
static inline TypeInfo *
info_of_type(struct typecheck_module *module, PyObject *type)
{
#if PY_VERSION_HEX >= 0x030D0000
    StgInfo *info = NULL;
    if (PyStgInfo_FromType(module->st, type, &info) < 0) {
        PyErr_Clear();
    }
    return info;
#else
    (void)module;
    return PyType_stgdict(type);
#endif
}

static inline TypeInfo *
info_of_object(struct typecheck_module *module, PyObject *object)
{
    return info_of_type(module, (PyObject *)Py_TYPE(object));
}

/* Which of the six classes a type derives from, NULL if from none: the class
   that gives a type its layout is among its tp_base. Cheaper than asking for
   the classes one by one. */
static inline PyObject *
class_of_data(struct typecheck_module *module, PyTypeObject *type)
{
    PyTypeObject *data = ((PyTypeObject *)module->structure)->tp_base;
    while (type != NULL && type->tp_base != data) {
        type = type->tp_base;
    }
    return (PyObject *)type;
}

static inline int
is_record(struct typecheck_module *module, PyObject *type)
{
    return is_a(type, module->structure) || is_a(type, module->union_);
}

/* ---- typecheck_place.c ---- */

/* The line of a program where something is declared; no code: not known. */
struct place {
    PyObject *code;
    int offset;                 /* of the instruction */
};

/* The line that declares a symbol, and the globals of its frame, borrowed: the
   line that is running or, in a function that got the symbol's name from a
   caller, the caller's. Without a symbol, the line that is running. */
extern struct place _ctypes_typecheck_here(struct typecheck_module *module,
                                           const char *symbol,
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

/* ---- typecheck_claim.c ---- */

/* Types of ctypes, as libffitypecheck is told them. */
struct claim {
    struct typecheck_module *module;
    ftc_claim *claim;
    PyObject *known;            /* type -> number */
};

/* The end has to follow, also where the beginning returned -1. */
extern int _ctypes_typecheck_claim_begin(struct claim *self,
                                         struct typecheck_module *module);
extern void _ctypes_typecheck_claim_end(struct claim *self);

/* What type is in C. What cannot be told is "any". */
extern int _ctypes_typecheck_claim_type(struct claim *self, PyObject *type,
                                        ftc_type_id *id);

/* argtypes is a tuple, or NULL if nothing is said of the arguments; so is
   restype. */
extern int _ctypes_typecheck_claim_function(struct claim *self,
                                            PyObject *argtypes,
                                            PyObject *restype,
                                            ftc_type_id *id);

/* A function with so many parameters that says something of one of them only:
   it is the type, or with address a pointer to it. */
extern int _ctypes_typecheck_claim_argument(struct claim *self, size_t count,
                                            uint32_t flags, size_t index,
                                            PyObject *type, int address,
                                            ftc_type_id *id);

/* What a program declared could not be looked at, or does not make sense. It
   is then as good as not declared, since without type checking nobody would
   have looked: 0. But an interrupt, and having no memory, go on: -1. */
extern int _ctypes_typecheck_let_go(void);

/* The letter of a simple type; 0 if it has none, -1 error. */
extern int _ctypes_typecheck_code(PyObject *type);

/* Whether a simple type has the other byte order than the machine's. */
extern int _ctypes_typecheck_is_swapped(PyObject *type);

/* Whether the class says itself how a parameter is converted: then anything
   may come. */
extern int _ctypes_typecheck_has_own_from_param(PyObject *type);

/* ---- typecheck_class.c ---- */

/* The letter of the simple type for a base type, an enumeration or, as an
   integer, a pointer; 0: none. */
extern char _ctypes_typecheck_simple_code(const ftc_types *types,
                                          const ftc_type *type);

/* The result's type in place of one that was not given; NULL also for the int
   that it would be otherwise. A pointer is an int of full width, never None:
   programs compare it with 0. */
extern PyObject *_ctypes_typecheck_result_class(
    struct typecheck_module *module, const ftc_types *types, ftc_type_id id);

/* ---- typecheck_report.c ---- */

/* The two sides of a declaration, which are set one after the other: the
   arguments and how many there are, and the result. */
enum side { ARGUMENTS, RESULT, SIDES };

/* How what was found is told, and where it was declared. */
struct telling {
    struct typecheck_module *module;
    enum policy policy;
    const struct place *places;     /* of each side; none if not known */
    PyObject *globals;              /* of the running frame, or NULL */
    uint32_t *told;                 /* of each side, what was warned of last */
};

/* Holds the claim of a declaration's type against it, 0 or -1; *out is the
   report, or NULL: a claim that could not be built is none. */
extern int _ctypes_typecheck_check(const ftc_decl *decl, struct claim *claim,
                                   int built, ftc_type_id type,
                                   struct telling *telling,
                                   const ftc_report **out);

/* What a finding says, with the hint behind it if there is one. */
extern PyObject *_ctypes_typecheck_message(const ftc_finding *finding);

/* Raises a TypeError that says in its attributes what the finding says, and
   where the declaration stands, if there is one: place may be NULL. */
extern void _ctypes_typecheck_raise(const ftc_finding *finding,
                                    PyObject *message,
                                    const struct place *place);

/* ---- typecheck_memory.c ---- */

/* What an argument points to, as far as ctypes made it. */
struct memory {
    char *address;
    size_t bytes;               /* that are there, from the address on */
    PyObject *type;             /* of the object at the address, borrowed;
                                   NULL: bytes without a type */
};

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

#pragma GCC visibility pop

#endif /* HAVE_FFITYPECHECK */
#endif
