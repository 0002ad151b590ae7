/* A value that arrives but has another meaning is reported, not refused. */
#include "check.h"

static void check(void *handle, const char *name, ffi_type *result, ffi_type **types, unsigned int count,
		  const char *rule)
{
	const ftc_decl *decl = describe(handle, name);
	const ftc_report *report = NULL;
	ffi_cif cif;
	CHECK_NUMBER(ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, count, result, types, decl, &report), FFI_OK);
	CHECK_NUMBER(cif.nargs, count);
	CHECK_NUMBER(ftc_report_verdict(report), FTC_DIFFERS);
	CHECK_NUMBER(ftc_report_count(report), 1);
	const ftc_finding *finding = ftc_report_finding(report, 0);
	CHECK_TEXT(finding->rule_id, rule);
	CHECK_NUMBER(finding->verdict, FTC_DIFFERS);
	ftc_report_free(report);
	ftc_decl_free(decl);
}

int main(void)
{
	void *shapes = open_library(FIXTURE("libshapes.so"));
	check(shapes, "store", &ffi_type_void, (ffi_type *[]){&ffi_type_pointer, &ffi_type_uint}, 2,
	      "integer-signedness");
	check(shapes, "store", &ffi_type_void, (ffi_type *[]){&ffi_type_pointer, &ffi_type_sshort}, 2,
	      "argument-narrower-than-int");
	check(shapes, "store", &ffi_type_void, (ffi_type *[]){&ffi_type_pointer, &ffi_type_slong}, 2, "argument-wider");
	check(shapes, "length", &ffi_type_ulong, (ffi_type *[]){&ffi_type_ulong}, 1, "pointer-against-integer");
	check(shapes, "sum", &ffi_type_sint, (ffi_type *[]){&ffi_type_sint, &ffi_type_sint}, 2,
	      "variadic-prepared-as-fixed");
	dlclose(shapes);
	return check_result();
}
