/* By file and name: not loaded, and for other machines. */
#include "check.h"

int main(int count, char **arguments)
{
	const struct {
		const char *name, *spelling;
		uint64_t size;
	} expected[] = {
		{"length", "size_t length(const char *text, size_t limit)", FTC_UNKNOWN_SIZE},
		{"shifted", "struct point shifted(struct point p, int by)", FTC_UNKNOWN_SIZE},
		{"counter", "int counter", 4},
	};
	const char *files[] = {"libfixture.so", "aarch64-linux-gnu.so", "i686-linux-gnu.so", "s390x-linux-gnu.so"};
	(void)count;
	for (int i = 0; i < 4; i++) {
		const char *path = in(arguments[1], files[i]);
		for (size_t j = 0; j < sizeof expected / sizeof *expected; j++) {
			const ftc_decl *decl = NULL;
			CHECK_STATUS(ftc_describe_in_file(path, expected[j].name, &decl), FTC_OK);
			CHECK_TEXT(ftc_decl_spelling(decl), expected[j].spelling);
			ftc_type type = {.type_size = sizeof type};
			CHECK_STATUS(ftc_type_get(ftc_decl_types(decl), ftc_decl_type(decl), &type), FTC_OK);
			CHECK(type.size == expected[j].size);
			/* Only this machine's can be called. */
			ffi_cif cif;
			if (ftc_decl_kind(decl) == FTC_FUNCTION)
				CHECK_STATUS(ftc_decl_prep_cif(decl, &cif, FFI_DEFAULT_ABI),
					     i == 0 ? FTC_OK : FTC_ERR_UNSUPPORTED);
			ftc_decl_free(decl);
		}
	}
	return check_failures != 0;
}
