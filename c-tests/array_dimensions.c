/* Arrays and vectors: the number of dimensions, and the number of elements in each. */
#include "check.h"

static void check(void *handle, const char *name, uint32_t kind, const char *element, uint32_t count,
		  uint64_t first, uint64_t last)
{
	const ftc_decl *decl = describe(handle, name);
	const ftc_types *types = ftc_decl_types(decl);
	/* An array of constants may be a constant array. */
	ftc_type_id id = ftc_type_resolve(types, ftc_decl_type(decl));
	ftc_type type = {.type_size = sizeof type};
	CHECK_NUMBER(ftc_type_get(types, id, &type), FTC_OK);
	if (type.kind == FTC_TYPE_FUNCTION)
		id = ftc_type_resolve(types, type.target);
	CHECK_NUMBER(ftc_type_get(types, id, &type), FTC_OK);
	CHECK_NUMBER(type.kind, kind);
	CHECK_NUMBER(type.count, count);

	char spelled[64];
	CHECK_NUMBER(ftc_type_spell(types, type.target, NULL, spelled, sizeof spelled, NULL), FTC_OK);
	CHECK_TEXT(spelled, element);
	uint64_t elements = 0;
	CHECK_NUMBER(ftc_type_dimension(types, id, 0, &elements), FTC_OK);
	CHECK_NUMBER(elements, first);
	CHECK_NUMBER(ftc_type_dimension(types, id, count - 1, &elements), FTC_OK);
	CHECK_NUMBER(elements, last);
	CHECK_ERROR(ftc_type_dimension(types, id, count, &elements), FTC_ERR_INVALID_ARGUMENT, "past the end");
	CHECK_NUMBER(elements, last);
	CHECK_ERROR(ftc_type_dimension(types, type.target, 0, &elements), FTC_ERR_INVALID_ARGUMENT, "array");
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
