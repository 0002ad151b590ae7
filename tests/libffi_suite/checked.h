/* Forced into every program of libffi's test suite (gcc -include): what it asks of libffi goes through checked.c. */
#ifndef CHECKED_H
#define CHECKED_H

#include <ffi.h>

#ifdef __cplusplus
extern "C" {
#endif

ffi_status checked_prep_cif(ffi_cif *cif, ffi_abi abi, unsigned int nargs, ffi_type *rtype, ffi_type **atypes);
ffi_status checked_prep_cif_var(ffi_cif *cif, ffi_abi abi, unsigned int nfixedargs, unsigned int ntotalargs,
                                ffi_type *rtype, ffi_type **atypes);
void checked_call(ffi_cif *cif, void (*fn)(void), void *rvalue, void **avalue);
void checked_call_go(ffi_cif *cif, void (*fn)(void), void *rvalue, void **avalue, void *chain);
ffi_status checked_prep_closure_loc(ffi_closure *closure, ffi_cif *cif,
                                    void (*fun)(ffi_cif *, void *, void **, void *), void *user_data, void *codeloc);

#ifdef __cplusplus
}
#endif

#ifndef CHECKED_C
#define ffi_prep_cif checked_prep_cif
#define ffi_prep_cif_var checked_prep_cif_var
#define ffi_call checked_call
#define ffi_call_go checked_call_go
#define ffi_prep_closure_loc checked_prep_closure_loc
#endif

#endif
