/* Type checking against the library's own debug information: see typecheck.c.
   Included behind ctypes.h. */

#ifndef Py_CTYPES_TYPECHECK_H
#define Py_CTYPES_TYPECHECK_H

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

/* An int that other threads may read or write at the same time. */
#ifdef Py_GIL_DISABLED
#  define CTYPES_LOAD_INT(place) _Py_atomic_load_int_relaxed(&(place))
#  define CTYPES_STORE_INT(place, value) \
    _Py_atomic_store_int_relaxed(&(place), (value))
#else
#  define CTYPES_LOAD_INT(place) (place)
#  define CTYPES_STORE_INT(place, value) ((place) = (value))
#endif

/* Whether calls have to go through _ctypes_typecheck_call: the verdict is not
   known yet, or the library's own types are used. */
#define CTYPES_TYPECHECK_CALLS(function) \
    CTYPES_LOAD_INT((function)->typecheck_calls)

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

/* What the module's state keeps of this; NULL: nothing yet. */
struct typecheck_module;
extern int _ctypes_typecheck_traverse_module(struct typecheck_module *self,
                                             visitproc visit, void *arg);
extern void _ctypes_typecheck_clear_module(struct typecheck_module *self);
extern void _ctypes_typecheck_free_module(struct typecheck_module *self);

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
#  define _ctypes_typecheck_traverse_module(self, visit, arg) 0
#  define _ctypes_typecheck_clear_module(self) ((void)0)
#  define _ctypes_typecheck_free_module(self) ((void)0)

#endif /* HAVE_FFITYPECHECK */
#endif
