/* A library that was replaced on disk while it is mapped is not read: the build-ids differ. */
#include "check.h"

#include <unistd.h>

int main(int count, char **arguments)
{
	(void)count;
	void *handle = opened(in(arguments[1], "replaced.so"));
	const ftc_decl *decl = NULL;
	/* Renamed into place, as package managers do. */
	CHECK(rename(in(arguments[1], "replacement.so"), in(arguments[1], "replaced.so")) == 0);
	CHECK_STATUS(ffi_describe_symbol(handle, "length", &decl), FTC_ERR_BUILD_ID);
	CHECK_STATUS(ftc_describe_address(dlsym(handle, "length"), &decl), FTC_ERR_BUILD_ID);
	CHECK(unlink(in(arguments[1], "replaced.so")) == 0);
	ftc_forget_libraries();
	CHECK_STATUS(ffi_describe_symbol(handle, "length", &decl), FTC_ERR_BUILD_ID);
	CHECK(decl == NULL);
	dlclose(handle);
	/* Nor one that cannot show which build it is. */
	handle = opened(in(arguments[1], "libanonymous.so"));
	CHECK_STATUS(ffi_describe_symbol(handle, "length", &decl), FTC_ERR_BUILD_ID);
	CHECK_STATUS(ftc_describe_in_file(in(arguments[1], "libanonymous.so"), "length", &decl), FTC_OK);
	ftc_decl_free(decl);
	dlclose(handle);
	ftc_forget_libraries();
	return check_failures != 0;
}
