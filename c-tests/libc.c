/* The system's libc with its separate debug file: aliases, IFUNCs, versions, functions split in two, thread-local variables. */
#include "check.h"

int main(void)
{
	void *libc = opened("libc.so.6");
	const struct {
		const char *symbol, *spelling, *name;
	} expected[] = {
		{"qsort", "void qsort(void *b, size_t n, size_t s, __compar_fn_t cmp)", "qsort"},
		{"printf", "int printf(const char *format, ...)", "__printf"},
		{"strlen", "size_t strlen(const char *)", "strlen_ifunc"},
		{"fread", "size_t fread(void *buf, size_t size, size_t count, FILE *fp)", "_IO_fread"},
		{"labs", "long labs(long i)", "labs"},
		{"environ", "char **environ", "__environ"},
		{"errno", "int errno", "errno"},
		{"stdout", "FILE *stdout", "stdout"},
		{"memcpy", "void *memcpy(void *restrict, const void *restrict, size_t)", "__new_memcpy_ifunc"},
	};
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
		const ftc_decl *decl = described(libc, expected[i].symbol);
		CHECK_TEXT(ftc_decl_spelling(decl), expected[i].spelling);
		CHECK_TEXT(ftc_decl_name(decl), expected[i].name);
		ftc_decl_free(decl);
	}
	const ftc_decl *decl = described(libc, "fopen@GLIBC_2.2.5");
	CHECK_TEXT(ftc_decl_version(decl), "GLIBC_2.2.5");
	ftc_decl_free(decl);
	/* The older memcpy is assembly, and the newer one's declaration is not its. */
	CHECK_STATUS(ffi_describe_symbol(libc, "memcpy@GLIBC_2.2.5", &decl), FTC_ERR_NO_TYPE);
	CHECK(strstr(ftc_last_error_message(), "assembly") != NULL);
	CHECK_STATUS(ffi_describe_symbol(libc, "memcpy@GLIBC_9", &decl), FTC_ERR_NO_SYMBOL);
	dlclose(libc);
	ftc_forget_libraries();
	return check_failures != 0;
}
