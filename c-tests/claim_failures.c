/* A type that could not be added is FTC_NO_TYPE. It may be used like a type: each call that gets it fails with the error
   of the first call that returned it, so one look at the end is enough. */
#include "claims.h"

/* The calls that get `none` all fail with the first error. */
static void goes_through(ftc_type_id none, ftc_status status, const char *word)
{
	ftc_type_id node = opaque("node");
	const char *name = "A";
	int64_t value = 0;
	CHECK_NO_TYPE(pointer(none), status, word);
	CHECK_NO_TYPE(array(none, 2), status, word);
	CHECK_NO_TYPE(ftc_claim_vector(claim, none, 4), status, word);
	CHECK_NO_TYPE(ftc_claim_enumeration(claim, "e", none, 1, &name, &value), status, word);
	CHECK_NO_TYPE(function_type(none, NO_TYPES), status, word);
	CHECK_NO_TYPE(function_type(0, TYPES(type_int, none)), status, word);
	CHECK_NO_TYPE(function_type(0, TYPES(pointer(array(none, 2)))), status, word);
	CHECK_ERROR(ftc_claim_member(claim, none, "a", type_int, 0), status, word);
	CHECK_ERROR(ftc_claim_member(claim, node, "a", none, 0), status, word);
	CHECK_ERROR(ftc_claim_bit_field(claim, node, "a", none, 0, 1), status, word);
	CHECK_ERROR(ftc_claim_complete(claim, none, 4, 0), status, word);
	/* What was not made wrong still works. */
	CHECK_NUMBER(ftc_claim_member(claim, node, "a", type_int, 0), FTC_OK);
	CHECK_NUMBER(ftc_claim_complete(claim, node, 4, 0), FTC_OK);
	CHECK_NUMBER(ftc_type_get(claim_types, node)->count, 1);
}

int main(void)
{
	begin();
	/* Nothing has failed yet: it is a number like any other that the claim never returned. */
	CHECK_NO_TYPE(pointer(FTC_NO_TYPE), FTC_ERR_INVALID_ARGUMENT, "no type");
	ftc_claim_free(claim);
	claim = NULL;
	dlclose(library);

	begin();
	ftc_type_id first = base(FTC_ENCODING_FLOAT, 5);
	CHECK_NUMBER(first, FTC_NO_TYPE);
	goes_through(first, FTC_ERR_INVALID_ARGUMENT, "5 bytes");
	/* The first error of the claim is reported, also for the result of a later failure, and after other errors. */
	CHECK_NO_TYPE(ftc_claim_ffi_type(claim, NULL), FTC_ERR_NULL, "ty");
	CHECK_NO_TYPE(pointer(100000), FTC_ERR_INVALID_ARGUMENT, "100000");
	goes_through(ftc_claim_ffi_type(claim, NULL), FTC_ERR_INVALID_ARGUMENT, "5 bytes");

	/* A check says so too. */
	const ftc_decl *decl = describe(library, "date_valid");
	const ftc_report *report = NULL;
	ftc_type_id date_valid = function_type(type_int, TYPES(pointer(first)));
	CHECK_ERROR(ftc_check_decl(decl, claim_types, date_valid, NULL, &report), FTC_ERR_INVALID_ARGUMENT, "FTC_NO_TYPE");
	CHECK(report == NULL);
	CHECK_NUMBER(ftc_type_get(claim_types, date_valid)->kind, FTC_TYPE_UNKNOWN);
	ftc_decl_free(decl);

	/* Another claim has its own first error. */
	ftc_claim *other = ftc_claim_new();
	CHECK_NO_TYPE(ftc_claim_pointer(other, 7), FTC_ERR_INVALID_ARGUMENT, "7");
	CHECK_NO_TYPE(ftc_claim_pointer(other, FTC_NO_TYPE), FTC_ERR_INVALID_ARGUMENT, "7 is no type");
	ftc_claim_free(other);
	return end();
}
