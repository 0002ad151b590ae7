/* Debug files are found where ftc_set_debug_path says, and a debug package that comes later is seen. */
#include "check.h"

int main(int count, char **arguments)
{
	(void)count;
	void *handle = opened(in(arguments[1], "libseparate.so"));
	const ftc_decl *decl;
	CHECK_STATUS(ffi_describe_symbol(handle, "length", &decl), FTC_ERR_NO_DEBUG_INFO);
	CHECK(strstr(ftc_last_error_message(), "libseparate.so") != NULL);
	CHECK_STATUS(ftc_set_debug_path(in(arguments[1], "debug")), FTC_OK);
	CHECK_STATUS(ffi_describe_symbol(handle, "length", &decl), FTC_OK);
	ftc_decl_free(decl);
	CHECK_STATUS(ftc_describe_in_file(in(arguments[1], "libseparate.so"), "length", &decl), FTC_OK);
	ftc_decl_free(decl);
	CHECK_STATUS(ftc_set_debug_path(NULL), FTC_OK);
	CHECK_STATUS(ffi_describe_symbol(handle, "length", &decl), FTC_ERR_NO_DEBUG_INFO);
	dlclose(handle);
	ftc_forget_libraries();
	return check_failures != 0;
}
