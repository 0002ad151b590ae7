/* Functions: parameters with names and types, the result, variadic or not, prototyped or not. */
#include "check.h"

static const ftc_type *function_type(const ftc_decl *decl)
{
	const ftc_type *type = ftc_type_get(ftc_decl_types(decl), ftc_decl_type(decl));
	CHECK_NUMBER(type->kind, FTC_TYPE_FUNCTION);
	return type;
}

static void check(void *handle, const char *name, uint32_t flags, uint32_t count)
{
	const ftc_decl *decl = describe(handle, name);
	const ftc_type *type = function_type(decl);
	CHECK_NUMBER(type->flags, flags);
	CHECK_NUMBER(type->count, count);
	CHECK_NULL(ftc_type_parameter(ftc_decl_types(decl), ftc_decl_type(decl), count),
		    FTC_ERR_INVALID_ARGUMENT, "past the end");
	CHECK_NULL(ftc_type_parameter(ftc_decl_types(decl), 0, 0), FTC_ERR_INVALID_ARGUMENT, "function");
	ftc_decl_free(decl);
}

int main(void)
{
	void *shapes = open_library(FIXTURE("libshapes.so"));
	check(shapes, "store", FTC_TYPE_FLAG_PROTOTYPED, 2);
	check(shapes, "biggest", FTC_TYPE_FLAG_PROTOTYPED, 0);
	check(shapes, "sum", FTC_TYPE_FLAG_PROTOTYPED | FTC_TYPE_FLAG_VARIADIC, 1);
	check(shapes, "old_style", 0, 2);

	const ftc_decl *decl = describe(shapes, "minus");
	const ftc_types *types = ftc_decl_types(decl);
	static const struct {
		const char *name;
		uint32_t encoding;
		uint64_t size;
	} expected[] = {{"a", FTC_ENCODING_SIGNED_CHAR, 1}, {"b", FTC_ENCODING_SIGNED, 2}};
	for (uint32_t i = 0; i < 2; i++) {
		const ftc_parameter *parameter = ftc_type_parameter(types, ftc_decl_type(decl), i);
		CHECK_TEXT(parameter->name, expected[i].name);
		CHECK_NUMBER(parameter->flags, 0);
		const ftc_type *type = ftc_type_get(types, parameter->type_id);
		CHECK_NUMBER(type->kind, FTC_TYPE_BASE);
		CHECK_NUMBER(type->encoding, expected[i].encoding);
		CHECK_NUMBER(type->size, expected[i].size);
		CHECK_NUMBER(type->align, expected[i].size);
	}
	ftc_decl_free(decl);

	/* The result of store is number 0, which is void in every table. */
	decl = describe(shapes, "store");
	CHECK_NUMBER(function_type(decl)->target, 0);
	const ftc_type *result = ftc_type_get(ftc_decl_types(decl), 0);
	CHECK_NUMBER(result->kind, FTC_TYPE_VOID);
	/* A number that the table never gave. */
	result = ftc_type_get(ftc_decl_types(decl), 123456789);
	CHECK_NUMBER(result->kind, FTC_TYPE_UNKNOWN);
	CHECK(result->reason != NULL && result->size == FTC_UNKNOWN_SIZE);
	ftc_decl_free(decl);
	dlclose(shapes);
	return check_result();
}
