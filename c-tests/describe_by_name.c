/* Symbols of the real C library, by handle and name: plain, alias, split, IFUNC, variable, thread-local variable. */
#include "check.h"

static void check(void *libc, const char *name, const char *source_name, uint32_t evidence, const char *spelling)
{
	const ftc_decl *decl = describe(libc, name);
	CHECK_TEXT(ftc_decl_symbol(decl), name);
	CHECK_TEXT(ftc_decl_name(decl), source_name);
	CHECK_TEXT(ftc_decl_spelling(decl), spelling);
	CHECK_NUMBER(ftc_decl_evidence(decl), evidence);
	CHECK_NUMBER(ftc_decl_kind(decl), strchr(spelling, '(') ? FTC_DECL_FUNCTION : FTC_DECL_VARIABLE);
	CHECK(strstr(ftc_decl_library(decl), "libc.so.6") != NULL);
	CHECK(ftc_decl_source_file(decl) != NULL && ftc_decl_source_line(decl) > 0);
	CHECK_TEXT(ftc_decl_version(decl), strcmp(name, "errno") ? "GLIBC_2.2.5" : "GLIBC_PRIVATE");
	ftc_decl_free(decl);
}

int main(void)
{
	void *libc = open_library("libc.so.6");
	check(libc, "qsort", "qsort", FTC_EVIDENCE_ADDRESS,
	      "void qsort(void *b, size_t n, size_t s, __compar_fn_t cmp)");
	check(libc, "printf", "__printf", FTC_EVIDENCE_ADDRESS, "int printf(const char *format, ...)");
	check(libc, "fread", "_IO_fread", FTC_EVIDENCE_ADDRESS,
	      "size_t fread(void *buf, size_t size, size_t count, FILE *fp)");
	check(libc, "strlen", "strlen_ifunc", FTC_EVIDENCE_RESOLVER, "size_t strlen(const char *)");
	check(libc, "environ", "__environ", FTC_EVIDENCE_ADDRESS, "char **environ");
	check(libc, "errno", "errno", FTC_EVIDENCE_ADDRESS, "int errno");
	dlclose(libc);
	return check_result();
}
