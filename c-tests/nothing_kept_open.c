/* After the libraries are forgotten and the declarations are freed, no more files are open or mapped than before, and
   no thread is left. */
#include <dirent.h>

#include "check.h"

static int entries(const char *directory)
{
	int count = 0;
	DIR *stream = opendir(directory);
	while (readdir(stream) != NULL)
		count++;
	closedir(stream);
	return count;
}

/* The number of mappings of files whose path has the word. */
static int mappings(const char *word)
{
	char line[4096];
	int count = 0;
	FILE *maps = fopen("/proc/self/maps", "r");
	while (fgets(line, sizeof line, maps) != NULL)
		count += strstr(line, word) != NULL;
	fclose(maps);
	return count;
}

static void use(void *shapes)
{
	const ftc_decl *decl = describe(shapes, "walk"), *in_file = NULL, *absent = NULL;
	CHECK_NUMBER(describe_in_file(FIXTURE("libshapes.so"), "scale", &in_file), FTC_OK);
	CHECK(strlen(ftc_decl_spelling(decl)) > 0 && strlen(ftc_decl_spelling(in_file)) > 0);
	CHECK_NUMBER(describe_in_file(FIXTURE("text.so"), "scale", &absent), FTC_ERR_NOT_ELF);
	CHECK_NUMBER(describe_in_file(FIXTURE("truncated.so"), "scale", &absent), FTC_ERR_MALFORMED_ELF);
	CHECK_NUMBER(describe_in_file(FIXTURE("bad-abbreviations.so"), "scale", &absent), FTC_ERR_MALFORMED_DWARF);
	CHECK_NUMBER(ftc_set_debug_path(FIXTURE("debug-other-build")), FTC_OK);
	CHECK_NUMBER(describe_in_file(FIXTURE("libstripped.so"), "scale", &absent), FTC_ERR_DEBUG_FILE_MISMATCH);
	CHECK(mappings(FIXTURES) > 0);
	ftc_decl_free(decl);
	ftc_decl_free(in_file);
	ftc_forget_libraries();
}

int main(void)
{
	void *shapes = open_library(FIXTURE("libshapes.so"));
	int files = entries("/proc/self/fd"), mapped = mappings(FIXTURES), threads = entries("/proc/self/task");
	for (int i = 0; i < 3; i++) {
		use(shapes);
		CHECK_NUMBER(entries("/proc/self/fd"), files);
		CHECK_NUMBER(mappings(FIXTURES), mapped);
		CHECK_NUMBER(entries("/proc/self/task"), threads);
	}
	dlclose(shapes);
	CHECK_NUMBER(mappings("libshapes"), 0);
	return check_result();
}
