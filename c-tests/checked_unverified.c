/* If the types are unknown, the call is not refused, but the verdict says that nothing was compared. */
#include "check.h"

int main(void)
{
	ffi_type *types[] = {&ffi_type_pointer};
	ffi_cif cif;
	const ftc_report *report = NULL;
	CHECK_NUMBER(ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_sint, types, NULL, &report), FFI_OK);
	CHECK_NUMBER(cif.nargs, 1);
	CHECK_NUMBER(ftc_report_verdict(report), FTC_UNVERIFIED);
	ftc_report_free(report);
	CHECK_NUMBER(ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_sint, types, NULL, NULL), FFI_OK);
	ffi_status status = ffi_prep_cif_var_checked(&cif, FFI_DEFAULT_ABI, 0, 1, &ffi_type_sint, types, NULL, &report);
	CHECK_NUMBER(status, FFI_OK);
	CHECK_NUMBER(ftc_report_verdict(report), FTC_UNVERIFIED);
	ftc_report_free(report);
	CHECK_NUMBER(ftc_report_verdict(NULL), FTC_UNVERIFIED);

	/* libffi's own answers come through. */
	CHECK_NUMBER(ffi_prep_cif_checked(&cif, (ffi_abi)12345, 1, &ffi_type_sint, types, NULL, NULL), FFI_BAD_ABI);

	/* A type that libffi does not have yet, and an ABI of which the declaration says nothing. */
	void *shapes = open_library(FIXTURE("libshapes.so"));
	const ftc_decl *decl = describe(shapes, "length");
	CHECK_NUMBER(ffi_prep_cif_checked(&cif, FFI_GNUW64, 1, &ffi_type_ulong, types, decl, &report), FFI_OK);
	CHECK_NUMBER(ftc_report_verdict(report), FTC_UNVERIFIED);
	const ftc_finding *finding = ftc_report_finding(report, 0);
	CHECK_TEXT(finding->rule_id, "calling-convention");
	ftc_report_free(report);

	ffi_type future = {16, 16, 4711, NULL}, *of_the_future[] = {&future};
	status = ffi_prep_cif_checked(&cif, (ffi_abi)12345, 1, &ffi_type_ulong, of_the_future, decl, &report);
	CHECK_NUMBER(status, FFI_BAD_ABI);
	CHECK_NUMBER(ftc_report_verdict(report), FTC_UNVERIFIED);
	ftc_report_free(report);
	ftc_decl_free(decl);
	dlclose(shapes);
	return check_result();
}
