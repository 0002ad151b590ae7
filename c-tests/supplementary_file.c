/* A library whose debug information dwz has split: the part that it shares with another library is in a supplementary
   file. */
#include "check.h"

int main(void)
{
	static const char *const libraries[] = {FIXTURE("dwz/libshapes.so"), FIXTURE("dwz/libshapes2.so")};
	for (int i = 0; i < 2; i++) {
		const ftc_decl *decl = NULL;
		CHECK_NUMBER(describe_in_file(libraries[i], "walk", &decl), FTC_OK);
		CHECK_TEXT(ftc_decl_spelling(decl),
			   "int walk(node *first, int (*visit)(const node *, void *), void *context)");
		ftc_decl_free(decl);
	}
	const ftc_decl *decl = NULL;
	CHECK_ERROR(describe_in_file(FIXTURE("dwz-lost/libshapes.so"), "walk", &decl), FTC_ERR_NO_DEBUG_INFO,
		    "shared.debug");
	return check_result();
}
