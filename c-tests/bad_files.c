/* Files that are not libraries. Each gives its own status and a message that names the file. */
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static void check(const char *path, ftc_status status, const char *word)
{
	const ftc_decl *decl = NULL;
	CHECK_ERROR(describe_in_file(path, "length", &decl), status, path);
	CHECK_ERROR(describe_in_file(path, "length", &decl), status, word);
	CHECK(decl == NULL);
}

int main(void)
{
	char directory[] = "/tmp/ffitypecheck-XXXXXX", fifo[64];
	if (mkdtemp(directory) == NULL)
		return 2;
	snprintf(fifo, sizeof fifo, "%s/fifo", directory);
	if (mkfifo(fifo, 0600) != 0)
		return 2;
	alarm(120);
	check(FIXTURE("no-such-file.so"), FTC_ERR_IO, "No such file");
	check("", FTC_ERR_IO, "");
	check(directory, FTC_ERR_IO, "regular");
	check(fifo, FTC_ERR_IO, "regular");
	check("/dev/null", FTC_ERR_IO, "regular");
	check(FIXTURE("empty"), FTC_ERR_NOT_ELF, "empty");
	check(FIXTURE("text.so"), FTC_ERR_NOT_ELF, "ELF");
	check(FIXTURE("libshapes.a"), FTC_ERR_NOT_ELF, "ELF");
	check(FIXTURE("magic-only"), FTC_ERR_MALFORMED_ELF, "");
	check(FIXTURE("truncated.so"), FTC_ERR_MALFORMED_ELF, "");
	check(FIXTURE("truncated-headers.so"), FTC_ERR_MALFORMED_ELF, "");
	check(FIXTURE("bad-abbreviations.so"), FTC_ERR_MALFORMED_DWARF, ".debug_info at offset");
	check(FIXTURE("bad-version.so"), FTC_ERR_MALFORMED_DWARF, ".debug_info at offset");
	/* Root may read anything. */
	if (getuid() != 0)
		check(FIXTURE("unreadable.so"), FTC_ERR_IO, "Permission denied");
	unlink(fifo);
	rmdir(directory);
	return check_result();
}
