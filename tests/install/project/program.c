/* Prints the version of the library that it was linked with, and the declaration of a function of the C library if there are types. */
#include <ffitypecheck.h>
#include <stdio.h>

int main(void)
{
	ffi_cif cif;
	const ftc_decl *decl;
	ftc_status status = ffi_describe_symbol(NULL, "qsort", &decl);
	if (status == FTC_OK && ftc_decl_prep_cif(decl, &cif, FFI_DEFAULT_ABI) != FTC_OK)
		return 1;
	printf("%s\n%s\n", ftc_get_version(), status == FTC_OK ? ftc_decl_spelling(decl) : ftc_strerror(status));
	ftc_decl_free(decl);
	return 0;
}
