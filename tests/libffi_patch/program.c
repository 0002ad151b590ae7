/* Checks a right and a wrong call, and prints what came of it and how many files of each library are mapped. */

#ifdef FULL_HEADER
#include <ffitypecheck.h>
#else
#include <ffi_typecheck.h>
#endif
#include <stdio.h>
#include <string.h>

#define EXPORTED __attribute__((noinline, used))

EXPORTED int twice(int value)
{
	return 2 * value;
}

static void mapped(const char *name)
{
	char line[4096], file[4096], last[4096] = "";
	int files = 0;
	FILE *maps = fopen("/proc/self/maps", "r");
	while (maps && fgets(line, sizeof line, maps)) {
		if (sscanf(line, "%*s %*s %*s %*s %*s %4095s", file) == 1 && strstr(file, name) && strcmp(file, last) != 0) {
			strcpy(last, file);
			files++;
		}
	}
	printf("%s %d\n", name, files);
	if (maps)
		fclose(maps);
}

int main(void)
{
	const ftc_decl *decl;
	ffi_cif cif;
	int value = 21;
	ffi_arg result = 0;
	void *values[] = {&value};
	ffi_type *right[] = {&ffi_type_sint};
	ffi_type *wrong[] = {&ffi_type_double};

	printf("describe %d\n", ffi_describe_symbol(NULL, "twice", &decl));
	printf("right %d\n", ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_sint, right, decl, NULL));
	ffi_call(&cif, FFI_FN(twice), &result, values);
	printf("result %d\n", (int)result);
	printf("wrong %d\n", ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_sint, wrong, decl, NULL));
	printf("message %s\n", ftc_last_error_message());
	ftc_decl_free(decl);
	mapped("/libffi.so.8");
	mapped("/libffitypecheck.so.0");
	return 0;
}
