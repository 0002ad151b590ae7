/* Libraries that contain only slim type information: in a note of the file, in a compressed note, and in a loaded
   note. */
#include "check.h"

#include <dlfcn.h>
#include <sys/stat.h>

static void spells(void *handle, const char *name, const char *expected)
{
	const ftc_decl *decl = NULL;
	CHECK_NUMBER(ffi_describe_symbol(handle, name, &decl), FTC_OK);
	CHECK_TEXT(ftc_decl_spelling(decl), expected);
	ftc_decl_free(decl);
}

static void library(const char *path)
{
	void *handle = dlopen(path, RTLD_NOW);
	const ftc_decl *decl = NULL;
	CHECK(handle != NULL);
	spells(handle, "answer", "double answer(double a, double b)");
	spells(handle, "answer@SHAPES_1", "int answer(int a)");
	CHECK_NUMBER(ffi_describe_symbol(handle, "question", &decl), FTC_ERR_NO_SYMBOL);
	CHECK_NUMBER(ftc_describe_address(dlsym(handle, "answer"), &decl), FTC_OK);
	CHECK_TEXT(ftc_decl_spelling(decl), "double answer(double a, double b)");
	ftc_decl_free(decl);
	CHECK_NUMBER(dlclose(handle), 0);
}

static int file(const char *from, const char *to)
{
	char command[512];
	snprintf(command, sizeof command, "cp '%s' '%s'", from, to);
	return system(command);
}

int main(void)
{
	const ftc_decl *decl = NULL;
	void *handle;

	CHECK_NUMBER(ftc_set_debug_path(""), FTC_OK);
	library(FIXTURE("slim/libversions.so"));
	library(FIXTURE("zstd/libversions.so"));
	library(FIXTURE("loaded/libversions.so"));

	/* The one in memory needs no file: it may be gone, or another one be in its place. */
	CHECK_NUMBER(file(FIXTURE("loaded/libversions.so"), "./gone.so"), 0);
	handle = dlopen("./gone.so", RTLD_NOW);
	CHECK(handle != NULL);
	CHECK_NUMBER(remove("./gone.so"), 0);
	spells(handle, "answer", "double answer(double a, double b)");
	ftc_forget_libraries();
	CHECK_NUMBER(file(FIXTURE("libshapes.so"), "./gone.so"), 0);
	spells(handle, "answer@SHAPES_1", "int answer(int a)");
	CHECK_NUMBER(remove("./gone.so"), 0);

	/* What is described outlives the library that it was copied from. */
	CHECK_NUMBER(ffi_describe_symbol(handle, "answer", &decl), FTC_OK);
	CHECK_NUMBER(dlclose(handle), 0);
	ftc_forget_libraries();
	CHECK_TEXT(ftc_decl_spelling(decl), "double answer(double a, double b)");
	ftc_decl_free(decl);
	return check_result();
}
