/* The handle NULL is the global scope: the definitions of the program and of the libraries that it was linked with.
   */
#include "check.h"

int own_function(short a, float b);
int own_function(short a, float b)
{
	return a + (int)b;
}

int main(void)
{
	const ftc_decl *decl = describe(NULL, "own_function");
	CHECK_TEXT(ftc_decl_spelling(decl), "int own_function(short a, float b)");
	CHECK(strstr(ftc_decl_library(decl), "describe_global_scope") != NULL);
	ftc_decl_free(decl);

	decl = describe(RTLD_DEFAULT, "own_function");
	ftc_decl_free(decl);

	/* A library that was opened for itself is not in the global scope, one opened RTLD_GLOBAL is. */
	void *shapes = open_library(FIXTURE("libshapes.so"));
	CHECK_ERROR(ffi_describe_symbol(NULL, "scale", &decl), FTC_ERR_NO_SYMBOL, "scale");
	CHECK(dlopen(FIXTURE("libshapes.so"), RTLD_NOW | RTLD_GLOBAL) == shapes);
	decl = describe(NULL, "scale");
	CHECK_TEXT(ftc_decl_library(decl), FIXTURE("libshapes.so"));
	ftc_decl_free(decl);

	/* Whom RTLD_NEXT follows cannot be known. */
	CHECK_ERROR(ffi_describe_symbol(RTLD_NEXT, "scale", &decl), FTC_ERR_INVALID_ARGUMENT, "RTLD_NEXT");
	return check_result();
}
