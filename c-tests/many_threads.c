/* Eight threads describe, prepare, check and forget at the same time, and share one declaration. */
#include <pthread.h>

#include "check.h"

#define THREADS 8
#define ROUNDS 20

static void *shapes;
static const ftc_decl *shared;
static pthread_barrier_t start;
static int failures[THREADS];

static int one_round(int number, int round)
{
	const ftc_decl *decl = NULL;
	const ftc_report *report = NULL;
	ffi_cif cif;
	ffi_type *right[] = {&ffi_type_pointer}, *wrong[] = {&ffi_type_sint};
	int bad = 0;
	if (ffi_describe_symbol(shapes, number % 2 ? "length" : "walk", &decl) != FTC_OK)
		return 1;
	bad += ftc_decl_prep_cif(decl, &cif, FFI_DEFAULT_ABI) != FTC_OK;
	bad += strlen(ftc_decl_spelling(decl)) < 10 || ftc_decl_source_line(decl) == 0;
	ftc_decl_free(decl);

	bad += ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_ulong, right, shared, &report) != FFI_OK;
	ftc_report_free(report);
	bad += ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 1, &ffi_type_ulong, wrong, shared, &report) != FFI_BAD_ARGTYPE;
	bad += strstr(ftc_last_error_message(), "length") == NULL;
	ftc_report_free(report);
	bad += strcmp(ftc_decl_spelling(shared), "size_t length(const char *text)") != 0;
	const ftc_types *types = ftc_decl_types(shared);
	ftc_type_id id = ftc_decl_type(shared);
	bad += ftc_type_get(types, id) != ftc_type_get(types, id) || ftc_type_get(types, id)->count != 1;
	bad += strcmp(ftc_type_spelling(types, id), "size_t (const char *text)") != 0;
	bad += ftc_type_prep_cif(types, id, &cif, FFI_DEFAULT_ABI) != FTC_OK || cif.nargs != 1;

	char name[32];
	snprintf(name, sizeof name, "absent_%d_%d", number, round);
	bad += ffi_describe_symbol(shapes, name, &decl) != FTC_ERR_NO_SYMBOL;
	bad += strstr(ftc_last_error_message(), name) == NULL;
	if (round % 7 == number % 7)
		ftc_forget_libraries();
	return bad;
}

static void *run(void *argument)
{
	int number = (int)(size_t)argument;
	pthread_barrier_wait(&start);
	for (int round = 0; round < ROUNDS; round++)
		failures[number] += one_round(number, round);
	return NULL;
}

int main(void)
{
	pthread_t threads[THREADS];
	shapes = open_library(FIXTURE("libshapes.so"));
	shared = describe(shapes, "length");
	ftc_forget_libraries();
	pthread_barrier_init(&start, NULL, THREADS);
	for (size_t i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, run, (void *)i) == 0);
	for (int i = 0; i < THREADS; i++) {
		CHECK(pthread_join(threads[i], NULL) == 0);
		CHECK_NUMBER(failures[i], 0);
	}
	pthread_barrier_destroy(&start);
	ftc_decl_free(shared);
	dlclose(shapes);
	return check_result();
}
