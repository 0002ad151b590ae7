/* Types of ctypes, as libffitypecheck is told them: a claim. */

#ifndef Py_CTYPES_TYPECHECK_CLAIM_H
#define Py_CTYPES_TYPECHECK_CLAIM_H

#include "typecheck_private.h"

#ifdef HAVE_FFITYPECHECK

struct claim {
    struct typecheck_module *module;
    ftc_claim *claim;
    const ftc_types *types;     /* of the claim */
    PyObject *known;            /* type -> number */
};

/* A function that claims a type returns its number. FTC_NO_TYPE, and -1: there
   is no claim to be had, with an exception set, or without one where
   libffitypecheck refused. */

/* ---- typecheck_claim.c ---- */

/* The end has to follow, also where the beginning returned -1. */
extern int _ctypes_typecheck_claim_begin(struct claim *self,
                                         struct typecheck_module *module);
extern void _ctypes_typecheck_claim_end(struct claim *self);

/* What type is in C. What cannot be told is "any". */
extern ftc_type_id _ctypes_typecheck_claim_type(struct claim *self,
                                                PyObject *type);

/* argtypes is a tuple, or NULL if nothing is said of the arguments; so is
   restype. */
extern ftc_type_id _ctypes_typecheck_claim_function(struct claim *self,
                                                    PyObject *argtypes,
                                                    PyObject *restype);

/* A function with so many parameters that says something of one of them only:
   it is the type, or with address a pointer to it. */
extern ftc_type_id _ctypes_typecheck_claim_argument(struct claim *self,
                                                    size_t count,
                                                    uint32_t flags,
                                                    size_t index,
                                                    PyObject *type,
                                                    int address);

/* Keeps the number of a type for the next time that it is met, and returns
   it. */
extern ftc_type_id _ctypes_typecheck_claim_remember(struct claim *self,
                                                    PyObject *type,
                                                    ftc_type_id id);

/* ---- typecheck_claim_record.c ---- */

/* A structure or union. It is remembered before its members, which may point
   to it. */
extern ftc_type_id _ctypes_typecheck_claim_record(struct claim *self,
                                                  PyObject *type);

#endif /* HAVE_FFITYPECHECK */
#endif
