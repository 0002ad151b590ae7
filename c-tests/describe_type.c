/* A type by its name: in a loaded library, in a file, and in any library of the process. */
#include "check.h"

static const ftc_decl *type(void *handle, const char *name)
{
	const ftc_decl *decl = NULL;
	size_t count = 0;
	CHECK_NUMBER(ftc_describe_type(handle, name, 0, &decl, &count), FTC_OK);
	CHECK_NUMBER(count, 1);
	if (decl == NULL)
		exit(2);
	CHECK_NUMBER(ftc_decl_kind(decl), FTC_DECL_TYPE);
	return decl;
}

static void check(void *handle, const char *name, const char *spelling, uint32_t kind, uint64_t size)
{
	const ftc_decl *decl = type(handle, name);
	CHECK_TEXT(ftc_decl_symbol(decl), name);
	CHECK_TEXT(ftc_decl_name(decl), name);
	CHECK_TEXT(ftc_decl_version(decl), NULL);
	CHECK_TEXT(ftc_decl_spelling(decl), spelling);
	CHECK_NUMBER(ftc_decl_evidence(decl), FTC_EVIDENCE_NAME);
	const ftc_type *found = ftc_type_get(ftc_decl_types(decl), ftc_decl_type(decl));
	CHECK_NUMBER(found->kind, kind);
	CHECK_NUMBER(found->size, size);
	ftc_decl_free(decl);
}

int main(void)
{
	void *types = open_library(FIXTURE("libtypes.so"));
	check(types, "struct node", "struct node", FTC_TYPE_STRUCT, 16);
	check(types, "union any", "union any", FTC_TYPE_UNION, 4);
	check(types, "enum level", "enum level", FTC_TYPE_ENUMERATION, 4);
	check(types, "struct later", "struct later", FTC_TYPE_STRUCT, 2);
	check(types, "struct never", "struct never", FTC_TYPE_STRUCT, FTC_UNKNOWN_SIZE);
	check(types, "visitor", "typedef int (*visitor)(struct node *, union any, enum level)", FTC_TYPE_TYPEDEF, 8);
	check(types, "long", "long", FTC_TYPE_BASE, 8);

	/* Where it stands, and what is in it. */
	const ftc_decl *decl = type(types, "struct node");
	CHECK(strstr(ftc_decl_source_file(decl), "types.c") != NULL);
	CHECK_NUMBER(ftc_decl_source_line(decl), 2);
	CHECK(strstr(ftc_decl_library(decl), "libtypes.so") != NULL);
	const ftc_member *next = ftc_type_member(ftc_decl_types(decl), ftc_decl_type(decl), 1);
	CHECK_TEXT(next->name, "next");
	CHECK_NUMBER(next->offset, 8);

	/* It is held against a claim, but not called. */
	ffi_cif cif;
	CHECK_ERROR(ftc_decl_prep_cif(decl, &cif, FFI_DEFAULT_ABI), FTC_ERR_UNSUPPORTED, "type");
	const ftc_report *report = NULL;
	CHECK(ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 0, &ffi_type_void, NULL, decl, &report) != FFI_OK);
	CHECK_NUMBER(ftc_report_verdict(report), FTC_MISMATCH);
	ftc_report_free(report);
	ftc_decl_free(decl);
	dlclose(types);

	/* A file, and one for another machine. */
	CHECK_NUMBER(describe_type_in_file(FIXTURE("libtypes.so"), "union any", &decl), FTC_OK);
	ftc_decl_free(decl);
	CHECK_NUMBER(describe_type_in_file(FIXTURE("i386/libshapes.so"), "struct point", &decl), FTC_OK);
	const ftc_type *point = ftc_type_get(ftc_decl_types(decl), ftc_decl_type(decl));
	CHECK_NUMBER(point->size, 12);
	ftc_decl_free(decl);

	/* The whole process: the C library has these. */
	decl = type(NULL, "struct tm");
	CHECK(strstr(ftc_decl_library(decl), "libc.so.6") != NULL);
	ftc_decl_free(decl);
	void *libc = open_library("libc.so.6");
	check(libc, "struct stat", "struct stat", FTC_TYPE_STRUCT, 144);
	dlclose(libc);

	/* The program itself, by the handle that it has of itself. */
	void *program = dlopen(NULL, RTLD_NOW);
	decl = type(program, "ftc_member");
	CHECK(strstr(ftc_decl_library(decl), "describe_type") != NULL);
	ftc_decl_free(decl);
	dlclose(program);
	return check_result();
}
