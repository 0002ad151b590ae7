/* A cif with correct types is prepared as libffi does. Its report is a constant. */
#include "check.h"

int main(void)
{
	void *shapes = open_library(FIXTURE("libshapes.so"));
	const ftc_decl *decl = describe(shapes, "length");
	ffi_type *types[] = {&ffi_type_pointer};
	ffi_cif cif, plain;
	const ftc_report *report = NULL, *again = NULL;
	memset(&cif, 0, sizeof cif);
	memset(&plain, 0, sizeof plain);
	CHECK_NUMBER(ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_ulong, types, decl, &report), FFI_OK);
	CHECK_NUMBER(ffi_prep_cif(&plain, FFI_DEFAULT_ABI, 1, &ffi_type_ulong, types), FFI_OK);
	CHECK(memcmp(&cif, &plain, sizeof cif) == 0);
	CHECK_NUMBER(ftc_report_verdict(report), FTC_MATCH);
	CHECK_NUMBER(ftc_report_count(report), 0);
	CHECK_NULL(ftc_report_finding(report, 0), FTC_ERR_INVALID_ARGUMENT, "past the end");

	/* The second time it is looked up; NULL for the report is fine. */
	CHECK_NUMBER(ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_ulong, types, decl, &again), FFI_OK);
	CHECK(again == report);
	CHECK_NUMBER(ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_ulong, types, decl, NULL), FFI_OK);

	const char *text = "five5";
	size_t length = 0;
	ffi_call(&cif, function(shapes, "length"), &length, (void *[]){&text});
	CHECK_NUMBER(length, 5);
	ftc_report_free(report);
	ftc_report_free(again);

	/* Types are read by code and size, not by address: this is another libffi's `struct point`. */
	ffi_type *members[] = {&ffi_type_sint32, &ffi_type_double, NULL};
	ffi_type point = {0, 0, FFI_TYPE_STRUCT, members};
	ffi_type *by_value[] = {&point, &ffi_type_double};
	const ftc_decl *scale = describe(shapes, "scale");
	CHECK_NUMBER(ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 2, &point, by_value, scale, &report), FFI_OK);
	CHECK_NUMBER(ftc_report_verdict(report), FTC_MATCH);
	ftc_report_free(report);
	ftc_decl_free(scale);
	ftc_decl_free(decl);
	dlclose(shapes);
	return check_result();
}
