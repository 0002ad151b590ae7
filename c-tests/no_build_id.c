/* Without a build-id nothing shows that the file on disk is the one that is mapped. */
#include "check.h"

int main(void)
{
	void *handle = open_library(FIXTURE("libnoid.so"));
	const ftc_decl *decl = NULL;
	CHECK_ERROR(ffi_describe_symbol(handle, "build", &decl), FTC_ERR_BUILD_ID, "libnoid.so");
	CHECK_NUMBER(describe_in_file(FIXTURE("libnoid.so"), "build", &decl), FTC_OK);
	CHECK_TEXT(ftc_decl_spelling(decl), "int build(int a)");
	ftc_decl_free(decl);
	dlclose(handle);
	return check_result();
}
