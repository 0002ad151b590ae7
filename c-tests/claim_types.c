/* The types of a claim, read back with the functions for the types of a library. */
#include "claims.h"

static const ftc_type *get(ftc_type_id id)
{
	return ftc_type_get(claim_types, id);
}

static void spelled(ftc_type_id id, const char *expected)
{
	char buffer[128];
	CHECK_NUMBER(ftc_type_spell(claim_types, id, "x", buffer, sizeof buffer, NULL), FTC_OK);
	CHECK_TEXT(buffer, expected);
}

int main(void)
{
	begin();
	CHECK_NUMBER(get(0)->kind, FTC_TYPE_VOID);
	CHECK_NUMBER(get(type_int)->kind, FTC_TYPE_BASE);
	CHECK_NUMBER(get(type_int)->encoding, FTC_ENCODING_SIGNED);
	CHECK_TEXT(get(type_int)->name, "int");
	CHECK_NUMBER(get(swapped(FTC_ENCODING_UNSIGNED, 4))->flags, FTC_TYPE_FLAG_SWAPPED);
	spelled(type_char, "char x");
	spelled(type_ulong, "unsigned long x");
	spelled(base(FTC_ENCODING_BOOLEAN, 1), "_Bool x");
	spelled(base(FTC_ENCODING_COMPLEX_FLOAT, 8), "_Complex float x");

	ftc_type_id row = array(type_int, 4), matrix = array(row, 3), open = array(type_char, FTC_UNKNOWN_SIZE);
	spelled(matrix, "int x[3][4]");
	CHECK_NUMBER(get(matrix)->size, 48);
	CHECK_NUMBER(get(matrix)->count, 2);
	CHECK(get(open)->size == FTC_UNKNOWN_SIZE);
	ftc_type_id vector = ftc_claim_vector(claim, type_int, 4);
	CHECK_NUMBER(get(vector)->kind, FTC_TYPE_VECTOR);
	CHECK_NUMBER(get(vector)->align, 16);

	/* A record points to itself before it is complete, and what was read of it stays valid. */
	ftc_type_id node = opaque("node"), next = pointer(node);
	const ftc_type before = *get(node);
	CHECK_NUMBER(before.flags, FTC_TYPE_FLAG_INCOMPLETE);
	CHECK(before.size == FTC_UNKNOWN_SIZE);
	complete(node, 24, FIELDS({"next", next, 0}, {"values", array(type_short, 4), 8}, {NULL, type_long, 16}));
	const ftc_type *after = get(node);
	CHECK(before.name == after->name);
	CHECK_TEXT(before.name, "node");
	CHECK_NUMBER(after->kind, FTC_TYPE_STRUCT);
	CHECK_NUMBER(after->flags, 0);
	CHECK_NUMBER(after->count, 3);
	CHECK_NUMBER(after->size, 24);
	CHECK_NUMBER(after->align, 8);
	CHECK_NUMBER(get(next)->target, node);
	const ftc_member *member = ftc_type_member(claim_types, node, 1);
	CHECK_TEXT(member->name, "values");
	CHECK_NUMBER(member->offset, 8);
	member = ftc_type_member(claim_types, node, 2);
	CHECK_TEXT(member->name, NULL);
	spelled(pointer(node), "struct node *x");

	ftc_type_id bits = ftc_claim_record(claim, FTC_TYPE_UNION, NULL);
	CHECK_NUMBER(ftc_claim_bit_field(claim, bits, "low", type_uint, 0, 3), FTC_OK);
	CHECK_NUMBER(ftc_claim_complete(claim, bits, 64, 64), FTC_OK);
	CHECK_NUMBER(get(bits)->kind, FTC_TYPE_UNION);
	CHECK_NUMBER(get(bits)->align, 64);
	member = ftc_type_member(claim_types, bits, 0);
	CHECK_NUMBER(member->flags, FTC_MEMBER_BIT_FIELD);
	CHECK_NUMBER(member->bit_width, 3);

	const char *names[] = {"LOW", "HIGH"};
	int64_t values[] = {0, -1};
	ftc_type_id wide = ftc_claim_enumeration(claim, "wide", type_ulong, 2, names, values);
	CHECK_NUMBER(get(wide)->kind, FTC_TYPE_ENUMERATION);
	CHECK_NUMBER(get(wide)->target, type_ulong);
	const ftc_enumerator *constant = ftc_type_enumerator(claim_types, wide, 1);
	CHECK_TEXT(constant->name, "HIGH");
	CHECK_NUMBER(constant->flags, FTC_ENUMERATOR_UNSIGNED);
	CHECK((uint64_t)constant->value == UINT64_MAX);

	/* Arrays and functions become pointers where they are parameters. */
	ftc_type_id compare = function_type(type_int, TYPES(pointer(node), pointer(node)));
	ftc_type_id function = function_type(0, TYPES(matrix, row, compare));
	spelled(function, "void x(int (*)[4], int *, int (*)(struct node *, struct node *))");
	CHECK_NUMBER(get(function)->flags, FTC_TYPE_FLAG_PROTOTYPED);
	function = ftc_claim_function(claim, type_int, TYPES(pointer(type_char)), FTC_TYPE_FLAG_VARIADIC);
	spelled(function, "int x(char *, ...)");
	function = ftc_claim_function(claim, type_int, NO_TYPES, FTC_TYPE_FLAG_UNPROTOTYPED);
	spelled(function, "int x()");
	CHECK_NUMBER(get(any())->kind, FTC_TYPE_UNKNOWN);
	return end();
}
