/* A debug file that is truncated while it is in use gives an error and not SIGBUS. Declarations that were read before
   stay. */
#include <unistd.h>

#include "check.h"

static void shell(const char *command, const char *directory)
{
	char line[1000];
	snprintf(line, sizeof line, command, directory);
	CHECK_NUMBER(system(line), 0);
}

int main(void)
{
	char directory[] = "/tmp/ffitypecheck-XXXXXX";
	if (mkdtemp(directory) == NULL)
		return 2;
	shell("cp -r " FIXTURE("debug") "/. %s", directory);
	CHECK_NUMBER(ftc_set_debug_path(directory), FTC_OK);
	void *library = open_library(FIXTURE("libstripped.so"));
	const ftc_decl *decl = describe(library, "length"), *other = NULL;
	CHECK_TEXT(ftc_decl_spelling(decl), "size_t length(const char *text)");

	shell("find %s -name '*.debug' -exec truncate -s 0 '{}' +", directory);
	/* Files are looked at every few milliseconds. */
	usleep(20000);
	CHECK(ffi_describe_symbol(library, "walk", &other) < 0 && other == NULL);
	CHECK_TEXT(ftc_decl_spelling(decl), "size_t length(const char *text)");
	CHECK_NUMBER(ftc_decl_source_line(decl), 0);
	CHECK(ffi_describe_symbol(library, "scale", &other) < 0 && other == NULL);

	shell("cp -r " FIXTURE("debug") "/. %s", directory);
	ftc_forget_libraries();
	other = describe(library, "walk");
	CHECK(ftc_decl_source_line(other) > 0);
	ftc_decl_free(other);
	ftc_decl_free(decl);
	dlclose(library);
	shell("rm -r %s", directory);
	return check_result();
}
