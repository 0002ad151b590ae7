/* Complex numbers and long doubles, through cifs that were prepared from the declaration. */
#include <complex.h>

#include "check.h"

static void call(void *handle, const char *name, void *result, void **arguments)
{
	const ftc_decl *decl = describe(handle, name);
	ffi_cif cif;
	CHECK_NUMBER(ftc_decl_prep_cif(decl, &cif, FFI_DEFAULT_ABI), FTC_OK);
	ffi_call(&cif, function(handle, name), result, arguments);
	ftc_decl_free(decl);
}

int main(void)
{
	void *shapes = open_library(FIXTURE("libshapes.so"));
	double complex z = 3 + 4 * I, rotated = 0;
	float complex w = 10 - 1 * I;
	call(shapes, "rotate", &rotated, (void *[]){&z, &w});
	CHECK(creal(rotated) == 6 && cimag(rotated) == 2);

	long double whole = 5, half = 0;
	call(shapes, "halve", &half, (void *[]){&whole});
	CHECK(half == 2.5L);
	dlclose(shapes);
	return check_result();
}
