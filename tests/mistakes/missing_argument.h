/* liblua5.4.so.0: MISMATCH argument-count lua_pcallk */
typedef struct lua_State lua_State;
#ifdef RIGHT
int lua_pcallk(lua_State *L, int nargs, int nresults, int errfunc, long ctx, int (*k)(lua_State *, int, long));
#else
int lua_pcallk(lua_State *L, int nargs, int nresults);
#endif
