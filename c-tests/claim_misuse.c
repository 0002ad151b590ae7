/* A call that cannot add to a claim returns a status, sets a message and does not change the claim. */
#include "claims.h"

static ftc_type_id last;

/* A call that is refused: it writes no number, and takes none. */
#define REFUSED(call, status, word) \
	do { \
		ftc_type_id id = 4711, next = 0; \
		CHECK_ERROR(call, status, word); \
		CHECK_NUMBER(id, 4711); \
		CHECK_NUMBER(ftc_claim_any(claim, &next), FTC_OK); \
		CHECK_NUMBER(next, ++last); \
	} while (0)
#define INVALID(call, word) REFUSED(call, FTC_ERR_INVALID_ARGUMENT, word)

static void nulls(void)
{
	ftc_type_id id = 0;
	CHECK_ERROR(ftc_claim_new(NULL), FTC_ERR_NULL, "claim_out");
	ftc_claim_free(NULL);
	CHECK(ftc_claim_types(NULL) == NULL);
	CHECK_ERROR(ftc_claim_base(NULL, FTC_ENCODING_SIGNED, 4, 0, &id), FTC_ERR_NULL, "claim");
	CHECK_ERROR(ftc_claim_pointer(NULL, 0, &id), FTC_ERR_NULL, "claim");
	CHECK_ERROR(ftc_claim_array(NULL, 0, 1, &id), FTC_ERR_NULL, "claim");
	CHECK_ERROR(ftc_claim_vector(NULL, 0, 1, &id), FTC_ERR_NULL, "claim");
	CHECK_ERROR(ftc_claim_record(NULL, FTC_TYPE_STRUCT, NULL, &id), FTC_ERR_NULL, "claim");
	CHECK_ERROR(ftc_claim_member(NULL, 0, NULL, 0, 0), FTC_ERR_NULL, "claim");
	CHECK_ERROR(ftc_claim_bit_field(NULL, 0, NULL, 0, 0, 1), FTC_ERR_NULL, "claim");
	CHECK_ERROR(ftc_claim_complete(NULL, 0, 0, 0), FTC_ERR_NULL, "claim");
	CHECK_ERROR(ftc_claim_enumeration(NULL, NULL, 0, 0, NULL, NULL, &id), FTC_ERR_NULL, "claim");
	CHECK_ERROR(ftc_claim_function(NULL, 0, 0, NULL, 0, &id), FTC_ERR_NULL, "claim");
	CHECK_ERROR(ftc_claim_any(NULL, &id), FTC_ERR_NULL, "claim");
	CHECK_ERROR(ftc_claim_ffi_type(NULL, &ffi_type_sint, &id), FTC_ERR_NULL, "claim");

	REFUSED(ftc_claim_base(claim, FTC_ENCODING_SIGNED, 4, 0, NULL), FTC_ERR_NULL, "id_out");
	REFUSED(ftc_claim_pointer(claim, 0, NULL), FTC_ERR_NULL, "id_out");
	REFUSED(ftc_claim_array(claim, type_int, 1, NULL), FTC_ERR_NULL, "id_out");
	REFUSED(ftc_claim_vector(claim, type_int, 4, NULL), FTC_ERR_NULL, "id_out");
	REFUSED(ftc_claim_record(claim, FTC_TYPE_STRUCT, NULL, NULL), FTC_ERR_NULL, "id_out");
	REFUSED(ftc_claim_enumeration(claim, NULL, type_int, 0, NULL, NULL, NULL), FTC_ERR_NULL, "id_out");
	REFUSED(ftc_claim_function(claim, 0, 0, NULL, 0, NULL), FTC_ERR_NULL, "id_out");
	REFUSED(ftc_claim_any(claim, NULL), FTC_ERR_NULL, "id_out");
	REFUSED(ftc_claim_ffi_type(claim, &ffi_type_sint, NULL), FTC_ERR_NULL, "id_out");
	REFUSED(ftc_claim_ffi_type(claim, NULL, &id), FTC_ERR_NULL, "ty");
	REFUSED(ftc_claim_function(claim, 0, 1, NULL, 0, &id), FTC_ERR_NULL, "parameters");
	REFUSED(ftc_claim_enumeration(claim, NULL, type_int, 1, NULL, NULL, &id), FTC_ERR_NULL, "names");
}

