/* What the programs share. A program that finds all as it should be prints nothing and returns 0. */
#ifndef CHECK_H
#define CHECK_H

#include <dlfcn.h>
#include <ffi.h>
#include <ffitypecheck.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int check_failures;

/* Says what does not hold, and lets the rest of the program run. Not for several threads at once. */
#define CHECK(condition) \
	((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))

#define CHECK_NUMBER(actual, expected) \
	check_number(__FILE__, __LINE__, #actual, (long long)(actual), (long long)(expected))

#define CHECK_TEXT(actual, expected) check_text(__FILE__, __LINE__, #actual, actual, expected)

/* The status, and that the thread's last message has the word. */
#define CHECK_ERROR(call, status, word) \
	do { \
		CHECK_NUMBER(call, status); \
		check_word(__FILE__, __LINE__, ftc_last_error_message(), word); \
	} while (0)

/* NULL or FTC_NO_TYPE, with the thread's last status and message. */
#define CHECK_FAILED(call, failed, status, word) \
	do { \
		CHECK((call) == (failed)); \
		CHECK_ERROR(ftc_last_error(), status, word); \
	} while (0)
#define CHECK_NULL(call, status, word) CHECK_FAILED(call, NULL, status, word)
#define CHECK_NO_TYPE(call, status, word) CHECK_FAILED(call, FTC_NO_TYPE, status, word)

static inline void check_failed(const char *file, int line, const char *what)
{
	check_failures++;
	fprintf(stderr, "%s:%d: %s\n", file, line, what);
}

static inline void check_number(const char *file, int line, const char *what, long long actual, long long expected)
{
	if (actual == expected)
		return;
	check_failed(file, line, what);
	fprintf(stderr, "    is %lld, not %lld; last message: %s\n", actual, expected, ftc_last_error_message());
}

static inline void check_text(const char *file, int line, const char *what, const char *actual, const char *expected)
{
	if (actual == expected || (actual != NULL && expected != NULL && strcmp(actual, expected) == 0))
		return;
	check_failed(file, line, what);
	fprintf(stderr, "    is '%s', not '%s'\n", actual ? actual : "NULL", expected ? expected : "NULL");
}

static inline void check_word(const char *file, int line, const char *text, const char *word)
{
	size_t length = strlen(text);
	if (strstr(text, word) != NULL && length > 0 && text[length - 1] != '.' && strchr(text, '\n') == NULL)
		return;
	check_failed(file, line, "a sentence with the word");
	fprintf(stderr, "    '%s' has no '%s', or is no sentence\n", text, word);
}

/* The path of a file that c-tests/Makefile made of c-tests/fixtures. */
#define FIXTURE(name) FIXTURES "/" name

static inline void *open_library(const char *path)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL) {
		fprintf(stderr, "%s\n", dlerror());
		exit(2);
	}
	return handle;
}

/* The declaration of a symbol that must have one. */
static inline const ftc_decl *describe(void *handle, const char *name)
{
	const ftc_decl *decl = NULL;
	if (ffi_describe_symbol(handle, name, &decl) != FTC_OK) {
		fprintf(stderr, "%s: %s\n", name, ftc_last_error_message());
		exit(2);
	}
	return decl;
}

/* The same of a library that is not loaded. */
static inline ftc_status describe_in_file(const char *path, const char *name, const ftc_decl **decl_out)
{
	ftc_library *library = NULL;
	*decl_out = NULL;
	ftc_status status = ftc_library_open(path, &library);
	if (status == FTC_OK)
		status = ftc_library_describe(library, name, decl_out);
	ftc_library_free(library);
	return status;
}

/* The only definition of a type in a library that is not loaded. */
static inline ftc_status describe_type_in_file(const char *path, const char *name, const ftc_decl **decl_out)
{
	ftc_library *library = NULL;
	*decl_out = NULL;
	ftc_status status = ftc_library_open(path, &library);
	if (status == FTC_OK)
		status = ftc_library_describe_type(library, name, 0, decl_out, NULL);
	ftc_library_free(library);
	return status;
}

/* What `main` returns. Libraries that are kept open for later calls are no leak, but valgrind cannot tell: Rust's hash
   tables are only pointed to in their middle. */
static inline int check_result(void)
{
	ftc_forget_libraries();
	return check_failures != 0;
}

/* The address of a function as libffi takes it. */
static inline void (*function(void *handle, const char *name))(void)
{
	void (*address)(void);
	*(void **)&address = dlsym(handle, name);
	return address;
}

#endif
