/* An ffi_type as a type of a claim, in one call. */
#include "claims.h"

static ftc_type_id from(ffi_type *type)
{
	return ftc_claim_ffi_type(claim, type);
}

static const ftc_type *get(ftc_type_id id)
{
	return ftc_type_get(claim_types, id);
}

static void scalar(ffi_type *type, const char *name)
{
	ftc_type_id id = from(type);
	CHECK_TEXT(ftc_type_spelling(claim_types, id), name);
	if (type != &ffi_type_void)
		CHECK_NUMBER(get(id)->size, type->size);
}

static void member(ftc_type_id record, uint32_t index, uint64_t offset, uint64_t size)
{
	const ftc_member *member = ftc_type_member(claim_types, record, index);
	CHECK_TEXT(member->name, NULL);
	CHECK_NUMBER(member->offset, offset);
	CHECK_NUMBER(get(member->type_id)->size, size);
}

int main(void)
{
	begin();
	scalar(&ffi_type_void, "void");
	scalar(&ffi_type_sint8, "signed char");
	scalar(&ffi_type_uint8, "unsigned char");
	scalar(&ffi_type_sint16, "short");
	scalar(&ffi_type_uint32, "unsigned int");
	scalar(&ffi_type_slong, "long");
	scalar(&ffi_type_float, "float");
	scalar(&ffi_type_double, "double");
	scalar(&ffi_type_longdouble, "long double");
	scalar(&ffi_type_pointer, "void *");
	scalar(&ffi_type_complex_double, "_Complex double");

	/* struct { char; struct { short; double; }; float _Complex }, its sizes not computed yet. */
	ffi_type *inner_elements[] = {&ffi_type_sint16, &ffi_type_double, NULL};
	ffi_type inner = {0, 0, FFI_TYPE_STRUCT, inner_elements};
	ffi_type *outer_elements[] = {&ffi_type_sint8, &inner, &ffi_type_complex_float, NULL};
	ffi_type outer = {0, 0, FFI_TYPE_STRUCT, outer_elements};
	ftc_type_id record = from(&outer);
	CHECK_NUMBER(outer.size, 0);
	CHECK_NUMBER(get(record)->kind, FTC_TYPE_STRUCT);
	CHECK_NUMBER(get(record)->size, 32);
	CHECK_NUMBER(get(record)->align, 8);
	CHECK_NUMBER(get(record)->count, 5);
	member(record, 0, 0, 1);
	member(record, 1, 8, 2);
	member(record, 2, 16, 8);
	member(record, 3, 24, 4);
	member(record, 4, 28, 4);

	/* What it cannot say: a list of elements that does not make the size, and a code that libffi does not have. */
	ffi_type *array_elements[] = {&ffi_type_pointer, &ffi_type_sint8, NULL};
	ffi_type array = {44, 4, FFI_TYPE_STRUCT, array_elements};
	CHECK_NUMBER(get(from(&array))->size, 44);
	ffi_type strange = {4, 4, 99, NULL};
	CHECK_NUMBER(get(from(&strange))->kind, FTC_TYPE_UNKNOWN);
	ffi_type huge = {SIZE_MAX, 1, FFI_TYPE_STRUCT, NULL};
	CHECK_NUMBER(get(from(&huge))->kind, FTC_TYPE_UNKNOWN);

	/* struct date date_next(struct date) */
	ffi_type *date_elements[] = {&ffi_type_sint, &ffi_type_sint, &ffi_type_sint, NULL};
	ffi_type date = {0, 0, FFI_TYPE_STRUCT, date_elements};
	ftc_type_id right = from(&date);
	MATCHES("date_next", function_type(right, TYPES(right)));
	date_elements[1] = &ffi_type_float;
	ftc_type_id wrong = from(&date);
	MISMATCHES("date_next", function_type(right, TYPES(wrong)), "record-bytes", "");
	/* The members have no names, so none can be wrong. */
	MATCHES("date_valid", function_type(type_int, TYPES(pointer(right))));
	MISMATCHES("date_valid", function_type(type_int, TYPES(pointer(wrong))), "pointee-member", "→ (offset 4)");
	return end();
}
