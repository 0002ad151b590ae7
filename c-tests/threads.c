/* Eight threads describe and check at once; then a forked child goes on with what they left. */
#include "check.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static void *fixture;
static const ftc_decl *shared;

static int work(void)
{
	const char *names[] = {"length", "shifted", "each", "counter", "chosen"};
	int wrong = 0;
	for (int round = 0; round < 20; round++) {
		const ftc_decl *decl = described(fixture, names[round % 5]);
		wrong += strstr(ftc_decl_spelling(decl), names[round % 5]) == NULL;
		ftc_decl_free(decl);
		ffi_cif cif;
		ffi_type *types[] = {&ffi_type_pointer, round % 2 ? &ffi_type_ulong : &ffi_type_sint};
		const ftc_report *report;
		ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_ulong, types, shared, &report);
		wrong += ftc_report_verdict(report) != (round % 2 ? FTC_MATCH : FTC_MISMATCH);
		ftc_report_free(report);
		if (round == 10)
			ftc_forget_libraries();
	}
	return wrong;
}

static void *thread(void *result)
{
	*(int *)result = work();
	return NULL;
}

int main(int count, char **arguments)
{
	(void)count;
	fixture = opened(in(arguments[1], "libfixture.so"));
	shared = described(fixture, "length");
	pthread_t threads[8];
	int wrong[8];
	for (int i = 0; i < 8; i++)
		CHECK(pthread_create(&threads[i], NULL, thread, &wrong[i]) == 0);
	for (int i = 0; i < 8; i++) {
		CHECK(pthread_join(threads[i], NULL) == 0);
		CHECK(wrong[i] == 0);
	}
	pid_t child = fork();
	if (child == 0) {
		/* Not exit: what the parent goes on using is no leak of the child. */
		if (work() == 0)
			execl("/bin/true", "true", (char *)NULL);
		_exit(1);
	}
	int status;
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
	CHECK(work() == 0);
	ftc_decl_free(shared);
	ftc_forget_libraries();
	dlclose(fixture);
	return check_failures != 0;
}
