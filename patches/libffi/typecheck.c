/* typecheck.c - functions that check types.  libffitypecheck implements
   them; it is loaded when one of them is first called.  Only built if
   libffi is configured --with-typecheck.

   Distributed under the terms of libffi's license, see LICENSE.  */

#include <fficonfig.h>
#include <dlfcn.h>
#include <stddef.h>
#include <ffi.h>
#include <ffi_typecheck.h>

#define LIBRARY "libffitypecheck.so.0"

/* Its address stands for a function that libffitypecheck does not have.  */
static char missing;

/* The function NAME of libffitypecheck, or NULL.  Threads that are here at
   the same time get the same result.  There is no lock: a constructor may
   call these functions while its thread holds the lock of the loader.  */

static void *
find (void **known, const char *name, void *own)
{
  void *function = __atomic_load_n (known, __ATOMIC_ACQUIRE);

  if (function == NULL)
    {
      void *handle = dlopen (LIBRARY, RTLD_NOW | RTLD_LOCAL);
      if (handle != NULL)
	function = dlsym (handle, name);
      /* dlsym also searches what that library depends on, so libffi.  */
      if (function == NULL || function == own)
	{
	  function = &missing;
	  (void) dlerror ();
	}
      __atomic_store_n (known, function, __ATOMIC_RELEASE);
    }
  return function == &missing ? NULL : function;
}

#define FIND(known, name) \
  ((__typeof__ (&name)) find (&known, #name, (void *) &name))

ftc_status
ffi_describe_symbol (void *handle, const char *name, const ftc_decl **decl_out)
{
  static void *known;
  __typeof__ (&ffi_describe_symbol) describe
    = FIND (known, ffi_describe_symbol);

  if (describe != NULL)
    return describe (handle, name, decl_out);
  if (decl_out != NULL)
    *decl_out = NULL;
  return FTC_ERR_IO;
}

ffi_status
ffi_prep_cif_checked (ffi_cif *cif, ffi_abi abi, unsigned int nargs,
		      ffi_type *rtype, ffi_type **atypes,
		      const ftc_decl *decl, const ftc_report **report_out)
{
  static void *known;
  __typeof__ (&ffi_prep_cif_checked) prep
    = FIND (known, ffi_prep_cif_checked);

  if (prep != NULL)
    return prep (cif, abi, nargs, rtype, atypes, decl, report_out);
  if (report_out != NULL)
    *report_out = NULL;
  return ffi_prep_cif (cif, abi, nargs, rtype, atypes);
}

ffi_status
ffi_prep_cif_var_checked (ffi_cif *cif, ffi_abi abi, unsigned int nfixedargs,
			  unsigned int ntotalargs, ffi_type *rtype,
			  ffi_type **atypes, const ftc_decl *decl,
			  const ftc_report **report_out)
{
  static void *known;
  __typeof__ (&ffi_prep_cif_var_checked) prep
    = FIND (known, ffi_prep_cif_var_checked);

  if (prep != NULL)
    return prep (cif, abi, nfixedargs, ntotalargs, rtype, atypes, decl,
		 report_out);
  if (report_out != NULL)
    *report_out = NULL;
  return ffi_prep_cif_var (cif, abi, nfixedargs, ntotalargs, rtype, atypes);
}

void
ftc_decl_free (const ftc_decl *decl)
{
  static void *known;
  __typeof__ (&ftc_decl_free) release = FIND (known, ftc_decl_free);

  if (release != NULL)
    release (decl);
}

void
ftc_report_free (const ftc_report *report)
{
  static void *known;
  __typeof__ (&ftc_report_free) release = FIND (known, ftc_report_free);

  if (release != NULL)
    release (report);
}

const char *
ftc_last_error_message (void)
{
  static void *known;
  __typeof__ (&ftc_last_error_message) message
    = FIND (known, ftc_last_error_message);

  return message != NULL ? message () : LIBRARY " cannot be loaded";
}
