/* Declarations and types as C text, cut to the caller's buffer but never past it. */
#include "check.h"

static void check(void *handle, const char *name, const char *spelling)
{
	const ftc_decl *decl = describe(handle, name);
	CHECK_TEXT(ftc_decl_spelling(decl), spelling);
	CHECK(ftc_decl_spelling(decl) == ftc_decl_spelling(decl));
	ftc_decl_free(decl);
}

int main(void)
{
	void *shapes = open_library(FIXTURE("libshapes.so"));
	check(shapes, "choose", "int (*choose(int which, int (*const *table)(int)))(int)");
	check(shapes, "walk", "int walk(node *first, int (*visit)(const node *, void *), void *context)");
	check(shapes, "sum", "int sum(int count, ...)");
	check(shapes, "biggest", "enum huge biggest(void)");
	check(shapes, "rotate", "_Complex double rotate(_Complex double z, _Complex float w)");
	check(shapes, "halve", "long double halve(long double value)");
	check(shapes, "is_odd", "_Bool is_odd(unsigned char value)");
	check(shapes, "counter", "volatile int counter");
	check(shapes, "per_thread", "long per_thread");
	check(shapes, "roots", "struct node *roots[4]");

	const ftc_decl *decl = describe(shapes, "roots");
	const ftc_types *types = ftc_decl_types(decl);
	ftc_type_id id = ftc_decl_type(decl);
	const char *whole = "struct node *list[4]";
	char buffer[64];
	size_t length = 0;
	CHECK_NUMBER(ftc_type_spell(types, id, "list", buffer, sizeof buffer, &length), FTC_OK);
	CHECK_TEXT(buffer, whole);
	CHECK_NUMBER(length, strlen(whole));
	CHECK_NUMBER(ftc_type_spell(types, id, NULL, buffer, sizeof buffer, NULL), FTC_OK);
	CHECK_TEXT(buffer, "struct node *[4]");

	CHECK_TEXT(ftc_type_spelling(types, id), "struct node *[4]");
	CHECK(ftc_type_spelling(types, id) == ftc_type_spelling(types, id));

	for (size_t size = 0; size <= strlen(whole) + 1; size++) {
		memset(buffer, '#', sizeof buffer);
		CHECK_NUMBER(ftc_type_spell(types, id, "list", buffer, size, &length), FTC_OK);
		CHECK_NUMBER(length, strlen(whole));
		size_t kept = size == 0 ? 0 : size - 1;
		CHECK(size == 0 || (strlen(buffer) == kept && strncmp(buffer, whole, kept) == 0));
		CHECK(buffer[size] == '#');
	}
	CHECK_NUMBER(ftc_type_spell(types, id, "list", NULL, 0, &length), FTC_OK);
	CHECK_NUMBER(ftc_type_spell(types, id, "list", NULL, 0, NULL), FTC_OK);
	CHECK_ERROR(ftc_type_spell(types, id, "list", NULL, 1, &length), FTC_ERR_NULL, "buffer");
	CHECK_ERROR(ftc_type_spell(NULL, id, "list", buffer, sizeof buffer, &length), FTC_ERR_NULL, "types");
	ftc_decl_free(decl);
	dlclose(shapes);
	return check_result();
}
