/* CHECK counts instead of ending the program: a test tells all that is wrong at once. */
#ifndef CHECK_H
#define CHECK_H

#include <dlfcn.h>
#include <ffi.h>
#include <ffitypecheck.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int check_failures;

#define CHECK(condition) \
	((condition) ? (void)0 \
		     : (check_failures++, (void)fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition)))

#define CHECK_TEXT(found, expected) check_text(__FILE__, __LINE__, found, expected)

#define CHECK_STATUS(call, expected) check_status(__FILE__, __LINE__, #call, call, expected)

static inline void check_text(const char *file, int line, const char *found, const char *expected)
{
	if (found ? !expected || strcmp(found, expected) != 0 : expected != NULL) {
		fprintf(stderr, "%s:%d: '%s' instead of '%s'\n", file, line, found ? found : "NULL",
			expected ? expected : "NULL");
		check_failures++;
	}
}

/* A failure has its status, the status a general sentence, and the thread a particular one. */
static inline void check_status(const char *file, int line, const char *call, ftc_status found, ftc_status expected)
{
	if (found != expected) {
		fprintf(stderr, "%s:%d: %s gave %d (%s), not %d (%s): %s\n", file, line, call, found,
			ftc_strerror(found), expected, ftc_strerror(expected), ftc_last_error_message());
		check_failures++;
	} else if (found != FTC_OK && strlen(ftc_last_error_message()) < 20) {
		fprintf(stderr, "%s:%d: %s left no sentence\n", file, line, call);
		check_failures++;
	}
}

/* The path of a file in the directory with the fixtures, which is each test's first argument. Eight live at once. */
static inline const char *in(const char *directory, const char *name)
{
	static char paths[8][4096];
	static int next;
	char *path = paths[next++ % 8];
	snprintf(path, sizeof paths[0], "%s/%s", directory, name);
	return path;
}

/* Describes a symbol that must have a declaration. */
static inline const ftc_decl *described(void *handle, const char *name)
{
	const ftc_decl *decl = NULL;
	ftc_status status = ffi_describe_symbol(handle, name, &decl);
	if (status != FTC_OK) {
		fprintf(stderr, "%s: %s\n", name, ftc_last_error_message());
		exit(1);
	}
	return decl;
}

static inline void *opened(const char *library)
{
	void *handle = dlopen(library, RTLD_NOW);
	if (!handle) {
		fprintf(stderr, "%s\n", dlerror());
		exit(1);
	}
	return handle;
}

#endif
