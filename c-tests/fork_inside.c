/* A fork waits until no other thread is inside a call, so that its child finds nothing locked. Where it waited for too long, the child gets
 * an error, and does not hang. */
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

enum { THREADS = 4, FORKS = 60 };

static void *shapes;
static atomic_int stopped, begun;

static void *always_inside(void *argument)
{
	while (!stopped) {
		const ftc_decl *decl = NULL;
		if (ffi_describe_symbol(shapes, "walk", &decl) == FTC_OK)
			ftc_decl_free(decl);
		ftc_forget_libraries();
	}
	return argument;
}

static void *once_inside(void *argument)
{
	const ftc_decl *decl = NULL;
	begun = 1;
	if (ffi_describe_symbol(shapes, "walk", &decl) == FTC_OK)
		ftc_decl_free(decl);
	return argument;
}

/* What the child's first question gives. By execl, because what the parent goes on using is a leak of the child. */
static int first_status_of_a_child(const char *expected_message, ftc_status expected)
{
	int status = -1;
	pid_t process = fork();
	if (process == 0) {
		const ftc_decl *decl = NULL;
		alarm(30);
		ftc_status got = ffi_describe_symbol(shapes, "length", &decl);
		ftc_decl_free(decl);
		int right = got == expected && strstr(ftc_last_error_message(), expected_message) != NULL;
		execl(right ? "/bin/true" : "/bin/false", "child", (char *)NULL);
	}
	CHECK(process > 0 && waitpid(process, &status, 0) == process);
	return status;
}

/* While this runs, nobody else learns which libraries are loaded. */
static int forks_while_another_waits(struct dl_phdr_info *info, size_t size, void *thread)
{
	(void)info, (void)size;
	CHECK(pthread_create(thread, NULL, once_inside, NULL) == 0);
	while (!begun)
		usleep(1000);
	usleep(200000);
	CHECK_NUMBER(first_status_of_a_child("forked while another thread", FTC_ERR_FORKED), 0);
	return 1;
}

int main(void)
{
	pthread_t threads[THREADS];
	shapes = open_library(FIXTURE("libshapes.so"));
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, always_inside, NULL) == 0);
	for (int i = 0; i < FORKS; i++)
		CHECK_NUMBER(first_status_of_a_child("", FTC_OK), 0);
	stopped = 1;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);

	CHECK_NUMBER(dl_iterate_phdr(forks_while_another_waits, &threads[0]), 1);
	pthread_join(threads[0], NULL);
	CHECK_NUMBER(first_status_of_a_child("", FTC_OK), 0);
	const ftc_decl *decl = describe(shapes, "length");
	ftc_decl_free(decl);
	dlclose(shapes);
	return check_result();
}
