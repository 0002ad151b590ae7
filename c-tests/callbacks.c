/* A cif from a function type: closures for the callbacks that a library declares, called by the library, and calls
   through pointers that it returns. */
#include "check.h"

/* A closure with the type of parameter `index` of a function, which calls `code`. */
struct callback {
	const ftc_decl *decl;
	ffi_cif cif;
	ffi_closure *closure;
	void *address;
};

static void open_callback(struct callback *callback, void *handle, const char *name, uint32_t index,
			  void (*code)(ffi_cif *, void *, void **, void *), void *data)
{
	callback->decl = describe(handle, name);
	const ftc_types *types = ftc_decl_types(callback->decl);
	const ftc_parameter *parameter = ftc_type_parameter(types, ftc_decl_type(callback->decl), index);
	CHECK_NUMBER(ftc_type_prep_cif(types, parameter->type_id, &callback->cif, FFI_DEFAULT_ABI), FTC_OK);
	callback->closure = ffi_closure_alloc(sizeof(ffi_closure), &callback->address);
	CHECK_NUMBER(ffi_prep_closure_loc(callback->closure, &callback->cif, code, data, callback->address), FFI_OK);
}

static void close_callback(struct callback *callback)
{
	ffi_closure_free(callback->closure);
	ftc_decl_free(callback->decl);
}

struct node {
	struct node *next;
	char rest[80];
};

static void count_nodes(ffi_cif *cif, void *result, void **arguments, void *data)
{
	CHECK_NUMBER(cif->nargs, 2);
	CHECK(*(void **)arguments[1] == data);
	*(ffi_sarg *)result = *(struct node **)arguments[0] == data ? 100 : 1;
}

static void visited(void *shapes)
{
	struct node second = {NULL, ""}, first = {&second, ""};
	struct callback visit;
	int (*walk)(void *, void *, void *);
	*(void **)&walk = dlsym(shapes, "walk");
	open_callback(&visit, shapes, "walk", 1, count_nodes, &first);
	CHECK_NUMBER(walk(&first, visit.address, &first), 101);
	close_callback(&visit);
}

struct date {
	int day, month, year;
};

static void compare_years(ffi_cif *cif, void *result, void **arguments, void *data)
{
	(void)cif;
	const struct date *a = *(void **)arguments[0], *b = *(void **)arguments[1];
	*(int *)data += 1;
	*(ffi_sarg *)result = a->year - b->year;
}

static void sorted(void *claims)
{
	struct date dates[] = {{1, 1, 2003}, {1, 1, 2001}, {1, 1, 2002}};
	struct callback compare;
	int calls = 0;
	void (*sort_dates)(struct date *, size_t, void *);
	*(void **)&sort_dates = dlsym(claims, "sort_dates");
	open_callback(&compare, claims, "sort_dates", 2, compare_years, &calls);
	sort_dates(dates, 3, compare.address);
	CHECK_NUMBER(calls, 2);
	CHECK_NUMBER(dates[0].year, 2001);
	CHECK_NUMBER(dates[2].year, 2003);
	close_callback(&compare);
}

/* int (*reveal(void))(long, char): the result is called with a cif of its own type. */
static void called_through_a_pointer(void *shapes)
{
	const ftc_decl *decl = describe(shapes, "reveal");
	const ftc_types *types = ftc_decl_types(decl);
	ftc_type_id pointer = ftc_type_get(types, ftc_decl_type(decl))->target;
	void (*(*reveal)(void))(void);
	*(void **)&reveal = ftc_decl_address(decl);
	ffi_cif of_pointer, of_function;
	CHECK_NUMBER(ftc_type_prep_cif(types, pointer, &of_pointer, FFI_DEFAULT_ABI), FTC_OK);
	CHECK_NUMBER(ftc_type_prep_cif(types, ftc_type_get(types, pointer)->target, &of_function, FFI_DEFAULT_ABI), FTC_OK);
	CHECK_NUMBER(of_function.nargs, 2);
	CHECK_NUMBER(of_function.arg_types[1]->size, 1);
	long a = 40;
	char b = 2;
	ffi_sarg sum = 0;
	ffi_call(&of_pointer, reveal(), &sum, (void *[]){&a, &b});
	CHECK_NUMBER((int)sum, 42);
	ftc_decl_free(decl);
}

int main(void)
{
	void *shapes = open_library(FIXTURE("libshapes.so")), *claims = open_library(FIXTURE("libclaims.so"));
	visited(shapes);
	sorted(claims);
	called_through_a_pointer(shapes);
	dlclose(claims);
	dlclose(shapes);
	return check_result();
}
