/* What the files typecheck*.c share. What is told libffitypecheck is in
   typecheck_claim.h; what is kept of a function, and what a call works with,
   in typecheck_function.h. */

#ifndef Py_CTYPES_TYPECHECK_PRIVATE_H
#define Py_CTYPES_TYPECHECK_PRIVATE_H

#ifndef Py_BUILD_CORE_BUILTIN
#  define Py_BUILD_CORE_MODULE 1
#endif

#include "Python.h"
#include <ffi.h>
#include "ctypes.h"
#include "typecheck.h"

#ifdef HAVE_FFITYPECHECK

#include "typecheck_library.h"

/* ---- typecheck_module.c ---- */

/* What the module keeps for type checking. */
struct typecheck_module {
    ctypes_state *st;
    /* The default: a policy, times two, and whether what is not declared is
       taken from the library. One number, which threads change and read. */
    int setting;
    PyObject *warning_category;
    /* The classes that say what a type is. */
    PyObject *structure, *union_, *array, *pointer, *simple, *function;
    PyObject *dunder_name, *policy_name;    /* "__name__", "_typecheck" */
};

/* The module that a type of ctypes belongs to. */
static inline struct typecheck_module *
module_of_type(PyTypeObject *type)
{
    return get_module_state_by_def(Py_TYPE(type))->typecheck;
}

/* ---- typecheck_policy.c ---- */

enum policy {
    POLICY_OFF, POLICY_WARN, POLICY_REPAIR, POLICY_ERROR, POLICY_EARLY
};

/* Whether what does not agree is refused, at the call if not before. */
static inline int
refuses(enum policy policy)
{
    return policy >= POLICY_ERROR;
}

/* The default policy, and whether what is not declared is taken from the
   library. */
extern void _ctypes_typecheck_setting(struct typecheck_module *module,
                                      enum policy *policy, int *extract);
extern void _ctypes_typecheck_set_setting(struct typecheck_module *module,
                                          enum policy policy, int extract);

/* The setting that holds at the start. */
extern void _ctypes_typecheck_first_setting(struct typecheck_module *module);

/* A setting as a str, and the other way round: 0, or -1 with an exception. */
extern PyObject *_ctypes_typecheck_policy_text(enum policy policy,
                                               int extract);
extern int _ctypes_typecheck_policy_from(PyObject *object,
                                         enum policy *policy, int *extract);

/* The policy of a dll: its _typecheck attribute, 1. 0: it has none, and the
   default is filled in. */
extern int _ctypes_typecheck_policy_of_dll(struct typecheck_module *module,
                                           PyObject *dll, enum policy *policy,
                                           int *extract);

/* ---- typecheck_type.c ---- */

/* What ctypes knows of a type, or NULL if it is none of its own. */
static inline StgInfo *
info_of_type(struct typecheck_module *module, PyObject *type)
{
    StgInfo *info = NULL;
    if (PyStgInfo_FromType(module->st, type, &info) < 0) {
        PyErr_Clear();
    }
    return info;
}

static inline StgInfo *
info_of_object(struct typecheck_module *module, PyObject *object)
{
    return info_of_type(module, (PyObject *)Py_TYPE(object));
}

static inline int
is_a(PyObject *type, PyObject *base)
{
    return PyType_Check(type)
           && PyType_IsSubtype((PyTypeObject *)type, (PyTypeObject *)base);
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

/* An attribute that is a number which is not negative: 0, or -1. */
extern int _ctypes_typecheck_size(PyObject *object, const char *name,
                                  Py_ssize_t *out);

/* The letter of a simple type; 0 if it has none, -1 error. */
extern int _ctypes_typecheck_code(PyObject *type);

/* Whether a simple type has the other byte order than the machine's. */
extern int _ctypes_typecheck_is_swapped(PyObject *type);

/* Whether the class says itself how a parameter is converted: then anything
   may come. */
extern int _ctypes_typecheck_has_own_from_param(PyObject *type);

/* What a program declared could not be looked at, or does not make sense. It
   is then as good as not declared, since without type checking nobody would
   have looked: 0. But an interrupt, and having no memory, go on: -1. */
extern int _ctypes_typecheck_let_go(void);

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

struct claim;

/* Holds the claim of a declaration's type against it, 0 or -1; *out is the
   report, or NULL: with FTC_NO_TYPE there is no claim. */
extern int _ctypes_typecheck_check(const ftc_decl *decl, struct claim *claim,
                                   ftc_type_id type, struct telling *telling,
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

#endif /* HAVE_FFITYPECHECK */
#endif
