/* Assembly has no types. A symbol has no type if no C unit declares it, or if two units declare it differently. */
#include "check.h"

int main(void)
{
	void *handle = open_library(FIXTURE("libassembly.so"));
	const ftc_decl *decl = NULL;
	CHECK_ERROR(ffi_describe_symbol(handle, "nobody_declares", &decl), FTC_ERR_NO_TYPE, "assembly.S");
	CHECK_ERROR(ffi_describe_symbol(handle, "two_declare", &decl), FTC_ERR_AMBIGUOUS, "two_declare");
	CHECK_ERROR(ftc_describe_address(dlsym(handle, "two_declare"), &decl), FTC_ERR_AMBIGUOUS, "two_declare");
	CHECK(decl == NULL);
	dlclose(handle);

	/* One unit that declares it is enough, but only a declaration. */
	handle = open_library(FIXTURE("libdeclared.so"));
	decl = describe(handle, "two_declare");
	CHECK_TEXT(ftc_decl_spelling(decl), "int two_declare(int)");
	CHECK_NUMBER(ftc_decl_evidence(decl), FTC_EVIDENCE_USE);
	ftc_decl_free(decl);
	dlclose(handle);
	return check_result();
}
