/* Wrong arguments of the functions that build a claim. A call that fails does not change the claim. */
#include "claims.h"
#include "wrong_arguments.h"

/* The number of the type that was added last. */
static ftc_type_id last;

static void unchanged(void)
{
	CHECK_NUMBER(any(), ++last);
}

#define INVALID(argument, call, word) \
	do { \
		GIVES_NO_TYPE(argument, call, FTC_ERR_INVALID_ARGUMENT, word); \
		unchanged(); \
	} while (0)
#define INVALID_STEP(argument, call, word) \
	do { \
		REFUSED(argument, call, FTC_ERR_INVALID_ARGUMENT, word); \
		unchanged(); \
	} while (0)
#define IS_NULL(argument, call, word) GIVES_NO_TYPE(argument, call, FTC_ERR_NULL, word)

static void nulls(void)
{
	const ftc_type_id *none = NULL;
	ftc_claim *empty = NULL;
	ALLOWED(void, (empty = ftc_claim_new()) != NULL);
	ftc_claim_free(empty);
	ALLOWED(claim, (ftc_claim_free(NULL), 1));
	ALLOWED(claim, ftc_claim_types(NULL) == NULL);
	IS_NULL(claim, ftc_claim_base(NULL, FTC_ENCODING_SIGNED, 4, 0), "'claim'");
	IS_NULL(claim, ftc_claim_pointer(NULL, 0), "'claim'");
	IS_NULL(claim, ftc_claim_array(NULL, 0, 1), "'claim'");
	IS_NULL(claim, ftc_claim_vector(NULL, 0, 1), "'claim'");
	IS_NULL(claim, ftc_claim_record(NULL, FTC_TYPE_STRUCT, NULL), "'claim'");
	REFUSED(claim, ftc_claim_member(NULL, 0, NULL, 0, 0), FTC_ERR_NULL, "'claim'");
	REFUSED(claim, ftc_claim_bit_field(NULL, 0, NULL, 0, 0, 1), FTC_ERR_NULL, "'claim'");
	REFUSED(claim, ftc_claim_complete(NULL, 0, 0, 0), FTC_ERR_NULL, "'claim'");
	IS_NULL(claim, ftc_claim_enumeration(NULL, NULL, 0, 0, NULL, NULL), "'claim'");
	IS_NULL(claim, ftc_claim_function(NULL, 0, 0, NULL, 0), "'claim'");
	IS_NULL(claim, ftc_claim_any(NULL), "'claim'");
	IS_NULL(claim, ftc_claim_ffi_type(NULL, &ffi_type_sint), "'claim'");
	IS_NULL(ty, ftc_claim_ffi_type(claim, NULL), "'ty'");
	IS_NULL(claim, ftc_claim_parse(NULL, "int"), "'claim'");
	IS_NULL(text, ftc_claim_parse(claim, NULL), "'text'");
	IS_NULL(claim, ftc_claim_import(NULL, claim_types, 0), "'claim'");
	IS_NULL(types, ftc_claim_import(claim, NULL, 0), "'types'");
	IS_NULL(parameters, ftc_claim_function(claim, 0, 1, none, 0), "'parameters'");
	const char *name = "A";
	int64_t value = 0;
	IS_NULL(names, ftc_claim_enumeration(claim, NULL, type_int, 1, NULL, &value), "'names'");
	IS_NULL(values, ftc_claim_enumeration(claim, NULL, type_int, 1, &name, NULL), "'values'");
	unchanged();
}

static void bases(void)
{
	INVALID(encoding, ftc_claim_base(claim, FTC_ENCODING_NONE, 4, 0), "no encoding");
	INVALID(encoding, ftc_claim_base(claim, (ftc_encoding)13, 4, 0), "13 is no encoding");
	INVALID(encoding, ftc_claim_base(claim, (ftc_encoding)UINT32_MAX, 4, 0), "no encoding");
	INVALID(size, ftc_claim_base(claim, FTC_ENCODING_SIGNED, 0, 0), "0 bytes");
	INVALID(size, ftc_claim_base(claim, FTC_ENCODING_SIGNED, 3, 0), "3 bytes");
	INVALID(size, ftc_claim_base(claim, FTC_ENCODING_FLOAT, 5, 0), "5 bytes");
	INVALID(size, ftc_claim_base(claim, FTC_ENCODING_SIGNED_CHAR, 2, 0), "2 bytes");
	for (int i = 0; i < FLAGS; i++)
		if (every_flag[i] != FTC_TYPE_FLAG_SWAPPED)
			INVALID(flags, ftc_claim_base(claim, FTC_ENCODING_SIGNED, 4, every_flag[i]), "flags");
}

