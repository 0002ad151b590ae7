/* A single type is compared with a type of a declaration's table. */
#include "claims.h"

int main(void)
{
	begin();
	const ftc_decl *decl = describe(library, "epoch");
	const ftc_types *types = ftc_decl_types(decl);
	ftc_type_id declared = ftc_type_get(types, ftc_decl_type(decl))->resolved;
	ftc_type_id date = record("date", 12, FIELDS({"day", type_int, 0}, {"month", type_int, 4}, {"year", type_int, 8}));
	ftc_type_id wrong = record("date", 12, FIELDS({"day", type_int, 0}, {"month", type_double, 4}));
	ftc_check_opts opts = {.type_size = sizeof opts, .flags = FTC_CHECK_OWNER_CALLER};
	const ftc_report *report = NULL;
	CHECK_NUMBER(ftc_check_type(types, declared, claim_types, date, NULL, &report), FTC_OK);
	expect_report(__LINE__, report, FTC_MATCH, NULL, NULL);
	ftc_report_free(report);

	CHECK_NUMBER(ftc_check_type(types, declared, claim_types, wrong, &opts, &report), FTC_OK);
	expect_report(__LINE__, report, FTC_MISMATCH, "pointee-member", ".month");
	const ftc_finding *finding = ftc_report_finding(report, 0);
	CHECK_NUMBER(finding->position, FTC_POSITION_TYPE);
	ftc_report_free(report);

	/* Two claims against each other: a claim's table serves as the declared one. */
	CHECK_NUMBER(ftc_check_type(claim_types, date, claim_types, date, NULL, &report), FTC_OK);
	expect_report(__LINE__, report, FTC_MATCH, NULL, NULL);
	ftc_report_free(report);
	/* A prefix of what the library provides. */
	ftc_type_id prefix = record("date", 8, FIELDS({"day", type_int, 0}, {"month", type_int, 4}));
	CHECK_NUMBER(ftc_check_type(types, declared, claim_types, prefix, &opts, &report), FTC_OK);
	expect_report(__LINE__, report, FTC_MISMATCH, "pointee-too-small", "");
	ftc_report_free(report);
	opts.flags = FTC_CHECK_OWNER_LIBRARY;
	CHECK_NUMBER(ftc_check_type(types, declared, claim_types, prefix, &opts, &report), FTC_OK);

	/* A report outlives both sides. */
	ftc_decl_free(decl);
	ftc_claim_free(claim);
	claim = NULL;
	expect_report(__LINE__, report, FTC_DIFFERS, "pointee-prefix", "");
	CHECK(ftc_report_finding(report, 0)->layout != NULL);
	ftc_report_free(report);
	return end();
}
