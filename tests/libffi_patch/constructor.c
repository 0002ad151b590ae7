/* A library whose constructor makes the first call, while it holds the loader's lock, at the time that another thread does. With LIBRARY
   it is the library, otherwise the program. */

#include <ffi_typecheck.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CHECK(x) ((x) ? (void)0 : (printf("line %d: %s\n", __LINE__, #x), exit(1)))

#ifdef LIBRARY

__attribute__((constructor)) static void describe(void)
{
	const ftc_decl *decl;
	extern int constructing[2];
	char byte = 1;
	CHECK(write(constructing[1], &byte, 1) == 1);
	/* The other thread waits for the loader's lock meanwhile. */
	usleep(200000);
	CHECK(ffi_describe_symbol(NULL, "twice", &decl) == FTC_OK);
	ftc_decl_free(decl);
}

#else

#include <dlfcn.h>
#include <pthread.h>

__attribute__((used)) int constructing[2];

__attribute__((noinline, used)) int twice(int value)
{
	return 2 * value;
}

static void *load(void *name)
{
	CHECK(dlopen(name, RTLD_NOW));
	return NULL;
}

int main(int count, char **names)
{
	const ftc_decl *decl;
	pthread_t thread;
	char byte;
	CHECK(count == 2 && pipe(constructing) == 0);
	alarm(20);
	CHECK(pthread_create(&thread, NULL, load, names[1]) == 0);
	CHECK(read(constructing[0], &byte, 1) == 1);
	CHECK(ffi_describe_symbol(NULL, "twice", &decl) == FTC_OK);
	ftc_decl_free(decl);
	CHECK(pthread_join(thread, NULL) == 0);
	return 0;
}

#endif
