/* Several variadic calls, each through a cif with the types of its arguments. */
#include "check.h"

int main(void)
{
	void *shapes = open_library(FIXTURE("libshapes.so")), *libc = open_library("libc.so.6");

	const ftc_decl *decl = describe(shapes, "sum");
	ffi_cif cif;
	int count = 3, a = 20, b = 30, c = -8;
	ffi_sarg sum = 0;
	ffi_type *integers[] = {&ffi_type_sint, &ffi_type_sint, &ffi_type_sint};
	CHECK_NUMBER(ftc_decl_prep_cif_var(decl, &cif, FFI_DEFAULT_ABI, 3, integers), FTC_OK);
	/* The list was copied. */
	integers[0] = integers[1] = integers[2] = NULL;
	ffi_call(&cif, function(shapes, "sum"), &sum, (void *[]){&count, &a, &b, &c});
	CHECK_NUMBER((int)sum, 42);

	/* Without variadic arguments, both ways are alike. */
	count = 0;
	CHECK_NUMBER(ftc_decl_prep_cif(decl, &cif, FFI_DEFAULT_ABI), FTC_OK);
	ffi_call(&cif, function(shapes, "sum"), &sum, (void *[]){&count});
	CHECK_NUMBER((int)sum, 0);
	CHECK_NUMBER(ftc_decl_prep_cif_var(decl, &cif, FFI_DEFAULT_ABI, 0, NULL), FTC_OK);
	ffi_call(&cif, function(shapes, "sum"), &sum, (void *[]){&count});
	CHECK_NUMBER((int)sum, 0);
	ftc_decl_free(decl);

	/* x86-64 is told the number of vector registers. */
	decl = describe(shapes, "total");
	double d = 0.5, e = 0.25, total = 0;
	count = 2;
	ffi_type *doubles[] = {&ffi_type_double, &ffi_type_double};
	CHECK_NUMBER(ftc_decl_prep_cif_var(decl, &cif, FFI_DEFAULT_ABI, 2, doubles), FTC_OK);
	ffi_call(&cif, function(shapes, "total"), &total, (void *[]){&count, &d, &e});
	CHECK(total == 0.75);
	ftc_decl_free(decl);

	decl = describe(libc, "snprintf");
	char buffer[64], *where = buffer;
	size_t size = sizeof buffer;
	const char *format = "%s %d %.2f", *text = "one";
	int number = 2;
	double real = 3.25;
	ffi_type *types[] = {&ffi_type_pointer, &ffi_type_sint, &ffi_type_double};
	ffi_sarg written = 0;
	CHECK_NUMBER(ftc_decl_prep_cif_var(decl, &cif, FFI_DEFAULT_ABI, 3, types), FTC_OK);
	ffi_call(&cif, function(libc, "snprintf"), &written, (void *[]){&where, &size, &format, &text, &number, &real});
	CHECK_TEXT(buffer, "one 2 3.25");
	CHECK_NUMBER((int)written, 10);

	/* Refused: unpromoted, and to a function that is not variadic. */
	ffi_cif before = cif;
	ffi_type *narrow[] = {&ffi_type_float, &ffi_type_sshort, &ffi_type_uchar};
	for (int i = 0; i < 3; i++)
		CHECK_ERROR(ftc_decl_prep_cif_var(decl, &cif, FFI_DEFAULT_ABI, 1, &narrow[i]), FTC_ERR_INVALID_ARGUMENT,
			    "argument 4");
	CHECK_ERROR(ftc_decl_prep_cif_var(decl, &cif, FFI_DEFAULT_ABI, 1, NULL), FTC_ERR_NULL, "variadic_types");
	ftc_decl_free(decl);
	decl = describe(shapes, "store");
	CHECK_ERROR(ftc_decl_prep_cif_var(decl, &cif, FFI_DEFAULT_ABI, 1, types), FTC_ERR_INVALID_ARGUMENT, "variadic");
	ftc_decl_free(decl);
	CHECK(memcmp(&cif, &before, sizeof cif) == 0);
	dlclose(libc);
	dlclose(shapes);
	return check_result();
}
