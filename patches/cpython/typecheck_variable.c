/* A variable of a library that a program looks at with in_dll: its type is
   held against the library's. */

#include "typecheck_claim.h"

#ifdef HAVE_FFITYPECHECK

int
_ctypes_typecheck_variable(PyObject *type, PyObject *dll, void *handle,
                           const char *name)
{
    struct typecheck_module *module = module_of_type((PyTypeObject *)type);
    enum policy policy;
    int extract;
    const ftc_decl *decl;
    struct claim claim;
    ftc_type_id claimed = FTC_NO_TYPE;

    if (_ctypes_typecheck_policy_of_dll(module, dll, &policy, &extract) < 0) {
        return -1;
    }
    if (policy == POLICY_OFF || !_ctypes_typecheck_load()) {
        return 0;
    }
    Py_BEGIN_ALLOW_THREADS
    _ctypes_typecheck_begin_reading();
    (void)ftc.ffi_describe_symbol(handle, name, &decl);
    _ctypes_typecheck_end_reading();
    Py_END_ALLOW_THREADS
    if (decl == NULL) {
        return 0;
    }
    if (_ctypes_typecheck_claim_begin(&claim, module) == 0) {
        claimed = _ctypes_typecheck_claim_type(&claim, type);
    }
    struct place places[SIDES] = {{NULL, 0}, {NULL, 0}};
    struct telling telling = {module, policy, places, NULL, NULL};
    const ftc_report *report;
    places[ARGUMENTS] = _ctypes_typecheck_here(module, name,
                                               &telling.globals);
    int result = _ctypes_typecheck_check(decl, &claim, claimed, &telling,
                                         &report);
    ftc.ftc_report_free(report);
    _ctypes_typecheck_drop_place(&places[ARGUMENTS]);
    _ctypes_typecheck_claim_end(&claim);
    ftc.ftc_decl_free(decl);
    return result;
}

#endif /* HAVE_FFITYPECHECK */
