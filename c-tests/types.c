/* A declaration's types, walked from parameter to member. */
#include "check.h"

static ftc_type get(const ftc_types *types, ftc_type_id id)
{
	ftc_type type = {.type_size = sizeof type};
	CHECK_STATUS(ftc_type_get(types, id, &type), FTC_OK);
	return type;
}

int main(int count, char **arguments)
{
	(void)count;
	void *fixture = opened(in(arguments[1], "libfixture.so"));
	const ftc_decl *decl = described(fixture, "each");
	const ftc_types *types = ftc_decl_types(decl);
	ftc_type function = get(types, ftc_decl_type(decl));
	CHECK(function.kind == FTC_TYPE_FUNCTION && function.count == 4);
	CHECK(function.flags == FTC_PROTOTYPED);
	CHECK_TEXT(get(types, function.target).name, "int");

	/* struct mixed *list */
	ftc_parameter parameter = {.type_size = sizeof parameter};
	CHECK_STATUS(ftc_type_parameter(types, ftc_decl_type(decl), 0, &parameter), FTC_OK);
	CHECK_TEXT(parameter.name, "list");
	ftc_type pointer = get(types, parameter.parameter_type);
	CHECK(pointer.kind == FTC_TYPE_POINTER && pointer.variant == FTC_POINTER && pointer.size == 8);
	ftc_type record = get(types, pointer.target);
	CHECK(record.kind == FTC_TYPE_STRUCT && record.count == 6 && record.size == 80 && record.align == 8);
	CHECK_TEXT(record.name, "mixed");
	const struct {
		const char *name;
		uint64_t offset, bit_offset, bit_width;
		uint32_t kind;
	} expected[] = {
		{"tag", 0, 0, 0, FTC_TYPE_BASE},       {"number", 8, 0, 0, FTC_TYPE_UNION},
		{"low", 16, 128, 3, FTC_TYPE_BASE},    {"high", 16, 131, 9, FTC_TYPE_BASE},
		{"corner", 20, 0, 0, FTC_TYPE_ARRAY},  {"next", 72, 0, 0, FTC_TYPE_POINTER},
	};
	for (uint32_t i = 0; i < record.count; i++) {
		ftc_member member = {.type_size = sizeof member};
		CHECK_STATUS(ftc_type_member(types, pointer.target, i, &member), FTC_OK);
		CHECK_TEXT(member.name, expected[i].name);
		CHECK(member.offset == expected[i].offset);
		CHECK(member.bit_offset == expected[i].bit_offset && member.bit_width == expected[i].bit_width);
		CHECK((member.flags == FTC_BIT_FIELD) == (expected[i].bit_width != 0));
		CHECK(get(types, member.member_type).kind == expected[i].kind);
		if (expected[i].kind == FTC_TYPE_ARRAY) {
			uint64_t rows, columns;
			CHECK_STATUS(ftc_type_dimension(types, member.member_type, 0, &rows), FTC_OK);
			CHECK_STATUS(ftc_type_dimension(types, member.member_type, 1, &columns), FTC_OK);
			CHECK(rows == 2 && columns == 3 && get(types, member.member_type).size == 48);
			CHECK_STATUS(ftc_type_dimension(types, member.member_type, 2, &rows), FTC_ERR_INVALID_ARGUMENT);
		}
		if (strcmp(expected[i].name, "next") == 0)
			CHECK(get(types, member.member_type).target == pointer.target);
	}

	/* enum colour colour */
	CHECK_STATUS(ftc_type_parameter(types, ftc_decl_type(decl), 1, &parameter), FTC_OK);
	ftc_type_id colour = ftc_type_resolve(types, parameter.parameter_type);
	CHECK(get(types, colour).kind == FTC_TYPE_ENUMERATION && get(types, colour).count == 3);
	const int64_t values[] = {0, 200, -5};
	for (uint32_t i = 0; i < 3; i++) {
		ftc_enumerator enumerator = {.type_size = sizeof enumerator};
		CHECK_STATUS(ftc_type_enumerator(types, colour, i, &enumerator), FTC_OK);
		CHECK(enumerator.value == values[i] && enumerator.flags == 0);
	}

	/* int (*visit)(struct mixed *, void *), spelled into buffers that are too small and large enough. */
	CHECK_STATUS(ftc_type_parameter(types, ftc_decl_type(decl), 2, &parameter), FTC_OK);
	char small[4], large[64];
	size_t length;
	CHECK_STATUS(ftc_type_spell(types, parameter.parameter_type, "visit", large, sizeof large, &length), FTC_OK);
	CHECK_TEXT(large, "int (*visit)(struct mixed *, void *)");
	CHECK(length == strlen(large));
	CHECK_STATUS(ftc_type_spell(types, parameter.parameter_type, NULL, small, sizeof small, &length), FTC_OK);
	CHECK_TEXT(small, "int");
	CHECK(length == strlen("int (*)(struct mixed *, void *)"));

	/* Wrong numbers, kinds and sizes. */
	ftc_member member = {.type_size = sizeof member};
	CHECK(get(types, 4000000000u).kind == FTC_TYPE_UNKNOWN);
	CHECK_STATUS(ftc_type_member(types, pointer.target, 6, &member), FTC_ERR_INVALID_ARGUMENT);
	CHECK_STATUS(ftc_type_member(types, colour, 0, &member), FTC_ERR_INVALID_ARGUMENT);
	member.type_size = 0;
	CHECK_STATUS(ftc_type_member(types, pointer.target, 0, &member), FTC_ERR_INVALID_ARGUMENT);
	struct {
		ftc_type known;
		uint64_t future;
	} newer = {.known.type_size = sizeof newer, .future = 99};
	CHECK_STATUS(ftc_type_get(types, colour, &newer.known), FTC_OK);
	CHECK(newer.future == 0 && newer.known.kind == FTC_TYPE_ENUMERATION);
	ftc_decl_free(decl);
	dlclose(fixture);
	ftc_forget_libraries();
	return check_failures != 0;
}
