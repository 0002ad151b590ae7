/* The definition that the loader would use is described. This is the first one in order, even if it is weak and a
   later one is not. A preloaded one precedes all others. This program is linked with libprovider1.so before
   libprovider2.so. */
#include <unistd.h>

#include "check.h"

#define PRELOADED FIXTURE("libprovider3.so")

static void check(void *handle, const char *name, const char *library, const char *spelling)
{
	const ftc_decl *decl = describe(handle, name);
	CHECK_TEXT(ftc_decl_library(decl), library);
	CHECK_TEXT(ftc_decl_spelling(decl), spelling);
	ftc_decl_free(decl);
}

int main(int argc, char **argv)
{
	const char *preload = getenv("LD_PRELOAD");
	if (argc == 1 && (preload == NULL || strstr(preload, PRELOADED) == NULL)) {
		void *second = open_library(FIXTURE("libprovider2.so"));
		check(NULL, "provided", FIXTURE("libprovider1.so"), "int provided(int a)");
		check(NULL, "preferred", FIXTURE("libprovider1.so"), "int preferred(int a)");
		check(NULL, "only_weak", FIXTURE("libprovider2.so"), "short only_weak(short a)");
		check(second, "provided", FIXTURE("libprovider2.so"), "double provided(double a, double b)");
		check(second, "preferred", FIXTURE("libprovider2.so"), "long preferred(long a)");
		dlclose(second);
		if (check_failures != 0)
			return 1;
		/* Valgrind and the sanitizers have preloaded something of their own. */
		char both[4096];
		snprintf(both, sizeof both, "%s%s%s", preload ? preload : "", preload ? ":" : "", PRELOADED);
		setenv("LD_PRELOAD", both, 1);
		execl(argv[0], argv[0], "again", (char *)NULL);
		return 2;
	}
	check(NULL, "provided", PRELOADED, "char *provided(char *a)");
	check(NULL, "preferred", FIXTURE("libprovider1.so"), "int preferred(int a)");
	return check_result();
}
