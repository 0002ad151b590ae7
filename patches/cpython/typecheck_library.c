/* libffitypecheck: loaded when it is first needed, and not used by a fork's
   child while a thread of the parent holds its locks. */

#include "typecheck_private.h"

#ifdef HAVE_FFITYPECHECK

#include <dlfcn.h>
#include <pthread.h>

struct typecheck_library _ctypes_typecheck_library;

/* Shared by all interpreters of the process; set once. */
static int ftc_loaded;

/* Held while files are read without the GIL, and by a fork: the child would
   inherit locks of libffitypecheck that no thread of its own releases. */
static pthread_mutex_t reading = PTHREAD_MUTEX_INITIALIZER;

void
_ctypes_typecheck_begin_reading(void)
{
    pthread_mutex_lock(&reading);
}

void
_ctypes_typecheck_end_reading(void)
{
    pthread_mutex_unlock(&reading);
}

static void
load_once(void)
{
    void *handle = dlopen("libffitypecheck.so.0", RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        return;
    }
    /* The operand of sizeof is not evaluated: the compiler compares the type
       in LIBRARY_FUNCTIONS with the header's. */
#define LOAD(result, name, parameters) \
    (void)sizeof(ftc.name = &name); \
    ftc.name = (result (*) parameters)dlsym(handle, #name); \
    if (ftc.name == NULL) { \
        dlclose(handle); \
        return; \
    }
    LIBRARY_FUNCTIONS(LOAD)
#undef LOAD
    /* The user's cache of types. Without it the library works as well. */
    (void)ftc.ftc_set_type_cache("");
    ftc_loaded = pthread_atfork(_ctypes_typecheck_begin_reading,
                                _ctypes_typecheck_end_reading,
                                _ctypes_typecheck_end_reading) == 0;
}

int
_ctypes_typecheck_load(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load_once);
    return ftc_loaded;
}

#endif /* HAVE_FFITYPECHECK */
