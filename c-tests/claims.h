/* What the programs about claims share: one library, one claim, and short ways to add to it. */
#ifndef CLAIMS_H
#define CLAIMS_H

#include "check.h"

static void *library;
static ftc_claim *claim;
static const ftc_types *claim_types;

/* The types that nearly every program needs. */
static ftc_type_id type_char, type_uchar, type_short, type_ushort, type_int, type_uint, type_long, type_ulong, type_double;

struct field {
	const char *name;
	ftc_type_id type;
	uint64_t offset;
};

static inline ftc_type_id base(ftc_encoding encoding, uint64_t size)
{
	return ftc_claim_base(claim, encoding, size, 0);
}

static inline ftc_type_id swapped(ftc_encoding encoding, uint64_t size)
{
	return ftc_claim_base(claim, encoding, size, FTC_TYPE_FLAG_SWAPPED);
}

static inline ftc_type_id pointer(ftc_type_id target)
{
	return ftc_claim_pointer(claim, target);
}

static inline ftc_type_id array(ftc_type_id element, uint64_t count)
{
	return ftc_claim_array(claim, element, count);
}

static inline ftc_type_id any(void)
{
	return ftc_claim_any(claim);
}

static inline ftc_type_id opaque(const char *tag)
{
	return ftc_claim_record(claim, FTC_TYPE_STRUCT, tag);
}

static inline void complete(ftc_type_id record, uint64_t size, size_t count, const struct field *fields)
{
	for (size_t i = 0; i < count; i++)
		CHECK_NUMBER(ftc_claim_member(claim, record, fields[i].name, fields[i].type, fields[i].offset), FTC_OK);
	CHECK_NUMBER(ftc_claim_complete(claim, record, size, 0), FTC_OK);
}

static inline ftc_type_id record(const char *tag, uint64_t size, size_t count, const struct field *fields)
{
	ftc_type_id id = opaque(tag);
	complete(id, size, count, fields);
	return id;
}

static inline ftc_type_id function_type(ftc_type_id result, size_t count, const ftc_type_id *parameters)
{
	return ftc_claim_function(claim, result, count, parameters, 0);
}

/* Both a number of things, and a list of them. */
#define FIELDS(...) sizeof((struct field[]){__VA_ARGS__}) / sizeof(struct field), (struct field[]){__VA_ARGS__}
#define TYPES(...) sizeof((ftc_type_id[]){__VA_ARGS__}) / sizeof(ftc_type_id), (ftc_type_id[]){__VA_ARGS__}
#define NO_TYPES 0, NULL

static inline void begin(void)
{
	library = open_library(FIXTURE("libclaims.so"));
	claim = ftc_claim_new();
	claim_types = ftc_claim_types(claim);
	type_char = base(FTC_ENCODING_SIGNED_CHAR, 1);
	type_uchar = base(FTC_ENCODING_UNSIGNED_CHAR, 1);
	type_short = base(FTC_ENCODING_SIGNED, 2);
	type_ushort = base(FTC_ENCODING_UNSIGNED, 2);
	type_int = base(FTC_ENCODING_SIGNED, 4);
	type_uint = base(FTC_ENCODING_UNSIGNED, 4);
	type_long = base(FTC_ENCODING_SIGNED, sizeof(long));
	type_ulong = base(FTC_ENCODING_UNSIGNED, sizeof(long));
	type_double = base(FTC_ENCODING_FLOAT, 8);
}

/* What `main` returns. */
static inline int end(void)
{
	ftc_claim_free(claim);
	dlclose(library);
	return check_result();
}

static inline void show(const ftc_report *report)
{
	for (size_t i = 0; i < ftc_report_count(report); i++) {
		const ftc_finding *finding = ftc_report_finding(report, i);
		fprintf(stderr, "    %s [%s] '%s': %s\n", ftc_verdict_name(finding->verdict), finding->rule_id, finding->path,
			finding->sentence);
	}
}

/* A report with this verdict, of which the gravest finding has the rule and the path. For a match both are NULL. */
static inline void expect_report(int line, const ftc_report *report, ftc_verdict verdict, const char *rule,
				 const char *path)
{
	const ftc_finding *found = ftc_report_finding(report, 0);
	int right = ftc_report_verdict(report) == verdict && (found == NULL) == (rule == NULL) &&
		    (rule == NULL || (strcmp(rule, found->rule_id) == 0 && strcmp(path, found->path) == 0));
	if (!right) {
		check_failed("expected", line, ftc_verdict_name(verdict));
		fprintf(stderr, "    by %s at '%s', but is %s\n", rule ? rule : "none", path ? path : "",
			ftc_verdict_name(ftc_report_verdict(report)));
		show(report);
	}
}

/* By default, of memory that the caller made. */
static inline void expect_decl(int line, const char *name, ftc_type_id type, const ftc_check_opts *opts,
			       ftc_verdict verdict, const char *rule, const char *path)
{
	const ftc_decl *decl = describe(library, name);
	const ftc_check_opts made = {.type_size = sizeof made, .flags = FTC_CHECK_OWNER_CALLER};
	const ftc_report *report = NULL;
	CHECK_NUMBER(ftc_check_decl(decl, claim_types, type, opts ? opts : &made, &report), FTC_OK);
	/* It needs the declaration no more. */
	ftc_decl_free(decl);
	expect_report(line, report, verdict, rule, path);
	CHECK_NUMBER(ftc_report_passes(report), verdict != FTC_MISMATCH);
	ftc_report_free(report);
}

#define MATCHES(name, type) expect_decl(__LINE__, name, type, NULL, FTC_MATCH, NULL, NULL)
#define DIFFERS(name, type, rule, path) expect_decl(__LINE__, name, type, NULL, FTC_DIFFERS, rule, path)
#define MISMATCHES(name, type, rule, path) expect_decl(__LINE__, name, type, NULL, FTC_MISMATCH, rule, path)
#define UNVERIFIED(name, type, rule, path) expect_decl(__LINE__, name, type, NULL, FTC_UNVERIFIED, rule, path)

#endif
