/* Type checking against the library's own debug information.

   libffitypecheck finds the declaration of a function or variable in the
   debug information of the library that defines it. Here, what a program
   declares with argtypes, restype, prototypes and in_dll is held against it,
   and what it does not declare is taken from it.

   The library is loaded when the first function is bound to a symbol and
   something is to be known about it. Without it, without debug information,
   or with the policy "off", everything behaves as if this file did not exist.

   A function that must not, or not yet, be called the plain way has a
   non-NULL typecheck field; that test is all that a call costs otherwise. */

#ifndef Py_BUILD_CORE_BUILTIN
#  define Py_BUILD_CORE_MODULE 1
#endif
#define PY_SSIZE_T_CLEAN

#include "Python.h"
#if PY_VERSION_HEX >= 0x030D0000
#  include "pycore_moduleobject.h"  // _PyModule_GetState()
#  include "pycore_typeobject.h"    // _PyType_GetModuleState()
#endif
#include <dlfcn.h>
#include <ffi.h>
#include "ctypes.h"
#include "typecheck.h"

#ifdef HAVE_FFITYPECHECK

#include <ffitypecheck.h>

/* ---- what the branches of CPython do in other ways ---- */

#if PY_VERSION_HEX >= 0x030D0000
#  define ST(module) (module)->st,
#  define IS_BYREF(module, object) PyCArg_CheckExact((module)->st, object)
typedef StgInfo TypeInfo;
#else
#  define ST(module)
#  define IS_BYREF(module, object) PyCArg_CheckExact(object)
typedef StgDictObject TypeInfo;
#endif

#if PY_MAJOR_VERSION < 3
#  define IS_TEXT(object) PyString_Check(object)
#  define IS_INTEGER(object) (PyInt_Check(object) || PyLong_Check(object))
#  define TEXT(object) PyString_AsString(object)
#  define TEXT_FORMAT PyString_FromFormat
#  define INTEGER_MASK(object) PyInt_AsUnsignedLongLongMask(object)
#  define INTEGER_SIZE(object) PyInt_AsSsize_t(object)
#  define DICT_GET(dict, key) PyDict_GetItem(dict, key)
#  define INTERN PyString_InternFromString
#  define Py_ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#  define Py_MAX(a, b) ((a) > (b) ? (a) : (b))
#else
#  define IS_TEXT(object) PyUnicode_Check(object)
#  define IS_INTEGER(object) PyLong_Check(object)
#  define TEXT(object) PyUnicode_AsUTF8(object)
#  define TEXT_FORMAT PyUnicode_FromFormat
#  define INTEGER_MASK(object) PyLong_AsUnsignedLongLongMask(object)
#  define INTEGER_SIZE(object) PyLong_AsSsize_t(object)
#  define DICT_GET(dict, key) PyDict_GetItemWithError(dict, key)
#  define INTERN PyUnicode_InternFromString
#endif

static PyObject *
new_reference(PyObject *object)
{
    Py_INCREF(object);
    return object;
}

static void *
zeroed(size_t size)
{
    void *memory = PyMem_Malloc(size);
    if (memory != NULL) {
        memset(memory, 0, size);
    }
    return memory;
}

static int
ignores_environment(void)
{
    PyObject *flags = PySys_GetObject("flags");
    PyObject *flag = flags != NULL
                     ? PyObject_GetAttrString(flags, "ignore_environment") : NULL;
    int result = flag == NULL || PyObject_IsTrue(flag) != 0;
    Py_XDECREF(flag);
    PyErr_Clear();
    return result;
}

/* ---- the library ---- */

#ifndef CTYPES_MAX_ARGCOUNT
#  define CTYPES_MAX_ARGCOUNT 1024
#endif

#define FUNCTIONS(X) \
    X(ffi_describe_symbol) \
    X(ftc_describe_address) \
    X(ftc_decl_free) \
    X(ftc_decl_kind) \
    X(ftc_decl_spelling) \
    X(ftc_decl_types) \
    X(ftc_decl_type) \
    X(ftc_decl_prep_cif) \
    X(ftc_type_get) \
    X(ftc_type_resolve) \
    X(ftc_type_member) \
    X(ftc_type_parameter) \
    X(ftc_type_dimension) \
    X(ftc_type_spell) \
    X(ftc_claim_new) \
    X(ftc_claim_free) \
    X(ftc_claim_any) \
    X(ftc_claim_array) \
    X(ftc_claim_base) \
    X(ftc_claim_bit_field) \
    X(ftc_claim_complete) \
    X(ftc_claim_function) \
    X(ftc_claim_member) \
    X(ftc_claim_pointer) \
    X(ftc_claim_record) \
    X(ftc_check_decl) \
    X(ftc_check_type) \
    X(ftc_report_free) \
    X(ftc_report_passes) \
    X(ftc_report_verdict) \
    X(ftc_report_finding)

/* The entry points, by the names of their declarations. */
static struct {
#define MEMBER(name) __typeof__(&name) name;
    FUNCTIONS(MEMBER)
#undef MEMBER
} ftc;

/* 0: not tried yet; 1: loaded; -1: not there. Only changed with the GIL held. */
static int ftc_loaded;

