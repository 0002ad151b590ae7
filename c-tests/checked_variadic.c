/* ffi_prep_cif_var, with the types compared with the declaration. */
#include "check.h"

static void *shapes;

static const char *check(const char *name, unsigned int fixed, unsigned int total, ffi_type **types,
			 ffi_status status, ftc_verdict verdict)
{
	const ftc_decl *decl = describe(shapes, name);
	const ftc_report *report = NULL;
	const char *rule = NULL;
	ffi_cif cif;
	memset(&cif, 0xa5, sizeof cif);
	CHECK_NUMBER(ffi_prep_cif_var_checked(&cif, FFI_DEFAULT_ABI, fixed, total, &ffi_type_sint, types, decl, &report),
		     status);
	CHECK_NUMBER(cif.nargs, status == FFI_OK ? total : 0xa5a5a5a5u);
	CHECK_NUMBER(ftc_report_verdict(report), verdict);
	if (verdict == FTC_MATCH) {
		int count = 2, a = 40, b = 2;
		ffi_sarg sum = 0;
		ffi_call(&cif, function(shapes, name), &sum, (void *[]){&count, &a, &b});
		CHECK_NUMBER((int)sum, 42);
	} else {
		rule = ftc_report_finding(report, 0)->rule_id;
	}
	ftc_report_free(report);
	ftc_decl_free(decl);
	/* Rule ids live for ever. */
	return rule;
}

int main(void)
{
	shapes = open_library(FIXTURE("libshapes.so"));
	ffi_type *types[] = {&ffi_type_sint, &ffi_type_sint, &ffi_type_sint};
	ffi_type *single[] = {&ffi_type_sint, &ffi_type_float, &ffi_type_sint};
	ffi_type *narrow[] = {&ffi_type_sint, &ffi_type_sint, &ffi_type_uchar};
	CHECK_TEXT(check("sum", 1, 3, types, FFI_OK, FTC_MATCH), NULL);
	CHECK_TEXT(check("sum", 2, 3, types, FFI_OK, FTC_DIFFERS), "variadic-prepared-as-fixed");
	CHECK_TEXT(check("sum", 1, 3, single, FFI_BAD_ARGTYPE, FTC_MISMATCH), "unpromoted-variadic-argument");
	CHECK_TEXT(check("sum", 1, 3, narrow, FFI_BAD_ARGTYPE, FTC_MISMATCH), "unpromoted-variadic-argument");
	CHECK_TEXT(check("next_color", 1, 1, types, FFI_OK, FTC_DIFFERS), "fixed-prepared-as-variadic");
	CHECK_TEXT(check("next_color", 1, 2, types, FFI_BAD_ARGTYPE, FTC_MISMATCH), "argument-count");
	/* More than are looked at. */
	unsigned int count = 70000;
	ffi_type **many = malloc(count * sizeof *many);
	for (unsigned int i = 0; i < count; i++)
		many[i] = &ffi_type_sint;
	CHECK_TEXT(check("sum", 1, count, many, FFI_OK, FTC_UNVERIFIED), "not-known");
	CHECK_TEXT(check("next_color", 1, count, many, FFI_BAD_ARGTYPE, FTC_MISMATCH), "argument-count");
	free(many);
	dlclose(shapes);
	return check_result();
}
