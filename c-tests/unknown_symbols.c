/* Symbols that do not exist, and names that are not valid. */
#include "check.h"

int main(void)
{
	void *shapes = open_library(FIXTURE("libshapes.so"));
	static const char *const names[] = {
		"no_such_symbol", "", "@", "@VERSION", "\xff\xfe", "hidden",
		"length ", "%s%n",
	};
	static char long_name[100000];
	memset(long_name, 'x', sizeof long_name - 1);
	const ftc_decl *decl = NULL;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		CHECK_NUMBER(ffi_describe_symbol(shapes, names[i], &decl), FTC_ERR_NO_SYMBOL);
		CHECK_NUMBER(ffi_describe_symbol(NULL, names[i], &decl), FTC_ERR_NO_SYMBOL);
		CHECK_NUMBER(describe_in_file(FIXTURE("libshapes.so"), names[i], &decl), FTC_ERR_NO_SYMBOL);
	}
	CHECK_ERROR(ffi_describe_symbol(shapes, "no_such_symbol", &decl), FTC_ERR_NO_SYMBOL, "no_such_symbol");
	CHECK_ERROR(describe_in_file(FIXTURE("libshapes.so"), "no_such_symbol", &decl), FTC_ERR_NO_SYMBOL,
		    FIXTURE("libshapes.so"));
	CHECK_NUMBER(describe_in_file(FIXTURE("libshapes.so"), "length@VERSION", &decl), FTC_ERR_NO_SYMBOL);
	CHECK_NUMBER(ffi_describe_symbol(shapes, long_name, &decl), FTC_ERR_NO_SYMBOL);
	CHECK(decl == NULL);
	dlclose(shapes);
	return check_result();
}
