/* Read before everything else, makes a platform without dlopen of this one. */
#include <pyconfig.h>
#undef HAVE_DLFCN_H
#undef HAVE_DLOPEN
