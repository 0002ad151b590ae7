/* Two versions of memcpy: an IFUNC, and an old one in assembly. The old one has no type, even though the new one has.
   */
#include "check.h"

int main(void)
{
	void *libc = open_library("libc.so.6");
	const ftc_decl *decl = describe(libc, "memcpy");
	CHECK_TEXT(ftc_decl_version(decl), "GLIBC_2.14");
	CHECK_NUMBER(ftc_decl_evidence(decl), FTC_EVIDENCE_RESOLVER);
	ftc_decl_free(decl);
	decl = NULL;
	CHECK_ERROR(ffi_describe_symbol(libc, "memcpy@GLIBC_2.2.5", &decl), FTC_ERR_NO_TYPE, "memcpy");
	CHECK(decl == NULL);
	dlclose(libc);
	return check_result();
}
