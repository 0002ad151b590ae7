/* The declaration of one build of a library is the claim against another build. */
#include "claims.h"

/* What `function` of the build in `old` gives against that of the build in `new`. */
static void expect(int line, const char *old, const char *new, const char *function, ftc_verdict verdict,
		   const char *rule)
{
	const ftc_decl *before = NULL, *now = NULL;
	const ftc_report *report = NULL;
	CHECK_NUMBER(describe_in_file(old, function, &before), FTC_OK);
	CHECK_NUMBER(describe_in_file(new, function, &now), FTC_OK);
	CHECK_NUMBER(ftc_check_decl(now, ftc_decl_types(before), ftc_decl_type(before), NULL, &report), FTC_OK);
	/* The report needs neither of them. */
	ftc_decl_free(now);
	ftc_decl_free(before);
	expect_report(line, report, verdict, rule, rule ? "" : NULL);
	ftc_report_free(report);
}

/* Every export of a build against another build of the same source. */
static void all_match(const char *old, const char *new)
{
	ftc_library *library = NULL;
	CHECK_NUMBER(ftc_library_open(old, &library), FTC_OK);
	for (size_t i = 0; i < ftc_library_export_count(library); i++)
		expect(__LINE__, old, new, ftc_library_export(library, i)->name, FTC_MATCH, NULL);
	ftc_library_free(library);
}

static void records(void)
{
	const ftc_decl *small = NULL, *large = NULL;
	const ftc_report *report = NULL;
	size_t count = 0;
	ftc_library *types = NULL;
	CHECK_NUMBER(ftc_library_open(FIXTURE("libtypes.so"), &types), FTC_OK);
	CHECK_NUMBER(ftc_library_describe_type(types, "struct item", 0, &small, &count), FTC_OK);
	CHECK_NUMBER(ftc_library_describe_type(types, "struct item", 1, &large, &count), FTC_OK);
	ftc_library_free(types);
	const ftc_check_opts made = {.type_size = sizeof made, .flags = FTC_CHECK_OWNER_CALLER};
	CHECK_NUMBER(ftc_check_type(ftc_decl_types(large), ftc_decl_type(large), ftc_decl_types(small), ftc_decl_type(small),
				    &made, &report), FTC_OK);
	expect_report(__LINE__, report, FTC_MISMATCH, "pointee-too-small", "");
	ftc_report_free(report);
	CHECK_NUMBER(ftc_check_decl(large, ftc_decl_types(large), ftc_decl_type(large), &made, &report), FTC_OK);
	expect_report(__LINE__, report, FTC_MATCH, NULL, NULL);
	ftc_report_free(report);
	/* Memory that is made with the type of the old build, in a call of the new one. */
	const ftc_decl *length = NULL;
	const ftc_memory memory = {.type_size = sizeof memory, .flags = FTC_MEMORY_OWNED, .bytes = 8};
	CHECK_NUMBER(describe_in_file(FIXTURE("libtypes.so"), "visit2", &length), FTC_OK);
	CHECK_NUMBER(ftc_check_argument(length, 4, ftc_decl_types(small), ftc_decl_type(small), &memory, NULL, &report), FTC_OK);
	expect_report(__LINE__, report, FTC_MISMATCH, "pointee-too-small", "→ pointee");
	ftc_report_free(report);
	ftc_decl_free(length);
	ftc_decl_free(large);
	ftc_decl_free(small);
}

int main(void)
{
	const char *first = FIXTURE("libbuild1.so"), *second = FIXTURE("libbuild2.so");
	expect(__LINE__, first, first, "build", FTC_MATCH, NULL);
	expect(__LINE__, first, second, "build", FTC_MISMATCH, "number-class");
	expect(__LINE__, second, first, "build", FTC_MISMATCH, "number-class");
	all_match(FIXTURE("libshapes.so"), FIXTURE("libshapes.so"));
	all_match(FIXTURE("libshapes.so"), FIXTURE("slim/libshapes.so"));
	all_match(FIXTURE("slim/libshapes.so"), FIXTURE("libshapes.so"));
	records();
	return check_result();
}
