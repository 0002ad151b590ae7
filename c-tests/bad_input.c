/* Each kind of bad input has its own status and a sentence, and nothing is written to the out-parameter. */
#include "check.h"

#include <sys/stat.h>

int main(int count, char **arguments)
{
	(void)count;
	void *fixture = opened(in(arguments[1], "libfixture.so"));
	char path[4096];
	const struct {
		const char *file;
		ftc_status status;
	} files[] = {
		{"missing", FTC_ERR_IO},
		{"directory", FTC_ERR_IO},
		{"fifo", FTC_ERR_IO},
		{"unreadable", FTC_ERR_IO},
		{"empty", FTC_ERR_NOT_ELF},
		{"text", FTC_ERR_NOT_ELF},
		{"truncated.so", FTC_ERR_MALFORMED_ELF},
		{"header-only.so", FTC_ERR_MALFORMED_ELF},
		{"stripped.so", FTC_ERR_NO_DEBUG_INFO},
		{"other-build.so", FTC_ERR_DEBUG_FILE_MISMATCH},
		{"damaged.so", FTC_ERR_MALFORMED_DWARF},
	};
	const ftc_decl *decl = NULL;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		snprintf(path, sizeof path, "%s/bad/%s", arguments[1], files[i].file);
		ftc_status status = ftc_describe_in_file(path, "length", &decl);
		/* Root may read anything. */
		if (strcmp(files[i].file, "unreadable") == 0 && status == FTC_OK) {
			ftc_decl_free(decl);
			decl = NULL;
			continue;
		}
		check_status(__FILE__, __LINE__, files[i].file, status, files[i].status);
		CHECK(decl == NULL);
	}
	CHECK_STATUS(ffi_describe_symbol(fixture, "no_such_symbol", &decl), FTC_ERR_NO_SYMBOL);
	CHECK(strstr(ftc_last_error_message(), "no_such_symbol") != NULL);
	CHECK_STATUS(ffi_describe_symbol((void *)-1l, "length", &decl), FTC_ERR_INVALID_ARGUMENT);
	CHECK_STATUS(ftc_describe_in_file(in(arguments[1], "libfixture.so"), "length@NO_VERSION", &decl), FTC_ERR_NO_SYMBOL);
	CHECK(decl == NULL);

	/* Statuses of their own, and a word for those of the future. */
	for (ftc_status status = FTC_OK; status >= FTC_ERR_INTERNAL; status--)
		for (ftc_status other = FTC_OK; other > status; other--)
			CHECK(strcmp(ftc_strerror(status), ftc_strerror(other)) != 0);
	CHECK(strlen(ftc_strerror(-1000)) > 0);
	dlclose(fixture);
	ftc_forget_libraries();
	return check_failures != 0;
}
