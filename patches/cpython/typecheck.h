/* Type checking against the library's own debug information: see typecheck.c. */

#ifndef Py_CTYPES_TYPECHECK_H
#define Py_CTYPES_TYPECHECK_H

#ifdef HAVE_FFITYPECHECK

/* A function pointer was bound to the symbol of a dll, or, with name NULL, to an address. */
extern int _ctypes_typecheck_bind(PyCFuncPtrObject *self, PyObject *dll,
                                  void *handle, const char *name);

/* argtypes or restype were set: checks those that are. */
extern int _ctypes_typecheck_changed(PyCFuncPtrObject *self);

/* Calls a function whose verdict is not known yet, or that is called with
   the library's own types. */
extern PyObject *_ctypes_typecheck_call(PyCFuncPtrObject *self, PPROC proc,
                                        PyObject *arguments, int flags,
                                        PyObject *converters,
                                        PyObject *restype, PyObject *checker);

/* A variable of a dll that is about to be seen as an instance of type. */
extern int _ctypes_typecheck_variable(PyObject *type, PyObject *dll,
                                      void *handle, const char *name);

extern PyObject *_ctypes_typecheck_declaration(PyCFuncPtrObject *self);
extern int _ctypes_typecheck_traverse(PyCFuncPtrObject *self, visitproc visit,
                                      void *arg);
extern void _ctypes_typecheck_free(PyCFuncPtrObject *self);

/* Adds what the module has of it: functions, and a warning category. */
extern int _ctypes_typecheck_init(PyObject *module);

#if PY_VERSION_HEX >= 0x030D0000
#  define CTYPES_STATE ctypes_state *st,
extern int _ctypes_typecheck_traverse_module(ctypes_state *st, visitproc visit,
                                             void *arg);
extern void _ctypes_typecheck_free_module(ctypes_state *st);
#else
#  define CTYPES_STATE
#endif

/* Of callproc.c. */
extern int _ctypes_call_function_pointer(CTYPES_STATE int flags, PPROC proc, void **values,
                                         ffi_type **types, ffi_type *result,
                                         void *memory, int count, int fixed);
extern PyObject *_ctypes_get_result(CTYPES_STATE PyObject *restype, void *memory,
                                    PyObject *checker);
extern int _ctypes_convert_parameter(CTYPES_STATE PyObject *object, Py_ssize_t index,
                                     ffi_type **type, void *value16,
                                     PyObject **keep);

#endif /* HAVE_FFITYPECHECK */
#endif
