/* Members by name: also those of anonymous structs and unions, with their offsets in the outermost record, which are
   compared with the compiler's. The types are this program's own. */
#include <stddef.h>

#include "claims.h"

struct outer {
	char tag;
	struct {
		short first;
		union {
			int integer;
			float real;
			struct {
				char deep;
				double deepest;
			};
		};
	};
	unsigned int low : 3;
	struct {
		unsigned int nibble : 4;
		unsigned int five : 5;
	};
	struct {
		int hidden;
	} named;
	int last;
};

static const ftc_types *types;
static ftc_type_id outer;

static void at(const char *name, size_t offset, const char *type)
{
	const ftc_member *member = ftc_type_find_member(types, outer, name);
	CHECK_TEXT(member->name, name);
	CHECK_NUMBER(member->offset, offset);
	CHECK_NUMBER(member->flags, 0);
	CHECK_TEXT(ftc_type_spelling(types, member->type_id), type);
	CHECK(ftc_type_find_member(types, outer, name) == member);
}

/* `ones` has all bits of one bit-field set, and no others. */
static void bits(const char *name, const struct outer *ones)
{
	const unsigned char *bytes = (const unsigned char *)ones;
	size_t first = 0, width = 0;
	for (size_t bit = 0; bit < sizeof *ones * 8; bit++)
		if (bytes[bit / 8] >> bit % 8 & 1) {
			first = width == 0 ? bit : first;
			width++;
		}
	const ftc_member *member = ftc_type_find_member(types, outer, name);
	CHECK_NUMBER(member->flags, FTC_MEMBER_BIT_FIELD);
	CHECK_NUMBER(member->bit_offset, first);
	CHECK_NUMBER(member->bit_width, width);
	CHECK_NUMBER(member->offset, first / 8);
}

static void of_a_claim(void)
{
	ftc_type_id inside = record(NULL, 8, FIELDS({"a", type_int, 0}, {"b", type_int, 4}));
	ftc_type_id around = record("around", 16, FIELDS({NULL, inside, 4}, {NULL, type_int, 12}, {"c", type_int, 0}));
	CHECK_NUMBER(ftc_type_find_member(claim_types, around, "b")->offset, 8);
	CHECK_NUMBER(ftc_type_find_member(claim_types, inside, "b")->offset, 4);
	CHECK_NUMBER(ftc_type_find_member(claim_types, around, "c")->offset, 0);
	CHECK_NULL(ftc_type_find_member(claim_types, around, "d"), FTC_ERR_INVALID_ARGUMENT, "no member 'd'");
}

int main(void)
{
	begin();
	void *program = dlopen(NULL, RTLD_NOW);
	const ftc_decl *decl = NULL;
	CHECK_NUMBER(ftc_describe_type(program, "struct outer", 0, &decl, NULL), FTC_OK);
	types = ftc_decl_types(decl);
	outer = ftc_decl_type(decl);
	CHECK_NUMBER(ftc_type_get(types, outer)->size, sizeof(struct outer));
	at("tag", offsetof(struct outer, tag), "char");
	at("first", offsetof(struct outer, first), "short");
	at("integer", offsetof(struct outer, integer), "int");
	at("real", offsetof(struct outer, real), "float");
	at("deep", offsetof(struct outer, deep), "char");
	at("deepest", offsetof(struct outer, deepest), "double");
	at("last", offsetof(struct outer, last), "int");

	struct outer ones;
	memset(&ones, 0, sizeof ones);
	ones.low = 7;
	bits("low", &ones);
	memset(&ones, 0, sizeof ones);
	ones.nibble = 15;
	bits("nibble", &ones);
	memset(&ones, 0, sizeof ones);
	ones.five = 31;
	bits("five", &ones);

	/* Not those of a member that has a name. */
	CHECK_NULL(ftc_type_find_member(types, outer, "hidden"), FTC_ERR_INVALID_ARGUMENT, "no member 'hidden'");
	ftc_type_id named = ftc_type_find_member(types, outer, "named")->type_id;
	CHECK_NUMBER(ftc_type_find_member(types, named, "hidden")->offset, 0);
	of_a_claim();
	ftc_decl_free(decl);
	dlclose(program);
	return end();
}
