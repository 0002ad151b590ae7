/* A declaration owns what it needs. It stays valid after its library is closed and forgotten. */
#include "check.h"

int main(void)
{
	void *shapes = open_library(FIXTURE("libshapes.so"));
	const ftc_decl *decl = describe(shapes, "walk"), *again = describe(shapes, "walk");
	const char *symbol = ftc_decl_symbol(decl);
	ftc_decl_free(again);
	ftc_forget_libraries();
	dlclose(shapes);

	/* Read for the first time now. */
	CHECK_TEXT(ftc_decl_spelling(decl),
		   "int walk(node *first, int (*visit)(const node *, void *), void *context)");
	CHECK_TEXT(ftc_decl_source_file(decl), "fixtures/shapes.c");
	CHECK(ftc_decl_source_line(decl) > 0);
	CHECK_TEXT(ftc_decl_library(decl), FIXTURE("libshapes.so"));
	CHECK(ftc_decl_symbol(decl) == symbol);

	const ftc_types *types = ftc_decl_types(decl);
	const ftc_parameter *parameter = ftc_type_parameter(types, ftc_decl_type(decl), 0);
	ftc_type_id node = ftc_type_get(types, ftc_type_get(types, parameter->type_id)->target)->resolved;
	CHECK_NUMBER(ftc_type_get(types, node)->count, 7);

	ffi_cif cif;
	CHECK_NUMBER(ftc_decl_prep_cif(decl, &cif, FFI_DEFAULT_ABI), FTC_OK);
	CHECK_NUMBER(cif.nargs, 3);
	ftc_decl_free(decl);
	return check_result();
}