static void derived(void)
{
	ftc_type_id open = array(type_int, FTC_UNKNOWN_SIZE), function = function_type(type_int, NO_TYPES);
	ftc_type_id incomplete = opaque("incomplete"), foreign = 100000, kinds = FTC_TYPE_UNKNOWN + 2, deep = type_int;
	last = incomplete;
	INVALID(target, ftc_claim_pointer(claim, foreign), "100000 is no type");
	INVALID(element, ftc_claim_array(claim, foreign, 1), "no type");
	INVALID(element, ftc_claim_array(claim, 0, 1), "void");
	INVALID(element, ftc_claim_array(claim, open, 1), "unknown length");
	INVALID(element, ftc_claim_array(claim, function, 1), "function");
	INVALID(element, ftc_claim_array(claim, incomplete, 2), "not complete");
	INVALID(count, ftc_claim_array(claim, type_int, UINT64_MAX / 2), "memory");
	INVALID(element, ftc_claim_vector(claim, foreign, 4), "no type");
	INVALID(element, ftc_claim_vector(claim, open, 4), "vector");
	INVALID(count, ftc_claim_vector(claim, type_int, 3), "vector");
	for (uint32_t kind = 0; kind < kinds; kind++)
		if (kind != FTC_TYPE_STRUCT && kind != FTC_TYPE_UNION)
			INVALID(kind, ftc_claim_record(claim, (ftc_type_kind)kind, NULL), "FTC_TYPE_UNION");
	ALLOWED(tag, ftc_claim_record(claim, FTC_TYPE_STRUCT, NULL) == ++last);
	for (int i = 0; i < 64; i++)
		deep = array(deep, 1);
	last = deep;
	GIVES_NO_TYPE(element, ftc_claim_array(claim, deep, 1), FTC_ERR_LIMIT, "dimensions");
	unchanged();
}

static void copies(void)
{
	const ftc_decl *decl = describe(library, "date_valid");
	INVALID(types, ftc_claim_import(claim, claim_types, type_int), "the claim itself");
	INVALID(id, ftc_claim_import(claim, ftc_decl_types(decl), 100000), "100000 is no type");
	ftc_decl_free(decl);
}

static void functions(void)
{
	ftc_type_id open = array(type_int, FTC_UNKNOWN_SIZE), foreign = 100000;
	size_t many = (1 << 20) + 1;
	last = open;
	INVALID(result, ftc_claim_function(claim, open, NO_TYPES, 0), "cannot return");
	INVALID(result, ftc_claim_function(claim, foreign, NO_TYPES, 0), "no type");
	INVALID(parameters, ftc_claim_function(claim, 0, TYPES(type_int, 0), 0), "parameter 2 is void");
	INVALID(parameters, ftc_claim_function(claim, 0, TYPES(foreign), 0), "no type");
	GIVES_NO_TYPE(nparameters, ftc_claim_function(claim, 0, many, &type_int, 0), FTC_ERR_LIMIT, "parameters");
	GIVES_NO_TYPE(nparameters, ftc_claim_function(claim, 0, SIZE_MAX, &type_int, 0), FTC_ERR_LIMIT, "parameters");
	INVALID(flags, ftc_claim_function(claim, 0, TYPES(type_int), FTC_TYPE_FLAG_UNPROTOTYPED), "prototype");
	INVALID(flags, ftc_claim_function(claim, 0, NO_TYPES, FTC_TYPE_FLAG_UNPROTOTYPED | FTC_TYPE_FLAG_VARIADIC), "flags");
	const uint32_t known = FTC_TYPE_FLAG_VARIADIC | FTC_TYPE_FLAG_UNPROTOTYPED | FTC_TYPE_FLAG_PROTOTYPED;
	for (int i = 0; i < FLAGS; i++)
		if ((every_flag[i] & known) == 0)
			INVALID(flags, ftc_claim_function(claim, 0, NO_TYPES, every_flag[i]), "flags");
}

