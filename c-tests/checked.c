/* A cif given by the caller, held against the declaration. */
#include "check.h"

static const ftc_decl *length, *sum;

static void judge(unsigned int count, ffi_type *result, ffi_type **types, ftc_verdict verdict, const char *rule,
		  const char *sentence)
{
	const ftc_report *report = NULL;
	ffi_cif cif, untouched;
	memset(&cif, 0x5a, sizeof cif);
	untouched = cif;
	/* Twice: the second verdict is a remembered one. */
	for (int i = 0; i < 2; i++) {
		ffi_status status = ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, count, result, types, length, &report);
		CHECK(status == (verdict == FTC_MISMATCH ? FFI_BAD_ARGTYPE : FFI_OK));
		CHECK((memcmp(&cif, &untouched, sizeof cif) == 0) == (verdict == FTC_MISMATCH));
		CHECK(ftc_report_verdict(report) == verdict);
		CHECK((ftc_report_count(report) == 0) == (verdict == FTC_MATCH));
		if (rule) {
			ftc_finding finding = {.type_size = sizeof finding};
			CHECK_STATUS(ftc_report_finding(report, 0, &finding), FTC_OK);
			CHECK(finding.verdict == verdict);
			CHECK_TEXT(finding.rule_id, rule);
			CHECK_TEXT(finding.sentence, sentence);
			CHECK(ftc_rule_reason(finding.rule) != NULL);
			if (verdict == FTC_MISMATCH)
				CHECK_TEXT(ftc_last_error_message(), sentence);
			CHECK_STATUS(ftc_report_finding(report, 99, &finding), FTC_ERR_INVALID_ARGUMENT);
		}
		ftc_report_free(report);
		if (verdict != FTC_MISMATCH)
			memcpy(&cif, &untouched, sizeof cif);
	}
	/* Without a report. */
	CHECK(ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, count, result, types, length, NULL) ==
	      (verdict == FTC_MISMATCH ? FFI_BAD_ARGTYPE : FFI_OK));
}

int main(int count, char **arguments)
{
	(void)count;
	void *fixture = opened(in(arguments[1], "libfixture.so"));
	length = described(fixture, "length");
	sum = described(fixture, "sum");
	ffi_type *p = &ffi_type_pointer, *i = &ffi_type_sint, *l = &ffi_type_slong, *u = &ffi_type_ulong;

	judge(2, u, (ffi_type *[]){p, u}, FTC_MATCH, NULL, NULL);
	judge(2, u, (ffi_type *[]){p, l}, FTC_DIFFERS, "integer-signedness",
	      "length: argument 2 ('limit'): the library declares 'size_t' (unsigned integer, 8 bytes), the caller "
	      "passes long (8 bytes)");
	judge(2, u, (ffi_type *[]){p, i}, FTC_MISMATCH, "argument-too-narrow",
	      "length: argument 2 ('limit'): the library declares 'size_t' (unsigned integer, 8 bytes), the caller "
	      "passes int (4 bytes); the upper bytes are not defined");
	judge(1, u, (ffi_type *[]){p}, FTC_MISMATCH, "argument-count",
	      "length: the library declares 2 parameters, the caller passes 1 argument");
	judge(2, &ffi_type_double, (ffi_type *[]){p, u}, FTC_MISMATCH, "number-class",
	      "length: result: the library returns 'size_t' (unsigned integer, 8 bytes), the caller reads double "
	      "(8 bytes)");

	/* Without a declaration nothing is known, and libffi prepares what it is given. */
	ffi_cif cif;
	const ftc_report *report;
	CHECK(ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 1, i, &p, NULL, &report) == FFI_OK);
	CHECK(ftc_report_verdict(report) == FTC_UNVERIFIED && ftc_report_count(report) == 1);
	ftc_report_free(report);

	/* Variadic calls. */
	CHECK(ffi_prep_cif_var_checked(&cif, FFI_DEFAULT_ABI, 1, 3, l, (ffi_type *[]){i, i, i}, sum, &report) == FFI_OK);
	CHECK(ftc_report_verdict(report) == FTC_MATCH);
	ftc_report_free(report);
	CHECK(ffi_prep_cif_var_checked(&cif, FFI_DEFAULT_ABI, 1, 2, l, (ffi_type *[]){i, &ffi_type_sshort}, sum,
				       &report) == FFI_BAD_ARGTYPE);
	CHECK(ftc_report_verdict(report) == FTC_MISMATCH);
	ftc_report_free(report);

	/* A report does not need its declaration. */
	CHECK(ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 0, u, NULL, length, &report) == FFI_BAD_ARGTYPE);
	ftc_decl_free(length);
	ftc_decl_free(sum);
	ftc_forget_libraries();
	CHECK_TEXT(ftc_verdict_name(ftc_report_verdict(report)), "MISMATCH");
	ftc_report_free(report);
	dlclose(fixture);
	return check_failures != 0;
}
