/* A runtime may load libffitypecheck with RTLD_LOCAL. The libraries that it needs are then not in the global scope.
   */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

/* Not linked with -lffitypecheck: see the Makefile. */
typedef int describe_function(void *handle, const char *name, const void **decl_out);
typedef const char *message_function(void);

int main(void)
{
	void *library = dlopen(BUILD "/libffitypecheck.so.0", RTLD_NOW | RTLD_LOCAL);
	if (library == NULL) {
		fprintf(stderr, "%s\n", dlerror());
		return 2;
	}
	describe_function *describe;
	message_function *message;
	*(void **)&describe = dlsym(library, "ffi_describe_symbol");
	*(void **)&message = dlsym(library, "ftc_last_error_message");

	const void *decl = NULL;
	const char *absent[] = {"ffi_call", "ftc_get_version", "no_such_symbol"};
	for (int i = 0; i < 3; i++) {
		int status = describe(NULL, absent[i], &decl);
		if (status != -3 || strstr(message(), absent[i]) == NULL || strstr(message(), "libffitypecheck") != NULL) {
			fprintf(stderr, "%s: %d, %s\n", absent[i], status, message());
			return 1;
		}
	}
	return decl != NULL;
}
