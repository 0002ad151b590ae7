#include <HsFFI.h>
#if defined(__cplusplus)
extern "C" {
#endif
extern HsInt32 zdmainzdMainzdMainzucallback(StgStablePtr the_stableptr, HsPtr a1, HsPtr a2);
#if defined(__cplusplus)
}
#endif

