/* Files that are not loaded, for this machine and for others. */
#include "check.h"

static const char *machines[] = {
	FIXTURE("libshapes.so"),
	FIXTURE("aarch64/libshapes.so"),
	FIXTURE("i386/libshapes.so"),
	FIXTURE("s390x/libshapes.so"),
};
static const uint64_t pointer_size[] = {8, 8, 4, 8};
static const uint64_t point_size[] = {16, 16, 12, 16};
static const char *const size_type[] = {"long unsigned int", "long unsigned int", "unsigned int", "long unsigned int"};

static void check(int machine)
{
	const char *path = machines[machine];
	const ftc_decl *decl = NULL;
	CHECK_NUMBER(describe_in_file(path, "scale", &decl), FTC_OK);
	CHECK_TEXT(ftc_decl_spelling(decl), "struct point scale(struct point p, double factor)");
	CHECK_TEXT(ftc_decl_library(decl), path);

	const ftc_types *types = ftc_decl_types(decl);
	const ftc_type *function = ftc_type_get(types, ftc_decl_type(decl));
	const ftc_type *point = ftc_type_get(types, function->target);
	CHECK_NUMBER(point->size, point_size[machine]);
	const ftc_parameter *factor = ftc_type_parameter(types, ftc_decl_type(decl), 1);
	CHECK_TEXT(factor->name, "factor");

	ffi_cif cif;
	if (machine == 0)
		CHECK_NUMBER(ftc_decl_prep_cif(decl, &cif, FFI_DEFAULT_ABI), FTC_OK);
	else
		CHECK_ERROR(ftc_decl_prep_cif(decl, &cif, FFI_DEFAULT_ABI), FTC_ERR_UNSUPPORTED, "machine");
	ftc_decl_free(decl);

	CHECK_NUMBER(describe_in_file(path, "length", &decl), FTC_OK);
	types = ftc_decl_types(decl);
	const ftc_parameter *text = ftc_type_parameter(types, ftc_decl_type(decl), 0);
	const ftc_type *pointer = ftc_type_get(types, text->type_id);
	CHECK_NUMBER(pointer->size, pointer_size[machine]);
	function = ftc_type_get(types, ftc_decl_type(decl));
	const ftc_type *result = ftc_type_get(types, ftc_type_get(types, function->target)->resolved);
	CHECK_TEXT(result->name, size_type[machine]);
	ftc_decl_free(decl);
}

int main(void)
{
	for (int machine = 0; machine < 4; machine++)
		check(machine);
	return check_result();
}
