"""use_lua.py MODULE: a generated binding of Lua, with a function of Python's that Lua calls."""

import ctypes
import importlib
import sys

lua = importlib.import_module(sys.argv[1])


def text(value):
    return bytes(value) if hasattr(value, "data") else value if isinstance(value, bytes) else ctypes.string_at(value)


@lua.lua_CFunction
def add(state):
    lua.lua_pushnumber(state, lua.lua_tonumberx(state, 1, None) + lua.lua_tonumberx(state, 2, None))
    return 1


state = lua.luaL_newstate()
lua.luaL_openlibs(state)
print(lua.lua_version(state), lua.lua_gettop(state))
lua.lua_pushcclosure(state, add, 0)
lua.lua_setglobal(state, b"add")
print(lua.luaL_loadstring(state, b"return add(1, 2.5), string.rep('x', 5), {10, 20}"))
print(lua.lua_pcallk(state, 0, 3, 0, 0, lua.lua_KFunction() if hasattr(lua, "lua_KFunction") else None))
length = ctypes.c_size_t()
print(lua.lua_tonumberx(state, -3, None), text(lua.lua_tolstring(state, -2, ctypes.byref(length))), length.value)
print(lua.lua_rawgeti(state, -1, 2), lua.lua_tointegerx(state, -1, None), lua.lua_rawlen(state, -2))
entry = lua.struct_lua_Debug()
print(lua.lua_getstack(state, 0, ctypes.byref(entry)))
print(lua.luaL_loadbufferx(state, b"syntax error", 12, b"chunk", None), text(lua.lua_tolstring(state, -1, None)))
print(lua.lua_gc(state, 3) > 0)
lua.lua_close(state)
