/* describe CACHE LIBRARY SYMBOL [DEBUG_DIRECTORY]: the declaration, by a process that has the library loaded and a cache of types. */
#include <dlfcn.h>
#include <stdio.h>

#include <ffitypecheck.h>

int main(int argc, char **argv)
{
	const ftc_decl *decl = NULL;
	if (argc < 4 || ftc_set_type_cache(argv[1]) != FTC_OK)
		return 2;
	if (argc > 4 && ftc_set_debug_path(argv[4]) != FTC_OK)
		return 2;
	void *library = dlopen(argv[2], RTLD_NOW);
	if (library == NULL || ffi_describe_symbol(library, argv[3], &decl) != FTC_OK)
		return 1;
	puts(ftc_decl_spelling(decl));
	ftc_decl_free(decl);
	return 0;
}
