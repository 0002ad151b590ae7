/* type_size lets programs and libraries of different versions work together. In a larger struct, the unknown part is
   filled with zeros. A struct smaller than that of the first version is refused. */
#include "check.h"


#define CHECK_SIZES(type, call) \
	do { \
		struct { \
			type known; \
			unsigned char added[24], behind; \
		} later; \
		memset(&later, 0xff, sizeof later); \
		type *out = &later.known; \
		out->type_size = sizeof(type) + 24; \
		CHECK_NUMBER(call, FTC_OK); \
		CHECK_NUMBER(out->type_size, sizeof(type) + 24); \
		for (int i = 0; i < 24; i++) \
			CHECK_NUMBER(later.added[i], 0); \
		CHECK_NUMBER(later.behind, 0xff); \
		static const size_t refused[] = {0, 1, sizeof(size_t), sizeof(type) - 1, 1 << 20, (size_t)-1}; \
		for (int i = 0; i < 6; i++) { \
			memset(&later, 0xff, sizeof later); \
			out->type_size = refused[i]; \
			CHECK_ERROR(call, FTC_ERR_INVALID_ARGUMENT, "type_size"); \
			CHECK_NUMBER(((unsigned char *)out)[sizeof(size_t)], 0xff); \
		} \
		out = NULL; \
		CHECK_ERROR(call, FTC_ERR_NULL, "out"); \
	} while (0)

int main(void)
{
	void *shapes = open_library(FIXTURE("libshapes.so"));
	const ftc_decl *decl = describe(shapes, "scale"), *color = describe(shapes, "next_color");
	const ftc_types *types = ftc_decl_types(decl);
	ftc_type_id id = ftc_decl_type(decl);
	ftc_type function = {.type_size = sizeof function}, result = {.type_size = sizeof result};
	CHECK_NUMBER(ftc_type_get(types, id, &function), FTC_OK);
	CHECK_NUMBER(ftc_type_get(ftc_decl_types(color), ftc_decl_type(color), &result), FTC_OK);

	CHECK_SIZES(ftc_type, ftc_type_get(types, id, out));
	CHECK_SIZES(ftc_member, ftc_type_member(types, function.target, 0, out));
	CHECK_SIZES(ftc_parameter, ftc_type_parameter(types, id, 0, out));
	CHECK_SIZES(ftc_enumerator, ftc_type_enumerator(ftc_decl_types(color), result.target, 0, out));

	ffi_cif cif;
	const ftc_report *report = NULL;
	CHECK_NUMBER(ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 0, &ffi_type_void, NULL, decl, &report), FFI_BAD_ARGTYPE);
	CHECK_SIZES(ftc_finding, ftc_report_finding(report, 0, out));
	ftc_report_free(report);
	ftc_decl_free(color);
	ftc_decl_free(decl);
	dlclose(shapes);
	return check_result();
}
