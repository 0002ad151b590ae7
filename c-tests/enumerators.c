/* Enumerations: the enumerators with their values, below zero and above INT64_MAX, and the underlying integer type.
   */
#include "check.h"

static const ftc_types *types;

static void check(ftc_type_id id, uint32_t index, const char *name, int64_t value, uint64_t flags)
{
	const ftc_enumerator *enumerator = ftc_type_enumerator(types, id, index);
	CHECK_TEXT(enumerator->name, name);
	CHECK_NUMBER(enumerator->value, value);
	CHECK_NUMBER(enumerator->flags, flags);
}

static ftc_type_id result_of(const ftc_decl *decl)
{
	const ftc_type *function = ftc_type_get(ftc_decl_types(decl), ftc_decl_type(decl));
	return ftc_type_get(ftc_decl_types(decl), function->target)->resolved;
}

int main(void)
{
	void *shapes = open_library(FIXTURE("libshapes.so"));
	const ftc_decl *decl = describe(shapes, "next_color");
	types = ftc_decl_types(decl);
	ftc_type_id color = result_of(decl);
	const ftc_type *type = ftc_type_get(types, color);
	CHECK_NUMBER(type->kind, FTC_TYPE_ENUMERATION);
	CHECK_TEXT(type->name, "color");
	CHECK_NUMBER(type->size, sizeof(int));
	CHECK_NUMBER(type->count, 3);
	const ftc_type *underlying = ftc_type_get(types, type->target);
	CHECK_NUMBER(underlying->kind, FTC_TYPE_BASE);
	CHECK_NUMBER(underlying->encoding, FTC_ENCODING_SIGNED);
	check(color, 0, "RED", 0, 0);
	check(color, 1, "GREEN", 5, 0);
	check(color, 2, "BLUE", -7, 0);
	CHECK_NULL(ftc_type_enumerator(types, color, 3), FTC_ERR_INVALID_ARGUMENT, "past the end");
	CHECK_NULL(ftc_type_enumerator(types, type->target, 0), FTC_ERR_INVALID_ARGUMENT, "enumeration");
	ftc_decl_free(decl);

	decl = describe(shapes, "biggest");
	types = ftc_decl_types(decl);
	check(result_of(decl), 0, "NOTHING", 0, 0);
	check(result_of(decl), 1, "EVERYTHING", -1, FTC_ENUMERATOR_UNSIGNED);
	ftc_decl_free(decl);
	dlclose(shapes);
	return check_result();
}
