/* ffi_typecheck.h - functions of libffi that check types.

   libffi has them if it was configured --with-typecheck.  They compare the
   types of a call with the C declaration of the function, which is read from
   the debug information of the function's library.  libffitypecheck does the
   work; libffi loads it when one of them is first called.

   Distributed under the terms of libffi's license, see LICENSE.  */

#ifndef LIBFFI_TYPECHECK_H
#define LIBFFI_TYPECHECK_H

#include <ffi.h>

/* The header of libffitypecheck declares the same functions.  Where it is
   installed, it is used, so that the two never conflict.  */
#ifdef __has_include
# if __has_include (<ffitypecheck.h>)
#  include <ffitypecheck.h>
# endif
#endif

#ifndef FFITYPECHECK_H

#ifdef __cplusplus
extern "C" {
#endif

/* The declaration of a function, and the result of a check.  */
typedef struct ftc_decl ftc_decl;
typedef struct ftc_report ftc_report;

/* FTC_OK, or a negative number.  */
typedef int ftc_status;
#define FTC_OK 0
/* A file could not be opened or read.  libffitypecheck itself may be that
   file.  */
#define FTC_ERR_IO (-5)

/* Describe the symbol NAME.  HANDLE is what dlopen returned, or NULL for the
   global scope.  Free the declaration with ftc_decl_free.  If the status is
   not FTC_OK, the declaration is NULL.  */
FFI_API
ftc_status ffi_describe_symbol (void *handle,
				const char *name,
				const ftc_decl **decl_out);

/* As ffi_prep_cif, if the types fit the declaration.  Otherwise return
   FFI_BAD_ARGTYPE and leave the cif as it is.  If DECL is NULL, nothing is
   known, and the types are not checked.  REPORT_OUT may be NULL.  */
FFI_API
ffi_status ffi_prep_cif_checked (ffi_cif *cif,
				 ffi_abi abi,
				 unsigned int nargs,
				 ffi_type *rtype,
				 ffi_type **atypes,
				 const ftc_decl *decl,
				 const ftc_report **report_out);

/* The same for ffi_prep_cif_var.  */
FFI_API
ffi_status ffi_prep_cif_var_checked (ffi_cif *cif,
				     ffi_abi abi,
				     unsigned int nfixedargs,
				     unsigned int ntotalargs,
				     ffi_type *rtype,
				     ffi_type **atypes,
				     const ftc_decl *decl,
				     const ftc_report **report_out);

/* NULL is allowed.  */
FFI_API void ftc_decl_free (const ftc_decl *decl);
FFI_API void ftc_report_free (const ftc_report *report);

/* What failed last in this thread, or why types did not fit: one sentence.
   It is valid until the next failure in this thread.  */
FFI_API const char *ftc_last_error_message (void);

#ifdef __cplusplus
}
#endif

#endif /* FFITYPECHECK_H */

#endif /* LIBFFI_TYPECHECK_H */
