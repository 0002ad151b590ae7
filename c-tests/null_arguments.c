/* NULL for every pointer argument: the result is a status that says so, an empty answer, or no effect. */
#include "check.h"

int main(void)
{
	const char *path = FIXTURE("libshapes.so");
	void *shapes = open_library(path);
	const ftc_decl *decl = NULL;
	CHECK_ERROR(ffi_describe_symbol(shapes, NULL, &decl), FTC_ERR_NULL, "name");
	CHECK_ERROR(ffi_describe_symbol(shapes, "length", NULL), FTC_ERR_NULL, "decl_out");
	CHECK_ERROR(ftc_describe_address(dlsym(shapes, "length"), NULL), FTC_ERR_NULL, "decl_out");
	CHECK_ERROR(ftc_describe_in_file(NULL, "length", &decl), FTC_ERR_NULL, "path");
	CHECK_ERROR(ftc_describe_in_file(path, NULL, &decl), FTC_ERR_NULL, "name");
	CHECK_ERROR(ftc_describe_in_file(path, "length", NULL), FTC_ERR_NULL, "decl_out");
	CHECK(ftc_describe_address(NULL, &decl) < 0);
	CHECK(decl == NULL);

	ftc_decl_free(NULL);
	ftc_report_free(NULL);
	CHECK_NUMBER(ftc_decl_kind(NULL), 0);
	CHECK_NUMBER(ftc_decl_evidence(NULL), 0);
	CHECK(ftc_decl_symbol(NULL) == NULL && ftc_decl_version(NULL) == NULL && ftc_decl_name(NULL) == NULL);
	CHECK(ftc_decl_linkage_name(NULL) == NULL && ftc_decl_library(NULL) == NULL);
	CHECK(ftc_decl_source_file(NULL) == NULL && ftc_decl_spelling(NULL) == NULL);
	CHECK_NUMBER(ftc_decl_source_line(NULL), 0);
	CHECK(ftc_decl_types(NULL) == NULL);
	CHECK_NUMBER(ftc_decl_type(NULL), 0);
	CHECK_NUMBER(ftc_type_resolve(NULL, 1), 0);
	CHECK_NUMBER(ftc_report_count(NULL), 0);
	CHECK_NUMBER(ftc_report_verdict(NULL), FTC_UNVERIFIED);

	ftc_type type = {.type_size = sizeof type};
	ftc_member member = {.type_size = sizeof member};
	ftc_enumerator enumerator = {.type_size = sizeof enumerator};
	ftc_parameter parameter = {.type_size = sizeof parameter};
	ftc_finding finding = {.type_size = sizeof finding};
	uint64_t count = 0;
	CHECK_ERROR(ftc_type_get(NULL, 0, &type), FTC_ERR_NULL, "types");
	CHECK_ERROR(ftc_type_member(NULL, 0, 0, &member), FTC_ERR_NULL, "types");
	CHECK_ERROR(ftc_type_enumerator(NULL, 0, 0, &enumerator), FTC_ERR_NULL, "types");
	CHECK_ERROR(ftc_type_parameter(NULL, 0, 0, &parameter), FTC_ERR_NULL, "types");
	CHECK_ERROR(ftc_type_dimension(NULL, 0, 0, &count), FTC_ERR_NULL, "types");
	CHECK_ERROR(ftc_report_finding(NULL, 0, &finding), FTC_ERR_NULL, "report");

	decl = describe(shapes, "length");
	const ftc_types *types = ftc_decl_types(decl);
	CHECK_ERROR(ftc_type_dimension(types, 0, 0, NULL), FTC_ERR_NULL, "count_out");
	CHECK_ERROR(ftc_type_get(types, 0, NULL), FTC_ERR_NULL, "out");

	ffi_cif cif;
	ffi_type *arguments[] = {&ffi_type_pointer}, *no_type[] = {NULL};
	const ftc_report *report = NULL;
	CHECK_ERROR(ftc_decl_prep_cif(NULL, &cif, FFI_DEFAULT_ABI), FTC_ERR_NULL, "decl");
	CHECK_ERROR(ftc_decl_prep_cif(decl, NULL, FFI_DEFAULT_ABI), FTC_ERR_NULL, "cif");
	CHECK_ERROR(ftc_decl_prep_cif_var(NULL, &cif, FFI_DEFAULT_ABI, 1, NULL), FTC_ERR_NULL, "decl");
	CHECK_ERROR(ftc_decl_prep_cif_var(decl, NULL, FFI_DEFAULT_ABI, 1, NULL), FTC_ERR_NULL, "cif");
	for (int with = 0; with < 2; with++) {
		/* Where nothing is known of the function, too. */
		const ftc_decl *held = with ? decl : NULL;
		CHECK_ERROR(ffi_prep_cif_checked(NULL, FFI_DEFAULT_ABI, 1, &ffi_type_ulong, arguments, held, &report),
			    FFI_BAD_TYPEDEF, "cif");
		CHECK_ERROR(ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 1, NULL, arguments, held, &report),
			    FFI_BAD_TYPEDEF, "rtype");
		CHECK_ERROR(ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_ulong, NULL, held, &report),
			    FFI_BAD_TYPEDEF, "atypes");
		CHECK_ERROR(ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_ulong, no_type, held, &report),
			    FFI_BAD_TYPEDEF, "argument 1");
		CHECK_ERROR(ffi_prep_cif_var_checked(&cif, FFI_DEFAULT_ABI, 0, 1, &ffi_type_ulong, no_type, held, &report),
			    FFI_BAD_TYPEDEF, "argument 1");
		CHECK_ERROR(ffi_prep_cif_var_checked(NULL, FFI_DEFAULT_ABI, 0, 1, &ffi_type_ulong, arguments, held, &report),
			    FFI_BAD_TYPEDEF, "cif");
	}
	CHECK(report == NULL);
	ftc_decl_free(decl);
	dlclose(shapes);
	return check_result();
}
