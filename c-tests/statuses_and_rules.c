/* Every status and every rule has its own sentence. Other numbers have none. */
#include "check.h"

int main(void)
{
	static const ftc_status frozen[] = {
		FTC_OK, FTC_ERR_NULL, FTC_ERR_INVALID_ARGUMENT, FTC_ERR_NO_SYMBOL, FTC_ERR_NOT_LOADED, FTC_ERR_IO,
		FTC_ERR_NOT_ELF, FTC_ERR_MALFORMED_ELF, FTC_ERR_NO_DEBUG_INFO, FTC_ERR_BUILD_ID,
		FTC_ERR_DEBUG_FILE_MISMATCH, FTC_ERR_MALFORMED_DWARF, FTC_ERR_NO_TYPE, FTC_ERR_AMBIGUOUS,
		FTC_ERR_UNSUPPORTED, FTC_ERR_LIMIT, FTC_ERR_INTERNAL, FTC_ERR_FORKED,
		FTC_ERR_NO_MEMORY,
	};
	for (int i = 0; i < 19; i++) {
		CHECK_NUMBER(frozen[i], -i);
		CHECK(strlen(ftc_strerror(frozen[i])) > 5);
		for (int j = 0; j < i; j++)
			CHECK(strcmp(ftc_strerror(frozen[i]), ftc_strerror(frozen[j])) != 0);
	}
	static const ftc_status none[] = {1, -19, -1000, INT32_MIN, INT32_MAX};
	for (int i = 0; i < 5; i++)
		CHECK_TEXT(ftc_strerror(none[i]), ftc_strerror(1));

	CHECK(ftc_rule_reason(0) == NULL);
	CHECK(ftc_rule_reason(44) == NULL);
	CHECK(ftc_rule_reason(UINT32_MAX) == NULL);
	for (uint32_t rule = 1; rule <= 43; rule++)
		CHECK(strlen(ftc_rule_reason(rule)) > 10);

	CHECK_TEXT(ftc_verdict_name(FTC_MATCH), "MATCH");
	CHECK_TEXT(ftc_verdict_name(FTC_DIFFERS), "DIFFERS");
	CHECK_TEXT(ftc_verdict_name(FTC_UNVERIFIED), "UNVERIFIED");
	CHECK_TEXT(ftc_verdict_name(FTC_MISMATCH), "MISMATCH");
	CHECK(ftc_verdict_name(4) == NULL);
	CHECK(ftc_verdict_name(UINT32_MAX) == NULL);
	return check_result();
}
