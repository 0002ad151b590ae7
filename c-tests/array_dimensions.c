/* Arrays and vectors: the number of dimensions, and the number of elements in each. */
#include "check.h"

static void check(void *handle, const char *name, uint32_t kind, const char *element, uint32_t count,
		  uint64_t first, uint64_t last)
{
	const ftc_decl *decl = describe(handle, name);
	const ftc_types *types = ftc_decl_types(decl);
	/* An array of constants may be a constant array. */
	ftc_type_id id = ftc_type_get(types, ftc_decl_type(decl))->resolved;
	const ftc_type *type = ftc_type_get(types, id);
	if (type->kind == FTC_TYPE_FUNCTION)
		id = ftc_type_get(types, type->target)->resolved;
	type = ftc_type_get(types, id);
	CHECK_NUMBER(type->kind, kind);
	CHECK_NUMBER(type->count, count);
	CHECK_NUMBER(type->dimensions[0], first);
	CHECK_NUMBER(type->dimensions[count - 1], last);
	CHECK_TEXT(ftc_type_spelling(types, type->target), element);
	CHECK(ftc_type_get(types, type->target)->dimensions == NULL);
	ftc_decl_free(decl);
}

int main(void)
{
	void *shapes = open_library(FIXTURE("libshapes.so"));
	check(shapes, "table", FTC_TYPE_ARRAY, "const unsigned short", 2, 2, 3);
	check(shapes, "roots", FTC_TYPE_ARRAY, "struct node *", 1, 4, 4);
	check(shapes, "add_vectors", FTC_TYPE_VECTOR, "int", 1, 4, 4);
	dlclose(shapes);
	return check_result();
}