static void types(void)
{
	ftc_type_id open = array(type_int, FTC_UNKNOWN_SIZE), function = function_type(type_int, NO_TYPES);
	ftc_type_id foreign = 100000;
	last = function;
	INVALID(ftc_claim_base(claim, FTC_ENCODING_SIGNED, 0, 0, &id), "0 bytes");
	INVALID(ftc_claim_base(claim, FTC_ENCODING_SIGNED, 3, 0, &id), "3 bytes");
	INVALID(ftc_claim_base(claim, FTC_ENCODING_FLOAT, 5, 0, &id), "5 bytes");
	INVALID(ftc_claim_base(claim, FTC_ENCODING_SIGNED_CHAR, 2, 0, &id), "2 bytes");
	INVALID(ftc_claim_base(claim, 0, 4, 0, &id), "no encoding");
	INVALID(ftc_claim_base(claim, 99, 4, 0, &id), "no encoding");
	INVALID(ftc_claim_base(claim, FTC_ENCODING_SIGNED, 4, 1, &id), "flags");
	INVALID(ftc_claim_pointer(claim, foreign, &id), "100000 is no type");
	INVALID(ftc_claim_pointer(claim, UINT32_MAX, &id), "no type");
	INVALID(ftc_claim_array(claim, foreign, 1, &id), "no type");
	INVALID(ftc_claim_array(claim, 0, 1, &id), "void");
	INVALID(ftc_claim_array(claim, open, 1, &id), "unknown length");
	INVALID(ftc_claim_array(claim, function, 1, &id), "function");
	INVALID(ftc_claim_array(claim, type_int, UINT64_MAX / 2, &id), "memory");
	INVALID(ftc_claim_vector(claim, type_int, 3, &id), "vector");
	INVALID(ftc_claim_record(claim, FTC_TYPE_CLASS, NULL, &id), "FTC_TYPE_UNION");
	INVALID(ftc_claim_function(claim, open, NO_TYPES, 0, &id), "cannot return");
	INVALID(ftc_claim_function(claim, 0, TYPES(type_int, 0), 0, &id), "parameter 2 is void");
	INVALID(ftc_claim_function(claim, 0, TYPES(foreign), 0, &id), "no type");
	INVALID(ftc_claim_function(claim, 0, TYPES(type_int), FTC_UNPROTOTYPED, &id), "prototype");
	INVALID(ftc_claim_function(claim, 0, NO_TYPES, 1, &id), "flags");
	INVALID(ftc_claim_enumeration(claim, NULL, type_double, 0, NULL, NULL, &id), "integer");
	const char *names[] = {"A", "A"}, *no_name[] = {NULL};
	int64_t values[] = {1, 300};
	INVALID(ftc_claim_enumeration(claim, NULL, type_int, 2, names, values, &id), "two constants");
	INVALID(ftc_claim_enumeration(claim, NULL, type_uchar, 2, names, values, &id), "fit");
	INVALID(ftc_claim_enumeration(claim, NULL, type_int, 1, no_name, values, &id), "name");
}

