/* A fork waits until no other thread is inside a call, so that no lock is held in the child. If it has waited too
 * long, the child gets an error and does not hang. A fork also does not hang if its other handlers wait for a lock of
 * the caller. */
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

enum { THREADS = 4, FORKS = 24 };

static void *shapes;
static atomic_int stopped, begun;

static void *always_inside(void *argument)
{
	while (!stopped) {
		const ftc_decl *decl = NULL;
		if (ffi_describe_symbol(shapes, "walk", &decl) == FTC_OK)
			ftc_decl_free(decl);
		ftc_forget_libraries();
		begun++;
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
		alarm(100);
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
	begun = 0;
	CHECK(pthread_create(thread, NULL, once_inside, NULL) == 0);
	while (!begun)
		usleep(1000);
	usleep(200000);
	CHECK_NUMBER(first_status_of_a_child("forked while another thread", FTC_ERR_FORKED), 0);
	return 1;
}

/* Locks of the program that its forks take too. The handlers of the first are registered before this library is loaded. */
static pthread_mutex_t early = PTHREAD_MUTEX_INITIALIZER, late = PTHREAD_MUTEX_INITIALIZER;

static void lock_early(void) { pthread_mutex_lock(&early); }
static void unlock_early(void) { pthread_mutex_unlock(&early); }
static void lock_late(void) { pthread_mutex_lock(&late); }
static void unlock_late(void) { pthread_mutex_unlock(&late); }

static void before_libraries(void)
{
	pthread_atfork(lock_early, unlock_early, unlock_early);
}

__attribute__((section(".preinit_array"), used)) static void (*const at_begin)(void) = before_libraries;

static void *inside_with_early(void *argument)
{
	lock_early();
	begun = 1;
	usleep(200000);
	once_inside(argument);
	unlock_early();
	return argument;
}

static void *inside_with_late(void *argument)
{
	while (!stopped) {
		lock_late();
		once_inside(argument);
		unlock_late();
	}
	return argument;
}

static void forks_beside(void *(*thread_function)(void *), int forks)
{
	pthread_t thread;
	stopped = begun = 0;
	CHECK(pthread_create(&thread, NULL, thread_function, NULL) == 0);
	while (!begun)
		usleep(1000);
	for (int i = 0; i < forks; i++)
		CHECK_NUMBER(first_status_of_a_child("", FTC_OK), 0);
	stopped = 1;
	pthread_join(thread, NULL);
}

int main(void)
{
	pthread_t threads[THREADS];
	shapes = open_library(FIXTURE("libshapes.so"));
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, always_inside, NULL) == 0);
	/* A thread that has just begun may hold a lock of the sanitizer, which fork does not wait for. */
	while (begun < 50 * THREADS)
		usleep(1000);
	for (int i = 0; i < FORKS; i++)
		CHECK_NUMBER(first_status_of_a_child("", FTC_OK), 0);
	stopped = 1;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);

	CHECK_NUMBER(dl_iterate_phdr(forks_while_another_waits, &threads[0]), 1);
	pthread_join(threads[0], NULL);
	CHECK_NUMBER(first_status_of_a_child("", FTC_OK), 0);
	CHECK(pthread_atfork(lock_late, unlock_late, unlock_late) == 0);
	forks_beside(inside_with_late, FORKS / 3);
	forks_beside(inside_with_early, 1);
	const ftc_decl *decl = describe(shapes, "length");
	ftc_decl_free(decl);
	dlclose(shapes);
	return check_result();
}
