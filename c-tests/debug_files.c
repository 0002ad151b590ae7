/* A stripped library, its debug file, the debug file of another build, and the places where they are searched. */
#include "check.h"

#define STRIPPED FIXTURE("libstripped.so")

static void found(const char *path)
{
	const ftc_decl *decl = NULL;
	CHECK_NUMBER(ftc_set_debug_path(path), FTC_OK);
	CHECK_NUMBER(describe_in_file(STRIPPED, "length", &decl), FTC_OK);
	CHECK_TEXT(ftc_decl_spelling(decl), "size_t length(const char *text)");
	CHECK_TEXT(ftc_decl_library(decl), STRIPPED);
	ftc_decl_free(decl);
}

static void not_found(const char *path, ftc_status status, const char *word)
{
	const ftc_decl *decl = NULL;
	CHECK_NUMBER(ftc_set_debug_path(path), FTC_OK);
	CHECK_ERROR(describe_in_file(STRIPPED, "length", &decl), status, word);
	CHECK_ERROR(describe_in_file(STRIPPED, "length", &decl), status, STRIPPED);
	CHECK(decl == NULL);
}

int main(void)
{
	not_found(NULL, FTC_ERR_NO_DEBUG_INFO, "no debug information");
	not_found("", FTC_ERR_NO_DEBUG_INFO, "no debug information");
	not_found(FIXTURE("no-such-directory"), FTC_ERR_NO_DEBUG_INFO, "no-such-directory");
	not_found(FIXTURE("debug-other-build"), FTC_ERR_DEBUG_FILE_MISMATCH, "another build");
	found(FIXTURE("debug"));
	found(FIXTURE("no-such-directory") ":" FIXTURE("debug-other-build") ":" FIXTURE("debug"));

	/* The environment, which the given path replaces. */
	setenv("FFITYPECHECK_DEBUG_PATH", FIXTURE("debug"), 1);
	found(NULL);
	not_found(FIXTURE("no-such-directory"), FTC_ERR_NO_DEBUG_INFO, "no-such-directory");
	unsetenv("FFITYPECHECK_DEBUG_PATH");
	not_found(NULL, FTC_ERR_NO_DEBUG_INFO, "no debug information");
	setenv("DEBUGINFOD_CACHE_PATH", FIXTURE("debuginfod"), 1);
	found(NULL);
	not_found("", FTC_ERR_NO_DEBUG_INFO, "no debug information");
	unsetenv("DEBUGINFOD_CACHE_PATH");
	CHECK_NUMBER(ftc_set_debug_path(NULL), FTC_OK);

	/* What is loaded: remembered as found or not found, until libraries are forgotten. */
	void *handle = open_library(STRIPPED);
	const ftc_decl *decl = NULL;
	CHECK_ERROR(ffi_describe_symbol(handle, "length", &decl), FTC_ERR_NO_DEBUG_INFO, STRIPPED);
	setenv("FFITYPECHECK_DEBUG_PATH", FIXTURE("debug"), 1);
	CHECK_NUMBER(ftc_set_debug_path(NULL), FTC_OK);
	decl = describe(handle, "length");
	CHECK_TEXT(ftc_decl_spelling(decl), "size_t length(const char *text)");
	CHECK_NUMBER(ftc_set_debug_path(""), FTC_OK);
	CHECK_TEXT(ftc_decl_source_file(decl), "fixtures/shapes.c");
	ftc_decl_free(decl);
	CHECK_NUMBER(ffi_describe_symbol(handle, "length", &decl), FTC_ERR_NO_DEBUG_INFO);
	dlclose(handle);
	return check_result();
}
