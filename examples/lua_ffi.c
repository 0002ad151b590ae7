/* A module `ffi` for Lua 5.4: calls C functions with the types that libraries declare. For little-endian machines.

   local libc = ffi.load("libc.so.6")
   print(libc.strlen("hello"), libc.qsort)    -- a result, and a declaration
   local tm = libc.mktime:new(1)              -- zeroed memory of the type that parameter 1 points to
   tm.tm_year = 99                            -- members of records can be read and written
   print(libc.mktime(tm))                     -- a record of another type is refused */
#include <dlfcn.h>
#include <string.h>

#include <ffitypecheck.h>
#include <lauxlib.h>
#include <lua.h>

/* A value in memory. Its user value 1 is what it belongs to, 2 a table of what was assigned to its members. */
typedef struct data {
	const ftc_types *types;
	ftc_type_id id;
	char *at;
} data;

static const ftc_type *resolve(lua_State *L, const ftc_types *types, ftc_type_id id)
{
	const ftc_type *type = ftc_type_get(types, id);
	if (type == NULL || (type = ftc_type_get(types, type->resolved)) == NULL)
		luaL_error(L, "%s", ftc_last_error_message());
	return type;
}

static int is_integer(const ftc_type *type)
{
	return type->encoding >= FTC_ENCODING_BOOLEAN && type->encoding <= FTC_ENCODING_UTF && type->size <= 8;
}

static lua_Integer integer(const ftc_type *type, const void *at)
{
	int shift = 64 - 8 * (int)type->size;
	uint64_t bits = 0;
	memcpy(&bits, at, type->size);
	int has_sign = type->encoding == FTC_ENCODING_SIGNED || type->encoding == FTC_ENCODING_SIGNED_CHAR;
	return has_sign ? (int64_t)(bits << shift) >> shift : (int64_t)bits;
}

/* Pushes a userdata for a value in memory, or with `at` NULL in new memory of its own. */
static data *push_data(lua_State *L, int owner, const ftc_types *types, ftc_type_id id, char *at)
{
	size_t size = at == NULL ? resolve(L, types, id)->size : 0;
	data *self = lua_newuserdatauv(L, sizeof *self + size, 2);
	memset(self, 0, sizeof *self + size);
	self->types = types;
	self->id = id;
	self->at = at == NULL ? (char *)(self + 1) : at;
	lua_pushvalue(L, owner);
	lua_setiuservalue(L, -2, 1);
	lua_newtable(L);
	lua_setiuservalue(L, -2, 2);
	luaL_setmetatable(L, "ffi.data");
	return self;
}

/* Pushes the value in memory. */
static void push(lua_State *L, int owner, const ftc_types *types, ftc_type_id id, char *at)
{
	const ftc_type *type = resolve(L, types, id);
	if (type->kind == FTC_TYPE_ENUMERATION)
		type = resolve(L, types, type->target);
	if (type->kind == FTC_TYPE_POINTER && *(char **)at != NULL) {
		const ftc_type *target = resolve(L, types, type->target);
		if (target->size == 1 && is_integer(target))
			lua_pushstring(L, *(char **)at);
		else
			push_data(L, owner, types, target->resolved, *(char **)at);
	} else if (type->kind == FTC_TYPE_POINTER || type->kind == FTC_TYPE_VOID) {
		lua_pushnil(L);
	} else if (type->encoding == FTC_ENCODING_BOOLEAN) {
		lua_pushboolean(L, *at);
	} else if (is_integer(type)) {
		lua_pushinteger(L, integer(type, at));
	} else if (type->encoding == FTC_ENCODING_FLOAT && type->size <= 8) {
		lua_pushnumber(L, type->size == 8 ? *(double *)at : *(float *)at);
	} else {
		push_data(L, owner, types, type->resolved, at);
	}
}

/* The memory of a userdata, if its type can be used where `id` is declared. */
static char *check_data(lua_State *L, const ftc_types *types, ftc_type_id id, int value)
{
	data *given = luaL_checkudata(L, value, "ffi.data");
	ftc_check_opts opts = FTC_CHECK_OPTS_INIT;
	const ftc_report *report;
	opts.flags = FTC_CHECK_OWNER_CALLER;
	if (ftc_check_type(types, id, given->types, given->id, &opts, &report) != FTC_OK)
		luaL_error(L, "%s", ftc_last_error_message());
	int passes = ftc_report_passes(report);
	if (!passes)
		lua_pushstring(L, ftc_report_finding(report, 0)->sentence);
	ftc_report_free(report);
	return passes ? given->at : (char *)(intptr_t)lua_error(L);
}

/* Writes the Lua value to memory. */
static void store(lua_State *L, const ftc_types *types, ftc_type_id id, char *at, int value)
{
	const ftc_type *type = resolve(L, types, id);
	const char *text = lua_type(L, value) == LUA_TSTRING ? lua_tostring(L, value) : NULL;
	const ftc_enumerator *constant = ftc_type_find_enumerator(types, type->resolved, text);
	if (type->kind == FTC_TYPE_ENUMERATION)
		type = resolve(L, types, type->target);
	if (type->encoding == FTC_ENCODING_BOOLEAN) {
		*(_Bool *)at = lua_toboolean(L, value);
	} else if (is_integer(type)) {
		lua_Integer number = constant != NULL ? constant->value : luaL_checkinteger(L, value);
		luaL_argcheck(L, integer(type, &number) == number, value, "out of range");
		memcpy(at, &number, type->size);
	} else if (type->encoding == FTC_ENCODING_FLOAT && type->size == sizeof(double)) {
		*(double *)at = luaL_checknumber(L, value);
	} else if (type->encoding == FTC_ENCODING_FLOAT && type->size == sizeof(float)) {
		*(float *)at = (float)luaL_checknumber(L, value);
	} else if (type->kind == FTC_TYPE_POINTER) {
		int plain = lua_isnil(L, value) || (text != NULL && resolve(L, types, type->target)->size == 1);
		*(const char **)at = plain ? text : check_data(L, types, type->target, value);
	} else {
		memcpy(at, check_data(L, types, type->resolved, value), type->size);
	}
}

