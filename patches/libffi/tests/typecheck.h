/* What the tests of ffi_typecheck.h share.  */

#include <fficonfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ffi.h>
#include <ffi_typecheck.h>

#define CHECK(x) \
  do { \
    if (!(x)) \
      { \
	printf ("line %d: %s\n%s\n", __LINE__, #x, ftc_last_error_message ()); \
	abort (); \
      } \
  } while (0)

/* The function is called through libffi only.  */
#define EXPORTED __attribute__ ((noinline, used))
