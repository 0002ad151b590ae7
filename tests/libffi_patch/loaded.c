/* Both libraries are loaded without their symbols in the global scope. What one describes, the other checks. Then libffi is closed and
   loaded again. */

#include <dlfcn.h>
#include <ffi_typecheck.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECK(x) ((x) ? (void)0 : (printf("line %d: %s\n", __LINE__, #x), exit(1)))
#define EXPORTED __attribute__((noinline, used))

EXPORTED int twice(int value)
{
	return 2 * value;
}

struct functions {
	__typeof__(&ffi_describe_symbol) describe;
	__typeof__(&ffi_prep_cif_checked) prep;
	__typeof__(&ftc_decl_free) release;
	ffi_type *sint, *real;
};

static void *load(const char *name, struct functions *functions)
{
	void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	CHECK(handle);
	functions->describe = (__typeof__(functions->describe))dlsym(handle, "ffi_describe_symbol");
	functions->prep = (__typeof__(functions->prep))dlsym(handle, "ffi_prep_cif_checked");
	functions->release = (__typeof__(functions->release))dlsym(handle, "ftc_decl_free");
	/* libffitypecheck depends on libffi. */
	functions->sint = dlsym(handle, "ffi_type_sint32");
	functions->real = dlsym(handle, "ffi_type_double");
	CHECK(functions->describe && functions->prep && functions->release && functions->sint && functions->real);
	return handle;
}

static void check(const struct functions *describing, const struct functions *checking)
{
	const ftc_decl *decl;
	ffi_cif cif;
	ffi_type *right[] = {checking->sint};
	ffi_type *wrong[] = {checking->real};
	CHECK(describing->describe(NULL, "twice", &decl) == FTC_OK);
	CHECK(checking->prep(&cif, FFI_DEFAULT_ABI, 1, checking->sint, right, decl, NULL) == FFI_OK);
	CHECK(checking->prep(&cif, FFI_DEFAULT_ABI, 1, checking->sint, wrong, decl, NULL) == FFI_BAD_ARGTYPE);
	checking->release(decl);
}

int main(int count, char **names)
{
	struct functions first, second;
	void *handle, *other;
	CHECK(count == 3);
	handle = load(names[1], &first);
	other = load(names[2], &second);
	CHECK(first.describe != second.describe);
	check(&first, &first);
	check(&first, &second);
	check(&second, &first);
	check(&second, &second);
	CHECK(dlclose(other) == 0);
	CHECK(dlclose(handle) == 0);
	load(names[1], &first);
	check(&first, &first);
	return 0;
}
