/* The members of structs and unions: their names, offsets and types. Some are anonymous, flexible or point to the
   record-> */
#include "check.h"

static const ftc_types *types;

static const ftc_type *get(ftc_type_id id)
{
	return ftc_type_get(types, id);
}

static const ftc_member *member(ftc_type_id record, uint32_t index, const char *name, uint64_t offset)
{
	const ftc_member *member = ftc_type_member(types, record, index);
	CHECK_TEXT(member->name, name);
	CHECK_NUMBER(member->offset, offset);
	CHECK_NUMBER(member->flags, 0);
	return member;
}

int main(void)
{
	void *shapes = open_library(FIXTURE("libshapes.so"));
	const ftc_decl *decl = describe(shapes, "walk");
	types = ftc_decl_types(decl);
	const ftc_parameter *first = ftc_type_parameter(types, ftc_decl_type(decl), 0);
	CHECK_TEXT(first->name, "first");

	const ftc_type *pointer = get(first->type_id), *named = get(pointer->target);
	CHECK_NUMBER(pointer->kind, FTC_TYPE_POINTER);
	CHECK_NUMBER(pointer->pointer, FTC_POINTER);
	CHECK_NUMBER(named->kind, FTC_TYPE_TYPEDEF);
	CHECK_TEXT(named->name, "node");
	ftc_type_id node = ftc_type_get(types, pointer->target)->resolved;
	const ftc_type *record = get(node);
	CHECK_NUMBER(record->kind, FTC_TYPE_STRUCT);
	CHECK_TEXT(record->name, "node");
	CHECK_NUMBER(record->size, 88);
	CHECK_NUMBER(record->align, 8);
	CHECK_NUMBER(record->count, 7);
	CHECK_NUMBER(record->flags, 0);

	const ftc_member *next = member(node, 0, "next", 0);
	CHECK_NUMBER(ftc_type_get(types, get(next->type_id)->target)->resolved, node);
	const ftc_type *label = get(member(node, 1, "label", 8)->type_id);
	CHECK_NUMBER(label->kind, FTC_TYPE_QUALIFIED);
	CHECK_NUMBER(label->qualifier, FTC_CONST);
	const ftc_type *opaque = get(get(member(node, 2, "behind", 16)->type_id)->target);
	CHECK_TEXT(opaque->name, "opaque");
	CHECK_NUMBER(opaque->flags, FTC_TYPE_FLAG_INCOMPLETE);
	CHECK(opaque->size == FTC_UNKNOWN_SIZE);

	ftc_type_id anonymous = member(node, 3, NULL, 24)->type_id;
	CHECK_NUMBER(get(anonymous)->kind, FTC_TYPE_UNION);
	CHECK_NUMBER(get(anonymous)->count, 2);
	CHECK_NUMBER(get(anonymous)->size, 8);
	CHECK_TEXT(get(anonymous)->name, NULL);
	member(anonymous, 0, "small", 0);
	member(anonymous, 1, "large", 0);

	CHECK_NUMBER(get(member(node, 4, "matrix", 32)->type_id)->size, 48);
	const ftc_type *visit = get(get(member(node, 5, "visit", 80)->type_id)->target);
	CHECK_NUMBER(visit->kind, FTC_TYPE_FUNCTION);
	CHECK_NUMBER(visit->count, 2);
	CHECK_NUMBER(visit->flags, FTC_TYPE_FLAG_PROTOTYPED);
	uint64_t count = get(member(node, 6, "tail", 88)->type_id)->dimensions[0];
	CHECK(count == FTC_UNKNOWN_SIZE || count == 0);

	CHECK_NULL(ftc_type_member(types, node, 7), FTC_ERR_INVALID_ARGUMENT, "past the end");
	CHECK_NULL(ftc_type_member(types, next->type_id, 0), FTC_ERR_INVALID_ARGUMENT, "struct");
	ftc_decl_free(decl);
	dlclose(shapes);
	return check_result();
}
