/* The header, the library and the package have one version. */
#include "check.h"

int main(int count, char **arguments)
{
	char version[32];
	(void)count;
	snprintf(version, sizeof version, "%d.%d.%d", FTC_VERSION_MAJOR, FTC_VERSION_MINOR, FTC_VERSION_PATCH);
	CHECK_TEXT(ftc_get_version(), version);
	CHECK_TEXT(arguments[2], version);
	CHECK(ftc_get_version_number() == FTC_VERSION_MAJOR * 10000 + FTC_VERSION_MINOR * 100 + FTC_VERSION_PATCH);
	return check_failures != 0;
}
