/* Children use the declarations of their parent and describe more. The parent then does the same. */
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static void *shapes;

static int child(const ftc_decl *decl)
{
	ffi_type *types[] = {&ffi_type_pointer};
	ffi_cif cif;
	alarm(60);
	CHECK_TEXT(ftc_decl_spelling(decl), "size_t length(const char *text)");
	CHECK_NUMBER(ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_ulong, types, decl, NULL), FFI_OK);
	ftc_decl_free(decl);
	decl = describe(shapes, "next_color");
	CHECK_TEXT(ftc_decl_spelling(decl), "enum color next_color(enum color c)");
	ftc_decl_free(decl);
	ftc_forget_libraries();
	return check_result();
}

int main(void)
{
	shapes = open_library(FIXTURE("libshapes.so"));
	const ftc_decl *decl = describe(shapes, "length");
	for (int i = 0; i < 3; i++) {
		int status = -1;
		pid_t process = fork();
		/* By execl, because for valgrind what the parent goes on using is a leak of the child. */
		if (process == 0)
			execl(child(decl) == 0 ? "/bin/true" : "/bin/false", "child", (char *)NULL);
		CHECK(process > 0 && waitpid(process, &status, 0) == process);
		CHECK_NUMBER(status, 0);
	}
	CHECK_TEXT(ftc_decl_symbol(decl), "length");
	ftc_decl_free(decl);
	decl = describe(shapes, "scale");
	ftc_decl_free(decl);
	dlclose(shapes);
	return check_result();
}
