/* A library file that was replaced while the process runs is not read, because its types are those of another build.
   */
#include <unistd.h>

#include "check.h"

static void copy(const char *from, const char *to)
{
	char bytes[4096];
	size_t count;
	FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
	while ((count = fread(bytes, 1, sizeof bytes, in)) > 0)
		fwrite(bytes, 1, count, out);
	fclose(in);
	fclose(out);
}

int main(void)
{
	char directory[] = "/tmp/ffitypecheck-XXXXXX", path[64], upgrade[64];
	if (mkdtemp(directory) == NULL)
		return 2;
	snprintf(path, sizeof path, "%s/libbuild.so", directory);
	snprintf(upgrade, sizeof upgrade, "%s/libbuild.so.new", directory);
	copy(FIXTURE("libbuild1.so"), path);
	copy(FIXTURE("libbuild2.so"), upgrade);

	void *handle = open_library(path);
	void *address = dlsym(handle, "build");
	CHECK(rename(upgrade, path) == 0);
	const ftc_decl *decl = NULL;
	CHECK_ERROR(ffi_describe_symbol(handle, "build", &decl), FTC_ERR_BUILD_ID, path);
	CHECK_ERROR(ftc_describe_address(address, &decl), FTC_ERR_BUILD_ID, path);
	CHECK(decl == NULL);
	/* The new file by itself is fine. */
	CHECK_NUMBER(describe_in_file(path, "build", &decl), FTC_OK);
	CHECK_TEXT(ftc_decl_spelling(decl), "double build(double a, double b)");
	ftc_decl_free(decl);

	/* Put back, the file serves as soon as it is looked at anew. */
	copy(FIXTURE("libbuild1.so"), upgrade);
	CHECK(rename(upgrade, path) == 0);
	CHECK_NUMBER(ffi_describe_symbol(handle, "build", &decl), FTC_ERR_BUILD_ID);
	ftc_forget_libraries();
	decl = describe(handle, "build");
	CHECK_TEXT(ftc_decl_spelling(decl), "int build(int a)");

	/* What was described before stays valid when the file goes. */
	CHECK(unlink(path) == 0 && rmdir(directory) == 0);
	ftc_forget_libraries();
	const ftc_decl *gone = NULL;
	CHECK(ffi_describe_symbol(handle, "build", &gone) < 0 && gone == NULL);
	CHECK_TEXT(ftc_decl_symbol(decl), "build");
	ffi_cif cif;
	CHECK_NUMBER(ftc_decl_prep_cif(decl, &cif, FFI_DEFAULT_ABI), FTC_OK);
	ftc_decl_free(decl);
	dlclose(handle);
	return check_result();
}
