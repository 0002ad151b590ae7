/* Calls through described cifs: no type is given here. */
#include "check.h"

struct point {
	int x, y;
};

static void *fixture;

static void call(const char *name, void *result, void **arguments)
{
	const ftc_decl *decl = described(fixture, name);
	ffi_cif cif;
	CHECK_STATUS(ftc_decl_prep_cif(decl, &cif, FFI_DEFAULT_ABI), FTC_OK);
	ffi_call(&cif, FFI_FN(dlsym(fixture, name)), result, arguments);
	ftc_decl_free(decl);
}

int main(int count, char **arguments)
{
	(void)count;
	fixture = opened(in(arguments[1], "libfixture.so"));

	struct point p = {10, 20}, moved;
	int by = 3;
	call("shifted", &moved, (void *[]){&p, &by});
	CHECK(moved.x == 13 && moved.y == 17);

	const char *text = "four";
	size_t limit = (size_t)-1, length;
	call("length", &length, (void *[]){&text, &limit});
	CHECK(length == 4);

	double z[2] = {1, 2}, turned[2];
	call("rotated", turned, (void *[]){z});
	CHECK(turned[0] == -2 && turned[1] == 1);

	long double x = 9, third;
	call("third", &third, (void *[]){&x});
	CHECK(third > 2.9L && third < 3.1L);

	ffi_arg chosen;
	int a = 40, b = 2;
	call("chosen", &chosen, (void *[]){&a, &b});
	CHECK((int)chosen == 42);
	call("nothing", NULL, NULL);

	/* Variadic: the declared arguments from the declaration, the others from the caller. */
	const ftc_decl *decl = described(fixture, "sum");
	ffi_cif cif;
	int three = 3, one = 1;
	ffi_type *types[] = {&ffi_type_sint, &ffi_type_sint, &ffi_type_sint};
	long sum;
	CHECK_STATUS(ftc_decl_prep_cif_var(decl, &cif, FFI_DEFAULT_ABI, 4, types), FTC_OK);
	ffi_call(&cif, FFI_FN(dlsym(fixture, "sum")), &sum, (void *[]){&three, &one, &a, &b});
	CHECK(sum == 43);
	types[0] = &ffi_type_float;
	CHECK_STATUS(ftc_decl_prep_cif_var(decl, &cif, FFI_DEFAULT_ABI, 4, types), FTC_ERR_INVALID_ARGUMENT);
	CHECK_STATUS(ftc_decl_prep_cif_var(decl, &cif, FFI_DEFAULT_ABI, 0, types), FTC_ERR_INVALID_ARGUMENT);
	ftc_decl_free(decl);

	/* What libffi cannot pass, and what is no function; the cif stays as it was. */
	const char *refused[] = {"doubled", "counter"};
	for (int i = 0; i < 2; i++) {
		ffi_cif untouched;
		memset(&cif, 0x5a, sizeof cif);
		untouched = cif;
		decl = described(fixture, refused[i]);
		CHECK_STATUS(ftc_decl_prep_cif(decl, &cif, FFI_DEFAULT_ABI), FTC_ERR_UNSUPPORTED);
		CHECK(memcmp(&cif, &untouched, sizeof cif) == 0);
		ftc_decl_free(decl);
	}
	decl = described(fixture, "nothing");
	CHECK_STATUS(ftc_decl_prep_cif(decl, &cif, (ffi_abi)99), FTC_ERR_INVALID_ARGUMENT);
	CHECK_STATUS(ftc_decl_prep_cif_var(decl, &cif, FFI_DEFAULT_ABI, 1, types), FTC_ERR_INVALID_ARGUMENT);
	ftc_decl_free(decl);
	dlclose(fixture);
	ftc_forget_libraries();
	return check_failures != 0;
}
