/* The types of a library whose debug file was removed come from the cache, which was filled before. */
#include "check.h"

#include <dlfcn.h>
#include <ftw.h>
#include <sys/stat.h>

#define STRIPPED FIXTURE("libstripped.so")

static int entries;

static int count(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void)place;
	if (kind == FTW_F) {
		entries++;
		CHECK_NUMBER(status->st_mode & 077, 0);
		CHECK(strstr(path, ".types") != NULL);
	}
	return 0;
}

/* Empties a page of an entry, as a crash of the machine may. */
static int make_hole(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void)place;
	char zeros[100] = {0};
	FILE *file = kind == FTW_F ? fopen(path, "r+") : NULL;
	if (file == NULL)
		return 0;
	CHECK_NUMBER(fseek(file, status->st_size / 3, SEEK_SET), 0);
	CHECK_NUMBER(fwrite(zeros, 1, sizeof zeros, file), sizeof zeros);
	return fclose(file);
}

static int files_in(const char *directory)
{
	entries = 0;
	nftw(directory, count, 8, FTW_PHYS);
	return entries;
}

static int removed(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void)status, (void)kind, (void)place;
	return remove(path);
}

static ftc_status length_of(void *handle, char *text, size_t size)
{
	const ftc_decl *decl = NULL;
	ftc_status status = ffi_describe_symbol(handle, "length", &decl);
	snprintf(text, size, "%s", decl ? ftc_decl_spelling(decl) : "");
	ftc_decl_free(decl);
	return status;
}

/* Nobody asked for a cache: none is written to the home of the user, until the program asks for the user's. */
static void only_on_request(void *handle)
{
	char home[] = "/tmp/ffitypecheck-home-XXXXXX", types[128], text[128];
	CHECK(mkdtemp(home) != NULL);
	snprintf(types, sizeof types, "%s/.cache/ffitypecheck", home);
	CHECK_NUMBER(setenv("HOME", home, 1), 0);
	CHECK_NUMBER(unsetenv("FFITYPECHECK_CACHE"), 0);
	CHECK_NUMBER(ftc_set_debug_path(FIXTURE("debug")), FTC_OK);
	CHECK_NUMBER(length_of(handle, text, sizeof text), FTC_OK);
	CHECK_NUMBER(files_in(home), 0);
	CHECK_NUMBER(ftc_set_type_cache(""), FTC_OK);
	CHECK_NUMBER(length_of(handle, text, sizeof text), FTC_OK);
	CHECK_NUMBER(files_in(types), 1);

	/* The user says no. */
	CHECK_NUMBER(setenv("FFITYPECHECK_CACHE", "off", 1), 0);
	nftw(home, removed, 8, FTW_DEPTH | FTW_PHYS);
	CHECK_NUMBER(ftc_set_type_cache(""), FTC_OK);
	CHECK_NUMBER(length_of(handle, text, sizeof text), FTC_OK);
	CHECK_NUMBER(files_in(home), 0);
	CHECK_NUMBER(ftc_set_type_cache(NULL), FTC_OK);
}

int main(void)
{
	char directory[] = "/tmp/ffitypecheck-cache-XXXXXX", text[128];
	void *handle = dlopen(STRIPPED, RTLD_NOW);
	CHECK(handle != NULL);
	CHECK(mkdtemp(directory) != NULL);
	only_on_request(handle);

	/* Without a cache nothing is kept. */
	CHECK_NUMBER(ftc_set_type_cache(NULL), FTC_OK);
	CHECK_NUMBER(ftc_set_debug_path(FIXTURE("debug")), FTC_OK);
	CHECK_NUMBER(length_of(handle, text, sizeof text), FTC_OK);
	CHECK_NUMBER(ftc_set_debug_path(""), FTC_OK);
	CHECK_NUMBER(length_of(handle, text, sizeof text), FTC_ERR_NO_DEBUG_INFO);

	/* With one, the first description fills it, and setting another path leaves it. */
	CHECK_NUMBER(ftc_set_type_cache(directory), FTC_OK);
	CHECK_NUMBER(ftc_set_debug_path(FIXTURE("debug")), FTC_OK);
	CHECK_NUMBER(files_in(directory), 0);
	CHECK_NUMBER(length_of(handle, text, sizeof text), FTC_OK);
	CHECK_NUMBER(files_in(directory), 1);
	CHECK_NUMBER(ftc_set_debug_path(""), FTC_OK);
	CHECK_NUMBER(length_of(handle, text, sizeof text), FTC_OK);
	CHECK_TEXT(text, "size_t length(const char *text)");

	/* One that is damaged is as good as none, and is written again. */
	nftw(directory, make_hole, 8, FTW_PHYS);
	ftc_forget_libraries();
	CHECK_ERROR(length_of(handle, text, sizeof text), FTC_ERR_NO_DEBUG_INFO, "checksum");
	CHECK_NUMBER(ftc_set_debug_path(FIXTURE("debug")), FTC_OK);
	CHECK_NUMBER(length_of(handle, text, sizeof text), FTC_OK);
	CHECK_NUMBER(files_in(directory), 1);
	CHECK_NUMBER(ftc_set_debug_path(""), FTC_OK);
	CHECK_NUMBER(length_of(handle, text, sizeof text), FTC_OK);
	CHECK_TEXT(text, "size_t length(const char *text)");

	/* A directory that others may write to is none, and the library is not described by it. */
	CHECK_NUMBER(chmod(directory, 0777), 0);
	ftc_forget_libraries();
	CHECK_NUMBER(length_of(handle, text, sizeof text), FTC_ERR_NO_DEBUG_INFO);
	CHECK_NUMBER(chmod(directory, 0700), 0);

	CHECK_ERROR(ftc_set_type_cache("relative"), FTC_ERR_INVALID_ARGUMENT, "absolute");
	CHECK_NUMBER(ftc_set_type_cache(NULL), FTC_OK);
	CHECK_NUMBER(length_of(handle, text, sizeof text), FTC_ERR_NO_DEBUG_INFO);
	nftw(directory, removed, 8, FTW_DEPTH | FTW_PHYS);
	return check_result();
}
