/* A program has a copy of a library's variable, but not its type. The type comes from the library that defines it. */
#include "check.h"

extern const unsigned short table[2][3];
extern char **environ;

int main(void)
{
	const ftc_decl *decl = describe(NULL, "table");
	CHECK(table[1][2] == 6);
	CHECK_TEXT(ftc_decl_spelling(decl), "const unsigned short table[2][3]");
	ftc_decl_free(decl);
	decl = describe(NULL, "environ");
	CHECK(environ != NULL);
	CHECK_TEXT(ftc_decl_spelling(decl), "char **environ");
	ftc_decl_free(decl);
	return check_result();
}
