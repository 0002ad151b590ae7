/* Type checking against the library's own debug information: see typecheck.c.
   Included behind ctypes.h. */

#ifndef Py_CTYPES_TYPECHECK_H
#define Py_CTYPES_TYPECHECK_H

#if PY_VERSION_HEX >= 0x030D0000
#  define CTYPES_STATE ctypes_state *st,
#else
#  define CTYPES_STATE
#endif

#ifdef HAVE_FFITYPECHECK

/* A function was bound to the symbol of a dll or, with name NULL, to an
   address. */
extern int _ctypes_typecheck_bind(PyCFuncPtrObject *function, PyObject *dll,
                                  void *handle, const char *name);

/* argtypes or restype are about to be set, or with NULL to be deleted. An
   error means: they stay as they are. */
extern int _ctypes_typecheck_argtypes(PyCFuncPtrObject *function,
                                      PyObject *argtypes);
extern int _ctypes_typecheck_restype(PyCFuncPtrObject *function,
                                     PyObject *restype);

/* Whether calls have to go through _ctypes_typecheck_call: the verdict is not
   known yet, or the library's own types are used. */
#define CTYPES_TYPECHECK_CALLS(function) \
    __atomic_load_n(&(function)->typecheck_calls, __ATOMIC_RELAXED)

extern PyObject *_ctypes_typecheck_call(PyCFuncPtrObject *function,
                                        PPROC proc, PyObject *arguments,
                                        int flags, PyObject *converters,
                                        PyObject *restype, PyObject *checker);

/* A variable of a dll is about to be seen as an instance of type. */
extern int _ctypes_typecheck_variable(PyObject *type, PyObject *dll,
                                      void *handle, const char *name);

extern PyObject *_ctypes_typecheck_declaration(PyCFuncPtrObject *function);

extern int _ctypes_typecheck_traverse(PyCFuncPtrObject *function,
                                      visitproc visit, void *arg);
extern void _ctypes_typecheck_clear(PyCFuncPtrObject *function);
#define CTYPES_TYPECHECK_VISIT(function) \
    do { \
        int vret = _ctypes_typecheck_traverse((function), visit, arg); \
        if (vret) { \
            return vret; \
        } \
    } while (0)

/* Adds to the module what it has of this: functions, a warning category. */
extern int _ctypes_typecheck_init(PyObject *module);

#  if PY_VERSION_HEX >= 0x030D0000
extern int _ctypes_typecheck_traverse_module(ctypes_state *st,
                                             visitproc visit, void *arg);
extern void _ctypes_typecheck_clear_module(ctypes_state *st);
extern void _ctypes_typecheck_free_module(ctypes_state *st);
#  endif

#else /* !HAVE_FFITYPECHECK */

#  define _ctypes_typecheck_bind(function, dll, handle, name) 0
#  define _ctypes_typecheck_argtypes(function, argtypes) 0
#  define _ctypes_typecheck_restype(function, restype) 0
#  define CTYPES_TYPECHECK_CALLS(function) 0
#  define _ctypes_typecheck_call(function, proc, arguments, flags, \
                                 converters, restype, checker) NULL
#  define _ctypes_typecheck_variable(type, dll, handle, name) 0
#  define CTYPES_TYPECHECK_VISIT(function) ((void)0)
#  define _ctypes_typecheck_clear(function) ((void)0)
#  define _ctypes_typecheck_init(module) 0
#  define _ctypes_typecheck_traverse_module(st, visit, arg) 0
#  define _ctypes_typecheck_clear_module(st) ((void)0)
#  define _ctypes_typecheck_free_module(st) ((void)0)

#endif /* HAVE_FFITYPECHECK */
#endif
