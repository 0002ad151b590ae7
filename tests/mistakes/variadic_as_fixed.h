/* liblua5.4.so.0: DIFFERS variadic-prepared-as-fixed lua_pushfstring */
/* On x86-64 both are passed alike, on other machines not. */
#ifdef RIGHT
const char *lua_pushfstring(struct lua_State *L, const char *fmt, ...);
#else
const char *lua_pushfstring(struct lua_State *L, const char *fmt, const char *name);
#endif