static int data_index(lua_State *L)
{
	data *self = luaL_checkudata(L, 1, "ffi.data");
	const ftc_member *member = ftc_type_find_member(self->types, self->id, luaL_checkstring(L, 2));
	if (member == NULL || member->flags & FTC_MEMBER_BIT_FIELD)
		return luaL_error(L, "%s", member == NULL ? ftc_last_error_message() : "a bit-field");
	if (lua_gettop(L) == 2) {
		push(L, 1, self->types, member->type_id, self->at + member->offset);
		return 1;
	}
	store(L, self->types, member->type_id, self->at + member->offset, 3);
	lua_getiuservalue(L, 1, 2);
	lua_replace(L, 1);
	lua_settable(L, 1);
	return 0;
}

/* function:new(n): memory for parameter n. */
static int function_new(lua_State *L)
{
	const ftc_decl *decl = *(const ftc_decl **)luaL_checkudata(L, 1, "ffi.function");
	const ftc_types *types = ftc_decl_types(decl);
	uint32_t index = (uint32_t)luaL_checkinteger(L, 2) - 1;
	const ftc_parameter *parameter = ftc_type_parameter(types, ftc_decl_type(decl), index);
	luaL_argcheck(L, parameter != NULL, 2, "no such parameter");
	push_data(L, 1, types, resolve(L, types, resolve(L, types, parameter->type_id)->target)->resolved, NULL);
	return 1;
}

static int function_call(lua_State *L)
{
	const ftc_decl *decl = *(const ftc_decl **)luaL_checkudata(L, 1, "ffi.function");
	const ftc_types *types = ftc_decl_types(decl);
	const ftc_type *function = resolve(L, types, ftc_decl_type(decl)), *out = resolve(L, types, function->target);
	uint32_t count = (uint32_t)lua_gettop(L) - 1;
	ffi_cif cif;
	if (ftc_decl_prep_cif(decl, &cif, FFI_DEFAULT_ABI) != FTC_OK)
		return luaL_error(L, "%s", ftc_last_error_message());
	luaL_argcheck(L, count == function->count, 1, ftc_decl_spelling(decl));
	void **arguments = lua_newuserdatauv(L, sizeof *arguments * (count + 1), 0);
	luaL_checkstack(L, (int)count + 8, NULL);
	for (uint32_t i = 0; i < count; i++) {
		arguments[i] = lua_newuserdatauv(L, cif.arg_types[i]->size, 0);
		store(L, types, ftc_type_parameter(types, function->resolved, i)->type_id, arguments[i], 2 + (int)i);
	}
	char *result = lua_newuserdatauv(L, cif.rtype->size + sizeof(ffi_arg), 0);
	ffi_call(&cif, FFI_FN(ftc_decl_address(decl)), result, arguments);
	if (out->kind == FTC_TYPE_STRUCT || out->kind == FTC_TYPE_UNION)
		memcpy(push_data(L, 1, types, out->resolved, NULL)->at, result, out->size);
	else
		push(L, 1, types, function->target, result);
	return 1;
}

static int function_tostring(lua_State *L)
{
	lua_pushstring(L, ftc_decl_spelling(*(const ftc_decl **)luaL_checkudata(L, 1, "ffi.function")));
	return 1;
}

static int function_gc(lua_State *L)
{
	ftc_decl_free(*(const ftc_decl **)lua_touserdata(L, 1));
	return 0;
}

static int library_index(lua_State *L)
{
	void *handle = *(void **)luaL_checkudata(L, 1, "ffi.library");
	const ftc_decl **decl = lua_newuserdatauv(L, sizeof *decl, 1);
	if (ffi_describe_symbol(handle, luaL_checkstring(L, 2), decl) != FTC_OK)
		return luaL_error(L, "%s", ftc_last_error_message());
	luaL_setmetatable(L, "ffi.function");
	if (ftc_decl_kind(*decl) == FTC_DECL_VARIABLE)
		push(L, 3, ftc_decl_types(*decl), ftc_decl_type(*decl), ftc_decl_address(*decl));
	return 1;
}

static int load(lua_State *L)
{
	void **handle = lua_newuserdatauv(L, sizeof *handle, 0);
	*handle = dlopen(luaL_checkstring(L, 1), RTLD_NOW);
	luaL_argcheck(L, *handle != NULL, 1, dlerror());
	luaL_setmetatable(L, "ffi.library");
	return 1;
}

static void class(lua_State *L, const char *name, const luaL_Reg *methods)
{
	luaL_newmetatable(L, name);
	lua_pushvalue(L, -1);
	lua_setfield(L, -2, "__index");
	luaL_setfuncs(L, methods, 0);
}

int luaopen_ffi(lua_State *L)
{
	class(L, "ffi.data", (luaL_Reg[]){{"__index", data_index}, {"__newindex", data_index}, {NULL, NULL}});
	class(L, "ffi.library", (luaL_Reg[]){{"__index", library_index}, {NULL, NULL}});
	class(L, "ffi.function", (luaL_Reg[]){{"__call", function_call}, {"__tostring", function_tostring},
					      {"__gc", function_gc}, {"new", function_new}, {NULL, NULL}});
	luaL_newlib(L, ((luaL_Reg[]){{"load", load}, {NULL, NULL}}));
	return 1;
}
