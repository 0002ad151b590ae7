/* Area:	ffi_typecheck.h
   Purpose:	Without libffitypecheck, nothing is known, and cifs are
		prepared as ever.
   Limitations:	none.
   PR:		none.  */
/* { dg-do run } */
/* { dg-options "-g -rdynamic" } */

#include <dlfcn.h>
#include <sys/resource.h>
#include "typecheck.h"

EXPORTED int
twice (int value)
{
  return 2 * value;
}

int
main (void)
{
  const struct rlimit none = { 0, 0 };
  const ftc_decl *decl = (const ftc_decl *) &none;
  const ftc_report *report = (const ftc_report *) &none;
  ffi_cif cif;
  int value = 21;
  ffi_arg result = 0;
  void *values[] = { &value };
  ffi_type *types[] = { &ffi_type_sint, &ffi_type_sint };

  /* No file can be opened, so no library can be loaded.  */
  CHECK (setrlimit (RLIMIT_NOFILE, &none) == 0);

  CHECK (ffi_describe_symbol (NULL, "twice", &decl) == FTC_ERR_IO);
  CHECK (decl == NULL);
  CHECK (strstr (ftc_last_error_message (), "libffitypecheck") != NULL);
  CHECK (dlerror () == NULL);

  CHECK (ffi_prep_cif_checked (&cif, FFI_DEFAULT_ABI, 1, &ffi_type_sint,
			       types, decl, &report) == FFI_OK);
  CHECK (report == NULL);
  ffi_call (&cif, FFI_FN (twice), &result, values);
  CHECK ((int) result == 42);

  report = (const ftc_report *) &none;
  CHECK (ffi_prep_cif_var_checked (&cif, FFI_DEFAULT_ABI, 1, 2,
				   &ffi_type_sint, types, decl, &report)
	 == FFI_OK);
  CHECK (report == NULL);
  ftc_decl_free (decl);
  ftc_report_free (report);
  return 0;
}
