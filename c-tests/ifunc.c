/* The address of an implementation in assembly leads to its IFUNC. */
#include "check.h"

int main(void)
{
	void *libc = opened("libc.so.6");
	const ftc_decl *decl;
	CHECK_STATUS(ftc_describe_address(dlsym(libc, "strchr"), &decl), FTC_OK);
	CHECK(ftc_decl_evidence(decl) == FTC_EVIDENCE_RESOLVER);
	CHECK_TEXT(ftc_decl_spelling(decl), "char *strchr(const char *, int)");
	ftc_decl_free(decl);
	dlclose(libc);
	ftc_forget_libraries();
	return check_failures != 0;
}
