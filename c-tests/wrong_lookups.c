/* Wrong arguments of the functions that look at declarations, types and reports, and of those that give a name or a
   sentence for a number. */
#include "wrong_arguments.h"

static void declarations(void)
{
	ALLOWED(decl, (ftc_decl_free(NULL), 1));
	ALLOWED(decl, ftc_decl_kind(NULL) == FTC_DECL_NONE);
	ALLOWED(decl, ftc_decl_evidence(NULL) == FTC_EVIDENCE_NONE);
	ALLOWED(decl, ftc_decl_symbol(NULL) == NULL);
	ALLOWED(decl, ftc_decl_version(NULL) == NULL);
	ALLOWED(decl, ftc_decl_name(NULL) == NULL);
	ALLOWED(decl, ftc_decl_linkage_name(NULL) == NULL);
	ALLOWED(decl, ftc_decl_library(NULL) == NULL);
	ALLOWED(decl, ftc_decl_address(NULL) == NULL);
	ALLOWED(decl, ftc_decl_source_file(NULL) == NULL);
	ALLOWED(decl, ftc_decl_source_line(NULL) == 0);
	ALLOWED(decl, ftc_decl_spelling(NULL) == NULL);
	ALLOWED(decl, ftc_decl_types(NULL) == NULL);
	ALLOWED(decl, ftc_decl_type(NULL) == 0);
}

static void spelled(const ftc_types *types, ftc_type_id id)
{
	char buffer[64] = "before";
	GIVES_NULL(types, ftc_type_get(NULL, id), FTC_ERR_NULL, "'types'");
	ALLOWED(id, ftc_type_get(types, 100000)->kind == FTC_TYPE_UNKNOWN);
	ALLOWED(id, ftc_type_get(types, FTC_NO_TYPE)->reason != NULL);
	GIVES_NULL(types, ftc_type_spelling(NULL, id), FTC_ERR_NULL, "'types'");
	ALLOWED(id, ftc_type_spelling(types, 100000) != NULL);
	REFUSED(types, ftc_type_spell(NULL, id, "x", buffer, sizeof buffer, &count_out), FTC_ERR_NULL, "'types'");
	REFUSED(buffer, ftc_type_spell(types, id, "x", NULL, sizeof buffer, &count_out), FTC_ERR_NULL, "'buffer'");
	CHECK_TEXT(buffer, "before");
	ALLOWED(id, ftc_type_spell(types, 100000, "x", buffer, sizeof buffer, NULL) == FTC_OK);
	ALLOWED(name, ftc_type_spell(types, id, NULL, buffer, sizeof buffer, NULL) == FTC_OK);
	ALLOWED(size, ftc_type_spell(types, id, "x", buffer, 0, &count_out) == FTC_OK && count_out > 0);
	ALLOWED(length_out, ftc_type_spell(types, id, "x", buffer, sizeof buffer, NULL) == FTC_OK);
}

static void parts(const ftc_types *types, ftc_type_id function)
{
	ftc_type_id record = ftc_type_get(types, function)->target, none = 100000;
	GIVES_NULL(types, ftc_type_member(NULL, record, 0), FTC_ERR_NULL, "'types'");
	GIVES_NULL(id, ftc_type_member(types, function, 0), FTC_ERR_INVALID_ARGUMENT, "struct");
	GIVES_NULL(id, ftc_type_member(types, none, 0), FTC_ERR_INVALID_ARGUMENT, "struct");
	GIVES_NULL(index, ftc_type_member(types, record, 2), FTC_ERR_INVALID_ARGUMENT, "the index 2 is past the end");
	GIVES_NULL(index, ftc_type_member(types, record, UINT32_MAX), FTC_ERR_INVALID_ARGUMENT, "past the end");
	GIVES_NULL(types, ftc_type_find_member(NULL, record, "x"), FTC_ERR_NULL, "'types'");
	GIVES_NULL(id, ftc_type_find_member(types, function, "x"), FTC_ERR_INVALID_ARGUMENT, "struct");
	GIVES_NULL(id, ftc_type_find_member(types, none, "x"), FTC_ERR_INVALID_ARGUMENT, "struct");
	GIVES_NULL(name, ftc_type_find_member(types, record, NULL), FTC_ERR_NULL, "'name'");
	GIVES_NULL(name, ftc_type_find_member(types, record, ""), FTC_ERR_INVALID_ARGUMENT, "no member ''");
	GIVES_NULL(name, ftc_type_find_member(types, record, "z"), FTC_ERR_INVALID_ARGUMENT, "no member 'z'");
	GIVES_NULL(types, ftc_type_parameter(NULL, function, 0), FTC_ERR_NULL, "'types'");
	GIVES_NULL(id, ftc_type_parameter(types, record, 0), FTC_ERR_INVALID_ARGUMENT, "function");
	GIVES_NULL(id, ftc_type_parameter(types, none, 0), FTC_ERR_INVALID_ARGUMENT, "function");
	GIVES_NULL(index, ftc_type_parameter(types, function, 2), FTC_ERR_INVALID_ARGUMENT, "the index 2 is past the end");
}

