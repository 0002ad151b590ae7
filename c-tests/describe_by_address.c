/* The symbol that begins at an address, exported or not, in the program itself and in libraries. */
#include "check.h"

static long own_static(char a, const long *b)
{
	return a + *b;
}

static void check(const void *address, const char *spelling)
{
	const ftc_decl *decl = NULL;
	CHECK_NUMBER(ftc_describe_address(address, &decl), FTC_OK);
	CHECK_TEXT(ftc_decl_spelling(decl), spelling);
	ftc_decl_free(decl);
}

int main(void)
{
	void *shapes = open_library(FIXTURE("libshapes.so"));
	void *chosen = open_library(FIXTURE("libifunc.so"));
	long (*own)(char, const long *) = own_static;
	void (*(*reveal)(void))(void);
	*(void **)&reveal = dlsym(shapes, "reveal");
	void (*hidden)(void) = reveal();

	check(dlsym(shapes, "length"), "size_t length(const char *text)");
	check(*(void **)&hidden, "int hidden(long a, char b)");
	check(*(void **)&own, "long own_static(char a, const long *b)");
	check(dlsym(shapes, "table"), "const unsigned short table[2][3]");
	/* dlsym gives the implementation that the resolver chose: a function of its own name. */
	check(dlsym(chosen, "twice"), "long twice_plain(long a)");

	const ftc_decl *decl = NULL;
	int on_the_stack = 0;
	void *on_the_heap = malloc(16);
	CHECK_ERROR(ftc_describe_address((char *)dlsym(shapes, "length") + 1, &decl), FTC_ERR_NO_TYPE, "libshapes.so");
	CHECK_ERROR(ftc_describe_address((char *)dlsym(shapes, "table") + 1, &decl), FTC_ERR_NO_TYPE, "libshapes.so");
	CHECK_ERROR(ftc_describe_address(&on_the_stack, &decl), FTC_ERR_NOT_LOADED, "address");
	CHECK_ERROR(ftc_describe_address(on_the_heap, &decl), FTC_ERR_NOT_LOADED, "address");
	CHECK_ERROR(ftc_describe_address((void *)1, &decl), FTC_ERR_NOT_LOADED, "address");
	CHECK_ERROR(ftc_describe_address((void *)-1, &decl), FTC_ERR_NOT_LOADED, "address");
	CHECK(decl == NULL);
	free(on_the_heap);
	dlclose(chosen);
	dlclose(shapes);
	return check_result();
}
