/* What libffi's configure would find on Linux, as far as its test suite asks. */
#define HAVE_ALLOCA_H 1
#define HAVE_INTTYPES_H 1
#define HAVE_MEMCPY 1
#define HAVE_MMAP_ANON 1
#define HAVE_STDINT_H 1
#define STDC_HEADERS 1
#define FFI_HIDDEN __attribute__((visibility("hidden")))
