/* type_size lets programs and libraries of different versions work together. In a larger struct, the part that this
   version does not know must be zero. A struct smaller than that of the first version is refused. */
#include "claims.h"

static const ftc_decl *decl;

static ftc_status with_opts(const void *opts)
{
	const ftc_report *report = NULL;
	ftc_status status = ftc_check_decl(decl, claim_types, type_int, opts, &report);
	CHECK((status == FTC_OK) == (report != NULL));
	ftc_report_free(report);
	return status;
}

static ftc_status with_memory(const void *memory)
{
	const ftc_report *report = NULL;
	ftc_status status = ftc_check_argument(decl, 1, NULL, 0, memory, NULL, &report);
	CHECK((status == FTC_OK) == (report != NULL));
	ftc_report_free(report);
	return status;
}

static void check(ftc_status (*call)(const void *), size_t first, const char *name)
{
	/* As a later version may have it, and behind it what is not read. */
	_Alignas(8) unsigned char later[256] = {0}, *added = later + first;
	size_t size = first + 24;
	memcpy(later, &size, sizeof size);
	added[24] = 0xff;
	CHECK_NUMBER(call(later), FTC_OK);
	for (int i = 0; i < 24; i++) {
		added[i] = 1;
		CHECK_ERROR(call(later), FTC_ERR_INVALID_ARGUMENT, name);
		added[i] = 0;
	}
	memcpy(later, &first, sizeof first);
	memset(added, 0xff, 24);
	CHECK_NUMBER(call(later), FTC_OK);
	const size_t refused[] = {0, 1, sizeof(size_t), first - 1, 1 << 20, SIZE_MAX};
	for (int i = 0; i < 6; i++) {
		memcpy(later, &refused[i], sizeof(size_t));
		CHECK_ERROR(call(later), FTC_ERR_INVALID_ARGUMENT, "type_size");
	}
}

int main(void)
{
	begin();
	decl = describe(library, "date_valid");
	check(with_opts, sizeof(ftc_check_opts), "'opts'");
	check(with_memory, sizeof(ftc_memory), "'memory'");
	/* The initializers give a struct of this version. */
	const ftc_check_opts opts = FTC_CHECK_OPTS_INIT;
	const ftc_memory memory = FTC_MEMORY_INIT;
	CHECK_NUMBER(opts.type_size, sizeof opts);
	CHECK_NUMBER(memory.type_size, sizeof memory);
	CHECK_NUMBER(with_opts(&opts), FTC_OK);
	CHECK_NUMBER(with_memory(&memory), FTC_OK);
	ftc_decl_free(decl);
	return end();
}
