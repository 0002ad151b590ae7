/* liblua5.4.so.0: MISMATCH result-narrower lua_newstate: argument 1 */
/* An allocator that sees the sizes cut to 32 bits. */
#ifdef RIGHT
typedef unsigned long size;
#else
typedef unsigned int size;
#endif
struct lua_State *lua_newstate(void *(*f)(void *ud, void *ptr, size osize, size nsize), void *ud);
