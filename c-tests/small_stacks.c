/* A call needs at most 32 KiB of stack, whatever file the types are read from. musl's threads have 128 KiB, and those
 * of a runtime may have less. The kernel tells which pages of a stack were touched. */
#include "check.h"

#include <dlfcn.h>
#include <ftw.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { STACK = 512 << 10, PAGE = 4096, PAGES = STACK / PAGE };

/* AddressSanitizer's allocator notes the callers on the stack of who allocates. */
#ifdef __SANITIZE_ADDRESS__
enum { MOST = 48 << 10 };
#else
enum { MOST = 32 << 10 };
#endif

static const char *file, *symbol;
/* If not NULL, what is asked instead of the file. */
static void *handle;
static int described;

static void *nothing(void *argument)
{
	return argument;
}

/* Describes a function, and does with it what a runtime does. */
static void *everything(void *argument)
{
	const ftc_decl *decl = NULL;
	const ftc_report *report = NULL;
	ffi_type *arguments[] = {&ffi_type_sint, &ffi_type_pointer};
	ffi_cif cif;
	char text[1000];
	size_t length;
	if ((handle ? ffi_describe_symbol(handle, symbol, &decl) : describe_in_file(file, symbol, &decl)) != FTC_OK)
		return argument;
	const ftc_types *types = ftc_decl_types(decl);
	described = strstr(ftc_decl_spelling(decl), symbol) != NULL &&
		    ftc_type_spell(types, ftc_decl_type(decl), "x", text, sizeof text, &length) == FTC_OK;
	ftc_decl_prep_cif(decl, &cif, FFI_DEFAULT_ABI);
	ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 2, &ffi_type_sint, arguments, decl, &report);
	ftc_report_free(report);
	report = NULL;
	ftc_claim *claim = ftc_claim_new();
	ftc_type_id type_int = ftc_claim_base(claim, FTC_ENCODING_SIGNED, 4, 0);
	ftc_type_id claimed = ftc_claim_function(claim, type_int, 1, &type_int, 0);
	ftc_check_decl(decl, ftc_claim_types(claim), claimed, NULL, &report);
	ftc_report_free(report);
	ftc_claim_free(claim);
	ftc_decl_free(decl);
	return argument;
}

/* How much of its stack a thread touched. */
static size_t depth(void *(*work)(void *))
{
	unsigned char touched[PAGES];
	pthread_attr_t attributes;
	pthread_t thread;
	size_t untouched = 0;
	char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(stack != MAP_FAILED);
	CHECK_NUMBER(madvise(stack, STACK, MADV_NOHUGEPAGE), 0);
	pthread_attr_init(&attributes);
	CHECK_NUMBER(pthread_attr_setstack(&attributes, stack, STACK), 0);
	CHECK_NUMBER(pthread_create(&thread, &attributes, work, NULL), 0);
	CHECK_NUMBER(pthread_join(thread, NULL), 0);
	CHECK_NUMBER(mincore(stack, STACK, touched), 0);
	while (untouched < PAGES && !(touched[untouched] & 1))
		untouched++;
	munmap(stack, STACK);
	pthread_attr_destroy(&attributes);
	return STACK - untouched * PAGE;
}

static void within_bounds(const char *path, const char *name)
{
	file = path;
	symbol = name;
	described = 0;
	ftc_forget_libraries();
	size_t bare = depth(nothing), whole = depth(everything);
	CHECK(described);
	CHECK(whole > bare);
	if (whole > bare + MOST) {
		CHECK(!"the stack is small enough");
		fprintf(stderr, "    %s, %s: %zu bytes\n", path, name, whole - bare);
	}
}

static int removed(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void)status, (void)kind, (void)place;
	return remove(path);
}

/* Reads the full debug information and fills the cache; then reads that. */
static void with_cache(void)
{
	char directory[] = "/tmp/ffitypecheck-stack-XXXXXX";
	handle = dlopen(FIXTURE("libshapes.so"), RTLD_NOW);
	CHECK(handle != NULL && mkdtemp(directory) != NULL);
	CHECK_NUMBER(ftc_set_type_cache(directory), FTC_OK);
	within_bounds("without an entry", "walk");
	within_bounds("from the cache", "walk");
	CHECK_NUMBER(ftc_set_type_cache(NULL), FTC_OK);
	nftw(directory, removed, 8, FTW_DEPTH | FTW_PHYS);
	dlclose(handle);
	handle = NULL;
}

int main(void)
{
	CHECK_NUMBER(ftc_set_debug_path(""), FTC_OK);
	within_bounds(FIXTURE("libshapes.so"), "walk");
	within_bounds(FIXTURE("packed/zlib.so"), "walk");
	within_bounds(FIXTURE("packed/zstd.so"), "walk");
	within_bounds(FIXTURE("slim/libversions.so"), "answer");
	within_bounds(FIXTURE("zstd/libversions.so"), "answer");
	within_bounds(FIXTURE("loaded/libversions.so"), "answer");
	within_bounds(FIXTURE("packed/nested.so"), "nested");
	with_cache();
	return check_result();
}
