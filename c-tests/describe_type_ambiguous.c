/* Types with several definitions or none, and arguments that do not name a type. */
#include "check.h"

int main(void)
{
	void *types = open_library(FIXTURE("libtypes.so"));
	const ftc_decl *decl = NULL;
	size_t count = 0;

	/* Each of the definitions, in the order of the units. */
	static const uint64_t sizes[] = {8, 16};
	for (size_t index = 0; index < 2; index++) {
		CHECK_NUMBER(ftc_describe_type(types, "struct item", index, &decl, &count), FTC_OK);
		CHECK_NUMBER(count, 2);
		const ftc_type *item = ftc_type_get(ftc_decl_types(decl), ftc_decl_type(decl));
		CHECK_NUMBER(item->size, sizes[index]);
		CHECK_NUMBER(ftc_decl_source_line(decl), 7);
		ftc_decl_free(decl);
	}
	CHECK_ERROR(ftc_describe_type(types, "struct item", 2, &decl, &count), FTC_ERR_INVALID_ARGUMENT, "2");

	/* Who does not ask how many there are wants the only one. */
	CHECK_ERROR(ftc_describe_type(types, "struct item", 0, &decl, NULL), FTC_ERR_AMBIGUOUS, "types.c:7 (8 bytes)");
	CHECK_ERROR(ftc_describe_type(types, "struct item", 1, &decl, NULL), FTC_ERR_AMBIGUOUS, "types.c:7 (16 bytes)");
	CHECK_ERROR(describe_type_in_file(FIXTURE("libtypes.so"), "struct item", &decl), FTC_ERR_AMBIGUOUS,
		    "'struct item' has 2 definitions");

	/* None. */
	CHECK_ERROR(ftc_describe_type(types, "struct any", 0, &decl, &count), FTC_ERR_NO_TYPE, "there is 'union any'");
	CHECK_ERROR(ftc_describe_type(types, "node", 0, &decl, &count), FTC_ERR_NO_TYPE, "there is 'struct node'");
	CHECK_ERROR(ftc_describe_type(types, "struct nothing", 0, &decl, &count), FTC_ERR_NO_TYPE, "libtypes.so");
	CHECK_ERROR(ftc_describe_type(NULL, "struct of_nobody", 0, &decl, &count), FTC_ERR_NO_TYPE,
		    "no library of this process defines 'struct of_nobody'");

	/* No names. */
	CHECK_ERROR(ftc_describe_type(types, "struct node *", 0, &decl, &count), FTC_ERR_INVALID_ARGUMENT, "name of a type alone");
	CHECK_ERROR(ftc_describe_type(NULL, "const int", 0, &decl, &count), FTC_ERR_INVALID_ARGUMENT, "name of a type alone");
	CHECK_ERROR(ftc_describe_type(types, " ", 0, &decl, &count), FTC_ERR_INVALID_ARGUMENT, "empty");
	CHECK_ERROR(ftc_describe_type(types, NULL, 0, &decl, &count), FTC_ERR_NULL, "c_name");
	CHECK_ERROR(ftc_describe_type(types, "struct node", 0, NULL, &count), FTC_ERR_NULL, "decl_out");

	/* No types. */
	CHECK_ERROR(ftc_describe_type(RTLD_NEXT, "struct node", 0, &decl, &count), FTC_ERR_INVALID_ARGUMENT, "RTLD_NEXT");
	CHECK_ERROR(describe_type_in_file(FIXTURE("empty"), "int", &decl), FTC_ERR_NOT_ELF, "empty");

	CHECK(decl == NULL && count == 0);
	dlclose(types);
	return check_result();
}
