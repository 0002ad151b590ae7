/* The exports of a library that is not loaded: all of them are listed, with what the dynamic loader says of them, and
   each can be described. */
#include <link.h>

#include "check.h"

static ftc_library *library_of(const char *path)
{
	ftc_library *library = NULL;
	if (ftc_library_open(path, &library) != FTC_OK) {
		fprintf(stderr, "%s\n", ftc_last_error_message());
		exit(2);
	}
	return library;
}

static const ftc_export *find(const ftc_library *library, const char *name, const char *version)
{
	for (size_t i = 0; i < ftc_library_export_count(library); i++) {
		const ftc_export *export = ftc_library_export(library, i);
		if (strcmp(export->name, name) == 0 && (version == NULL || strcmp(export->version, version) == 0))
			return export;
	}
	fprintf(stderr, "%s is not exported\n", name);
	exit(2);
}

static void check(const char *path, const char *name, ftc_export_kind kind, uint32_t flags, uint64_t size)
{
	ftc_library *library = library_of(path);
	const ftc_export *export = find(library, name, NULL);
	CHECK_TEXT(export->version, NULL);
	CHECK_NUMBER(export->kind, kind);
	CHECK_NUMBER(export->flags, flags);
	CHECK(size == 0 || export->size == size);
	ftc_library_free(library);
}

/* The loader has the same symbol at the same place, and with the same size. */
static void as_loaded(void *handle, const ftc_export *export, const char *name)
{
	const char *address = export->version ? dlvsym(handle, export->name, export->version) : dlsym(handle, export->name);
	Dl_info info;
	const ElfW(Sym) * symbol;
	if (dladdr1(address, &info, (void **)&symbol, RTLD_DL_SYMENT) == 0 || address != (char *)info.dli_fbase + export->value ||
	    (symbol != NULL && symbol->st_value == export->value && symbol->st_size != export->size)) {
		check_failed(__FILE__, __LINE__, name);
		fprintf(stderr, "    is at %p, not at %#llx\n", (void *)address, (unsigned long long)export->value);
	}
}

/* Describes every `step`th export by its name and version. Returns the number of those with a type. */
static size_t described(const char *path, void *handle, size_t step)
{
	ftc_library *library = library_of(path);
	size_t count = ftc_library_export_count(library), with_type = 0;
	for (size_t i = 0; i < count; i += step) {
		const ftc_export *export = ftc_library_export(library, i);
		const ftc_decl *decl = NULL;
		char name[256];
		snprintf(name, sizeof name, "%s%s%s", export->name, export->version ? "@" : "",
			 export->version ? export->version : "");
		CHECK(export == ftc_library_export(library, i));
		ftc_status status = ftc_library_describe(library, name, &decl);
		if (status == FTC_OK) {
			with_type++;
			CHECK_TEXT(ftc_decl_symbol(decl), export->name);
			CHECK_TEXT(ftc_decl_version(decl), export->version);
			int is_function = export->kind == FTC_EXPORT_FUNCTION || export->kind == FTC_EXPORT_IFUNC;
			CHECK_NUMBER(ftc_decl_kind(decl), is_function ? FTC_DECL_FUNCTION : FTC_DECL_VARIABLE);
			if (export->kind == FTC_EXPORT_IFUNC)
				CHECK_NUMBER(ftc_decl_evidence(decl), FTC_EVIDENCE_RESOLVER);
		} else {
			CHECK(decl == NULL && (status == FTC_ERR_NO_TYPE || status == FTC_ERR_AMBIGUOUS));
		}
		ftc_decl_free(decl);
		if (handle != NULL && (export->kind == FTC_EXPORT_FUNCTION || export->kind == FTC_EXPORT_VARIABLE))
			as_loaded(handle, export, name);
	}
	ftc_library_free(library);
	return with_type;
}

static void versions(void)
{
	ftc_library *library = library_of(FIXTURE("libversions.so"));
	const ftc_decl *decl = NULL;
	CHECK_NUMBER(find(library, "answer", "SHAPES_1")->flags, 0);
	CHECK_NUMBER(find(library, "answer", "SHAPES_2")->flags, FTC_EXPORT_DEFAULT);
	CHECK_NUMBER(ftc_library_describe(library, "answer", &decl), FTC_OK);
	/* The declaration does not need the library. */
	ftc_library_free(library);
	CHECK_TEXT(ftc_decl_version(decl), "SHAPES_2");
	CHECK_TEXT(ftc_decl_spelling(decl), "double answer(double a, double b)");
	CHECK(ftc_decl_address(decl) == NULL);
	ftc_decl_free(decl);
}

int main(void)
{
	const char *shapes = FIXTURE("libshapes.so");
	check(shapes, "length", FTC_EXPORT_FUNCTION, FTC_EXPORT_DEFAULT, 0);
	check(shapes, "counter", FTC_EXPORT_VARIABLE, FTC_EXPORT_DEFAULT, sizeof(int));
	check(shapes, "table", FTC_EXPORT_VARIABLE, FTC_EXPORT_DEFAULT, 6 * sizeof(short));
	check(shapes, "per_thread", FTC_EXPORT_THREAD_LOCAL, FTC_EXPORT_DEFAULT, sizeof(long));
	check(FIXTURE("libifunc.so"), "twice", FTC_EXPORT_IFUNC, FTC_EXPORT_DEFAULT, 0);
	check(FIXTURE("libprovider2.so"), "preferred", FTC_EXPORT_FUNCTION, FTC_EXPORT_DEFAULT | FTC_EXPORT_WEAK, 0);
	check(FIXTURE("i386/libshapes.so"), "per_thread", FTC_EXPORT_THREAD_LOCAL, FTC_EXPORT_DEFAULT, 4);
	versions();

	void *handle = open_library(shapes);
	size_t exports = described(shapes, handle, 1);
	CHECK(exports > 20);
	/* The same source for other machines has the same exports, all with types. */
	CHECK_NUMBER(described(FIXTURE("s390x/libshapes.so"), NULL, 1), exports);
	CHECK_NUMBER(described(FIXTURE("i386/libshapes.so"), NULL, 1), exports);
	dlclose(handle);

	handle = open_library("libc.so.6");
	Dl_info info;
	CHECK(dladdr(dlsym(handle, "qsort"), &info) != 0);
	CHECK(described(info.dli_fname, handle, 8) > 250);
	dlclose(handle);
	return check_result();
}
