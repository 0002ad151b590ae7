/* Wrong arguments of the functions that prepare cifs. The cif is not written. */
#include "wrong_arguments.h"

static ffi_cif cif, before;

static void prepared(void *shapes)
{
	const ftc_decl *length = describe(shapes, "length"), *sum = describe(shapes, "sum");
	const ftc_decl *counter = describe(shapes, "counter"), *other = NULL;
	CHECK_NUMBER(describe_in_file(FIXTURE("s390x/libshapes.so"), "length", &other), FTC_OK);
	REFUSED(decl, ftc_decl_prep_cif(NULL, &cif, FFI_DEFAULT_ABI), FTC_ERR_NULL, "'decl'");
	REFUSED(decl, ftc_decl_prep_cif(counter, &cif, FFI_DEFAULT_ABI), FTC_ERR_UNSUPPORTED, "variable");
	REFUSED(decl, ftc_decl_prep_cif(other, &cif, FFI_DEFAULT_ABI), FTC_ERR_UNSUPPORTED, "machine");
	REFUSED(cif, ftc_decl_prep_cif(length, NULL, FFI_DEFAULT_ABI), FTC_ERR_NULL, "'cif'");
	REFUSED(abi, ftc_decl_prep_cif(length, &cif, (ffi_abi)12345), FTC_ERR_INVALID_ARGUMENT, "12345");
	REFUSED(abi, ftc_decl_prep_cif(length, &cif, FFI_GNUW64), FTC_ERR_UNSUPPORTED, "ABI");

	ffi_type *one[] = {&ffi_type_sint}, *null[] = {NULL}, *narrow[] = {&ffi_type_float};
	REFUSED(decl, ftc_decl_prep_cif_var(NULL, &cif, FFI_DEFAULT_ABI, 1, one), FTC_ERR_NULL, "'decl'");
	REFUSED(decl, ftc_decl_prep_cif_var(length, &cif, FFI_DEFAULT_ABI, 1, one), FTC_ERR_INVALID_ARGUMENT, "variadic");
	REFUSED(decl, ftc_decl_prep_cif_var(counter, &cif, FFI_DEFAULT_ABI, 0, NULL), FTC_ERR_UNSUPPORTED, "variable");
	REFUSED(cif, ftc_decl_prep_cif_var(sum, NULL, FFI_DEFAULT_ABI, 1, one), FTC_ERR_NULL, "'cif'");
	REFUSED(abi, ftc_decl_prep_cif_var(sum, &cif, (ffi_abi)12345, 1, one), FTC_ERR_INVALID_ARGUMENT, "12345");
	REFUSED(nvariadic, ftc_decl_prep_cif_var(sum, &cif, FFI_DEFAULT_ABI, SIZE_MAX, one), FTC_ERR_INVALID_ARGUMENT,
		"memory");
	REFUSED(variadic_types, ftc_decl_prep_cif_var(sum, &cif, FFI_DEFAULT_ABI, 1, NULL), FTC_ERR_NULL, "'variadic_types'");
	REFUSED(variadic_types, ftc_decl_prep_cif_var(sum, &cif, FFI_DEFAULT_ABI, 1, null), FTC_ERR_INVALID_ARGUMENT,
		"argument 2 is NULL");
	REFUSED(variadic_types, ftc_decl_prep_cif_var(sum, &cif, FFI_DEFAULT_ABI, 1, narrow), FTC_ERR_INVALID_ARGUMENT,
		"float");

	const ftc_types *types = ftc_decl_types(other);
	REFUSED(types, ftc_type_prep_cif(types, ftc_decl_type(other), &cif, FFI_DEFAULT_ABI), FTC_ERR_UNSUPPORTED, "machine");
	GIVES_NULL(types, ftc_type_ffi(types, ftc_type_parameter(types, ftc_decl_type(other), 0)->type_id),
		   FTC_ERR_UNSUPPORTED, "machine");
	ftc_decl_free(other);
	ftc_decl_free(counter);
	ftc_decl_free(sum);
	ftc_decl_free(length);
}