static void constants(const ftc_types *types, ftc_type_id function)
{
	ftc_type_id color = ftc_type_get(types, function)->target, none = 100000;
	GIVES_NULL(types, ftc_type_enumerator(NULL, color, 0), FTC_ERR_NULL, "'types'");
	GIVES_NULL(id, ftc_type_enumerator(types, function, 0), FTC_ERR_INVALID_ARGUMENT, "enumeration");
	GIVES_NULL(id, ftc_type_enumerator(types, none, 0), FTC_ERR_INVALID_ARGUMENT, "enumeration");
	GIVES_NULL(index, ftc_type_enumerator(types, color, 3), FTC_ERR_INVALID_ARGUMENT, "the index 3 is past the end");
	GIVES_NULL(types, ftc_type_find_enumerator(NULL, color, "RED"), FTC_ERR_NULL, "'types'");
	GIVES_NULL(id, ftc_type_find_enumerator(types, function, "RED"), FTC_ERR_INVALID_ARGUMENT, "enumeration");
	GIVES_NULL(id, ftc_type_find_enumerator(types, none, "RED"), FTC_ERR_INVALID_ARGUMENT, "enumeration");
	GIVES_NULL(name, ftc_type_find_enumerator(types, color, NULL), FTC_ERR_NULL, "'name'");
	GIVES_NULL(name, ftc_type_find_enumerator(types, color, "BLACK"), FTC_ERR_INVALID_ARGUMENT, "no constant 'BLACK'");
}

static void reports(const ftc_decl *decl)
{
	const ftc_report *report = NULL;
	ffi_cif cif;
	CHECK_NUMBER(ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 0, &ffi_type_void, NULL, decl, &report), FFI_BAD_ARGTYPE);
	size_t count = ftc_report_count(report);
	GIVES_NULL(report, ftc_report_finding(NULL, 0), FTC_ERR_NULL, "'report'");
	GIVES_NULL(index, ftc_report_finding(report, count), FTC_ERR_INVALID_ARGUMENT, "past the end");
	GIVES_NULL(index, ftc_report_finding(report, SIZE_MAX), FTC_ERR_INVALID_ARGUMENT, "past the end");
	ALLOWED(report, (ftc_report_free(NULL), 1));
	ALLOWED(report, ftc_report_verdict(NULL) == FTC_UNVERIFIED);
	ALLOWED(report, ftc_report_passes(NULL) == 0);
	ALLOWED(report, ftc_report_at_call(NULL) == 0);
	ALLOWED(report, ftc_report_count(NULL) == 0);
	ftc_report_free(report);
}

static void numbers(void)
{
	ALLOWED(number, ftc_rule_reason(0) == NULL);
	ALLOWED(number, ftc_rule_reason(UINT32_MAX) == NULL);
	ALLOWED(verdict, ftc_verdict_name((ftc_verdict)4) == NULL);
	ALLOWED(verdict, ftc_verdict_name((ftc_verdict)-1) == NULL);
	ALLOWED(status, ftc_status_name((ftc_status)1) == NULL);
	ALLOWED(status, ftc_status_name((ftc_status)INT32_MIN) == NULL);
	ALLOWED(status, strstr(ftc_strerror((ftc_status)1), "no status") != NULL);
	ALLOWED(void, ftc_last_error() == FTC_ERR_IO);
	ALLOWED(void, strlen(ftc_last_error_message()) > 0);
	ALLOWED(void, strlen(ftc_get_version()) > 0);
	ALLOWED(void, ftc_get_version_number() == FTC_VERSION_NUMBER);
}

int main(void)
{
	void *shapes = open_library(FIXTURE("libshapes.so"));
	const ftc_decl *scale = describe(shapes, "scale"), *next_color = describe(shapes, "next_color");
	declarations();
	spelled(ftc_decl_types(scale), ftc_decl_type(scale));
	parts(ftc_decl_types(scale), ftc_decl_type(scale));
	constants(ftc_decl_types(next_color), ftc_decl_type(next_color));
	reports(scale);
	numbers();
	ftc_decl_free(next_color);
	ftc_decl_free(scale);
	dlclose(shapes);
	return check_result();
}
