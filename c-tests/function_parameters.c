/* Functions: parameters with names and types, the result, variadic or not, prototyped or not. */
#include "check.h"

static ftc_type function_type(const ftc_decl *decl)
{
	ftc_type type = {.type_size = sizeof type};
	CHECK_NUMBER(ftc_type_get(ftc_decl_types(decl), ftc_decl_type(decl), &type), FTC_OK);
	CHECK_NUMBER(type.kind, FTC_TYPE_FUNCTION);
	return type;
}

static void check(void *handle, const char *name, uint32_t flags, uint32_t count)
{
	const ftc_decl *decl = describe(handle, name);
	ftc_type type = function_type(decl);
	CHECK_NUMBER(type.flags, flags);
	CHECK_NUMBER(type.count, count);
	ftc_parameter past = {.type_size = sizeof past};
	CHECK_ERROR(ftc_type_parameter(ftc_decl_types(decl), ftc_decl_type(decl), count, &past),
		    FTC_ERR_INVALID_ARGUMENT, "past the end");
	CHECK_ERROR(ftc_type_parameter(ftc_decl_types(decl), 0, 0, &past), FTC_ERR_INVALID_ARGUMENT, "function");
	ftc_decl_free(decl);
}

int main(void)
{
	void *shapes = open_library(FIXTURE("libshapes.so"));
	check(shapes, "store", FTC_PROTOTYPED, 2);
	check(shapes, "biggest", FTC_PROTOTYPED, 0);
	check(shapes, "sum", FTC_PROTOTYPED | FTC_VARIADIC, 1);
	check(shapes, "old_style", 0, 2);

	const ftc_decl *decl = describe(shapes, "minus");
	const ftc_types *types = ftc_decl_types(decl);
	static const struct {
		const char *name;
		uint32_t encoding;
		uint64_t size;
	} expected[] = {{"a", FTC_ENCODING_SIGNED_CHAR, 1}, {"b", FTC_ENCODING_SIGNED, 2}};
	for (uint32_t i = 0; i < 2; i++) {
		ftc_parameter parameter = {.type_size = sizeof parameter};
		ftc_type type = {.type_size = sizeof type};
		CHECK_NUMBER(ftc_type_parameter(types, ftc_decl_type(decl), i, &parameter), FTC_OK);
		CHECK_TEXT(parameter.name, expected[i].name);
		CHECK_NUMBER(parameter.flags, 0);
		CHECK_NUMBER(ftc_type_get(types, parameter.parameter_type, &type), FTC_OK);
		CHECK_NUMBER(type.kind, FTC_TYPE_BASE);
		CHECK_NUMBER(type.variant, expected[i].encoding);
		CHECK_NUMBER(type.size, expected[i].size);
		CHECK_NUMBER(type.align, expected[i].size);
	}
	ftc_decl_free(decl);

	/* The result of store is number 0, which is void in every table. */
	decl = describe(shapes, "store");
	ftc_type result = {.type_size = sizeof result};
	CHECK_NUMBER(function_type(decl).target, 0);
	CHECK_NUMBER(ftc_type_get(ftc_decl_types(decl), 0, &result), FTC_OK);
	CHECK_NUMBER(result.kind, FTC_TYPE_VOID);
	/* A number that the table never gave. */
	CHECK_NUMBER(ftc_type_get(ftc_decl_types(decl), 123456789, &result), FTC_OK);
	CHECK_NUMBER(result.kind, FTC_TYPE_UNKNOWN);
	CHECK(result.name != NULL && result.size == FTC_UNKNOWN_SIZE);
	ftc_decl_free(decl);
	dlclose(shapes);
	return check_result();
}
