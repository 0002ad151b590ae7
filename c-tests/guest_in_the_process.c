/* The library leaves the process as it was: signal handlers, environment, working directory and locale. */
#include <locale.h>
#include <signal.h>
#include <unistd.h>

#include "check.h"

extern char **environ;

struct state {
	void (*handlers[NSIG])(int);
	size_t variables;
	char directory[4096];
	char locale[64];
};

static struct state look(void)
{
	struct state state;
	memset(&state, 0, sizeof state);
	for (int i = 1; i < NSIG; i++) {
		struct sigaction action;
		if (sigaction(i, NULL, &action) == 0)
			state.handlers[i] = action.sa_handler;
	}
	while (environ[state.variables] != NULL)
		state.variables++;
	if (getcwd(state.directory, sizeof state.directory) == NULL)
		check_failures++;
	snprintf(state.locale, sizeof state.locale, "%s", setlocale(LC_ALL, NULL));
	return state;
}

int main(void)
{
	struct state before = look();
	void *shapes = open_library(FIXTURE("libshapes.so"));
	const ftc_decl *decl = describe(shapes, "scale"), *absent = NULL;
	ffi_cif cif;
	CHECK_NUMBER(ftc_decl_prep_cif(decl, &cif, FFI_DEFAULT_ABI), FTC_OK);
	CHECK_NUMBER(describe_in_file(FIXTURE("truncated.so"), "scale", &absent), FTC_ERR_MALFORMED_ELF);
	ftc_decl_free(decl);
	struct state after = look();
	CHECK(memcmp(&before, &after, sizeof before) == 0);
	dlclose(shapes);
	return check_result();
}
