/* Area:	ffi_typecheck.h
   Purpose:	The fixed arguments of a variadic call are checked.
   Limitations:	Needs libffitypecheck.
   PR:		none.  */
/* { dg-do run } */
/* { dg-options "-g -rdynamic" } */

#include <stdarg.h>
#include "typecheck.h"

EXPORTED int
sum (long count, ...)
{
  va_list more;
  int total = 0;

  va_start (more, count);
  while (count-- > 0)
    total += va_arg (more, int);
  va_end (more);
  return total;
}

int
main (void)
{
  const ftc_decl *decl;
  ffi_cif cif;
  long count = 2;
  int first = 40, second = 2;
  ffi_arg result = 0;
  void *values[] = { &count, &first, &second };
  ffi_type *right[] = { &ffi_type_slong, &ffi_type_sint, &ffi_type_sint };
  ffi_type *wrong[] = { &ffi_type_double, &ffi_type_sint, &ffi_type_sint };

  CHECK (ffi_describe_symbol (NULL, "sum", &decl) == FTC_OK);
  CHECK (ffi_prep_cif_var_checked (&cif, FFI_DEFAULT_ABI, 1, 3,
				   &ffi_type_sint, right, decl, NULL)
	 == FFI_OK);
  ffi_call (&cif, FFI_FN (sum), &result, values);
  CHECK ((int) result == 42);

  CHECK (ffi_prep_cif_var_checked (&cif, FFI_DEFAULT_ABI, 1, 3,
				   &ffi_type_sint, wrong, decl, NULL)
	 == FFI_BAD_ARGTYPE);
  ftc_decl_free (decl);
  return 0;
}
