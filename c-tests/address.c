/* By address: what nobody knows the name of. */
#include "check.h"

int main(int count, char **arguments)
{
	(void)count;
	void *fixture = opened(in(arguments[1], "libfixture.so"));
	const ftc_decl *decl = NULL;
	int (*(*hidden_function)(void))(int);
	*(void **)&hidden_function = dlsym(fixture, "hidden_function");
	int (*hidden)(int) = hidden_function();
	CHECK_STATUS(ftc_describe_address(*(void **)&hidden, &decl), FTC_OK);
	CHECK_TEXT(ftc_decl_spelling(decl), "int hidden(int a)");
	ftc_decl_free(decl);

	CHECK_STATUS(ftc_describe_address(dlsym(fixture, "counter"), &decl), FTC_OK);
	CHECK_TEXT(ftc_decl_spelling(decl), "int counter");
	ftc_decl_free(decl);

	/* What dlsym gives for an IFUNC is the implementation that was chosen. */
	CHECK_STATUS(ftc_describe_address(dlsym(fixture, "chosen"), &decl), FTC_OK);
	CHECK_TEXT(ftc_decl_spelling(decl), "int add(int a, int b)");
	ftc_decl_free(decl);

	decl = NULL;
	CHECK_STATUS(ftc_describe_address((char *)dlsym(fixture, "length") + 1, &decl), FTC_ERR_NO_TYPE);
	CHECK_STATUS(ftc_describe_address(&decl, &decl), FTC_ERR_NOT_LOADED);
	CHECK_STATUS(ftc_describe_address(NULL, &decl), FTC_ERR_NOT_LOADED);
	CHECK(decl == NULL);
	dlclose(fixture);
	ftc_forget_libraries();
	return check_failures != 0;
}
