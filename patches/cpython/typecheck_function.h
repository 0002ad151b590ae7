/* What is kept of a function, and what a call works with. */

#ifndef Py_CTYPES_TYPECHECK_FUNCTION_H
#define Py_CTYPES_TYPECHECK_FUNCTION_H

#include "typecheck_claim.h"

#ifdef HAVE_FFITYPECHECK

/* How a Python object becomes an argument. */
enum conversion {
    CONVERT_INTEGER, CONVERT_BOOLEAN, CONVERT_FLOAT, CONVERT_POINTER,
    CONVERT_RECORD
};

/* Memory that an argument may point to: by this type, with as many bytes or
   more, at a multiple of this power of two. */
struct seen {
    int any;
    PyObject *type;             /* NULL: bytes without a type */
    size_t bytes;
    int alignment;
};

/* An argument that is declared so that what it points to is judged at each
   call. */
struct mark {
    unsigned int index;
    PyObject *pointee;          /* of which an instance is passed by address */
    int told;                   /* was warned of */
    struct seen seen;
};

struct parameter {
    enum conversion conversion;
    ftc_type_id pointee;
    uint64_t size;
    /* What fitted last: objects of this type, or their addresses; and whether
       the memory that they point to is still to be judged. */
    PyObject *accepted;
    int accepted_address;
    int at_call;
    struct seen seen;
};

/* What calls take from the library because the program did not declare it, or
   declared it wrongly and it is repaired. Never changed once a function has
   it, but for what a parameter accepted. */
struct learned {
    Py_ssize_t references;
    PyObject *restype;          /* NULL: declared, or an int as ever */
    int gives;                  /* what was read is given as declared */
    struct parameter *parameters;   /* NULL: arguments as ever */
    ffi_cif cif;                /* if there are parameters */
    int variadic;
    char *repaired;             /* of each parameter, whether it is the
                                   library's; NULL: all of them are */
    struct mark *marks;         /* arguments that were declared */
    unsigned int mark_count;
    int only_marks;             /* nothing is taken or given */
    enum policy policy;         /* when it was learned */
};

struct typecheck {
    struct typecheck_module *module;
    void *handle;
    char *name;                 /* NULL: by address */
    enum policy policy;
    int extract;
    int own_policy;             /* the dll's own, not the default */
    int asked;                  /* the declaration was looked for */
    uint32_t told[SIDES];       /* as in struct telling */
    struct place places[SIDES]; /* where argtypes and restype were set */
    const ftc_decl *decl;       /* once there, as long as the function */
    /* argtypes as they were set, in a tuple. Another sequence than a list or
       a tuple is not looked at: it might not survive that. And restype: both
       once more, because other threads may set those of the function. */
    PyObject *argtypes;
    int has_argtypes;
    PyObject *restype;
    struct learned *learned;
    unsigned int changes;       /* how often something was declared */
};

static inline const char *
name_of(const struct typecheck *self)
{
    return self->name != NULL ? self->name : "function";
}

/* What a program declared; the objects are held. */
struct declared {
    int has_argtypes;
    PyObject *argtypes;         /* a tuple; NULL: not to be looked at */
    PyObject *restype;          /* NULL: not given */
    struct place places[SIDES];
    PyObject *globals;          /* if it is being declared now; borrowed */
};

/* One call of _ctypes_typecheck_call. */
struct call {
    PyCFuncPtrObject *function;
    struct typecheck *self;
    struct learned *learned;
    int refused;                /* ours is what stopped it, not the
                                   program's */
    int quiet;                  /* a refusal is not warned of */
    int short_;                 /* what is refused is memory that is too
                                   short */
};

/* ---- typecheck.c ---- */

/* Before the first call: checks what is declared and learns what is not. */
extern int _ctypes_typecheck_settle(PyCFuncPtrObject *function);

/* ---- typecheck_learn.c ---- */

/* What calls of the function take from the library; *out stays NULL if that is
   nothing. */
extern int _ctypes_typecheck_learn(struct typecheck *self,
                                   const ftc_decl *decl,
                                   const struct declared *declared,
                                   const ftc_report *report,
                                   struct learned **out);

extern void _ctypes_typecheck_free_learned(struct learned *learned);

static inline void
hold_learned(struct learned *learned)
{
#ifdef Py_GIL_DISABLED
    _Py_atomic_add_ssize(&learned->references, 1);
#else
    learned->references++;
#endif
}

static inline void
drop_learned(struct learned *learned)
{
    if (learned == NULL) {
        return;
    }
#ifdef Py_GIL_DISABLED
    Py_ssize_t left = _Py_atomic_add_ssize(&learned->references, -1) - 1;
#else
    Py_ssize_t left = --learned->references;
#endif
    if (left <= 0) {
        _ctypes_typecheck_free_learned(learned);
    }
}

/* ---- typecheck_judge.c ---- */

/* Whether the memory of all arguments that are marked passed before, or is not
   known. No code of Python is run. */
extern int _ctypes_typecheck_all_seen(PyCFuncPtrObject *function,
                                      struct learned *learned,
                                      PyObject *arguments);

/* Judges the memory of the arguments that are marked. */
extern int _ctypes_typecheck_judge_marked(struct call *call,
                                          PyObject *arguments);

/* Judges the memory that an argument points to, if it is known, by its type
   or only whether it is enough. What was seen before passes at once. */
extern int _ctypes_typecheck_judge(struct call *call, unsigned int index,
                                   PyObject *argument, PyObject *pointee,
                                   struct seen *seen, int by_type);

/* Judges an argument by its type, or with address as a pointer to that, and
   then the memory of the object; what fitted last passes at once. */
extern int _ctypes_typecheck_fits(struct call *call, unsigned int index,
                                  PyObject *object, PyObject *type,
                                  int address);

/* Raises what makes the call impossible, or warns of it if the policy lets the
   call go on as without type checking. Takes over the message's reference. */
extern int _ctypes_typecheck_refuse(struct call *call,
                                    const ftc_finding *finding,
                                    PyObject *message);

/* Where the arguments were declared; to be dropped. */
extern struct place _ctypes_typecheck_place_of_arguments(struct call *call);

/* ---- typecheck_convert.c ---- */

/* What ctypes passes as the parameter's type: the object itself or a new one,
   which may point into the first. */
extern PyObject *_ctypes_typecheck_convert(struct call *call,
                                           unsigned int index,
                                           PyObject *object);

/* A variadic argument: as without type checking, but with C's promotions: a
   float is a double, and an integer too large for an int is not cut. */
extern PyObject *_ctypes_typecheck_convert_variadic(struct call *call,
                                                    PyObject *object);

#endif /* HAVE_FFITYPECHECK */
#endif