static int
load_library(void)
{
    if (ftc_loaded != 0) {
        return ftc_loaded > 0;
    }
    ftc_loaded = -1;
    void *handle = dlopen("libffitypecheck.so.0", RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        return 0;
    }
#define LOAD(name) \
    ftc.name = (__typeof__(&name))dlsym(handle, #name); \
    if (ftc.name == NULL) { \
        dlclose(handle); \
        return 0; \
    }
    FUNCTIONS(LOAD)
#undef LOAD
    ftc_loaded = 1;
    return 1;
}

/* ---- the policy ---- */

enum policy { POLICY_OFF, POLICY_WARN, POLICY_ERROR };

static const char *const policy_names[] = {"off", "warn", "error"};

/* What the module keeps for this file. */
struct typecheck_module {
#if PY_VERSION_HEX >= 0x030D0000
    ctypes_state *st;
#endif
    /* The default policy, and whether what is not declared is taken from the
       library. */
    enum policy policy;
    int extract;
    PyObject *warning_category;
    /* The classes that say what a type is. */
    PyObject *structure, *union_, *array, *pointer, *simple, *function;
};

#if PY_VERSION_HEX >= 0x030D0000
#  define MODULE_OF_FUNCTION(function) \
    get_module_state_by_def(Py_TYPE(Py_TYPE(function)))->typecheck
#  define MODULE_OF_TYPE(type) get_module_state_by_def(Py_TYPE(type))->typecheck
#  define MODULE_OF(module) get_module_state(module)->typecheck
#else
static struct typecheck_module the_module;
#  define MODULE_OF_FUNCTION(function) (&the_module)
#  define MODULE_OF_TYPE(type) (&the_module)
#  define MODULE_OF(module) (&the_module)
#endif

/* What ctypes knows of a type, or NULL if it is none of its own. */
static TypeInfo *
info_of_type(struct typecheck_module *module, PyObject *type)
{
#if PY_VERSION_HEX >= 0x030D0000
    StgInfo *info = NULL;
    if (PyStgInfo_FromType(module->st, type, &info) < 0) {
        PyErr_Clear();
    }
    return info;
#else
    return PyType_stgdict(type);
#endif
}

static TypeInfo *
info_of_object(struct typecheck_module *module, PyObject *object)
{
    return info_of_type(module, (PyObject *)Py_TYPE(object));
}

/* "off", "warn" or "error", and ",noextract" behind it if missing types are
   to stay as they are without this file. */
static int
parse_policy(const char *text, enum policy *policy, int *extract)
{
    size_t length = strcspn(text, ",");
    const char *rest = text + length;
    if (strcmp(rest, "") != 0 && strcmp(rest, ",noextract") != 0) {
        return -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(policy_names); i++) {
        if (strlen(policy_names[i]) == length
            && strncmp(policy_names[i], text, length) == 0) {
            *policy = (enum policy)i;
            *extract = *rest == '\0';
            return 0;
        }
    }
    return -1;
}

static PyObject *
policy_text(enum policy policy, int extract)
{
    return TEXT_FORMAT("%s%s", policy_names[policy],
                                extract ? "" : ",noextract");
}

static int
policy_from_object(PyObject *object, enum policy *policy, int *extract)
{
    const char *text = IS_TEXT(object) ? TEXT(object) : "";
    if (text == NULL) {
        return -1;
    }
    if (parse_policy(text, policy, extract) < 0) {
        PyErr_SetString(PyExc_ValueError,
                        "typecheck must be 'off', 'warn' or 'error', "
                        "and may end in ',noextract'");
        return -1;
    }
    return 0;
}

/* The environment decides what holds at the start, except in a process that
   must not trust it. */
static void
policy_from_environment(struct typecheck_module *module)
{
    const char *text = ignores_environment()
                       ? NULL : secure_getenv("PYTHONCTYPESTYPECHECK");
    if (text != NULL) {
        /* What is none of the words is as if it were not there. */
        (void)parse_policy(text, &module->policy, &module->extract);
    }
}

/* The policy of a dll: its _typecheck attribute. 0: it has none, and the
   default is filled in. */
static int
policy_of_dll(struct typecheck_module *module, PyObject *dll,
              enum policy *policy, int *extract)
{
    *policy = module->policy;
    *extract = module->extract;
    PyObject *own = dll != NULL ? PyObject_GetAttrString(dll, "_typecheck") : NULL;
    if (own == NULL) {
        PyErr_Clear();
        return 0;
    }
    int result = own != Py_None;
    if (result && policy_from_object(own, policy, extract) < 0) {
        result = -1;
    }
    Py_DECREF(own);
    return result;
}

/* ---- a caller's types as a claim ---- */

struct claim {
    struct typecheck_module *module;
    ftc_claim *claim;
    PyObject *known;            /* type -> number */
};

static int claim_of_type(struct claim *self, PyObject *type, ftc_type_id *id);

static int
is_a(PyObject *type, PyObject *base)
{
    return PyType_Check(type)
           && PyType_IsSubtype((PyTypeObject *)type, (PyTypeObject *)base);
}

static int
claim_any(struct claim *self, ftc_type_id *id)
{
    return ftc.ftc_claim_any(self->claim, id) == FTC_OK ? 0 : -1;
}

/* Whether a simple type has the other byte order than the machine's. */
static int
is_swapped(PyObject *type)
{
#ifdef WORDS_BIGENDIAN
    const char *own_name = "__ctype_be__";
#else
    const char *own_name = "__ctype_le__";
#endif
    PyObject *own = PyObject_GetAttrString(type, own_name);
    if (own == NULL) {
        PyErr_Clear();
        return 0;
    }
    Py_DECREF(own);
    return own != type;
}

static int
claim_of_simple(struct claim *self, PyObject *type, ftc_type_id *id)
{
    static const struct { char code; uint32_t encoding; uint64_t size; } codes[] = {
        {'c', FTC_ENCODING_SIGNED_CHAR, 1},
        {'b', FTC_ENCODING_SIGNED_CHAR, 1}, {'B', FTC_ENCODING_UNSIGNED_CHAR, 1},
        {'h', FTC_ENCODING_SIGNED, sizeof(short)},
        {'H', FTC_ENCODING_UNSIGNED, sizeof(short)},
        {'i', FTC_ENCODING_SIGNED, sizeof(int)},
        {'I', FTC_ENCODING_UNSIGNED, sizeof(int)},
        {'l', FTC_ENCODING_SIGNED, sizeof(long)},
        {'L', FTC_ENCODING_UNSIGNED, sizeof(long)},
        {'q', FTC_ENCODING_SIGNED, sizeof(long long)},
        {'Q', FTC_ENCODING_UNSIGNED, sizeof(long long)},
        {'f', FTC_ENCODING_FLOAT, sizeof(float)},
        {'d', FTC_ENCODING_FLOAT, sizeof(double)},
        {'g', FTC_ENCODING_FLOAT, sizeof(long double)},
        {'?', FTC_ENCODING_BOOLEAN, sizeof(_Bool)},
        {'u', FTC_ENCODING_SIGNED, sizeof(wchar_t)},
    };
    PyObject *text = PyObject_GetAttrString(type, "_type_");
    const char *code = text != NULL && IS_TEXT(text) ? TEXT(text) : NULL;
    char letter = code != NULL ? code[0] : '\0';
    Py_XDECREF(text);
    PyErr_Clear();

    ftc_type_id target = 0;
    switch (letter) {
    case 'O':
        if (ftc.ftc_claim_record(self->claim, FTC_TYPE_STRUCT, "_object", &target) != FTC_OK) {
            return -1;
        }
        return ftc.ftc_claim_pointer(self->claim, target, id) == FTC_OK ? 0 : -1;
    case 'z':
        if (ftc.ftc_claim_base(self->claim, FTC_ENCODING_SIGNED_CHAR, 1, 0, &target) != FTC_OK) {
            return -1;
        }
        return ftc.ftc_claim_pointer(self->claim, target, id) == FTC_OK ? 0 : -1;
    case 'Z':
        if (ftc.ftc_claim_base(self->claim, FTC_ENCODING_SIGNED, sizeof(wchar_t), 0, &target) != FTC_OK) {
            return -1;
        }
        return ftc.ftc_claim_pointer(self->claim, target, id) == FTC_OK ? 0 : -1;
    case 'P':
        return ftc.ftc_claim_pointer(self->claim, 0, id) == FTC_OK ? 0 : -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(codes); i++) {
        if (codes[i].code == letter) {
            uint32_t flags = codes[i].size > 1 && is_swapped(type) ? FTC_SWAPPED : 0;
            return ftc.ftc_claim_base(self->claim, codes[i].encoding,
                                      codes[i].size, flags, id) == FTC_OK ? 0 : -1;
        }
    }
    return claim_any(self, id);
}

/* Attributes "offset" and "size" of a field descriptor. */
static int
field_place(PyObject *owner, PyObject *name, Py_ssize_t *offset, Py_ssize_t *size)
{
    PyObject *values[2] = {NULL, NULL};
    PyObject *field = PyObject_GetItem(owner, name);
    if (field == NULL) {
        return -1;
    }
    values[0] = PyObject_GetAttrString(field, "offset");
    values[1] = PyObject_GetAttrString(field, "size");
    Py_DECREF(field);
    *offset = *size = 0;
    if (values[0] != NULL && values[1] != NULL) {
        *offset = INTEGER_SIZE(values[0]);
        *size = INTEGER_SIZE(values[1]);
    }
    Py_XDECREF(values[0]);
    Py_XDECREF(values[1]);
    return PyErr_Occurred() ? -1 : 0;
}

static int
claim_field(struct claim *self, ftc_type_id record, PyObject *owner,
            PyObject *anonymous, PyObject *field)
{
    PyObject *name, *type, *width = NULL;
    Py_ssize_t offset, size;
    ftc_type_id id;

    if (!PyArg_ParseTuple(field, "OO|O", &name, &type, &width)
        || field_place(owner, name, &offset, &size) < 0
        || claim_of_type(self, type, &id) < 0) {
        return -1;
    }
    const char *text = IS_TEXT(name) ? TEXT(name) : NULL;
    if (text == NULL) {
        return -1;
    }
    if (width == NULL) {
        int hidden = anonymous != NULL ? PySequence_Contains(anonymous, name) : 0;
        if (hidden < 0) {
            return -1;
        }
        return ftc.ftc_claim_member(self->claim, record, hidden ? NULL : text,
                                    id, (uint64_t)offset) == FTC_OK ? 0 : -1;
    }
    /* Of a bit-field, size holds the width and the first bit in its storage
       unit, counted from the least significant one. */
    uint64_t bits = (uint64_t)size >> 16, first = (uint64_t)size & 0xffff;
#ifdef WORDS_BIGENDIAN
    first = (uint64_t)info_of_type(self->module, type)->size * 8 - first - bits;
#endif
    return ftc.ftc_claim_bit_field(self->claim, record, text, id,
                                   (uint64_t)offset * 8 + first, bits) == FTC_OK ? 0 : -1;
}

/* The fields that one class of the type's bases, or the type, declares. */
static int
claim_own_fields(struct claim *self, ftc_type_id record, PyObject *class_)
{
    PyObject *owner = PyObject_GetAttrString(class_, "__dict__");
    if (owner == NULL) {
        return -1;
    }
    int result = 0;
    PyObject *fields = PyMapping_GetItemString(owner, "_fields_");
    if (fields == NULL) {
        PyErr_Clear();
        Py_DECREF(owner);
        return 0;
    }
    PyObject *anonymous = PyMapping_GetItemString(owner, "_anonymous_");
    if (anonymous == NULL) {
        PyErr_Clear();
    }
    PyObject *list = PySequence_Fast(fields, "_fields_ must be a sequence");
    if (list == NULL) {
        result = -1;
    }
    for (Py_ssize_t i = 0; result == 0 && i < PySequence_Fast_GET_SIZE(list); i++) {
        PyObject *field = PySequence_Fast_GET_ITEM(list, i);
        result = claim_field(self, record, owner, anonymous, field);
    }
    Py_XDECREF(list);
    Py_XDECREF(anonymous);
    Py_DECREF(fields);
    Py_DECREF(owner);
    return result;
}

static int
remember(struct claim *self, PyObject *type, ftc_type_id id)
{
    PyObject *number = PyLong_FromUnsignedLong(id);
    int result = number ? PyDict_SetItem(self->known, type, number) : -1;
    Py_XDECREF(number);
    return result;
}

static int
claim_of_record(struct claim *self, PyObject *type, ftc_type_id *id)
{
    uint32_t kind = is_a(type, self->module->union_) ? FTC_TYPE_UNION : FTC_TYPE_STRUCT;
    const char *tag = ((PyTypeObject *)type)->tp_name;

    if (ftc.ftc_claim_record(self->claim, kind, tag, id) != FTC_OK
        || remember(self, type, *id) < 0) {
        return -1;
    }
    if (!PyObject_HasAttrString(type, "_fields_")) {
        return 0;               /* opaque */
    }
    PyObject *bases = ((PyTypeObject *)type)->tp_mro;
    for (Py_ssize_t i = PyTuple_GET_SIZE(bases); i-- > 0; ) {
        if (claim_own_fields(self, *id, PyTuple_GET_ITEM(bases, i)) < 0) {
            return -1;
        }
    }
    TypeInfo *info = info_of_type(self->module, type);
    return ftc.ftc_claim_complete(self->claim, *id, (uint64_t)info->size,
                                  (uint64_t)info->align) == FTC_OK ? 0 : -1;
}

/* The target of a pointer type or the element of an array type; NULL without
   an error if there is none yet. */
static PyObject *
target_of(PyObject *type)
{
    PyObject *target = PyObject_GetAttrString(type, "_type_");
    if (target == NULL) {
        PyErr_Clear();
    }
    return target;
}

static int
claim_of_pointer(struct claim *self, PyObject *type, ftc_type_id *id)
{
    ftc_type_id target = 0;
    PyObject *pointee = target_of(type);
    int result = 0;
    if (pointee != NULL && PyType_Check(pointee)) {
        result = claim_of_type(self, pointee, &target);
    }
    Py_XDECREF(pointee);
    if (result < 0) {
        return -1;
    }
    return ftc.ftc_claim_pointer(self->claim, target, id) == FTC_OK ? 0 : -1;
}

static int
claim_of_array(struct claim *self, PyObject *type, ftc_type_id *id)
{
    ftc_type_id element = 0;
    PyObject *item = target_of(type);
    PyObject *length = PyObject_GetAttrString(type, "_length_");
    int result = -1;
    if (item != NULL && length != NULL) {
        Py_ssize_t count = INTEGER_SIZE(length);
        if (count >= 0 && claim_of_type(self, item, &element) == 0) {
            result = ftc.ftc_claim_array(self->claim, element, (uint64_t)count, id)
                     == FTC_OK ? 0 : -1;
        }
    }
    Py_XDECREF(item);
    Py_XDECREF(length);
    return result;
}

/* The class of ob says itself how a parameter is converted. */
static int
has_own_from_param(PyObject *type)
{
    static PyObject *name;
    if (name == NULL && (name = INTERN("from_param")) == NULL) {
        PyErr_Clear();
        return 0;
    }
    return PyType_Check(type) && _PyType_Lookup((PyTypeObject *)type, name) != NULL;
}

static int
claim_of_function(struct claim *self, PyObject *argtypes, PyObject *restype,
                  ftc_type_id *id)
{
    ftc_type_id result = 0;
    Py_ssize_t count = argtypes != NULL ? PyTuple_GET_SIZE(argtypes) : 0;
    uint32_t flags = argtypes != NULL ? 0 : FTC_UNPROTOTYPED;
    ftc_type_id *parameters = PyMem_New(ftc_type_id, count > 0 ? count : 1);
    if (parameters == NULL) {
        return -1;
    }
    int failed = 0;
    if (restype == NULL) {
        failed = claim_any(self, &result) < 0;
    }
    else if (restype != Py_None && info_of_type(self->module, restype) == NULL) {
        /* A callable gets an int. */
        failed = ftc.ftc_claim_base(self->claim, FTC_ENCODING_SIGNED, sizeof(int),
                                    0, &result) != FTC_OK;
    }
    else if (restype != Py_None) {
        failed = claim_of_type(self, restype, &result) < 0;
    }
    for (Py_ssize_t i = 0; !failed && i < count; i++) {
        PyObject *type = PyTuple_GET_ITEM(argtypes, i);
        if (has_own_from_param(type) || info_of_type(self->module, type) == NULL) {
            failed = claim_any(self, &parameters[i]) < 0;
        }
        else {
            failed = claim_of_type(self, type, &parameters[i]) < 0;
        }
    }
    if (!failed) {
        failed = ftc.ftc_claim_function(self->claim, result, (size_t)count,
                                        parameters, flags, id) != FTC_OK;
    }
    PyMem_Free(parameters);
    return failed ? -1 : 0;
}

static PyObject *
tuple_attribute(PyObject *type, const char *name)
{
    PyObject *value = PyObject_GetAttrString(type, name);
    if (value == NULL) {
        PyErr_Clear();
        return NULL;
    }
    PyObject *tuple = PySequence_Tuple(value);
    Py_DECREF(value);
    PyErr_Clear();
    return tuple;
}

/* A pointer to a function with the prototype of its class. */
static int
claim_of_function_pointer(struct claim *self, PyObject *type, ftc_type_id *id)
{
    ftc_type_id function;
    PyObject *argtypes = tuple_attribute(type, "_argtypes_");
    PyObject *restype = PyObject_GetAttrString(type, "_restype_");
    PyErr_Clear();
    int result = claim_of_function(self, argtypes, restype, &function);
    Py_XDECREF(argtypes);
    Py_XDECREF(restype);
    if (result < 0) {
        return -1;
    }
    return ftc.ftc_claim_pointer(self->claim, function, id) == FTC_OK ? 0 : -1;
}

/* What type is in C. What cannot be told is "any". */
static int
claim_of_type(struct claim *self, PyObject *type, ftc_type_id *id)
{
    PyObject *known = DICT_GET(self->known, type);
    if (known != NULL) {
        *id = (ftc_type_id)PyLong_AsUnsignedLong(known);
        return 0;
    }
    if (PyErr_Occurred() || Py_EnterRecursiveCall(" in a ctypes type")) {
        return -1;
    }
    int result, record = 0;
    if (is_a(type, self->module->simple)) {
        result = claim_of_simple(self, type, id);
    }
    else if (is_a(type, self->module->structure) || is_a(type, self->module->union_)) {
        record = 1;
        result = claim_of_record(self, type, id);
    }
    else if (is_a(type, self->module->array)) {
        result = claim_of_array(self, type, id);
    }
    else if (is_a(type, self->module->pointer)) {
        result = claim_of_pointer(self, type, id);
    }
    else if (is_a(type, self->module->function)) {
        result = claim_of_function_pointer(self, type, id);
    }
    else {
        result = claim_any(self, id);
    }
    Py_LeaveRecursiveCall();
    if (result == 0 && !record) {
        result = remember(self, type, *id);
    }
    return result;
}

static int
claim_begin(struct claim *self, struct typecheck_module *module)
{
    self->module = module;
    self->claim = NULL;
    self->known = NULL;
    if (ftc.ftc_claim_new(&self->claim) != FTC_OK) {
        return -1;
    }
    self->known = PyDict_New();
    return self->known != NULL ? 0 : -1;
}

static void
claim_end(struct claim *self)
{
    ftc.ftc_claim_free(self->claim);
    Py_XDECREF(self->known);
}

/* ---- what follows from a report ---- */

static int
set_text(PyObject *object, const char *name, const char *text)
{
    PyObject *value = text != NULL ? TEXT_FORMAT("%s", text) : new_reference(Py_None);
    int result = value != NULL ? PyObject_SetAttrString(object, name, value) : -1;
    Py_XDECREF(value);
    return result;
}

static void
raise_finding(const ftc_finding *finding, PyObject *message)
{
    static const char *const positions[] = {"call", "result", "argument", "variable", "type"};
    PyObject *error = PyObject_CallFunctionObjArgs(PyExc_TypeError, message, NULL);
    if (error == NULL) {
        return;
    }
    PyObject *argument = finding->position == FTC_POSITION_ARGUMENT
                         ? PyLong_FromUnsignedLong(finding->argument)
                         : new_reference(Py_None);
    const char *position = finding->position < Py_ARRAY_LENGTH(positions)
                           ? positions[finding->position] : NULL;
    if (argument != NULL
        && PyObject_SetAttrString(error, "argument", argument) == 0
        && set_text(error, "position", position) == 0
        && set_text(error, "path", finding->path) == 0
        && set_text(error, "rule", finding->rule_id) == 0
        && set_text(error, "hint", finding->hint) == 0
        && set_text(error, "layout", finding->layout) == 0) {
        PyErr_SetObject(PyExc_TypeError, error);
    }
    Py_XDECREF(argument);
    Py_DECREF(error);
}

/* Raises or warns of a report's first finding if the claim does not pass. */
static int
follow_report(struct typecheck_module *module, const ftc_report *report,
              enum policy policy)
{
    ftc_finding finding = {.type_size = sizeof(finding)};
    if (ftc.ftc_report_passes(report)
        || ftc.ftc_report_finding(report, 0, &finding) != FTC_OK) {
        return 0;
    }
    PyObject *message = finding.hint != NULL
        ? TEXT_FORMAT("%s (%s)", finding.sentence, finding.hint)
        : TEXT_FORMAT("%s", finding.sentence);
    if (message == NULL) {
        return -1;
    }
    int result = -1;
    if (policy == POLICY_ERROR) {
        raise_finding(&finding, message);
    }
    else {
        result = PyErr_WarnEx(module->warning_category, TEXT(message), 1);
    }
    Py_DECREF(message);
    return result;
}

/* Holds the claim of a declaration's type against it. A claim that could not
   be built is none: 0. */
static int
check_declaration(const ftc_decl *decl, struct claim *claim, int built,
                  ftc_type_id type, enum policy policy)
{
    const ftc_report *report = NULL;
    if (built < 0) {
        if (PyErr_ExceptionMatches(PyExc_MemoryError)) {
            return -1;
        }
        PyErr_Clear();
        return 0;
    }
    if (ftc.ftc_check_decl(decl, claim->claim, type, NULL, &report) != FTC_OK) {
        return 0;
    }
    int result = follow_report(claim->module, report, policy);
    ftc.ftc_report_free(report);
    return result;
}

/* ---- a function ---- */

/* How a Python object becomes an argument. */
enum conversion { CONVERT_INTEGER, CONVERT_FLOAT, CONVERT_POINTER, CONVERT_RECORD };

struct parameter {
    enum conversion conversion;
    ftc_type_id type;           /* as declared */
    ftc_type_id pointee;        /* behind qualifiers and typedefs */
    uint32_t pointee_kind;
    uint64_t size;
    PyObject *accepted;         /* the type of the last object that fitted */
};

struct typecheck {
    struct typecheck_module *module;
    void *handle;
    char *name;                 /* NULL: by address */
    enum policy policy;
    int extract;
    int own_policy;             /* the dll's own, not the default */
    int asked;                  /* the declaration was looked for */
    int warned;
    const ftc_decl *decl;
    /* For calls with the library's own types. */
    PyObject *restype;          /* in place of one that was not given */
    ffi_cif cif;
    struct parameter *parameters;   /* NULL: arguments as without this file */
    int variadic;
};

static void
free_parameters(struct typecheck *self)
{
    if (self->parameters != NULL) {
        for (unsigned int i = 0; i < self->cif.nargs; i++) {
            Py_CLEAR(self->parameters[i].accepted);
        }
        PyMem_Free(self->parameters);
        self->parameters = NULL;
    }
}

void
_ctypes_typecheck_free(PyCFuncPtrObject *function)
{
    struct typecheck *self = function->typecheck_state;
    function->typecheck = function->typecheck_state = NULL;
    if (self != NULL) {
        free_parameters(self);
        Py_CLEAR(self->restype);
        if (self->decl != NULL) {
            ftc.ftc_decl_free(self->decl);
        }
        PyMem_Free(self->name);
        PyMem_Free(self);
    }
}

int
_ctypes_typecheck_traverse(PyCFuncPtrObject *function, visitproc visit, void *arg)
{
    struct typecheck *self = function->typecheck_state;
    if (self != NULL) {
        Py_VISIT(self->restype);
        for (unsigned int i = 0; self->parameters != NULL && i < self->cif.nargs; i++) {
            Py_VISIT(self->parameters[i].accepted);
        }
    }
    return 0;
}

/* Looks the declaration up, once. Another thread may do the same meanwhile. */
static const ftc_decl *
declaration_of(PyCFuncPtrObject *function)
{
    struct typecheck *self = function->typecheck_state;
    if (self == NULL) {
        return NULL;
    }
    if (!self->asked && load_library()) {
        const ftc_decl *decl = NULL;
        const char *name = self->name;
        void *handle = self->handle, *address = *(void **)function->b_ptr;
        ftc_status status;
        Py_BEGIN_ALLOW_THREADS
        status = name != NULL ? ftc.ffi_describe_symbol(handle, name, &decl)
                              : ftc.ftc_describe_address(address, &decl);
        Py_END_ALLOW_THREADS
        if (status == FTC_OK && self->decl == NULL
            && ftc.ftc_decl_kind(decl) == FTC_FUNCTION) {
            self->decl = decl;
        }
        else if (status == FTC_OK) {
            ftc.ftc_decl_free(decl);
        }
    }
    self->asked = 1;
    return self->decl;
}

/* What the program declared: NULL where it did not. A class-level restype
   without argtypes is the default of CDLL's functions, not a claim. */
static void
declared_types(PyCFuncPtrObject *function, PyObject **argtypes, PyObject **restype)
{
    TypeInfo *info = info_of_object(function->typecheck_state->module, (PyObject *)function);
    *argtypes = function->argtypes != NULL ? function->argtypes : info->argtypes;
    *restype = function->restype != NULL ? function->restype
               : info->argtypes != NULL ? info->restype : NULL;
}

static int
check_function(PyCFuncPtrObject *function, const ftc_decl *decl)
{
    struct typecheck *self = function->typecheck_state;
    PyObject *argtypes, *restype, *tuple = NULL;
    struct claim claim;
    ftc_type_id type = 0;

    declared_types(function, &argtypes, &restype);
    if (argtypes == NULL && restype == NULL) {
        return 0;
    }
    if (argtypes != NULL) {
        tuple = PySequence_Tuple(argtypes);
        if (tuple == NULL) {
            return -1;
        }
    }
    int built = claim_begin(&claim, self->module);
    if (built == 0) {
        built = claim_of_function(&claim, tuple, restype, &type);
    }
    int result = check_declaration(decl, &claim, built, type, self->policy);
    claim_end(&claim);
    Py_XDECREF(tuple);
    return result;
}

static int
policy_of(struct typecheck *self)
{
    if (!self->own_policy) {
        self->policy = self->module->policy;
        self->extract = self->module->extract;
    }
    return self->policy;
}

int
_ctypes_typecheck_changed(PyCFuncPtrObject *function)
{
    struct typecheck *self = function->typecheck_state;
    if (self == NULL) {
        return 0;
    }
    function->typecheck = self;
    self->warned = 0;
    Py_CLEAR(self->restype);
    free_parameters(self);
    if (policy_of(self) == POLICY_OFF) {
        return 0;
    }
    const ftc_decl *decl = declaration_of(function);
    if (decl == NULL) {
        return 0;
    }
    int result = check_function(function, decl);
    self->warned = self->policy == POLICY_WARN;
    return result;
}

int
_ctypes_typecheck_bind(PyCFuncPtrObject *function, PyObject *dll, void *handle,
                       const char *name)
{
    struct typecheck *self = zeroed(sizeof(*self));
    if (self == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->module = MODULE_OF_FUNCTION(function);
    function->typecheck = function->typecheck_state = self;
    self->handle = handle;
    self->own_policy = policy_of_dll(self->module, dll, &self->policy, &self->extract);
    if (self->own_policy < 0) {
        return -1;
    }
    if (name != NULL) {
        self->name = PyMem_Malloc(strlen(name) + 1);
        if (self->name == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        strcpy(self->name, name);
    }
    PyObject *argtypes, *restype;
    declared_types(function, &argtypes, &restype);
    if (argtypes != NULL && name != NULL) {
        /* A prototype's types are known now. */
        return _ctypes_typecheck_changed(function);
    }
    return 0;
}

/* ---- types that nobody gave ---- */

static int
get_type(const ftc_types *types, ftc_type_id id, ftc_type *out)
{
    memset(out, 0, sizeof(*out));
    out->type_size = sizeof(*out);
    return ftc.ftc_type_get(types, ftc.ftc_type_resolve(types, id), out) == FTC_OK ? 0 : -1;
}

static int
is_unsigned(const ftc_types *types, const ftc_type *type)
{
    ftc_type underlying = *type;
    if (type->kind == FTC_TYPE_ENUMERATION) {
        if (type->target == 0 || get_type(types, type->target, &underlying) < 0) {
            return 0;
        }
    }
    return underlying.variant == FTC_ENCODING_UNSIGNED
           || underlying.variant == FTC_ENCODING_UNSIGNED_CHAR
           || underlying.variant == FTC_ENCODING_UTF
           || underlying.variant == FTC_ENCODING_BOOLEAN;
}

/* The code of the simple type for a base type, enumeration or pointer; 0: none. */
static char
simple_code(const ftc_types *types, const ftc_type *type)
{
    switch (type->kind) {
    case FTC_TYPE_POINTER:
        return type->size == sizeof(long) ? 'L' : 'Q';
    case FTC_TYPE_ENUMERATION:
        break;
    case FTC_TYPE_BASE:
        switch (type->variant) {
        case FTC_ENCODING_BOOLEAN:
            return '?';
        case FTC_ENCODING_FLOAT:
            return type->size == sizeof(float) ? 'f'
                   : type->size == sizeof(double) ? 'd'
                   : type->size == sizeof(long double) ? 'g' : 0;
        case FTC_ENCODING_SIGNED: case FTC_ENCODING_UNSIGNED:
        case FTC_ENCODING_SIGNED_CHAR: case FTC_ENCODING_UNSIGNED_CHAR:
        case FTC_ENCODING_UTF:
            break;
        default:
            return 0;
        }
        break;
    default:
        return 0;
    }
    int upper = is_unsigned(types, type);
    switch (type->size) {
    case 1: return upper ? 'B' : 'b';
    case sizeof(short): return upper ? 'H' : 'h';
    case sizeof(int): return upper ? 'I' : 'i';
    case sizeof(long long): return upper ? 'Q' : 'q';
    }
    return 0;
}

/* The ctypes module's class for a simple type's code. */
static PyObject *
simple_class(char code)
{
    static const struct { char code; const char *name; } names[] = {
        {'?', "c_bool"}, {'b', "c_byte"}, {'B', "c_ubyte"}, {'h', "c_short"},
        {'H', "c_ushort"}, {'i', "c_int"}, {'I', "c_uint"}, {'l', "c_long"},
        {'L', "c_ulong"}, {'q', "c_longlong"}, {'Q', "c_ulonglong"},
        {'f', "c_float"}, {'d', "c_double"}, {'g', "c_longdouble"},
        {'P', "c_void_p"},
    };
    PyObject *module = PyImport_ImportModule("ctypes");
    PyObject *found = NULL;
    for (size_t i = 0; module != NULL && i < Py_ARRAY_LENGTH(names); i++) {
        if (names[i].code == code) {
            found = PyObject_GetAttrString(module, names[i].name);
        }
    }
    Py_XDECREF(module);
    return found;
}

static PyObject *class_of(struct typecheck *self, const ftc_types *types,
                          ftc_type_id id, int depth);

/* A list of (name, class) of a record's members. */
static PyObject *
fields_of(struct typecheck *self, const ftc_types *types, ftc_type_id id,
          const ftc_type *type, int depth)
{
    PyObject *fields = PyList_New(0);
    for (uint32_t i = 0; fields != NULL && i < type->count; i++) {
        ftc_member member = {.type_size = sizeof(member)};
        if (ftc.ftc_type_member(types, id, i, &member) != FTC_OK
            || (member.flags & (FTC_BIT_FIELD | FTC_BASE_CLASS))
            || member.name == NULL) {
            Py_CLEAR(fields);
            break;
        }
        PyObject *class_ = class_of(self, types, member.member_type, depth + 1);
        PyObject *field = class_ ? Py_BuildValue("(sN)", member.name, class_) : NULL;
        if (field == NULL || PyList_Append(fields, field) < 0) {
            Py_CLEAR(fields);
        }
        Py_XDECREF(field);
    }
    return fields;
}

/* A Structure or Union with the members of a declared record, if ctypes lays
   it out alike; otherwise NULL without an error. */
static PyObject *
record_class(struct typecheck *self, const ftc_types *types, ftc_type_id id,
             const ftc_type *type, int depth)
{
    PyObject *base = type->kind == FTC_TYPE_UNION ? self->module->union_ : self->module->structure;
    PyObject *fields = fields_of(self, types, ftc.ftc_type_resolve(types, id), type, depth);
    if (fields == NULL) {
        return NULL;
    }
    const char *name = type->name != NULL ? type->name : "anonymous";
    PyObject *class_ = PyObject_CallFunction((PyObject *)Py_TYPE(base), "s(O){sO}",
                                             name, base, "_fields_", fields);
    if (class_ != NULL) {
        struct claim claim;
        ftc_type_id claimed;
        const ftc_report *report = NULL;
        int same = (uint64_t)info_of_type(self->module, class_)->size == type->size
                   && claim_begin(&claim, self->module) == 0;
        if (same) {
            same = claim_of_type(&claim, class_, &claimed) == 0
                   && ftc.ftc_check_type(types, id, claim.claim, claimed, NULL, &report) == FTC_OK
                   && ftc.ftc_report_verdict(report) == FTC_MATCH;
            ftc.ftc_report_free(report);
            claim_end(&claim);
        }
        if (!same) {
            Py_CLEAR(class_);
        }
    }
    Py_DECREF(fields);
    return class_;
}

/* The ctypes class for a declared type: NULL, possibly with an error, if there is none. */
static PyObject *
class_of(struct typecheck *self, const ftc_types *types, ftc_type_id id, int depth)
{
    ftc_type type;
    if (depth > 16 || get_type(types, id, &type) < 0) {
        return NULL;
    }
    if (type.kind == FTC_TYPE_POINTER) {
        return simple_class('P');
    }
    char code = simple_code(types, &type);
    if (code != 0) {
        return simple_class(code);
    }
    if (type.kind == FTC_TYPE_STRUCT || type.kind == FTC_TYPE_UNION) {
        return record_class(self, types, id, &type, depth);
    }
    if (type.kind == FTC_TYPE_ARRAY && type.size != FTC_UNKNOWN_SIZE) {
        PyObject *item = class_of(self, types, type.target, depth + 1);
        ftc_type element;
        PyObject *array = NULL;
        if (item != NULL && get_type(types, type.target, &element) == 0 && element.size > 0) {
            array = PySequence_Repeat(item, (Py_ssize_t)(type.size / element.size));
        }
        Py_XDECREF(item);
        return array;
    }
    return NULL;
}

/* The result's type in place of one that was not given: a new reference, NULL
   for the int that it would be otherwise. A pointer is an int of full width. */
static PyObject *
result_class(struct typecheck *self, const ftc_types *types, ftc_type_id id)
{
    ftc_type type;
    if (get_type(types, id, &type) < 0) {
        return NULL;
    }
    if (type.kind == FTC_TYPE_VOID) {
        return new_reference(Py_None);
    }
    char code = simple_code(types, &type);
    PyObject *class_ = code != 0 ? simple_class(code) : class_of(self, types, id, 0);
    PyErr_Clear();
    return class_;
}

static int
learn_parameter(const ftc_types *types, ftc_type_id function, uint32_t index,
                struct parameter *out)
{
    ftc_parameter parameter = {.type_size = sizeof(parameter)};
    ftc_type type, pointee;
    if (ftc.ftc_type_parameter(types, function, index, &parameter) != FTC_OK
        || get_type(types, parameter.parameter_type, &type) < 0) {
        return -1;
    }
    out->type = parameter.parameter_type;
    out->size = type.size;
    switch (type.kind) {
    case FTC_TYPE_POINTER:
        out->conversion = CONVERT_POINTER;
        if (get_type(types, type.target, &pointee) < 0) {
            return -1;
        }
        out->pointee = ftc.ftc_type_resolve(types, type.target);
        out->pointee_kind = pointee.kind;
        return 0;
    case FTC_TYPE_STRUCT: case FTC_TYPE_UNION: case FTC_TYPE_CLASS:
        out->conversion = CONVERT_RECORD;
        return type.flags & FTC_BY_REFERENCE ? -1 : 0;
    }
    char code = simple_code(types, &type);
    out->conversion = code != 0 && strchr("fdg", code) ? CONVERT_FLOAT : CONVERT_INTEGER;
    return code != 0 ? 0 : -1;
}

/* Prepares calls with the library's own argument types, if libffi can make them. */
static void
learn_parameters(struct typecheck *self, const ftc_decl *decl)
{
    const ftc_types *types = ftc.ftc_decl_types(decl);
    ftc_type_id function = ftc.ftc_type_resolve(types, ftc.ftc_decl_type(decl));
    ftc_type type;
    if (get_type(types, function, &type) < 0
        || ftc.ftc_decl_prep_cif(decl, &self->cif, FFI_DEFAULT_ABI) != FTC_OK
        || type.count != self->cif.nargs) {
        return;
    }
    self->variadic = (type.flags & FTC_VARIADIC) != 0;
    self->parameters = zeroed((type.count + 1) * sizeof(struct parameter));
    for (uint32_t i = 0; self->parameters != NULL && i < type.count; i++) {
        if (learn_parameter(types, function, i, &self->parameters[i]) < 0) {
            free_parameters(self);
        }
    }
}

/* ---- arguments by the library's types ---- */

static ffi_type *
ffi_type_of(struct typecheck_module *module, PyObject *restype)
{
    return _ctypes_get_ffi_type(ST(module) restype);
}

struct converted {
    ffi_type *type;
    PyObject *keep;
    union {
        int8_t i8; int16_t i16; int32_t i32; int64_t i64;
        float f; double d; long double D;
        void *p;
        char bytes[16];
    } as;
};

/* Raises a TypeError that names the parameter, what the library declares and
   what was given. */
static int
cannot_convert(const struct typecheck *self, unsigned int index, PyObject *object)
{
    const ftc_types *types = ftc.ftc_decl_types(self->decl);
    ftc_type_id function = ftc.ftc_type_resolve(types, ftc.ftc_decl_type(self->decl));
    ftc_parameter parameter = {.type_size = sizeof(parameter)};
    char spelling[256] = "";
    (void)ftc.ftc_type_parameter(types, function, index, &parameter);
    (void)ftc.ftc_type_spell(types, parameter.parameter_type, parameter.name,
                             spelling, sizeof(spelling), NULL);
    PyErr_Format(PyExc_TypeError,
                 "%s: argument %u: the library declares '%s', got %.200s",
                 self->name != NULL ? self->name : "function", index + 1,
                 spelling, Py_TYPE(object)->tp_name);
    return -1;
}

static int
store_integer(const struct parameter *parameter, PyObject *number, struct converted *out)
{
    /* As ctypes: cut to the size, never an overflow. */
    unsigned long long value = INTEGER_MASK(number);
    if (value == (unsigned long long)-1 && PyErr_Occurred()) {
        return -1;
    }
    switch (parameter->size) {
    case 1: out->as.i8 = (int8_t)value; break;
    case 2: out->as.i16 = (int16_t)value; break;
    case 4: out->as.i32 = (int32_t)value; break;
    default: out->as.i64 = (int64_t)value; break;
    }
    return 0;
}

/* Whether objects of a type, or with address what they point to, fit the
   parameter; the answer for the last type is remembered. */
static int
fits(struct typecheck *self, unsigned int index, PyObject *type, int address)
{
    struct parameter *parameter = &self->parameters[index];
    const ftc_report *report = NULL;
    struct claim claim;
    ftc_type_id claimed;

    if (parameter->accepted == type) {
        return 0;
    }
    int built = claim_begin(&claim, self->module);
    if (built == 0) {
        built = claim_of_type(&claim, type, &claimed);
    }
    if (built == 0 && address) {
        built = ftc.ftc_claim_pointer(claim.claim, claimed, &claimed) == FTC_OK ? 0 : -1;
    }
    int result = 0;
    if (built < 0) {
        PyErr_Clear();
    }
    else if (ftc.ftc_check_type(ftc.ftc_decl_types(self->decl), parameter->type, claim.claim,
                                claimed, NULL, &report) == FTC_OK) {
        ftc_finding finding = {.type_size = sizeof(finding)};
        if (!ftc.ftc_report_passes(report)
            && ftc.ftc_report_finding(report, 0, &finding) == FTC_OK) {
            PyObject *message = TEXT_FORMAT(
                "%s: argument %u: %s", self->name != NULL ? self->name : "function",
                index + 1, finding.sentence);
            finding.position = FTC_POSITION_ARGUMENT;
            finding.argument = index + 1;
            if (message != NULL) {
                raise_finding(&finding, message);
                Py_DECREF(message);
            }
            result = -1;
        }
        ftc.ftc_report_free(report);
    }
    claim_end(&claim);
    if (result == 0) {
        Py_XSETREF(parameter->accepted, new_reference(type));
    }
    return result;
}

static int
convert_plainly(struct typecheck *self, PyObject *object, unsigned int index,
                struct converted *out)
{
    return _ctypes_convert_parameter(ST(self->module) object, (Py_ssize_t)index + 1, &out->type,
                                     &out->as, &out->keep);
}

/* An instance of a ctypes type, or byref() of one. */
static int
convert_data(struct typecheck *self, unsigned int index, PyObject *object,
             struct converted *out)
{
    struct parameter *parameter = &self->parameters[index];
    PyObject *type = (PyObject *)Py_TYPE(object);
    int address = 0;

    if (IS_BYREF(self->module, object)) {
        PyCArgObject *carg = (PyCArgObject *)object;
        if (carg->tag != 'P' || carg->obj == NULL) {
            /* The result of from_param: converted already. */
            int result = convert_plainly(self, object, index, out);
            if (result == 0 && out->type->size != parameter->size) {
                Py_CLEAR(out->keep);
                return cannot_convert(self, index, object);
            }
            return result;
        }
        type = (PyObject *)Py_TYPE(carg->obj);
        address = 1;
    }
    int record = is_a(type, self->module->structure) || is_a(type, self->module->union_);
    if (address || !record) {
        if (parameter->conversion != CONVERT_POINTER) {
            return cannot_convert(self, index, object);
        }
        /* An array is passed as the address of its first element. */
        PyObject *item = is_a(type, self->module->array) && !address ? target_of(type) : NULL;
        int result = item != NULL ? fits(self, index, item, 1)
                                  : fits(self, index, type, address);
        Py_XDECREF(item);
        if (result < 0) {
            return -1;
        }
    }
    else if (parameter->conversion != CONVERT_RECORD) {
        return cannot_convert(self, index, object);
    }
    else if (fits(self, index, type, 0) < 0) {
        return -1;
    }
    return convert_plainly(self, object, index, out);
}

static int convert(struct typecheck *self, unsigned int index, PyObject *object,
                   struct converted *out);

/* An instance of a simple type: a pointer of some kind, or a value. */
static int
convert_simple(struct typecheck *self, unsigned int index, PyObject *object,
               struct converted *out)
{
    PyObject *code = PyObject_GetAttrString(object, "_type_");
    const char *text = code != NULL && IS_TEXT(code) ? TEXT(code) : NULL;
    char letter = text != NULL ? text[0] : '\0';
    Py_XDECREF(code);
    PyErr_Clear();
    if (letter != '\0' && strchr("PzZO", letter)) {
        return convert_data(self, index, object, out);
    }
    PyObject *value = PyObject_GetAttrString(object, "value");
    if (value == NULL) {
        return -1;
    }
    int result;
    if (letter == 'c' && self->parameters[index].conversion == CONVERT_INTEGER) {
        PyObject *number = PyLong_FromLong(PyBytes_AS_STRING(value)[0]);
        result = number != NULL ? convert(self, index, number, out) : -1;
        Py_XDECREF(number);
    }
    else {
        result = convert(self, index, value, out);
    }
    Py_DECREF(value);
    return result;
}

/* bytes and str: as ctypes passes them, where the library reads such. */
static int
convert_text(struct typecheck *self, unsigned int index, PyObject *object,
             struct converted *out)
{
    struct parameter *parameter = &self->parameters[index];
    ftc_type pointee;
    if (parameter->conversion != CONVERT_POINTER
        || get_type(ftc.ftc_decl_types(self->decl), parameter->pointee, &pointee) < 0) {
        return cannot_convert(self, index, object);
    }
    int opaque = pointee.kind == FTC_TYPE_VOID;
    int wide = pointee.kind == FTC_TYPE_BASE && pointee.size == sizeof(wchar_t);
    if (pointee.kind == FTC_TYPE_FUNCTION || (PyUnicode_Check(object) && !opaque && !wide)) {
        return cannot_convert(self, index, object);
    }
    return convert_plainly(self, object, index, out);
}

static int
convert(struct typecheck *self, unsigned int index, PyObject *object, struct converted *out)
{
    struct parameter *parameter = &self->parameters[index];

    if (info_of_object(self->module, object) != NULL) {
        return is_a((PyObject *)Py_TYPE(object), self->module->simple)
               ? convert_simple(self, index, object, out)
               : convert_data(self, index, object, out);
    }
    if (IS_BYREF(self->module, object)) {
        return convert_data(self, index, object, out);
    }
    if (object == Py_None && parameter->conversion == CONVERT_POINTER) {
        out->as.p = NULL;
        return 0;
    }
    if (IS_INTEGER(object)) {
        switch (parameter->conversion) {
        case CONVERT_INTEGER: case CONVERT_POINTER:
            return store_integer(parameter, object, out);
        case CONVERT_FLOAT:
            break;
        case CONVERT_RECORD:
            return cannot_convert(self, index, object);
        }
    }
    if (parameter->conversion == CONVERT_FLOAT
        && (PyFloat_Check(object) || IS_INTEGER(object))) {
        double number = PyFloat_AsDouble(object);
        if (number == -1.0 && PyErr_Occurred()) {
            return -1;
        }
        switch (parameter->size) {
        case sizeof(float): out->as.f = (float)number; break;
        case sizeof(double): out->as.d = number; break;
        default: out->as.D = number; break;
        }
        return 0;
    }
    if (PyBytes_Check(object) || PyUnicode_Check(object)) {
        return convert_text(self, index, object, out);
    }
    PyObject *inner = PyObject_GetAttrString(object, "_as_parameter_");
    if (inner == NULL) {
        PyErr_Clear();
        return cannot_convert(self, index, object);
    }
    int result = -1;
    if (!Py_EnterRecursiveCall(" in _as_parameter_")) {
        result = convert(self, index, inner, out);
        Py_LeaveRecursiveCall();
    }
    Py_DECREF(inner);
    return result;
}

/* A variadic argument: as without this file, and a float is a double. */
static int
convert_variadic(struct typecheck *self, PyObject *object, unsigned int index,
                 struct converted *out)
{
    if (PyFloat_Check(object)) {
        out->type = &ffi_type_double;
        out->as.d = PyFloat_AS_DOUBLE(object);
        return 0;
    }
    return convert_plainly(self, object, index, out);
}

static PyObject *
call_with_own_types(PyCFuncPtrObject *function, PPROC proc, PyObject *arguments,
                    int flags, PyObject *restype, PyObject *checker)
{
    struct typecheck *self = function->typecheck_state;
    unsigned int fixed = self->cif.nargs;
    Py_ssize_t given = PyTuple_GET_SIZE(arguments);

    if (given < (Py_ssize_t)fixed || (given > (Py_ssize_t)fixed && !self->variadic)
        || given > CTYPES_MAX_ARGCOUNT) {
        PyErr_Format(PyExc_TypeError,
                     "%s: the library declares %s%u parameter%s, %zd given: %s",
                     self->name != NULL ? self->name : "function",
                     self->variadic ? "at least " : "", fixed, fixed == 1 ? "" : "s",
                     given, ftc.ftc_decl_spelling(self->decl));
        return NULL;
    }
    unsigned int count = (unsigned int)given;
    struct converted *values = alloca(sizeof(*values) * (count + 1));
    ffi_type **types = alloca(sizeof(*types) * (count + 1));
    void **places = alloca(sizeof(*places) * (count + 1));
    PyObject *result = NULL;
    memset(values, 0, sizeof(*values) * (count + 1));

    for (unsigned int i = 0; i < count; i++) {
        PyObject *object = PyTuple_GET_ITEM(arguments, i);
        int converted = i < fixed ? convert(self, i, object, &values[i])
                                  : convert_variadic(self, object, i, &values[i]);
        if (converted < 0) {
            goto done;
        }
        types[i] = i < fixed ? self->cif.arg_types[i] : values[i].type;
        places[i] = types[i]->type == FFI_TYPE_STRUCT ? values[i].as.p : (void *)&values[i].as;
    }
    ffi_type *result_type = restype == Py_None ? &ffi_type_void : ffi_type_of(self->module, restype);
    void *memory = alloca(Py_MAX(result_type->size, sizeof(ffi_arg)));
    if (_ctypes_call_function_pointer(ST(self->module) flags, proc, places, types, result_type, memory,
                                      (int)count, self->variadic ? (int)fixed : 0) == 0) {
#ifdef WORDS_BIGENDIAN
        if (result_type->type != FFI_TYPE_FLOAT && result_type->type != FFI_TYPE_STRUCT
            && result_type->size < sizeof(ffi_arg)) {
            memory = (char *)memory + sizeof(ffi_arg) - result_type->size;
        }
#endif
        result = _ctypes_get_result(ST(self->module) restype, memory, checker);
    }
  done:
    for (unsigned int i = 0; i < count; i++) {
        Py_XDECREF(values[i].keep);
    }
    return result;
}

/* Checks what is declared and learns what is not, before the first call. */
static int
settle(PyCFuncPtrObject *function)
{
    struct typecheck *self = function->typecheck_state;
    PyObject *argtypes, *restype;

    if (policy_of(self) == POLICY_OFF) {
        return 0;
    }
    const ftc_decl *decl = declaration_of(function);
    if (decl == NULL) {
        return 0;
    }
    if (!self->warned && check_function(function, decl) < 0) {
        return -1;
    }
    self->warned = self->policy == POLICY_WARN;
    declared_types(function, &argtypes, &restype);
    if (!self->extract || (argtypes != NULL && restype != NULL)) {
        return 0;
    }
    const ftc_types *types = ftc.ftc_decl_types(decl);
    ftc_type type;
    if (get_type(types, ftc.ftc_decl_type(decl), &type) < 0) {
        return 0;
    }
    if (restype == NULL && self->restype == NULL) {
        self->restype = result_class(self, types, type.target);
        ftc_type result;
        if (self->restype == NULL && get_type(types, type.target, &result) == 0
            && (result.kind == FTC_TYPE_STRUCT || result.kind == FTC_TYPE_UNION
                || result.kind == FTC_TYPE_CLASS)) {
            PyErr_Format(PyExc_TypeError,
                         "%s: the library returns '%s' by value, which needs a restype",
                         self->name != NULL ? self->name : "function",
                         result.name != NULL ? result.name : "struct");
            return -1;
        }
    }
    if (argtypes == NULL && self->parameters == NULL) {
        learn_parameters(self, decl);
    }
    return 0;
}

PyObject *
_ctypes_typecheck_call(PyCFuncPtrObject *function, PPROC proc, PyObject *arguments,
                       int flags, PyObject *converters, PyObject *restype,
                       PyObject *checker)
{
    struct typecheck *self = function->typecheck_state;
    if (self->restype == NULL && self->parameters == NULL) {
        if (settle(function) < 0) {
            return NULL;
        }
        if (self->restype == NULL && self->parameters == NULL) {
            /* From now on the plain way. */
            function->typecheck = NULL;
        }
    }
    if (self->restype != NULL) {
        restype = self->restype;
        checker = NULL;
    }
    if (self->parameters != NULL) {
        return call_with_own_types(function, proc, arguments, flags, restype, checker);
    }
    return _ctypes_callproc(ST(self->module) proc, arguments, flags, converters, restype, checker);
}

PyObject *
_ctypes_typecheck_declaration(PyCFuncPtrObject *function)
{
    struct typecheck *self = function->typecheck_state;
    if (self == NULL || policy_of(self) == POLICY_OFF) {
        Py_RETURN_NONE;
    }
    const ftc_decl *decl = declaration_of(function);
    if (decl == NULL) {
        Py_RETURN_NONE;
    }
    return TEXT_FORMAT("%s", ftc.ftc_decl_spelling(decl));
}

/* ---- a variable ---- */

int
_ctypes_typecheck_variable(PyObject *type, PyObject *dll, void *handle, const char *name)
{
    struct typecheck_module *module = MODULE_OF_TYPE(type);
    enum policy policy;
    int extract;
    const ftc_decl *decl = NULL;
    ftc_status status;
    struct claim claim;
    ftc_type_id claimed = 0;

    if (policy_of_dll(module, dll, &policy, &extract) < 0) {
        return -1;
    }
    if (policy == POLICY_OFF || !load_library()) {
        return 0;
    }
    Py_BEGIN_ALLOW_THREADS
    status = ftc.ffi_describe_symbol(handle, name, &decl);
    Py_END_ALLOW_THREADS
    if (status != FTC_OK) {
        return 0;
    }
    int built = claim_begin(&claim, module);
    if (built == 0) {
        built = claim_of_type(&claim, type, &claimed);
    }
    int result = check_declaration(decl, &claim, built, claimed, policy);
    claim_end(&claim);
    ftc.ftc_decl_free(decl);
    return result;
}

/* ---- the module ---- */

PyDoc_STRVAR(set_typecheck_doc,
"set_typecheck(policy) -> previous policy\n\
\n\
What happens when types that a program declares do not agree with those in\n\
the library's debug information: 'off', 'warn' or 'error'. With ',noextract'\n\
behind it, types that were not given are not taken from there either. It\n\
holds for functions that were not called yet.");

static PyObject *
set_typecheck(PyObject *module, PyObject *object)
{
    struct typecheck_module *own = MODULE_OF(module);
    enum policy policy;
    int extract;
    if (policy_from_object(object, &policy, &extract) < 0) {
        return NULL;
    }
    PyObject *previous = policy_text(own->policy, own->extract);
    if (previous != NULL) {
        own->policy = policy;
        own->extract = extract;
    }
    return previous;
}

PyDoc_STRVAR(get_typecheck_doc,
"get_typecheck() -> policy\n\
\n\
What set_typecheck or the environment variable PYTHONCTYPESTYPECHECK set.");

static PyObject *
get_typecheck(PyObject *module, PyObject *unused)
{
    struct typecheck_module *own = MODULE_OF(module);
    return policy_text(own->policy, own->extract);
}

static PyMethodDef methods[] = {
    {"set_typecheck", set_typecheck, METH_O, set_typecheck_doc},
    {"get_typecheck", get_typecheck, METH_NOARGS, get_typecheck_doc},
    {NULL, NULL, 0, NULL}
};

static int
add_object(PyObject *module, const char *name, PyObject *object)
{
    Py_XINCREF(object);
    if (object == NULL || PyModule_AddObject(module, name, object) < 0) {
        Py_XDECREF(object);
        return -1;
    }
    return 0;
}

int
_ctypes_typecheck_init(PyObject *module)
{
#if PY_VERSION_HEX >= 0x030D0000
    ctypes_state *st = get_module_state(module);
    struct typecheck_module *self = st->typecheck = zeroed(sizeof(*self));
    if (self == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->st = st;
#else
    struct typecheck_module *self = &the_module;
#endif
    const struct { PyObject **place; const char *name; } table[] = {
        {&self->structure, "Structure"}, {&self->union_, "Union"},
        {&self->array, "Array"}, {&self->pointer, "_Pointer"},
        {&self->simple, "_SimpleCData"}, {&self->function, "CFuncPtr"},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(table); i++) {
        *table[i].place = PyObject_GetAttrString(module, table[i].name);
        if (*table[i].place == NULL) {
            return -1;
        }
    }
    self->policy = POLICY_ERROR;
    self->extract = 1;
    policy_from_environment(self);
    self->warning_category = PyErr_NewExceptionWithDoc(
        "ctypes.TypeCheckWarning",
        "Types that a program declares do not agree with the library's.",
        PyExc_RuntimeWarning, NULL);
    if (add_object(module, "TypeCheckWarning", self->warning_category) < 0) {
        return -1;
    }
    for (PyMethodDef *method = methods; method->ml_name != NULL; method++) {
        PyObject *function = PyCFunction_New(method, module);
        int added = add_object(module, method->ml_name, function);
        Py_XDECREF(function);
        if (added < 0) {
            return -1;
        }
    }
    return 0;
}

#if PY_VERSION_HEX >= 0x030D0000
int
_ctypes_typecheck_traverse_module(ctypes_state *st, visitproc visit, void *arg)
{
    struct typecheck_module *self = st->typecheck;
    if (self != NULL) {
        Py_VISIT(self->warning_category);
        Py_VISIT(self->structure);
        Py_VISIT(self->union_);
        Py_VISIT(self->array);
        Py_VISIT(self->pointer);
        Py_VISIT(self->simple);
        Py_VISIT(self->function);
    }
    return 0;
}

void
_ctypes_typecheck_free_module(ctypes_state *st)
{
    struct typecheck_module *self = st->typecheck;
    st->typecheck = NULL;
    if (self != NULL) {
        Py_CLEAR(self->warning_category);
        Py_CLEAR(self->structure);
        Py_CLEAR(self->union_);
        Py_CLEAR(self->array);
        Py_CLEAR(self->pointer);
        Py_CLEAR(self->simple);
        Py_CLEAR(self->function);
        PyMem_Free(self);
    }
}
#endif

#endif /* HAVE_FFITYPECHECK */
