/* Every NULL that may not be one has a status; every view of NULL has an answer. */
#include "check.h"

int main(int count, char **arguments)
{
	(void)count;
	void *fixture = opened(in(arguments[1], "libfixture.so"));
	const ftc_decl *decl = described(fixture, "each"), *none = NULL;
	const ftc_types *types = ftc_decl_types(decl);
	ftc_type type = {.type_size = sizeof type};
	ftc_member member = {.type_size = sizeof member};
	ftc_enumerator enumerator = {.type_size = sizeof enumerator};
	ftc_parameter parameter = {.type_size = sizeof parameter};
	ftc_finding finding = {.type_size = sizeof finding};
	ffi_cif cif;
	uint64_t length;
	char text[8];

	CHECK_STATUS(ffi_describe_symbol(fixture, NULL, &none), FTC_ERR_NULL);
	CHECK_STATUS(ffi_describe_symbol(fixture, "each", NULL), FTC_ERR_NULL);
	CHECK_STATUS(ftc_describe_address(fixture, NULL), FTC_ERR_NULL);
	CHECK_STATUS(ftc_describe_in_file(NULL, "each", &none), FTC_ERR_NULL);
	CHECK_STATUS(ftc_describe_in_file(in(arguments[1], "libfixture.so"), NULL, &none), FTC_ERR_NULL);
	CHECK_STATUS(ftc_describe_in_file(in(arguments[1], "libfixture.so"), "each", NULL), FTC_ERR_NULL);
	CHECK(none == NULL);
	CHECK_STATUS(ftc_decl_prep_cif(NULL, &cif, FFI_DEFAULT_ABI), FTC_ERR_NULL);
	CHECK_STATUS(ftc_decl_prep_cif(decl, NULL, FFI_DEFAULT_ABI), FTC_ERR_NULL);
	CHECK_STATUS(ftc_decl_prep_cif_var(NULL, &cif, FFI_DEFAULT_ABI, 1, NULL), FTC_ERR_NULL);
	CHECK_STATUS(ftc_decl_prep_cif_var(decl, NULL, FFI_DEFAULT_ABI, 4, NULL), FTC_ERR_NULL);
	CHECK_STATUS(ftc_decl_prep_cif_var(decl, &cif, FFI_DEFAULT_ABI, 5, NULL), FTC_ERR_NULL);
	CHECK_STATUS(ftc_type_get(NULL, 0, &type), FTC_ERR_NULL);
	CHECK_STATUS(ftc_type_get(types, 0, NULL), FTC_ERR_NULL);
	CHECK_STATUS(ftc_type_member(NULL, 0, 0, &member), FTC_ERR_NULL);
	CHECK_STATUS(ftc_type_enumerator(NULL, 0, 0, &enumerator), FTC_ERR_NULL);
	CHECK_STATUS(ftc_type_parameter(NULL, 0, 0, &parameter), FTC_ERR_NULL);
	CHECK_STATUS(ftc_type_parameter(types, ftc_decl_type(decl), 0, NULL), FTC_ERR_NULL);
	CHECK_STATUS(ftc_type_dimension(NULL, 0, 0, &length), FTC_ERR_NULL);
	CHECK_STATUS(ftc_type_dimension(types, 0, 0, NULL), FTC_ERR_NULL);
	CHECK_STATUS(ftc_type_spell(NULL, 0, NULL, text, sizeof text, NULL), FTC_ERR_NULL);
	CHECK_STATUS(ftc_type_spell(types, 0, NULL, NULL, 1, NULL), FTC_ERR_NULL);
	CHECK_STATUS(ftc_type_spell(types, 0, NULL, NULL, 0, NULL), FTC_OK);
	CHECK_STATUS(ftc_report_finding(NULL, 0, &finding), FTC_ERR_NULL);

	CHECK(ffi_prep_cif_checked(NULL, FFI_DEFAULT_ABI, 0, &ffi_type_void, NULL, decl, NULL) == FFI_BAD_TYPEDEF);
	CHECK(ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 0, NULL, NULL, decl, NULL) == FFI_BAD_TYPEDEF);
	CHECK(ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_void, NULL, NULL, NULL) == FFI_BAD_TYPEDEF);
	CHECK(ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_void, (ffi_type *[]){NULL}, decl, NULL) ==
	      FFI_BAD_TYPEDEF);

	CHECK(ftc_decl_kind(NULL) == 0 && ftc_decl_evidence(NULL) == 0 && ftc_decl_type(NULL) == 0);
	CHECK(ftc_decl_symbol(NULL) == NULL && ftc_decl_version(NULL) == NULL && ftc_decl_name(NULL) == NULL);
	CHECK(ftc_decl_linkage_name(NULL) == NULL && ftc_decl_library(NULL) == NULL);
	CHECK(ftc_decl_spelling(NULL) == NULL && ftc_decl_types(NULL) == NULL);
	CHECK(ftc_decl_source_file(NULL) == NULL && ftc_decl_source_line(NULL) == 0);
	CHECK(ftc_type_resolve(NULL, 5) == 0);
	CHECK(ftc_report_verdict(NULL) == FTC_UNVERIFIED && ftc_report_count(NULL) == 0);
	CHECK(ftc_verdict_name(99) == NULL && ftc_rule_reason(0) == NULL && ftc_rule_reason(99) == NULL);
	ftc_report_free(NULL);
	ftc_decl_free(NULL);
	ftc_decl_free(decl);
	dlclose(fixture);
	ftc_forget_libraries();
	return check_failures != 0;
}
