/* Calls through cifs that were prepared from the declaration alone. */
#include "check.h"

static void call(void *handle, const char *name, void *result, void **arguments)
{
	const ftc_decl *decl = describe(handle, name);
	ffi_cif cif;
	CHECK_NUMBER(ftc_decl_prep_cif(decl, &cif, FFI_DEFAULT_ABI), FTC_OK);
	ffi_call(&cif, function(handle, name), result, arguments);
	ftc_decl_free(decl);
}

static int count_calls(const void *node, void *context)
{
	(void)node;
	return ++*(int *)context;
}

int main(void)
{
	void *shapes = open_library(FIXTURE("libshapes.so"));

	const char *text = "seven77";
	size_t length = 0;
	call(shapes, "length", &length, (void *[]){&text});
	CHECK_NUMBER(length, 7);

	int stored = 0, *where = &stored, what = -5;
	call(shapes, "store", NULL, (void *[]){&where, &what});
	CHECK_NUMBER(stored, -5);

	/* Narrow arguments are stored in their own size; narrow integer results come as ffi_arg. */
	signed char a = 100;
	short b = 300;
	ffi_sarg difference = 0;
	call(shapes, "minus", &difference, (void *[]){&a, &b});
	CHECK_NUMBER((signed char)difference, (signed char)-200);
	unsigned char value = 7;
	ffi_arg odd = 0;
	call(shapes, "is_odd", &odd, (void *[]){&value});
	CHECK_NUMBER((_Bool)odd, 1);

	/* Parameters of a K&R definition arrive promoted. */
	double promoted_float = 1.5;
	int promoted_char = 2;
	float result = 0;
	call(shapes, "old_style", &result, (void *[]){&promoted_float, &promoted_char});
	CHECK(result == 3.5f);

	int color = 0;
	ffi_sarg next = 0;
	call(shapes, "next_color", &next, (void *[]){&color});
	CHECK_NUMBER((int)next, 5);

	/* One node, whose first member is the pointer to the next. */
	void *first[11] = {NULL}, *list = first;
	int calls = 0, *context = &calls;
	int (*visit)(const void *, void *) = count_calls;
	ffi_sarg sum = 0;
	call(shapes, "walk", &sum, (void *[]){&list, &visit, &context});
	CHECK_NUMBER((int)sum, 1);
	CHECK_NUMBER(calls, 1);
	dlclose(shapes);
	return check_result();
}
