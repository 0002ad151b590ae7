/* A report needs neither its declaration nor its library, and each report is freed separately. */
#include "check.h"

int main(void)
{
	void *shapes = open_library(FIXTURE("libshapes.so"));
	const ftc_decl *decl = describe(shapes, "store");
	ffi_type *types[] = {&ffi_type_sint, &ffi_type_sint};
	const ftc_report *first = NULL, *second = NULL;
	ffi_cif cif;
	CHECK_NUMBER(ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_void, types, decl, &first), FFI_BAD_ARGTYPE);
	CHECK_NUMBER(ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_void, types, decl, &second), FFI_BAD_ARGTYPE);
	ftc_report_free(first);
	ftc_decl_free(decl);
	ftc_forget_libraries();
	dlclose(shapes);

	CHECK_NUMBER(ftc_report_verdict(second), FTC_MISMATCH);
	const ftc_finding *finding = ftc_report_finding(second, 0);
	CHECK(strstr(finding->sentence, "argument 1 ('where')") != NULL);
	CHECK_TEXT(finding->declared, "'int *' (pointer, 8 bytes)");
	ftc_report_free(second);

	/* More claims than any table remembers. */
	shapes = open_library(FIXTURE("libshapes.so"));
	decl = describe(shapes, "length");
	for (unsigned int count = 0; count < 300; count++) {
		ffi_type *many[300];
		for (unsigned int i = 0; i < 300; i++)
			many[i] = i % 2 ? &ffi_type_double : &ffi_type_pointer;
		const ftc_report *report = NULL;
		ffi_status status = ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, count, &ffi_type_ulong, many, decl, &report);
		CHECK_NUMBER(status, count == 1 ? FFI_OK : FFI_BAD_ARGTYPE);
		CHECK_NUMBER(ftc_report_verdict(report), count == 1 ? FTC_MATCH : FTC_MISMATCH);
		ftc_report_free(report);
	}
	ftc_decl_free(decl);
	dlclose(shapes);
	return check_result();
}
