/* The address of a declaration: what dlsym returned, to call it or to read it. */
#include <pthread.h>

#include "check.h"

static void *shapes;

static const ftc_decl *at_address(void *handle, const char *name)
{
	const ftc_decl *decl = describe(handle, name);
	CHECK(ftc_decl_address(decl) == dlsym(handle, name));
	return decl;
}

/* A thread-local variable has one address in each thread. */
static void *other_thread(void *of_main)
{
	const ftc_decl *decl = at_address(shapes, "per_thread");
	CHECK(ftc_decl_address(decl) != of_main);
	CHECK_NUMBER(*(long *)ftc_decl_address(decl), 9);
	ftc_decl_free(decl);
	return NULL;
}

static long call_long(const ftc_decl *decl, void **arguments)
{
	void (*address)(void);
	ffi_cif cif;
	ffi_arg result = 0;
	*(void **)&address = ftc_decl_address(decl);
	CHECK_NUMBER(ftc_decl_prep_cif(decl, &cif, FFI_DEFAULT_ABI), FTC_OK);
	ffi_call(&cif, address, &result, arguments);
	return (long)result;
}

int main(void)
{
	shapes = open_library(FIXTURE("libshapes.so"));
	void *chosen = open_library(FIXTURE("libifunc.so")), *libc = open_library("libc.so.6");
	const char *text = "seven77";
	long number = 21;
	const ftc_decl *decl = at_address(shapes, "length");
	CHECK_NUMBER(call_long(decl, (void *[]){&text}), 7);
	ftc_decl_free(decl);

	/* Of an IFUNC it is that of the implementation. */
	decl = at_address(chosen, "twice");
	CHECK_NUMBER(call_long(decl, (void *[]){&number}), 42);
	ftc_decl_free(decl);
	decl = at_address(libc, "strlen");
	CHECK_NUMBER(call_long(decl, (void *[]){&text}), 7);
	ftc_decl_free(decl);

	decl = at_address(shapes, "counter");
	CHECK_NUMBER(*(volatile int *)ftc_decl_address(decl), 7);
	ftc_decl_free(decl);
	decl = at_address(shapes, "per_thread");
	*(long *)ftc_decl_address(decl) = 11;
	pthread_t thread;
	CHECK(pthread_create(&thread, NULL, other_thread, ftc_decl_address(decl)) == 0);
	CHECK(pthread_join(thread, NULL) == 0);
	CHECK_NUMBER(*(long *)ftc_decl_address(decl), 11);
	ftc_decl_free(decl);

	/* By address, it is that address; versions have different ones. */
	CHECK_NUMBER(ftc_describe_address(dlsym(shapes, "length"), &decl), FTC_OK);
	CHECK(ftc_decl_address(decl) == dlsym(shapes, "length"));
	ftc_decl_free(decl);
	void *versions = open_library(FIXTURE("libversions.so"));
	decl = describe(versions, "answer@SHAPES_1");
	CHECK(ftc_decl_address(decl) == dlvsym(versions, "answer", "SHAPES_1"));
	CHECK(ftc_decl_address(decl) != dlsym(versions, "answer"));
	ftc_decl_free(decl);

	/* None. */
	CHECK_NUMBER(ftc_describe_type(shapes, "struct point", 0, &decl, NULL), FTC_OK);
	CHECK(ftc_decl_address(decl) == NULL);
	ftc_decl_free(decl);
	CHECK_NUMBER(describe_in_file(FIXTURE("libshapes.so"), "length", &decl), FTC_OK);
	CHECK(ftc_decl_address(decl) == NULL);
	ftc_decl_free(decl);
	CHECK_NUMBER(describe_type_in_file(FIXTURE("libshapes.so"), "struct point", &decl), FTC_OK);
	CHECK(ftc_decl_address(decl) == NULL);
	ftc_decl_free(decl);
	CHECK(ftc_decl_address(NULL) == NULL);
	dlclose(versions);
	dlclose(libc);
	dlclose(chosen);
	dlclose(shapes);
	return check_result();
}
