/* Constants of enumerations by name, of a library and of a claim. */
#include "claims.h"

static void check(const ftc_types *types, ftc_type_id id, const char *name, int64_t value, uint32_t flags)
{
	const ftc_enumerator *constant = ftc_type_find_enumerator(types, id, name);
	CHECK_TEXT(constant->name, name);
	CHECK_NUMBER(constant->value, value);
	CHECK_NUMBER(constant->flags, flags);
}

int main(void)
{
	begin();
	void *shapes = open_library(FIXTURE("libshapes.so"));
	const ftc_decl *decl = NULL;
	CHECK_NUMBER(ftc_describe_type(shapes, "enum color", 0, &decl, NULL), FTC_OK);
	const ftc_types *types = ftc_decl_types(decl);
	ftc_type_id color = ftc_decl_type(decl);
	check(types, color, "RED", 0, 0);
	check(types, color, "GREEN", 5, 0);
	check(types, color, "BLUE", -7, 0);
	CHECK(ftc_type_find_enumerator(types, color, "BLUE") == ftc_type_enumerator(types, color, 2));
	CHECK_NULL(ftc_type_find_enumerator(types, color, "blue"), FTC_ERR_INVALID_ARGUMENT, "no constant 'blue'");
	CHECK_NULL(ftc_type_find_enumerator(types, color, "BLU"), FTC_ERR_INVALID_ARGUMENT, "no constant 'BLU'");
	CHECK_NULL(ftc_type_find_enumerator(types, color, "EVERYTHING"), FTC_ERR_INVALID_ARGUMENT, "EVERYTHING");
	ftc_decl_free(decl);

	CHECK_NUMBER(ftc_describe_type(shapes, "enum huge", 0, &decl, NULL), FTC_OK);
	check(ftc_decl_types(decl), ftc_decl_type(decl), "EVERYTHING", -1, FTC_ENUMERATOR_UNSIGNED);
	ftc_decl_free(decl);

	ftc_type_id level = ftc_claim_enumeration(claim, "level", type_int, 2, (const char *[]){"LOW", "HIGH"},
						  (int64_t[]){-1, 1});
	check(claim_types, level, "LOW", -1, 0);
	check(claim_types, level, "HIGH", 1, 0);
	CHECK_NULL(ftc_type_find_enumerator(claim_types, level, "MIDDLE"), FTC_ERR_INVALID_ARGUMENT, "MIDDLE");
	dlclose(shapes);
	return end();
}
