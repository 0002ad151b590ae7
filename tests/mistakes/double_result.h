/* liblua5.4.so.0: MISMATCH number-class lua_gettop: result */
/* The result is in an integer register, the caller reads a vector register. */
#ifdef RIGHT
int lua_gettop(struct lua_State *L);
#else
double lua_gettop(struct lua_State *L);
#endif
