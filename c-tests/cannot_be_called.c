/* If libffi cannot pass a type, the message says which, and the cif is not changed. */
#include "check.h"

static void check(void *handle, const char *name, ffi_abi abi, ftc_status status, const char *word)
{
	const ftc_decl *decl = describe(handle, name);
	ffi_cif cif, before;
	memset(&cif, 0xa5, sizeof cif);
	before = cif;
	CHECK_ERROR(ftc_decl_prep_cif(decl, &cif, abi), status, word);
	CHECK(memcmp(&cif, &before, sizeof cif) == 0);
	ftc_decl_free(decl);
}

int main(void)
{
	void *shapes = open_library(FIXTURE("libshapes.so"));
	check(shapes, "add_vectors", FFI_DEFAULT_ABI, FTC_ERR_UNSUPPORTED,
	      "add_vectors: the result: libffi has no type for a vector");
	check(shapes, "counter", FFI_DEFAULT_ABI, FTC_ERR_UNSUPPORTED, "counter: it is a variable");
	check(shapes, "length", (ffi_abi)12345, FTC_ERR_INVALID_ARGUMENT, "12345");
	check(shapes, "length", FFI_GNUW64, FTC_ERR_UNSUPPORTED, "ABI");
	dlclose(shapes);
	return check_result();
}