static void records(void)
{
	ftc_type_id node = opaque("node"), done = record("done", 4, FIELDS({"a", type_int, 0}));
	CHECK_NUMBER(ftc_claim_member(claim, node, "a", type_int, 4), FTC_OK);
	last = done;
	INVALID(ftc_claim_member(claim, node, "b", node, 0), "not complete");
	INVALID(ftc_claim_array(claim, node, 2, &id), "not complete");
	INVALID(ftc_claim_member(claim, node, "b", 0, 0), "void");
	INVALID(ftc_claim_member(claim, node, "a", type_int, 0), "member 'a'");
	INVALID(ftc_claim_member(claim, node, "b", type_int, UINT64_MAX), "memory");
	INVALID(ftc_claim_member(claim, node, "b", 100000, 0), "no type");
	INVALID(ftc_claim_member(claim, 100000, "b", type_int, 0), "no type");
	INVALID(ftc_claim_member(claim, type_int, "b", type_int, 0), "no struct");
	INVALID(ftc_claim_member(claim, done, "b", type_int, 0), "already");
	INVALID(ftc_claim_bit_field(claim, node, "b", type_int, 0, 0), "1 to 32");
	INVALID(ftc_claim_bit_field(claim, node, "b", type_int, 0, 33), "1 to 32");
	INVALID(ftc_claim_bit_field(claim, node, "b", type_double, 0, 1), "no integer");
	INVALID(ftc_claim_bit_field(claim, node, "b", type_int, UINT64_MAX, 1), "memory");
	INVALID(ftc_claim_complete(claim, node, 7, 0), "'a' ends at byte 8");
	INVALID(ftc_claim_complete(claim, node, 8, 3), "alignment");
	INVALID(ftc_claim_complete(claim, node, 12, 8), "multiple");
	INVALID(ftc_claim_complete(claim, node, UINT64_MAX, 0), "memory");
	INVALID(ftc_claim_complete(claim, done, 4, 0), "already");
	INVALID(ftc_claim_complete(claim, type_int, 4, 0), "no struct");

	/* What was refused left nothing behind. */
	CHECK_NUMBER(ftc_claim_complete(claim, node, 8, 0), FTC_OK);
	ftc_type type = {.type_size = sizeof type};
	CHECK_NUMBER(ftc_type_get(ftc_claim_types(claim), node, &type), FTC_OK);
	CHECK_NUMBER(type.count, 1);
}

static void limits(void)
{
	size_t many = (1 << 20) + 1;
	REFUSED(ftc_claim_function(claim, 0, many, &type_int, 0, &id), FTC_ERR_LIMIT, "parameters");
	const char *name = "A";
	int64_t value = 0;
	REFUSED(ftc_claim_enumeration(claim, NULL, type_int, many, &name, &value, &id), FTC_ERR_LIMIT, "constants");
	ftc_type_id deep = type_int;
	for (int i = 0; i < 64; i++)
		deep = array(deep, 1);
	last = deep;
	REFUSED(ftc_claim_array(claim, deep, 1, &id), FTC_ERR_LIMIT, "dimensions");
}

static void checks(void)
{
	const ftc_decl *decl = describe(library, "date_valid");
	const ftc_types *declared = ftc_decl_types(decl);
	const ftc_report *report = NULL;
	CHECK_ERROR(ftc_check_decl(NULL, claim, type_int, NULL, &report), FTC_ERR_NULL, "decl");
	CHECK_ERROR(ftc_check_decl(decl, NULL, type_int, NULL, &report), FTC_ERR_NULL, "claim");
	CHECK_ERROR(ftc_check_decl(decl, claim, type_int, NULL, NULL), FTC_ERR_NULL, "report_out");
	CHECK_ERROR(ftc_check_decl(decl, claim, 100000, NULL, &report), FTC_ERR_INVALID_ARGUMENT, "no type");
	CHECK_ERROR(ftc_check_type(NULL, 0, claim, 0, NULL, &report), FTC_ERR_NULL, "types");
	CHECK_ERROR(ftc_check_type(declared, 0, NULL, 0, NULL, &report), FTC_ERR_NULL, "claim");
	CHECK_ERROR(ftc_check_type(declared, 0, claim, 0, NULL, NULL), FTC_ERR_NULL, "report_out");
	CHECK_ERROR(ftc_check_type(declared, 100000, claim, 0, NULL, &report), FTC_ERR_INVALID_ARGUMENT, "no type");
	CHECK_ERROR(ftc_check_type(declared, 0, claim, 100000, NULL, &report), FTC_ERR_INVALID_ARGUMENT, "no type");
	CHECK(report == NULL);
	ftc_decl_free(decl);
}

int main(void)
{
	begin();
	last = type_double;
	nulls();
	types();
	records();
	limits();
	checks();
	return end();
}
