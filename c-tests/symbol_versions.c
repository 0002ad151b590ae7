/* `name@VERSION` may be another function than `name`. */
#include "check.h"

static void check(void *handle, const char *name, const char *version, const char *spelling)
{
	const ftc_decl *decl = describe(handle, name);
	CHECK_TEXT(ftc_decl_symbol(decl), "answer");
	CHECK_TEXT(ftc_decl_version(decl), version);
	CHECK_TEXT(ftc_decl_spelling(decl), spelling);
	ftc_decl_free(decl);
}

int main(void)
{
	void *handle = open_library(FIXTURE("libversions.so"));
	check(handle, "answer", "SHAPES_2", "double answer(double a, double b)");
	check(handle, "answer@SHAPES_2", "SHAPES_2", "double answer(double a, double b)");
	check(handle, "answer@@SHAPES_2", "SHAPES_2", "double answer(double a, double b)");
	check(handle, "answer@SHAPES_1", "SHAPES_1", "int answer(int a)");

	const ftc_decl *decl = NULL;
	CHECK_ERROR(ffi_describe_symbol(handle, "answer@SHAPES_3", &decl), FTC_ERR_NO_SYMBOL, "answer@SHAPES_3");
	CHECK_NUMBER(describe_in_file(FIXTURE("libversions.so"), "answer@SHAPES_1", &decl), FTC_OK);
	CHECK_TEXT(ftc_decl_spelling(decl), "int answer(int a)");
	ftc_decl_free(decl);
	dlclose(handle);
	return check_result();
}
