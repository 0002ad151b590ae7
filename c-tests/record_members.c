/* The members of structs and unions: their names, offsets and types. Some are anonymous, flexible or point to the
   record. */
#include "check.h"

static const ftc_types *types;

static ftc_type get(ftc_type_id id)
{
	ftc_type type = {.type_size = sizeof type};
	CHECK_NUMBER(ftc_type_get(types, id, &type), FTC_OK);
	return type;
}

static ftc_member member(ftc_type_id record, uint32_t index, const char *name, uint64_t offset)
{
	ftc_member member = {.type_size = sizeof member};
	CHECK_NUMBER(ftc_type_member(types, record, index, &member), FTC_OK);
	CHECK_TEXT(member.name, name);
	CHECK_NUMBER(member.offset, offset);
	CHECK_NUMBER(member.flags, 0);
	return member;
}

int main(void)
{
	void *shapes = open_library(FIXTURE("libshapes.so"));
	const ftc_decl *decl = describe(shapes, "walk");
	types = ftc_decl_types(decl);
	ftc_parameter first = {.type_size = sizeof first};
	CHECK_NUMBER(ftc_type_parameter(types, ftc_decl_type(decl), 0, &first), FTC_OK);
	CHECK_TEXT(first.name, "first");

	ftc_type pointer = get(first.parameter_type), named = get(pointer.target);
	CHECK_NUMBER(pointer.kind, FTC_TYPE_POINTER);
	CHECK_NUMBER(pointer.variant, FTC_POINTER);
	CHECK_NUMBER(named.kind, FTC_TYPE_TYPEDEF);
	CHECK_TEXT(named.name, "node");
	ftc_type_id node = ftc_type_resolve(types, pointer.target);
	ftc_type record = get(node);
	CHECK_NUMBER(record.kind, FTC_TYPE_STRUCT);
	CHECK_TEXT(record.name, "node");
	CHECK_NUMBER(record.size, 88);
	CHECK_NUMBER(record.align, 8);
	CHECK_NUMBER(record.count, 7);
	CHECK_NUMBER(record.flags, 0);

	ftc_member next = member(node, 0, "next", 0);
	CHECK_NUMBER(ftc_type_resolve(types, get(next.member_type).target), node);
	ftc_type label = get(member(node, 1, "label", 8).member_type);
	CHECK_NUMBER(label.kind, FTC_TYPE_QUALIFIED);
	CHECK_NUMBER(label.variant, FTC_CONST);
	ftc_type opaque = get(get(member(node, 2, "behind", 16).member_type).target);
	CHECK_TEXT(opaque.name, "opaque");
	CHECK_NUMBER(opaque.flags, FTC_INCOMPLETE);
	CHECK(opaque.size == FTC_UNKNOWN_SIZE);

	ftc_type_id anonymous = member(node, 3, NULL, 24).member_type;
	CHECK_NUMBER(get(anonymous).kind, FTC_TYPE_UNION);
	CHECK_NUMBER(get(anonymous).count, 2);
	CHECK_NUMBER(get(anonymous).size, 8);
	CHECK_TEXT(get(anonymous).name, NULL);
	member(anonymous, 0, "small", 0);
	member(anonymous, 1, "large", 0);

	CHECK_NUMBER(get(member(node, 4, "matrix", 32).member_type).size, 48);
	ftc_type visit = get(get(member(node, 5, "visit", 80).member_type).target);
	CHECK_NUMBER(visit.kind, FTC_TYPE_FUNCTION);
	CHECK_NUMBER(visit.count, 2);
	CHECK_NUMBER(visit.flags, FTC_PROTOTYPED);
	uint64_t count = 0;
	ftc_type_id tail = member(node, 6, "tail", 88).member_type;
	CHECK_NUMBER(ftc_type_dimension(types, tail, 0, &count), FTC_OK);
	CHECK(count == FTC_UNKNOWN_SIZE || count == 0);

	ftc_member past = {.type_size = sizeof past};
	CHECK_ERROR(ftc_type_member(types, node, 7, &past), FTC_ERR_INVALID_ARGUMENT, "past the end");
	CHECK_ERROR(ftc_type_member(types, next.member_type, 0, &past), FTC_ERR_INVALID_ARGUMENT, "struct");
	ftc_decl_free(decl);
	dlclose(shapes);
	return check_result();
}
