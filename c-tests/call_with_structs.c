/* Structs and unions by value, through cifs that were prepared from the declaration. */
#include "check.h"

struct point {
	int x;
	double y;
};

struct small {
	signed char tag;
	short value;
};

union number {
	long integer;
	double real;
	unsigned char bytes[8];
};

static void call(void *handle, const char *name, void *result, void **arguments)
{
	const ftc_decl *decl = describe(handle, name);
	ffi_cif cif;
	CHECK_NUMBER(ftc_decl_prep_cif(decl, &cif, FFI_DEFAULT_ABI), FTC_OK);
	ffi_call(&cif, function(handle, name), result, arguments);
	/* A result smaller than a register may be written as one: that is libffi's rule, and `result` has the room. */
	ftc_decl_free(decl);
}

int main(void)
{
	void *shapes = open_library(FIXTURE("libshapes.so"));

	struct point p = {21, 1.25}, scaled = {0, 0};
	double factor = 2;
	call(shapes, "scale", &scaled, (void *[]){&p, &factor});
	CHECK_NUMBER(scaled.x, 42);
	CHECK(scaled.y == 2.5);

	struct small s = {-3, 100};
	union {
		struct small value;
		ffi_arg room;
	} swapped = {{0, 0}};
	call(shapes, "swap", &swapped, (void *[]){&s});
	CHECK_NUMBER(swapped.value.tag, 100);
	CHECK_NUMBER(swapped.value.value, -3);

	/* A union of a long and a double travels in an integer register. */
	union number n;
	double real = 0;
	n.real = -0.5;
	call(shapes, "read_number", &real, (void *[]){&n});
	CHECK(real == -0.5);
	dlclose(shapes);
	return check_result();
}
