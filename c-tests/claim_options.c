/* The options of a check: which findings pass, which are left out, and how the struct itself is read. */
#include "claims.h"

static const ftc_decl *decl;

static const ftc_report *check(ftc_type_id type, const ftc_check_opts *opts)
{
	const ftc_report *report = NULL;
	CHECK_NUMBER(ftc_check_decl(decl, claim_types, type, opts, &report), FTC_OK);
	return report;
}

static void expect(ftc_type_id type, uint32_t flags, ftc_verdict verdict, int passes)
{
	ftc_check_opts opts = {.type_size = sizeof opts, .flags = flags};
	const ftc_report *report = check(type, &opts);
	CHECK_NUMBER(ftc_report_verdict(report), verdict);
	CHECK_NUMBER(ftc_report_passes(report), passes);
	ftc_report_free(report);
}

static void refused(const ftc_check_opts *opts, ftc_status status, const char *word)
{
	const ftc_report *report = NULL;
	CHECK_ERROR(ftc_check_decl(decl, claim_types, type_int, opts, &report), status, word);
	CHECK(report == NULL);
}

int main(void)
{
	begin();
	decl = describe(library, "date_split");
	ftc_type_id out = pointer(type_int), year = pointer(type_long);
	ftc_type_id right = function_type(0, TYPES(type_long, out, out, year));
	ftc_type_id differs = function_type(0, TYPES(type_ulong, out, out, year));
	ftc_type_id unverified = function_type(0, TYPES(any(), out, out, year));
	ftc_type_id mismatch = function_type(0, TYPES(type_int, out, out, year));
	for (int i = 0; i < 8; i++) {
		uint32_t flags = (i & 1 ? FTC_CHECK_STRICT : 0) | (i & 2 ? FTC_CHECK_REQUIRE : 0) |
				 (i & 4 ? FTC_CHECK_OWNER_CALLER : 0);
		expect(right, flags, FTC_MATCH, 1);
		expect(differs, flags, FTC_DIFFERS, !(flags & FTC_CHECK_STRICT));
		expect(unverified, flags, FTC_UNVERIFIED, !(flags & FTC_CHECK_REQUIRE));
		expect(mismatch, flags, FTC_MISMATCH, 0);
	}

	/* Rules that are left out: of two findings, the other remains. */
	ftc_type_id both = function_type(0, TYPES(type_ulong, out, out, type_double));
	const char *ignore[] = {"integer-signedness", "number-class"};
	ftc_check_opts opts = {.type_size = sizeof opts, .flags = FTC_CHECK_STRICT, .ignore = ignore};
	for (opts.ignore_count = 0; opts.ignore_count < 3; opts.ignore_count++) {
		const ftc_report *report = check(both, &opts);
		CHECK_NUMBER(ftc_report_count(report), 2 - opts.ignore_count);
		CHECK_NUMBER(ftc_report_passes(report), opts.ignore_count == 2);
		ftc_report_free(report);
	}

	/* Too few pairs: what was not compared is said. */
	opts = (ftc_check_opts){.type_size = sizeof opts, .max_pairs = 1};
	const ftc_report *report = check(right, &opts);
	CHECK_NUMBER(ftc_report_verdict(report), FTC_UNVERIFIED);
	ftc_report_free(report);
	opts.max_pairs = UINT64_MAX;
	report = check(right, &opts);
	CHECK_NUMBER(ftc_report_verdict(report), FTC_MATCH);
	ftc_report_free(report);

	opts = (ftc_check_opts){.type_size = 0};
	refused(&opts, FTC_ERR_INVALID_ARGUMENT, "type_size");
	opts.type_size = sizeof opts - 1;
	refused(&opts, FTC_ERR_INVALID_ARGUMENT, "type_size");
	opts = (ftc_check_opts){.type_size = sizeof opts, .flags = 16};
	refused(&opts, FTC_ERR_INVALID_ARGUMENT, "flags");
	opts.flags = FTC_CHECK_OWNER_CALLER | FTC_CHECK_OWNER_LIBRARY;
	refused(&opts, FTC_ERR_INVALID_ARGUMENT, "owner");
	opts = (ftc_check_opts){.type_size = sizeof opts, .reserved_flags = 1};
	refused(&opts, FTC_ERR_INVALID_ARGUMENT, "reserved");
	opts = (ftc_check_opts){.type_size = sizeof opts, .reserved = {0, 0, 0, 1}};
	refused(&opts, FTC_ERR_INVALID_ARGUMENT, "reserved");
	const char *unknown[] = {"no-such-rule", NULL};
	opts = (ftc_check_opts){.type_size = sizeof opts, .ignore = unknown, .ignore_count = 1};
	refused(&opts, FTC_ERR_INVALID_ARGUMENT, "'no-such-rule'");
	opts.ignore = &unknown[1];
	refused(&opts, FTC_ERR_NULL, "ignore");
	opts.ignore = NULL;
	refused(&opts, FTC_ERR_NULL, "ignore");
	opts.ignore_count = SIZE_MAX;
	opts.ignore = ignore;
	refused(&opts, FTC_ERR_INVALID_ARGUMENT, "memory");

	/* The options of a later version: zeros are fine, anything else is something that this one would not do. */
	struct {
		ftc_check_opts now;
		uint64_t later;
	} larger = {.now = {.type_size = sizeof larger}};
	report = check(right, &larger.now);
	ftc_report_free(report);
	larger.later = 1;
	refused(&larger.now, FTC_ERR_INVALID_ARGUMENT, "opts");
	ftc_decl_free(decl);
	return end();
}