static void of_types(void *shapes)
{
	const ftc_decl *vectors = describe(shapes, "add_vectors"), *open = describe(shapes, "unprototyped");
	const ftc_decl *length = describe(shapes, "length");
	const ftc_types *types = ftc_decl_types(vectors), *plain = ftc_decl_types(length);
	ftc_type_id function = ftc_decl_type(vectors), vector = ftc_type_get(types, function)->target;
	GIVES_NULL(types, ftc_type_ffi(NULL, vector), FTC_ERR_NULL, "'types'");
	GIVES_NULL(id, ftc_type_ffi(types, vector), FTC_ERR_UNSUPPORTED, "vector");
	ALLOWED(id, ftc_type_ffi(types, 0)->type == FFI_TYPE_VOID);
	GIVES_NULL(id, ftc_type_ffi(types, 100000), FTC_ERR_UNSUPPORTED, "");
	GIVES_NULL(id, ftc_type_ffi(types, FTC_NO_TYPE), FTC_ERR_UNSUPPORTED, "");

	REFUSED(types, ftc_type_prep_cif(NULL, function, &cif, FFI_DEFAULT_ABI), FTC_ERR_NULL, "'types'");
	REFUSED(id, ftc_type_prep_cif(types, function, &cif, FFI_DEFAULT_ABI), FTC_ERR_UNSUPPORTED, "vector");
	REFUSED(id, ftc_type_prep_cif(types, vector, &cif, FFI_DEFAULT_ABI), FTC_ERR_INVALID_ARGUMENT, "function");
	REFUSED(id, ftc_type_prep_cif(types, 0, &cif, FFI_DEFAULT_ABI), FTC_ERR_INVALID_ARGUMENT, "function");
	REFUSED(id, ftc_type_prep_cif(types, FTC_NO_TYPE, &cif, FFI_DEFAULT_ABI), FTC_ERR_INVALID_ARGUMENT, "function");
	REFUSED(id, ftc_type_prep_cif(ftc_decl_types(open), ftc_decl_type(open), &cif, FFI_DEFAULT_ABI),
		FTC_ERR_UNSUPPORTED, "prototype");
	REFUSED(cif, ftc_type_prep_cif(plain, ftc_decl_type(length), NULL, FFI_DEFAULT_ABI), FTC_ERR_NULL, "'cif'");
	REFUSED(abi, ftc_type_prep_cif(plain, ftc_decl_type(length), &cif, (ffi_abi)12345), FTC_ERR_INVALID_ARGUMENT, "12345");
	REFUSED(abi, ftc_type_prep_cif(plain, ftc_decl_type(length), &cif, FFI_GNUW64), FTC_ERR_UNSUPPORTED, "ABI");
	ftc_decl_free(length);
	ftc_decl_free(open);
	ftc_decl_free(vectors);
}

/* These return a status of libffi. A mismatch and an ABI that libffi does not have come with a report. */
#define BAD_TYPE(argument, call, word) ROW(call, FFI_BAD_TYPEDEF, FTC_ERR_NULL, word)
#define BAD_ELEMENT(argument, call, word) ROW(call, FFI_BAD_TYPEDEF, FTC_ERR_INVALID_ARGUMENT, word)
#define JUDGED(argument, call, result, expected) \
	do { \
		before_row(); \
		CHECK_NUMBER(call, result); \
		CHECK_NUMBER(ftc_report_verdict(report_out), expected); \
		ftc_report_free(report_out); \
	} while (0)
#define ABI FFI_DEFAULT_ABI

