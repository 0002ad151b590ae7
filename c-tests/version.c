/* The header, the library and the build (VERSION, from Cargo.toml) have the same version. */
#include "check.h"

int main(void)
{
	char macros[32];
	snprintf(macros, sizeof macros, "%d.%d.%d", FTC_VERSION_MAJOR, FTC_VERSION_MINOR, FTC_VERSION_PATCH);
	CHECK_TEXT(ftc_get_version(), macros);
	CHECK_TEXT(ftc_get_version(), VERSION);
	CHECK_NUMBER(ftc_get_version_number(), FTC_VERSION_MAJOR * 10000 + FTC_VERSION_MINOR * 100 + FTC_VERSION_PATCH);
	CHECK_NUMBER(FTC_VERSION_NUMBER, ftc_get_version_number());
	return check_result();
}
