/* A finished claim may be shared: every thread reads it and checks with it, and all get the same results. */
#include "claims.h"

#include <pthread.h>

enum { THREADS = 8, ROUNDS = 50 };

static const ftc_decl *decl;
static ftc_type_id right, wrong;

static void *work(void *failures)
{
	for (int i = 0; i < ROUNDS; i++) {
		const ftc_report *report = NULL;
		int fine = ftc_check_decl(decl, claim_types, i % 2 ? right : wrong, NULL, &report) == FTC_OK &&
			   ftc_report_verdict(report) == (i % 2 ? FTC_MATCH : FTC_DIFFERS) && ftc_report_at_call(report) == !(i % 2) &&
			   ftc_type_get(claim_types, right)->count == 1;
		ftc_report_free(report);
		*(int *)failures += !fine;
	}
	return NULL;
}

int main(void)
{
	begin();
	ftc_type_id type_float = base(FTC_ENCODING_FLOAT, 4);
	ftc_type_id date = record("date", 12, FIELDS({"day", type_int, 0}, {"month", type_int, 4}, {"year", type_int, 8}));
	ftc_type_id other = record("date", 12, FIELDS({"day", type_float, 0}, {"month", type_int, 4}, {"year", type_int, 8}));
	right = function_type(type_int, TYPES(pointer(date)));
	wrong = function_type(type_int, TYPES(pointer(other)));
	decl = describe(library, "date_valid");
	pthread_t threads[THREADS];
	int failures[THREADS] = {0};
	for (int i = 0; i < THREADS; i++)
		CHECK_NUMBER(pthread_create(&threads[i], NULL, work, &failures[i]), 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		CHECK_NUMBER(failures[i], 0);
	}
	ftc_decl_free(decl);
	return end();
}
