/* Area:	ffi_typecheck.h
   Purpose:	Threads that make the first call at the same time.
   Limitations:	Needs libffitypecheck.
   PR:		none.  */
/* { dg-do run } */
/* { dg-options "-g -rdynamic -pthread" } */

#include <pthread.h>
#include "typecheck.h"

#define THREADS 16

static pthread_barrier_t start;

EXPORTED int
twice (int value)
{
  return 2 * value;
}

static void *
run (void *unused)
{
  const ftc_decl *decl;
  ffi_cif cif;
  ffi_type *right[] = { &ffi_type_sint };
  ffi_type *wrong[] = { &ffi_type_double };

  pthread_barrier_wait (&start);
  CHECK (ffi_describe_symbol (NULL, "twice", &decl) == FTC_OK);
  CHECK (ffi_prep_cif_checked (&cif, FFI_DEFAULT_ABI, 1, &ffi_type_sint,
			       right, decl, NULL) == FFI_OK);
  CHECK (ffi_prep_cif_checked (&cif, FFI_DEFAULT_ABI, 1, &ffi_type_sint,
			       wrong, decl, NULL) == FFI_BAD_ARGTYPE);
  CHECK (strstr (ftc_last_error_message (), "argument 1") != NULL);
  ftc_decl_free (decl);
  return unused;
}

int
main (void)
{
  pthread_t threads[THREADS];
  int i;

  CHECK (pthread_barrier_init (&start, NULL, THREADS) == 0);
  for (i = 0; i < THREADS; i++)
    CHECK (pthread_create (&threads[i], NULL, run, NULL) == 0);
  for (i = 0; i < THREADS; i++)
    CHECK (pthread_join (threads[i], NULL) == 0);
  return 0;
}
