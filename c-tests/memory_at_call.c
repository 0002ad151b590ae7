/* The memory that an argument points to: the result is not known from the declaration, but from the call. */
#include "claims.h"

static const ftc_decl *decl;

/* What is found for memory of the caller's that is made as `made`. */
static void judge(int line, ftc_type_id made, uint64_t bytes, ftc_verdict verdict, const char *rule)
{
	ftc_memory memory = {.type_size = sizeof memory, .flags = FTC_MEMORY_OWNED, .bytes = bytes};
	const ftc_report *report = NULL;
	CHECK_NUMBER(ftc_check_argument(decl, 2, made != 0 ? claim_types : NULL, made, &memory, NULL, &report), FTC_OK);
	expect_report(line, report, verdict, rule, rule != NULL ? "→ pointee" : NULL);
	CHECK_NUMBER(ftc_report_passes(report), verdict != FTC_MISMATCH);
	CHECK_NUMBER(ftc_report_at_call(report), 0);
	ftc_report_free(report);
}

/* What the declaration says, by who made the memory. */
static void declare(ftc_type_id function, uint32_t flags, ftc_verdict verdict, int at_call)
{
	ftc_check_opts opts = {.type_size = sizeof opts, .flags = flags};
	const ftc_report *report = NULL;
	CHECK_NUMBER(ftc_check_decl(decl, claim_types, function, &opts, &report), FTC_OK);
	CHECK_NUMBER(ftc_report_verdict(report), verdict);
	CHECK_NUMBER(ftc_report_at_call(report), at_call);
	const ftc_finding *finding = ftc_report_finding(report, 0);
	CHECK_NUMBER(finding->flags, at_call ? FTC_FINDING_AT_CALL : 0);
	CHECK_NUMBER(finding->reserved, 0);
	ftc_report_free(report);
}

int main(void)
{
	begin();
	decl = describe(library, "date_add");
	ftc_type_id date = record("date", 12, FIELDS({"day", type_int, 0}, {"month", type_int, 4}, {"year", type_int, 8}));
	ftc_type_id shorter = record("date", 8, FIELDS({"day", type_int, 0}, {"month", type_int, 4}));
	ftc_type_id function = function_type(0, TYPES(type_int, pointer(shorter)));
	declare(function, 0, FTC_DIFFERS, 1);
	declare(function, FTC_CHECK_OWNER_CALLER, FTC_MISMATCH, 0);
	declare(function, FTC_CHECK_OWNER_LIBRARY, FTC_DIFFERS, 0);

	judge(__LINE__, date, 12, FTC_MATCH, NULL);
	judge(__LINE__, shorter, 8, FTC_MISMATCH, "pointee-too-small");
	judge(__LINE__, shorter, 12, FTC_MATCH, NULL);
	judge(__LINE__, 0, 11, FTC_MISMATCH, "pointee-too-small");
	judge(__LINE__, 0, 12, FTC_MATCH, NULL);
	judge(__LINE__, 0, 0, FTC_MATCH, NULL);

	/* Memory of somebody else's, an argument that is no pointer, one that is not declared. */
	ftc_memory memory = {.type_size = sizeof memory, .bytes = 1};
	const ftc_report *report = NULL;
	CHECK_NUMBER(ftc_check_argument(decl, 2, NULL, 0, &memory, NULL, &report), FTC_OK);
	CHECK_NUMBER(ftc_report_verdict(report), FTC_MATCH);
	ftc_report_free(report);
	memory.flags = FTC_MEMORY_OWNED;
	for (uint32_t argument = 0; argument < 4; argument++) {
		if (argument == 2)
			continue;
		CHECK_NUMBER(ftc_check_argument(decl, argument, NULL, 0, &memory, NULL, &report), FTC_OK);
		CHECK_NUMBER(ftc_report_verdict(report), FTC_MATCH);
		ftc_report_free(report);
	}

	/* An odd address of a record of ints differs; it would fault for a vector only. */
	memory = (ftc_memory){.type_size = sizeof memory, .flags = FTC_MEMORY_OWNED, .address = 0x1001, .bytes = 12};
	CHECK_NUMBER(ftc_check_argument(decl, 2, NULL, 0, &memory, NULL, &report), FTC_OK);
	expect_report(__LINE__, report, FTC_DIFFERS, "pointee-alignment", "→ pointee");
	ftc_report_free(report);

	report = NULL;
	CHECK_ERROR(ftc_check_argument(NULL, 2, NULL, 0, &memory, NULL, &report), FTC_ERR_NULL, "decl");
	CHECK_ERROR(ftc_check_argument(decl, 2, NULL, date, &memory, NULL, &report), FTC_ERR_NULL, "types");
	CHECK_ERROR(ftc_check_argument(decl, 2, NULL, 0, NULL, NULL, &report), FTC_ERR_NULL, "memory");
	CHECK_ERROR(ftc_check_argument(decl, 2, NULL, 0, &memory, NULL, NULL), FTC_ERR_NULL, "report_out");
	CHECK_ERROR(ftc_check_argument(decl, 2, claim_types, 99999, &memory, NULL, &report), FTC_ERR_INVALID_ARGUMENT, "99999");
	memory.flags = 6;
	CHECK_ERROR(ftc_check_argument(decl, 2, NULL, 0, &memory, NULL, &report), FTC_ERR_INVALID_ARGUMENT, "flags");
	memory = (ftc_memory){.type_size = sizeof memory, .reserved_flags = 1};
	CHECK_ERROR(ftc_check_argument(decl, 2, NULL, 0, &memory, NULL, &report), FTC_ERR_INVALID_ARGUMENT, "reserved");
	memory = (ftc_memory){.type_size = 3};
	CHECK_ERROR(ftc_check_argument(decl, 2, NULL, 0, &memory, NULL, &report), FTC_ERR_INVALID_ARGUMENT, "type_size");
	CHECK(report == NULL);
	CHECK_NUMBER(ftc_report_at_call(NULL), 0);
	ftc_decl_free(decl);
	return end();
}
