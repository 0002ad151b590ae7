/* Area:	ffi_typecheck.h
   Purpose:	Right types are accepted, wrong types are refused.
   Limitations:	Needs libffitypecheck.
   PR:		none.  */
/* { dg-do run } */
/* { dg-options "-g -rdynamic" } */

#include "typecheck.h"

EXPORTED double
scale (double value, int factor)
{
  return value * factor;
}

int
main (void)
{
  const ftc_decl *decl;
  const ftc_report *report;
  ffi_cif cif, before;
  double value = 1.25, result = 0;
  int factor = 4;
  void *values[] = { &value, &factor };
  ffi_type *right[] = { &ffi_type_double, &ffi_type_sint };
  ffi_type *narrow[] = { &ffi_type_float, &ffi_type_sint };

  CHECK (ffi_describe_symbol (NULL, "scale", &decl) == FTC_OK);
  CHECK (decl != NULL);

  CHECK (ffi_prep_cif_checked (&cif, FFI_DEFAULT_ABI, 2, &ffi_type_double,
			       right, decl, &report) == FFI_OK);
  CHECK (report != NULL);
  ftc_report_free (report);
  ffi_call (&cif, FFI_FN (scale), &result, values);
  CHECK (result == 5.0);

  before = cif;
  CHECK (ffi_prep_cif_checked (&cif, FFI_DEFAULT_ABI, 2, &ffi_type_double,
			       narrow, decl, NULL) == FFI_BAD_ARGTYPE);
  CHECK (strstr (ftc_last_error_message (), "argument 1") != NULL);
  CHECK (memcmp (&cif, &before, sizeof cif) == 0);

  CHECK (ffi_prep_cif_checked (&cif, FFI_DEFAULT_ABI, 1, &ffi_type_double,
			       right, decl, NULL) == FFI_BAD_ARGTYPE);
  CHECK (ffi_prep_cif_checked (&cif, FFI_DEFAULT_ABI, 2, &ffi_type_sint,
			       right, decl, NULL) == FFI_BAD_ARGTYPE);
  CHECK (ffi_prep_cif_checked (&cif, 9999, 2, &ffi_type_double,
			       right, decl, NULL) == FFI_BAD_ABI);

  /* Without a declaration nothing is checked.  */
  CHECK (ffi_prep_cif_checked (&cif, FFI_DEFAULT_ABI, 2, &ffi_type_sint,
			       narrow, NULL, NULL) == FFI_OK);
  ftc_decl_free (decl);

  CHECK (ffi_describe_symbol (NULL, "no such symbol", &decl) != FTC_OK);
  CHECK (decl == NULL);
  ftc_decl_free (NULL);
  ftc_report_free (NULL);
  return 0;
}
