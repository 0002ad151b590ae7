/* A pointer to an IFUNC of the C library points to an implementation in assembly. The type is that of the resolver.
   */
#include "check.h"

static void check(void *libc, const char *name, const char *spelling)
{
	const ftc_decl *decl = NULL;
	CHECK_NUMBER(ftc_describe_address(dlsym(libc, name), &decl), FTC_OK);
	CHECK_TEXT(ftc_decl_spelling(decl), spelling);
	CHECK_NUMBER(ftc_decl_evidence(decl), FTC_EVIDENCE_RESOLVER);
	ftc_decl_free(decl);
}

int main(void)
{
	void *libc = open_library("libc.so.6");
	check(libc, "strlen", "size_t strlen(const char *)");
	check(libc, "strcmp", "int strcmp(const char *, const char *)");
	dlclose(libc);
	return check_result();
}
