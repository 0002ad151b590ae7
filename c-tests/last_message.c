/* Each thread has a last message. Successful calls do not change it. */
#include <pthread.h>

#include "check.h"

static char of_the_thread[256];

static void *other_thread(void *unused)
{
	(void)unused;
	const ftc_decl *decl;
	snprintf(of_the_thread, sizeof of_the_thread, "%s", ftc_last_error_message());
	ffi_describe_symbol(NULL, "another_symbol", &decl);
	return NULL;
}

int main(void)
{
	const ftc_decl *decl = NULL;
	void *shapes = open_library(FIXTURE("libshapes.so"));
	CHECK_TEXT(ftc_last_error_message(), "");
	CHECK_ERROR(ffi_describe_symbol(shapes, "first_symbol", &decl), FTC_ERR_NO_SYMBOL, "first_symbol");
	decl = describe(shapes, "store");
	CHECK(strstr(ftc_last_error_message(), "first_symbol") != NULL);

	pthread_t thread;
	CHECK(pthread_create(&thread, NULL, other_thread, NULL) == 0);
	CHECK(pthread_join(thread, NULL) == 0);
	CHECK_TEXT(of_the_thread, "");
	CHECK(strstr(ftc_last_error_message(), "first_symbol") != NULL);

	ffi_cif cif;
	CHECK_NUMBER(ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 0, &ffi_type_void, NULL, decl, NULL), FFI_BAD_ARGTYPE);
	CHECK_TEXT(ftc_last_error_message(), "store: the library declares 2 parameters, the caller passes 0 arguments");
	ftc_decl_free(decl);
	CHECK_ERROR(ffi_describe_symbol(NULL, NULL, &decl), FTC_ERR_NULL, "name");

	/* A failure of ours is none of dlerror's. */
	CHECK(dlerror() == NULL);
	dlclose(shapes);
	return check_result();
}