static void checked(const ftc_decl *decl)
{
	ffi_type *size = &ffi_type_ulong, *pointer[] = {&ffi_type_pointer, &ffi_type_sint}, *null[] = {NULL}, *wrong[] = {size};
	BAD_TYPE(cif, ffi_prep_cif_checked(NULL, ABI, 1, size, pointer, decl, &report_out), "'cif'");
	BAD_TYPE(rtype, ffi_prep_cif_checked(&cif, ABI, 1, NULL, pointer, decl, &report_out), "'rtype'");
	BAD_TYPE(atypes, ffi_prep_cif_checked(&cif, ABI, 1, size, NULL, decl, &report_out), "'atypes'");
	BAD_ELEMENT(atypes, ffi_prep_cif_checked(&cif, ABI, 1, size, null, decl, &report_out), "argument 1");
	BAD_TYPE(report_out, ffi_prep_cif_checked(NULL, ABI, 1, size, pointer, decl, NULL), "'cif'");
	BAD_TYPE(cif, ffi_prep_cif_var_checked(NULL, ABI, 1, 1, size, pointer, decl, &report_out), "'cif'");
	BAD_TYPE(rtype, ffi_prep_cif_var_checked(&cif, ABI, 1, 1, NULL, pointer, decl, &report_out), "'rtype'");
	BAD_TYPE(atypes, ffi_prep_cif_var_checked(&cif, ABI, 1, 1, size, NULL, decl, &report_out), "'atypes'");
	BAD_ELEMENT(atypes, ffi_prep_cif_var_checked(&cif, ABI, 0, 1, size, null, decl, &report_out), "argument 1");
	BAD_TYPE(report_out, ffi_prep_cif_var_checked(NULL, ABI, 1, 1, size, pointer, decl, NULL), "'cif'");
	if (decl == NULL)
		return;
	JUDGED(nargs, ffi_prep_cif_checked(&cif, ABI, 0, size, pointer, decl, &report_out), FFI_BAD_ARGTYPE, FTC_MISMATCH);
	JUDGED(nargs, ffi_prep_cif_checked(&cif, ABI, 2, size, pointer, decl, &report_out), FFI_BAD_ARGTYPE, FTC_MISMATCH);
	JUDGED(rtype, ffi_prep_cif_checked(&cif, ABI, 1, &ffi_type_double, pointer, decl, &report_out), FFI_BAD_ARGTYPE,
	       FTC_MISMATCH);
	JUDGED(abi, ffi_prep_cif_checked(&cif, (ffi_abi)12345, 1, size, pointer, decl, &report_out), FFI_BAD_ABI,
	       FTC_UNVERIFIED);
	JUDGED(ntotalargs, ffi_prep_cif_var_checked(&cif, ABI, 1, 2, size, pointer, decl, &report_out), FFI_BAD_ARGTYPE,
	       FTC_MISMATCH);
	JUDGED(abi, ffi_prep_cif_var_checked(&cif, (ffi_abi)12345, 1, 1, size, pointer, decl, &report_out), FFI_BAD_ABI,
	       FTC_UNVERIFIED);
	CHECK(memcmp(&cif, &before, sizeof cif) == 0);
	/* What is allowed writes the cif. libffi does not look at the number of fixed arguments. */
	JUDGED(nfixedargs, ffi_prep_cif_var_checked(&cif, ABI, 0, 1, size, pointer, decl, &report_out), FFI_OK, FTC_DIFFERS);
	JUDGED(nfixedargs, ffi_prep_cif_var_checked(&cif, ABI, 2, 1, size, pointer, decl, &report_out), FFI_OK, FTC_DIFFERS);
	JUDGED(decl, ffi_prep_cif_checked(&cif, ABI, 1, size, wrong, NULL, &report_out), FFI_OK, FTC_UNVERIFIED);
	JUDGED(decl, ffi_prep_cif_var_checked(&cif, ABI, 1, 1, size, wrong, NULL, &report_out), FFI_OK, FTC_UNVERIFIED);
	ALLOWED(report_out, ffi_prep_cif_checked(&cif, ABI, 1, size, pointer, decl, NULL) == FFI_OK);
	ALLOWED(report_out, ffi_prep_cif_var_checked(&cif, ABI, 1, 1, size, pointer, decl, NULL) == FFI_OK);
}

int main(void)
{
	void *shapes = open_library(FIXTURE("libshapes.so"));
	memset(&cif, 0xa5, sizeof cif);
	before = cif;
	prepared(shapes);
	of_types(shapes);
	CHECK(memcmp(&cif, &before, sizeof cif) == 0);
	const ftc_decl *length = describe(shapes, "length");
	checked(NULL);
	checked(length);
	ftc_decl_free(length);
	dlclose(shapes);
	return check_result();
}
