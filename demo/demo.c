/* What a runtime author writes: describe a function, call it without giving a type, and have a wrong cif refused. */
#include <dlfcn.h>
#include <ffi.h>
#include <ffitypecheck.h>
#include <stdio.h>
#include <stdlib.h>

static const ftc_decl *describe(void *handle, const char *name)
{
	const ftc_decl *decl;
	if (ffi_describe_symbol(handle, name, &decl) != FTC_OK) {
		fprintf(stderr, "%s: %s\n", name, ftc_last_error_message());
		exit(1);
	}
	printf("  %s;\n    (%s:%llu)\n", ftc_decl_spelling(decl), ftc_decl_source_file(decl),
	       (unsigned long long)ftc_decl_source_line(decl));
	return decl;
}

/* Calls a function with the types of its own declaration. */
static void call(void *handle, const char *name, void *result, void **arguments)
{
	const ftc_decl *decl = describe(handle, name);
	ffi_cif cif;
	if (ftc_decl_prep_cif(decl, &cif, FFI_DEFAULT_ABI) != FTC_OK) {
		fprintf(stderr, "%s: %s\n", name, ftc_last_error_message());
		exit(1);
	}
	ffi_call(&cif, FFI_FN(ftc_decl_address(decl)), result, arguments);
	ftc_decl_free(decl);
}

/* Claims types for a function and prints what the library has to say to them. */
static void claim(void *handle, const char *name, unsigned int count, ffi_type *result, ffi_type **types)
{
	const ftc_decl *decl = describe(handle, name);
	const ftc_report *report;
	ffi_cif cif;
	ffi_status status = ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, count, result, types, decl, &report);
	printf("    %s, %s\n", ftc_verdict_name(ftc_report_verdict(report)),
	       status == FFI_OK ? "prepared" : "refused");
	for (size_t i = 0; i < ftc_report_count(report); i++) {
		const ftc_finding *finding = ftc_report_finding(report, i);
		if (finding)
			printf("    [%s] %s\n", finding->rule_id, finding->sentence);
	}
	ftc_report_free(report);
	ftc_decl_free(decl);
}

static int backwards(const void *a, const void *b)
{
	return *(const int *)b - *(const int *)a;
}

int main(void)
{
	void *c = dlopen("libc.so.6", RTLD_NOW);
	void *lua = dlopen("liblua5.4.so.0", RTLD_NOW);
	if (!c || !lua) {
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}

	printf("libc, described from libc6-dbg and called without a type from here:\n");
	int numbers[] = {3, 1, 2}, *base = numbers;
	size_t n = 3, size = sizeof numbers[0];
	int (*compare)(const void *, const void *) = backwards;
	call(c, "qsort", NULL, (void *[]){&base, &n, &size, &compare});
	printf("    sorted: %d %d %d\n", numbers[0], numbers[1], numbers[2]);

	const char *text = "an IFUNC, whose type its resolver returns";
	size_t length;
	call(c, "strlen", &length, (void *[]){&text});
	printf("    %zu bytes\n", length);

	div_t quotient;
	int numerator = 17, denominator = 5;
	call(c, "div", &quotient, (void *[]){&numerator, &denominator});
	printf("    17 = %d * 5 + %d, in a struct by value\n", quotient.quot, quotient.rem);

	printf("\nlua 5.4, whose debug data dwz has split into a supplementary file:\n");
	void *state;
	long long integer = 1LL << 40, back;
	int index = -1, *is_number = NULL;
	call(lua, "luaL_newstate", &state, NULL);
	call(lua, "lua_pushinteger", NULL, (void *[]){&state, &integer});
	call(lua, "lua_tointegerx", &back, (void *[]){&state, &index, &is_number});
	call(lua, "lua_close", NULL, (void *[]){&state});
	printf("    2^40 came back as %lld\n", back);

	printf("\nWrong claims, held against the same declarations:\n");
	claim(c, "qsort", 4, &ffi_type_void,
	      (ffi_type *[]){&ffi_type_pointer, &ffi_type_sint, &ffi_type_sint, &ffi_type_pointer});
	claim(c, "strlen", 0, &ffi_type_ulong, NULL);
	claim(lua, "luaL_newstate", 0, &ffi_type_sint, NULL);
	claim(lua, "lua_pushnumber", 2, &ffi_type_void, (ffi_type *[]){&ffi_type_pointer, &ffi_type_float});
	claim(lua, "lua_gettop", 1, &ffi_type_sint, (ffi_type *[]){&ffi_type_pointer});
	return 0;
}
