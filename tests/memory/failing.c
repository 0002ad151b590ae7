/* Everything that a guest does, while malloc has nothing any more from the first, the second, … allocation on, or but once, and while
 * the address space is limited. No child may end by a signal: statuses tell of it.
 *
 * usage: failing LIBRARY LARGE_LIBRARY SYMBOL [LARGEST_IN_MIB]
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ffitypecheck.h"

void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t), *__libc_memalign(size_t, size_t);

/* The allocation that fails first; 0: none does. */
static long first, count;
static int once, seen_no_memory;

static int fails(void)
{
	if (first == 0 || ++count < first || (once && count > first))
		return 0;
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
	return fails() ? NULL : __libc_calloc(number, size);
}

void *realloc(void *place, size_t size)
{
	return fails() ? NULL : __libc_realloc(place, size);
}

void *memalign(size_t align, size_t size)
{
	return fails() ? NULL : __libc_memalign(align, size);
}

void *aligned_alloc(size_t align, size_t size)
{
	return memalign(align, size);
}

int posix_memalign(void **place, size_t align, size_t size)
{
	*place = memalign(align, size);
	return *place == NULL ? ENOMEM : 0;
}

static ftc_status told(ftc_status status)
{
	seen_no_memory |= status == FTC_ERR_NO_MEMORY;
	if (status != FTC_OK && ftc_last_error_message()[0] == '\0')
		abort();
	return status;
}

static void ask_of(const ftc_decl *decl)
{
	const ftc_report *report = NULL;
	ftc_claim *claim = NULL;
	ftc_type_id integer, record, pointer, function;
	ffi_type *arguments[] = {&ffi_type_sint, &ffi_type_pointer};
	ffi_cif cif;
	ftc_decl_spelling(decl);
	ftc_decl_source_line(decl);
	told(ftc_decl_prep_cif(decl, &cif, FFI_DEFAULT_ABI));
	ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_sint, arguments, decl, &report);
	ftc_report_free(report);
	report = NULL;
	if (told(ftc_claim_new(&claim)) == FTC_OK &&
	    told(ftc_claim_base(claim, FTC_ENCODING_SIGNED, 4, 0, &integer)) == FTC_OK &&
	    told(ftc_claim_record(claim, FTC_TYPE_STRUCT, "claimed", &record)) == FTC_OK &&
	    told(ftc_claim_member(claim, record, "a", integer, 0)) == FTC_OK &&
	    told(ftc_claim_complete(claim, record, 4, 0)) == FTC_OK &&
	    told(ftc_claim_pointer(claim, record, &pointer)) == FTC_OK &&
	    told(ftc_claim_function(claim, pointer, 1, &integer, 0, &function)) == FTC_OK)
		told(ftc_check_decl(decl, claim, function, NULL, &report));
	ftc_report_free(report);
	ftc_claim_free(claim);
}

static void ask(void *handle, const char *file, const char *symbol)
{
	const ftc_decl *decl = NULL;
	size_t definitions;
	if (told(ffi_describe_symbol(handle, symbol, &decl)) == FTC_OK) {
		ask_of(decl);
		ftc_decl_free(decl);
	}
	if (told(ftc_describe_type(handle, "int", 0, &decl, &definitions)) == FTC_OK)
		ftc_decl_free(decl);
	if (told(ftc_describe_in_file(file, symbol, &decl)) == FTC_OK)
		ftc_decl_free(decl);
	told(ftc_set_debug_path("/nowhere"));
	told(ftc_set_debug_path(NULL));
	ftc_forget_libraries();
}

/* What a child's end says; a signal is a failure of the test. */
static int end_of(pid_t child, const char *what, long number)
{
	int status = -1;
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) {
		fprintf(stderr, "failing: %s %ld ends with status %#x\n", what, number, status);
		exit(1);
	}
	return WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return 2;
	void *handle = dlopen(argv[1], RTLD_NOW);
	if (handle == NULL)
		return 2;
	long runs = 0, refused = 0;
	/* Two answers are made before, so that the loader's own memory for this thread is there. */
	ask(handle, argv[1], argv[3]);
	for (once = 0; once < 2; once++) {
		int reached = 1;
		for (long from = 1; reached; from++, runs++) {
			pid_t child = fork();
			if (child == 0) {
				first = from;
				ask(handle, argv[1], argv[3]);
				_exit((count >= from) | seen_no_memory << 1);
			}
			int end = end_of(child, once ? "one allocation less" : "no allocation from", from);
			reached = end & 1;
			refused += end >> 1;
		}
	}
	printf("malloc without memory: %ld runs, %ld with FTC_ERR_NO_MEMORY, none ended by a signal\n", runs, refused);

	long limits = 0, answered = 0, largest = argc > 4 ? atol(argv[4]) : 120;
	refused = 0;
	for (long mib = 8; mib <= largest; mib += 2, limits++) {
		pid_t child = fork();
		if (child == 0) {
			struct rlimit limit = {(rlim_t)mib << 20, (rlim_t)mib << 20};
			const ftc_decl *decl = NULL;
			if (setrlimit(RLIMIT_AS, &limit) != 0)
				_exit(100);
			ftc_status status = told(ftc_describe_in_file(argv[2], "printf", &decl));
			size_t definitions;
			told(ftc_describe_type_in_file(argv[2], "struct stat", 0, &decl, &definitions));
			_exit((status == FTC_OK) | seen_no_memory << 1);
		}
		int end = end_of(child, "address space in MiB:", mib);
		answered += end & 1;
		refused += end >> 1 & 1;
	}
	printf("address space of 8 to %ld MiB: %ld runs, %ld answered, %ld with FTC_ERR_NO_MEMORY, none ended by a signal\n", largest,
	       limits, answered, refused);
	return refused == 0 || answered == 0;
}