static void enumerations(void)
{
	const char *names[] = {"A", "A"}, *no_name[] = {NULL};
	int64_t values[] = {1, 300};
	size_t many = (1 << 20) + 1;
	ALLOWED(tag, ftc_claim_enumeration(claim, NULL, type_int, 1, names, values) == ++last);
	INVALID(underlying, ftc_claim_enumeration(claim, NULL, type_double, 0, NULL, NULL), "integer");
	INVALID(underlying, ftc_claim_enumeration(claim, NULL, 100000, 0, NULL, NULL), "no type");
	INVALID(names, ftc_claim_enumeration(claim, NULL, type_int, 2, names, values), "two constants");
	INVALID(names, ftc_claim_enumeration(claim, NULL, type_int, 1, no_name, values), "name");
	INVALID(values, ftc_claim_enumeration(claim, NULL, type_uchar, 2, names, values), "fit");
	GIVES_NO_TYPE(count, ftc_claim_enumeration(claim, NULL, type_int, many, names, values), FTC_ERR_LIMIT, "constants");
	GIVES_NO_TYPE(count, ftc_claim_enumeration(claim, NULL, type_int, SIZE_MAX, names, values), FTC_ERR_LIMIT, "constants");
	unchanged();
}

static void records(void)
{
	ftc_type_id node = opaque("node"), done = record("done", 4, FIELDS({"a", type_int, 0})), foreign = 100000;
	CHECK_NUMBER(ftc_claim_member(claim, node, "a", type_int, 4), FTC_OK);
	last = done;
	INVALID_STEP(record, ftc_claim_member(claim, foreign, "b", type_int, 0), "no type");
	INVALID_STEP(record, ftc_claim_member(claim, type_int, "b", type_int, 0), "no struct");
	INVALID_STEP(record, ftc_claim_member(claim, done, "b", type_int, 0), "already");
	INVALID_STEP(name, ftc_claim_member(claim, node, "a", type_int, 0), "member 'a'");
	INVALID_STEP(member_type, ftc_claim_member(claim, node, "b", node, 0), "not complete");
	INVALID_STEP(member_type, ftc_claim_member(claim, node, "b", 0, 0), "void");
	INVALID_STEP(member_type, ftc_claim_member(claim, node, "b", foreign, 0), "no type");
	INVALID_STEP(offset, ftc_claim_member(claim, node, "b", type_int, UINT64_MAX), "memory");

	INVALID_STEP(record, ftc_claim_bit_field(claim, foreign, "b", type_int, 0, 1), "no type");
	INVALID_STEP(record, ftc_claim_bit_field(claim, done, "b", type_int, 0, 1), "already");
	INVALID_STEP(name, ftc_claim_bit_field(claim, node, "a", type_int, 0, 1), "member 'a'");
	INVALID_STEP(member_type, ftc_claim_bit_field(claim, node, "b", type_double, 0, 1), "no integer");
	INVALID_STEP(member_type, ftc_claim_bit_field(claim, node, "b", foreign, 0, 1), "no type");
	INVALID_STEP(bit_offset, ftc_claim_bit_field(claim, node, "b", type_int, UINT64_MAX, 1), "memory");
	INVALID_STEP(bit_width, ftc_claim_bit_field(claim, node, "b", type_int, 0, 0), "1 to 32");
	INVALID_STEP(bit_width, ftc_claim_bit_field(claim, node, "b", type_int, 0, 33), "1 to 32");

	INVALID_STEP(record, ftc_claim_complete(claim, foreign, 4, 0), "no type");
	INVALID_STEP(record, ftc_claim_complete(claim, done, 4, 0), "already");
	INVALID_STEP(record, ftc_claim_complete(claim, type_int, 4, 0), "no struct");
	INVALID_STEP(size, ftc_claim_complete(claim, node, 7, 0), "'a' ends at byte 8");
	INVALID_STEP(size, ftc_claim_complete(claim, node, 12, 8), "multiple");
	INVALID_STEP(size, ftc_claim_complete(claim, node, UINT64_MAX, 0), "memory");
	INVALID_STEP(align, ftc_claim_complete(claim, node, 8, 3), "alignment");

	/* What was refused left nothing behind. */
	CHECK_NUMBER(ftc_claim_complete(claim, node, 8, 0), FTC_OK);
	CHECK_NUMBER(ftc_type_get(claim_types, node)->count, 1);
}

int main(void)
{
	begin();
	last = type_double;
	nulls();
	bases();
	derived();
	copies();
	functions();
	enumerations();
	records();
	return end();
}
