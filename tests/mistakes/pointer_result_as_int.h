/* libmagic.so.1: MISMATCH result-narrower magic_open: result */
/* A binding that forgot the result type: the runtime takes int, and the handle loses its upper half. */
#ifdef RIGHT
struct magic_set *magic_open(int flags);
#else
int magic_open(int flags);
#endif
