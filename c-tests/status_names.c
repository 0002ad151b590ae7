/* The names of the statuses are those of the header; other numbers have none. */
#include "check.h"

#define NAMED(status) CHECK_TEXT(ftc_status_name(status), #status)

int main(void)
{
	NAMED(FTC_OK);
	NAMED(FTC_ERR_NULL);
	NAMED(FTC_ERR_INVALID_ARGUMENT);
	NAMED(FTC_ERR_NO_SYMBOL);
	NAMED(FTC_ERR_NOT_LOADED);
	NAMED(FTC_ERR_IO);
	NAMED(FTC_ERR_NOT_ELF);
	NAMED(FTC_ERR_MALFORMED_ELF);
	NAMED(FTC_ERR_NO_DEBUG_INFO);
	NAMED(FTC_ERR_BUILD_ID);
	NAMED(FTC_ERR_DEBUG_FILE_MISMATCH);
	NAMED(FTC_ERR_MALFORMED_DWARF);
	NAMED(FTC_ERR_NO_TYPE);
	NAMED(FTC_ERR_AMBIGUOUS);
	NAMED(FTC_ERR_UNSUPPORTED);
	NAMED(FTC_ERR_LIMIT);
	NAMED(FTC_ERR_INTERNAL);
	NAMED(FTC_ERR_FORKED);
	NAMED(FTC_ERR_NO_MEMORY);
	for (int number = 1; number < 100; number++) {
		CHECK(ftc_status_name((ftc_status)number) == NULL);
		CHECK((ftc_status_name((ftc_status)-number) != NULL) == (number <= 18));
	}
	CHECK(ftc_status_name((ftc_status)INT32_MIN) == NULL);
	CHECK(ftc_status_name((ftc_status)INT32_MAX) == NULL);

	/* The last status of a thread is that of its last failure. */
	const ftc_decl *decl = NULL;
	CHECK_NUMBER(ftc_last_error(), FTC_OK);
	CHECK_NUMBER(ffi_describe_symbol(NULL, "no_such_symbol", &decl), FTC_ERR_NO_SYMBOL);
	CHECK_NUMBER(ftc_last_error(), FTC_ERR_NO_SYMBOL);
	CHECK_NUMBER(ftc_set_debug_path(NULL), FTC_OK);
	CHECK_NUMBER(ftc_last_error(), FTC_ERR_NO_SYMBOL);
	return check_result();
}
