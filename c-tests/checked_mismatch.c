/* Each kind of mismatch is refused with FFI_BAD_ARGTYPE. The cif is not written, and a sentence says where it is. */
#include "check.h"

static void *shapes;

static void check(const char *name, ffi_type *result, unsigned int count, ffi_type **types, uint32_t position,
		  uint32_t argument, const char *rule, const char *sentence)
{
	const ftc_decl *decl = describe(shapes, name);
	const ftc_report *report = NULL;
	ffi_cif cif, before;
	memset(&cif, 0xa5, sizeof cif);
	before = cif;
	CHECK_NUMBER(ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, count, result, types, decl, &report), FFI_BAD_ARGTYPE);
	CHECK(memcmp(&cif, &before, sizeof cif) == 0);
	CHECK_NUMBER(ftc_report_verdict(report), FTC_MISMATCH);
	const ftc_finding *finding = ftc_report_finding(report, 0);
	CHECK_NUMBER(finding->verdict, FTC_MISMATCH);
	CHECK_NUMBER(finding->position, position);
	CHECK_NUMBER(finding->argument, argument);
	CHECK_TEXT(finding->rule_id, rule);
	CHECK_TEXT(finding->sentence, sentence);
	CHECK_TEXT(ftc_last_error_message(), sentence);
	CHECK(ftc_rule_reason(finding->rule) != NULL);
	ftc_report_free(report);
	ftc_decl_free(decl);
}

#define TYPES(...) (sizeof((ffi_type *[]){__VA_ARGS__}) / sizeof(ffi_type *)), (ffi_type *[]){__VA_ARGS__}
#define P &ffi_type_pointer

int main(void)
{
	shapes = open_library(FIXTURE("libshapes.so"));
	check("store", &ffi_type_void, TYPES(P), FTC_POSITION_CALL, 0, "argument-count",
	      "store: the library declares 2 parameters, the caller passes 1 argument");
	check("store", &ffi_type_void, TYPES(P, &ffi_type_sint, P), FTC_POSITION_CALL, 0, "argument-count",
	      "store: the library declares 2 parameters, the caller passes 3 arguments");
	check("store", &ffi_type_void, TYPES(&ffi_type_sint, &ffi_type_sint), FTC_POSITION_ARGUMENT, 1,
	      "argument-too-narrow",
	      "store: argument 1 ('where'): the library declares 'int *' (pointer, 8 bytes), "
	      "the caller passes int (4 bytes); the upper bytes are not defined");
	check("store", &ffi_type_void, TYPES(P, &ffi_type_double), FTC_POSITION_ARGUMENT, 2, "number-class",
	      "store: argument 2 ('what'): the library declares 'int' (signed integer, 4 bytes), "
	      "the caller passes double (8 bytes)");
	check("length", &ffi_type_sint, TYPES(P), FTC_POSITION_RESULT, 0, "result-narrower",
	      "length: result: the library returns 'size_t' (unsigned integer, 8 bytes), "
	      "the caller reads int (4 bytes); the value is cut");
	check("is_odd", &ffi_type_sint, TYPES(&ffi_type_uchar), FTC_POSITION_RESULT, 0, "result-wider",
	      "is_odd: result: the library returns '_Bool' (boolean, 1 byte), "
	      "the caller reads int (4 bytes); the upper bytes of the register are not defined");
	check("store", &ffi_type_sint, TYPES(P, &ffi_type_sint), FTC_POSITION_RESULT, 0, "result-of-void",
	      "store: result: the library returns 'void', the caller reads int (4 bytes)");
	check("halve", &ffi_type_longdouble, TYPES(&ffi_type_double), FTC_POSITION_ARGUMENT, 1, "number-class",
	      "halve: argument 1 ('value'): the library declares 'long double' (floating point, 16 bytes), "
	      "the caller passes double (8 bytes)");
	ffi_type *members[] = {&ffi_type_sint32, &ffi_type_sint64, NULL};
	ffi_type wrong = {0, 0, FFI_TYPE_STRUCT, members};
	check("swap", &ffi_type_void, TYPES(&wrong), FTC_POSITION_ARGUMENT, 1, "record-bytes",
	      "swap: argument 1 ('s'): the library declares 'struct small' (struct, 4 bytes), "
	      "the caller passes struct (16 bytes)");
	check("counter", &ffi_type_sint, 0, NULL, FTC_POSITION_CALL, 0, "function-against-variable",
	      "counter: the library declares a variable, the caller calls it");

	/* Several at once, the gravest first. */
	const ftc_decl *decl = describe(shapes, "store");
	const ftc_report *report = NULL;
	ffi_cif cif;
	ffi_type *types[] = {&ffi_type_sint, &ffi_type_uint};
	ffi_status status = ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_void, types, decl, &report);
	CHECK_NUMBER(status, FFI_BAD_ARGTYPE);
	CHECK_NUMBER(ftc_report_count(report), 2);
	const ftc_finding *finding = ftc_report_finding(report, 1);
	CHECK_NUMBER(finding->verdict, FTC_DIFFERS);
	CHECK_NUMBER(finding->argument, 2);
	CHECK_TEXT(finding->declared, "'int' (signed integer, 4 bytes)");
	CHECK_TEXT(finding->claimed, "unsigned int (4 bytes)");
	ftc_report_free(report);
	/* Whether there is a report changes nothing. */
	status = ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_void, types, decl, NULL);
	CHECK_NUMBER(status, FFI_BAD_ARGTYPE);
	ftc_decl_free(decl);
	dlclose(shapes);
	return check_result();
}
