/* Wrong arguments of the functions that describe symbols, addresses and types, of those for libraries, and of the
   settings. */
#include "wrong_arguments.h"

static void symbols(void *shapes)
{
	REFUSED(handle, ffi_describe_symbol(RTLD_NEXT, "length", &decl_out), FTC_ERR_INVALID_ARGUMENT, "RTLD_NEXT");
	REFUSED(name, ffi_describe_symbol(shapes, NULL, &decl_out), FTC_ERR_NULL, "'name'");
	REFUSED(name, ffi_describe_symbol(shapes, "", &decl_out), FTC_ERR_NO_SYMBOL, "symbol");
	REFUSED(name, ffi_describe_symbol(shapes, "no_such_symbol", &decl_out), FTC_ERR_NO_SYMBOL, "no_such_symbol");
	REFUSED(decl_out, ffi_describe_symbol(shapes, "length", NULL), FTC_ERR_NULL, "'decl_out'");

	const char *length = dlsym(shapes, "length");
	REFUSED(address, ftc_describe_address(NULL, &decl_out), FTC_ERR_NOT_LOADED, "address");
	REFUSED(address, ftc_describe_address(every_flag, &decl_out), FTC_ERR_NO_TYPE, "begins at address");
	REFUSED(address, ftc_describe_address((void *)-1, &decl_out), FTC_ERR_NOT_LOADED, "address");
	REFUSED(address, ftc_describe_address(length + 1, &decl_out), FTC_ERR_NO_TYPE, "libshapes.so");
	REFUSED(decl_out, ftc_describe_address(length, NULL), FTC_ERR_NULL, "'decl_out'");
}

static void types(void *handle)
{
	REFUSED(handle, ftc_describe_type(RTLD_NEXT, "struct item", 0, &decl_out, &count_out), FTC_ERR_INVALID_ARGUMENT,
		"RTLD_NEXT");
	REFUSED(c_name, ftc_describe_type(handle, NULL, 0, &decl_out, &count_out), FTC_ERR_NULL, "'c_name'");
	REFUSED(c_name, ftc_describe_type(handle, "", 0, &decl_out, &count_out), FTC_ERR_INVALID_ARGUMENT, "empty");
	REFUSED(c_name, ftc_describe_type(handle, "char *", 0, &decl_out, &count_out), FTC_ERR_INVALID_ARGUMENT, "char *");
	REFUSED(c_name, ftc_describe_type(handle, "struct none", 0, &decl_out, &count_out), FTC_ERR_NO_TYPE, "struct none");
	REFUSED(index, ftc_describe_type(handle, "struct item", 2, &decl_out, &count_out), FTC_ERR_INVALID_ARGUMENT,
		"the index 2 is past the end");
	REFUSED(index, ftc_describe_type(handle, "struct item", SIZE_MAX, &decl_out, &count_out), FTC_ERR_INVALID_ARGUMENT,
		"past the end");
	REFUSED(decl_out, ftc_describe_type(handle, "struct item", 0, NULL, &count_out), FTC_ERR_NULL, "'decl_out'");
	REFUSED(count_out, ftc_describe_type(handle, "struct item", 0, &decl_out, NULL), FTC_ERR_AMBIGUOUS, "struct item");
}

static void libraries(void)
{
	ftc_library *library = NULL;
	CHECK_NUMBER(ftc_library_open(FIXTURE("libtypes.so"), &library), FTC_OK);
	size_t count = ftc_library_export_count(library);
	REFUSED(path, ftc_library_open(NULL, &library_out), FTC_ERR_NULL, "'path'");
	REFUSED(path, ftc_library_open("", &library_out), FTC_ERR_IO, "No such file");
	REFUSED(path, ftc_library_open(FIXTURES, &library_out), FTC_ERR_IO, "regular");
	REFUSED(path, ftc_library_open(FIXTURE("text.so"), &library_out), FTC_ERR_NOT_ELF, "text.so");
	REFUSED(path, ftc_library_open(FIXTURE("truncated.so"), &library_out), FTC_ERR_MALFORMED_ELF, "truncated.so");
	REFUSED(path, ftc_library_open(FIXTURE("libstripped.so"), &library_out), FTC_ERR_NO_DEBUG_INFO, "libstripped.so");
	REFUSED(path, ftc_library_open(FIXTURE("bad-version.so"), &library_out), FTC_ERR_MALFORMED_DWARF, "bad-version.so");
	REFUSED(library_out, ftc_library_open(FIXTURE("libtypes.so"), NULL), FTC_ERR_NULL, "'library_out'");
	ALLOWED(library, (ftc_library_free(NULL), 1));

	GIVES_0(library, ftc_library_export_count(NULL), FTC_ERR_NULL, "'library'");
	GIVES_NULL(library, ftc_library_export(NULL, 0), FTC_ERR_NULL, "'library'");
	GIVES_NULL(index, ftc_library_export(library, count), FTC_ERR_INVALID_ARGUMENT, "past the end");
	GIVES_NULL(index, ftc_library_export(library, SIZE_MAX), FTC_ERR_INVALID_ARGUMENT, "past the end");

	REFUSED(library, ftc_library_describe(NULL, "visit1", &decl_out), FTC_ERR_NULL, "'library'");
	REFUSED(name, ftc_library_describe(library, NULL, &decl_out), FTC_ERR_NULL, "'name'");
	REFUSED(name, ftc_library_describe(library, "", &decl_out), FTC_ERR_NO_SYMBOL, "libtypes.so");
	REFUSED(name, ftc_library_describe(library, "no_such_symbol", &decl_out), FTC_ERR_NO_SYMBOL, "no_such_symbol");
	REFUSED(decl_out, ftc_library_describe(library, "visit1", NULL), FTC_ERR_NULL, "'decl_out'");

	REFUSED(library, ftc_library_describe_type(NULL, "struct item", 0, &decl_out, &count_out), FTC_ERR_NULL, "'library'");
	REFUSED(c_name, ftc_library_describe_type(library, NULL, 0, &decl_out, &count_out), FTC_ERR_NULL, "'c_name'");
	REFUSED(c_name, ftc_library_describe_type(library, "char *", 0, &decl_out, &count_out), FTC_ERR_INVALID_ARGUMENT,
		"char *");
	REFUSED(index, ftc_library_describe_type(library, "struct item", 2, &decl_out, &count_out), FTC_ERR_INVALID_ARGUMENT,
		"the index 2 is past the end");
	REFUSED(decl_out, ftc_library_describe_type(library, "struct item", 0, NULL, &count_out), FTC_ERR_NULL, "'decl_out'");
	REFUSED(count_out, ftc_library_describe_type(library, "struct item", 0, &decl_out, NULL), FTC_ERR_AMBIGUOUS,
		"struct item");
	ftc_library_free(library);
}

static void settings(void)
{
	ALLOWED(path, ftc_set_debug_path("no/such/directory::") == FTC_OK);
	ALLOWED(path, ftc_set_debug_path(NULL) == FTC_OK);
	REFUSED(directory, ftc_set_type_cache("relative"), FTC_ERR_INVALID_ARGUMENT, "absolute");
	ALLOWED(directory, ftc_set_type_cache(NULL) == FTC_OK);
	ALLOWED(void, (ftc_forget_libraries(), 1));
}

int main(void)
{
	void *shapes = open_library(FIXTURE("libshapes.so")), *two_units = open_library(FIXTURE("libtypes.so"));
	symbols(shapes);
	types(two_units);
	libraries();
	settings();
	dlclose(two_units);
	dlclose(shapes);
	return check_result();
}
