/* By handle and name, and in the global scope. */
#include "check.h"

int main(int count, char **arguments)
{
	(void)count;
	void *fixture = opened(in(arguments[1], "libfixture.so"));
	const ftc_decl *decl = described(fixture, "length");
	CHECK(ftc_decl_kind(decl) == FTC_FUNCTION);
	CHECK(ftc_decl_evidence(decl) == FTC_EVIDENCE_ADDRESS);
	CHECK_TEXT(ftc_decl_spelling(decl), "size_t length(const char *text, size_t limit)");
	CHECK_TEXT(ftc_decl_symbol(decl), "length");
	CHECK_TEXT(ftc_decl_name(decl), "length");
	CHECK_TEXT(ftc_decl_version(decl), NULL);
	CHECK_TEXT(ftc_decl_linkage_name(decl), NULL);
	CHECK(strstr(ftc_decl_library(decl), "libfixture.so") != NULL);
	CHECK(strstr(ftc_decl_source_file(decl), "fixture.c") != NULL);
	CHECK(ftc_decl_source_line(decl) > 1);
	ftc_decl_free(decl);

	decl = described(fixture, "counter");
	CHECK(ftc_decl_kind(decl) == FTC_VARIABLE);
	CHECK_TEXT(ftc_decl_spelling(decl), "int counter");
	ftc_decl_free(decl);

	decl = described(fixture, "per_thread");
	CHECK_TEXT(ftc_decl_spelling(decl), "int per_thread");
	ftc_decl_free(decl);

	decl = described(fixture, "chosen");
	CHECK(ftc_decl_evidence(decl) == FTC_EVIDENCE_RESOLVER);
	CHECK_TEXT(ftc_decl_spelling(decl), "int chosen(int, int)");
	ftc_decl_free(decl);

	/* The handle says whose; NULL is the global scope, where the program's own libraries come first. */
	decl = described(fixture, "replaceable");
	CHECK_TEXT(ftc_decl_spelling(decl), "int replaceable(int a)");
	ftc_decl_free(decl);
	opened(in(arguments[1], "libinterposer.so"));
	dlopen(in(arguments[1], "libinterposer.so"), RTLD_NOW | RTLD_GLOBAL);
	dlopen(in(arguments[1], "libfixture.so"), RTLD_NOW | RTLD_GLOBAL);
	decl = described(NULL, "replaceable");
	CHECK_TEXT(ftc_decl_spelling(decl), "long replaceable(long a, long b)");
	ftc_decl_free(decl);

	/* A declaration outlives its library and what the process remembers of it. */
	decl = described(fixture, "shifted");
	ftc_forget_libraries();
	dlclose(fixture);
	CHECK_TEXT(ftc_decl_spelling(decl), "struct point shifted(struct point p, int by)");
	ftc_decl_free(decl);
	ftc_decl_free(NULL);
	ftc_forget_libraries();
	return check_failures != 0;
}
