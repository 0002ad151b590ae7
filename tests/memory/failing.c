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

/* For a call that returns no status. If it failed, ftc_last_error() says why. */
static int done(int succeeded)
{
	if (!succeeded && told(ftc_last_error()) == FTC_OK)
		abort();
	return succeeded;
}

static void ask_types(const ftc_types *types, ftc_type_id id)
{
	ffi_cif cif;
	const ftc_type *type = ftc_type_get(types, id);
	if (!done(type != NULL))
		return;
	done(ftc_type_spelling(types, id) != NULL);
	told(ftc_type_prep_cif(types, id, &cif, FFI_DEFAULT_ABI));
	for (uint32_t i = 0; i < type->count; i++) {
		const ftc_parameter *parameter = ftc_type_parameter(types, id, i);
		if (done(parameter != NULL) && done(ftc_type_get(types, parameter->type_id) != NULL))
			done(ftc_type_ffi(types, parameter->type_id) != NULL);
	}
}

static void ask_claim(const ftc_decl *decl)
{
	const ftc_report *report = NULL;
	ftc_claim *claim = ftc_claim_new();
	if (!done(claim != NULL))
		return;
	const ftc_types *types = ftc_claim_types(claim);
	ftc_type_id integer = ftc_claim_base(claim, FTC_ENCODING_SIGNED, 4, 0);
	ftc_type_id record = ftc_claim_record(claim, FTC_TYPE_STRUCT, "claimed");
	told(ftc_claim_member(claim, record, "a", integer, 0));
	told(ftc_claim_complete(claim, record, 4, 0));
	ftc_type_id function = ftc_claim_function(claim, ftc_claim_pointer(claim, record), 1, &integer, 0);
	if (done(function != FTC_NO_TYPE)) {
		done(ftc_type_find_member(types, record, "a") != NULL);
		told(ftc_check_decl(decl, types, function, NULL, &report));
		if (ftc_report_count(report) > 0)
			done(ftc_report_finding(report, 0) != NULL);
	}
	ftc_report_free(report);
	done(ftc_claim_parse(claim, "struct pair { int a; char b[4]; }; int (*)(struct pair *, enum { ONE, TWO })") != FTC_NO_TYPE);
	done(ftc_claim_import(claim, ftc_decl_types(decl), ftc_decl_type(decl)) != FTC_NO_TYPE);
	ftc_claim_free(claim);
}

static void ask_decl(const ftc_decl *decl)
{
	const ftc_report *report;
	ffi_type *arguments[] = {&ffi_type_sint, &ffi_type_pointer};
	ffi_cif cif;
	ftc_decl_spelling(decl);
	ftc_decl_source_line(decl);
	told(ftc_decl_prep_cif(decl, &cif, FFI_DEFAULT_ABI));
	ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_sint, arguments, decl, &report);
	ftc_report_free(report);
	ask_types(ftc_decl_types(decl), ftc_decl_type(decl));
	ask_claim(decl);
}

static void ask(void *handle, const char *file, const char *symbol)
{
	const ftc_decl *decl;
	ftc_library *library;
	size_t definitions;
	if (told(ffi_describe_symbol(handle, symbol, &decl)) == FTC_OK)
		ask_decl(decl);
	ftc_decl_free(decl);
	told(ftc_describe_type(handle, "int", 0, &decl, &definitions));
	ftc_decl_free(decl);
	if (told(ftc_library_open(file, &library)) == FTC_OK) {
		done(ftc_library_export_count(library) > 0 && ftc_library_export(library, 0) != NULL);
		told(ftc_library_describe(library, symbol, &decl));
		ftc_decl_free(decl);
	}
	ftc_library_free(library);
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
			const ftc_decl *function = NULL, *type;
			ftc_library *library;
			if (setrlimit(RLIMIT_AS, &limit) != 0)
				_exit(100);
			if (told(ftc_library_open(argv[2], &library)) == FTC_OK) {
				told(ftc_library_describe(library, "printf", &function));
				told(ftc_library_describe_type(library, "struct stat", 0, &type, NULL));
			}
			_exit((function != NULL) | seen_no_memory << 1);
		}
		int end = end_of(child, "address space in MiB:", mib);
		answered += end & 1;
		refused += end >> 1 & 1;
	}
	printf("address space of 8 to %ld MiB: %ld runs, %ld answered, %ld with FTC_ERR_NO_MEMORY, none ended by a signal\n", largest,
	       limits, answered, refused);
	return refused == 0 || answered == 0;
}
