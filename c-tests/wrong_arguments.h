/* What the programs about wrong arguments share. A row is a call with one wrong argument, which it names. Each argument
   of each function has a row: tests/header.rs looks for it. */
#ifndef WRONG_ARGUMENTS_H
#define WRONG_ARGUMENTS_H

#include "check.h"

/* What a row passes for a result. */
static const ftc_decl *decl_out;
static const ftc_report *report_out;
static ftc_library *library_out;
static size_t count_out;

/* Neither a result nor NULL. */
#define UNWRITTEN ((void *)&count_out)

/* Sets the results and the last error to something else than a row expects. */
static inline void before_row(void)
{
	ftc_library *none = NULL;
	CHECK_NUMBER(ftc_library_open("/no/such/file", &none), FTC_ERR_IO);
	decl_out = UNWRITTEN;
	report_out = UNWRITTEN;
	library_out = UNWRITTEN;
	count_out = 77;
}

/* A failure writes NULL and 0 to the results that were passed. */
static inline void check_results(const char *file, int line, const char *call)
{
	if (decl_out != (strstr(call, "&decl_out") ? NULL : UNWRITTEN) ||
	    report_out != (strstr(call, "&report_out") ? NULL : UNWRITTEN) ||
	    library_out != (strstr(call, "&library_out") ? NULL : UNWRITTEN) ||
	    count_out != (strstr(call, "&count_out") ? 0 : 77))
		check_failed(file, line, call);
}

#define ROW(call, result, status, word) \
	do { \
		before_row(); \
		CHECK((call) == (result)); \
		CHECK_ERROR(ftc_last_error(), status, word); \
		check_results(__FILE__, __LINE__, #call); \
	} while (0)

/* A call that returns the status. */
#define REFUSED(argument, call, status, word) ROW(call, status, status, word)
/* A call that returns NULL, FTC_NO_TYPE, or the number 0. */
#define GIVES_NULL(argument, call, status, word) ROW(call, NULL, status, word)
#define GIVES_NO_TYPE(argument, call, status, word) ROW(call, FTC_NO_TYPE, status, word)
#define GIVES_0(argument, call, status, word) ROW(call, 0, status, word)
/* An argument that cannot be wrong: what the call does holds, and the last error is what it was. */
#define ALLOWED(argument, condition) \
	do { \
		before_row(); \
		CHECK(condition); \
		CHECK_ERROR(ftc_last_error(), FTC_ERR_IO, "/no/such/file"); \
	} while (0)

/* Every flag of the header. */
static const uint32_t every_flag[] = {
	FTC_TYPE_FLAG_INCOMPLETE, FTC_TYPE_FLAG_PROTOTYPED, FTC_TYPE_FLAG_VARIADIC, FTC_TYPE_FLAG_BY_REFERENCE,
	FTC_TYPE_FLAG_SWAPPED, FTC_TYPE_FLAG_UNPROTOTYPED, FTC_MEMBER_BASE_CLASS, FTC_MEMBER_BIT_FIELD,
	FTC_ENUMERATOR_UNSIGNED, FTC_FINDING_AT_CALL, FTC_EXPORT_DEFAULT, FTC_EXPORT_WEAK, FTC_CHECK_STRICT,
	FTC_CHECK_REQUIRE, FTC_CHECK_OWNER_CALLER, FTC_CHECK_OWNER_LIBRARY, FTC_MEMORY_OWNED, 1u << 31,
};
enum { FLAGS = sizeof every_flag / sizeof every_flag[0] };

#endif
