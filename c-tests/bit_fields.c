/* Bit-fields: first bit and width. Bits are counted from the least significant bit here, and from the most
   significant bit on s390x. */
#include "check.h"

struct expected {
	const char *name;
	uint64_t offset, bit_offset, bit_width;
	uint32_t flags;
};

/* struct flags { unsigned ready : 1; int level : 5; unsigned long long wide : 40; unsigned char rest; } */
static const struct expected fields[] = {
	{"ready", 0, 0, 1, FTC_MEMBER_BIT_FIELD},
	{"level", 0, 1, 5, FTC_MEMBER_BIT_FIELD},
	{"wide", 0, 6, 40, FTC_MEMBER_BIT_FIELD},
	{"rest", 6, 0, 0, 0},
};

static void check(const char *path)
{
	const ftc_decl *decl = NULL;
	CHECK_NUMBER(describe_in_file(path, "level_of", &decl), FTC_OK);
	const ftc_types *types = ftc_decl_types(decl);
	const ftc_parameter *parameter = ftc_type_parameter(types, ftc_decl_type(decl), 0);
	const ftc_type *pointer = ftc_type_get(types, parameter->type_id);
	ftc_type_id flags = ftc_type_get(types, pointer->target)->resolved;
	const ftc_type *record = ftc_type_get(types, flags);
	CHECK_TEXT(record->name, "flags");
	CHECK_NUMBER(record->size, 8);
	CHECK_NUMBER(record->count, 4);
	for (uint32_t i = 0; i < 4; i++) {
		const ftc_member *member = ftc_type_member(types, flags, i);
		CHECK_TEXT(member->name, fields[i].name);
		CHECK_NUMBER(member->offset, fields[i].offset);
		CHECK_NUMBER(member->bit_offset, fields[i].bit_offset);
		CHECK_NUMBER(member->bit_width, fields[i].bit_width);
		CHECK_NUMBER(member->flags, fields[i].flags);
	}
	ftc_decl_free(decl);
}

int main(void)
{
	check(FIXTURE("libshapes.so"));
	check(FIXTURE("s390x/libshapes.so"));
	return check_result();
}
