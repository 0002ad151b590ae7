/* Type checking against the library's own debug information.

   libffitypecheck finds the declaration of a function or variable in the
   debug information of the library that defines it. Here, what a program
   declares with argtypes, restype, prototypes and in_dll is held against it,
   and what the program does not declare is taken from it.

   The library is loaded when something is first to be known about a function.
   Without it, without debug information, or with the policy "off", everything
   behaves as if this file did not exist.

   Calls of a function whose verdict is not known yet, or that is called with
   the library's own types, go through _ctypes_typecheck_call. The flag that
   says so is all that any other call costs.

   Threads: describing a function releases the GIL, and conversions run Python
   code, so that any other call or assignment may come in between. What a call
   works with is therefore held by references: its own of the caller's
   objects, and one of a struct learned, which is never changed once it is
   there. Without a GIL, critical sections on the function guard the rest. */

#ifndef Py_BUILD_CORE_BUILTIN
#  define Py_BUILD_CORE_MODULE 1
#endif
#define PY_SSIZE_T_CLEAN

#include "Python.h"
#if PY_VERSION_HEX >= 0x030D0000
#  include "pycore_moduleobject.h"  // _PyModule_GetState()
#  include "pycore_typeobject.h"    // _PyType_GetModuleState()
#endif
#include <ffi.h>
#include "ctypes.h"
#include "typecheck.h"

#ifdef HAVE_FFITYPECHECK

#include <dlfcn.h>
#include <pthread.h>
#include <wchar.h>
#include <ffitypecheck.h>

/* ---- what the branches of CPython do in other ways ---- */

#if PY_VERSION_HEX >= 0x030D0000
#  define ST(module) (module)->st,
#  define NEW_CARG(module) PyCArgObject_new((module)->st)
#  define CARG_OF(module, info, data) (info)->paramfunc((module)->st, data)
#  define IS_BYREF(module, object) PyCArg_CheckExact((module)->st, object)
typedef StgInfo TypeInfo;
#else
#  define ST(module)
#  define NEW_CARG(module) PyCArgObject_new()
#  define CARG_OF(module, info, data) (info)->paramfunc(data)
#  define IS_BYREF(module, object) PyCArg_CheckExact(object)
#  define Py_BEGIN_CRITICAL_SECTION(object) {
#  define Py_END_CRITICAL_SECTION() }
typedef StgDictObject TypeInfo;
#endif

#if PY_MAJOR_VERSION < 3
#  define IS_TEXT(object) (PyString_Check(object) || PyUnicode_Check(object))
#  define IS_INTEGER(object) (PyInt_Check(object) || PyLong_Check(object))
#  define TEXT(object) PyString_AsString(object)
#  define TEXT_FORMAT PyString_FromFormat
#  define INTEGER_MASK(object) PyInt_AsUnsignedLongLongMask(object)
#  define INTEGER_SIZE(object) PyInt_AsSsize_t(object)
#  define DICT_GET(dict, key) PyDict_GetItem(dict, key)
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
#endif

/* ---- small things ---- */

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

/* An attribute that may be missing: 1 found, 0 not there, -1 error. */
static int
optional_attribute(PyObject *object, const char *name, PyObject **out)
{
    *out = PyObject_GetAttrString(object, name);
    if (*out != NULL) {
        return 1;
    }
    if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
        return -1;
    }
    PyErr_Clear();
    return 0;
}

/* An entry that a class's __dict__ may have: as optional_attribute. */
static int
optional_entry(PyObject *mapping, const char *key, PyObject **out)
{
    *out = PyMapping_GetItemString(mapping, (char *)key);
    if (*out != NULL) {
        return 1;
    }
    if (!PyErr_ExceptionMatches(PyExc_KeyError)) {
        return -1;
    }
    PyErr_Clear();
    return 0;
}

/* What a program declared could not be looked at, or does not make sense. It
   is then as good as not declared, since without this file nobody would have
   looked: 0. But an interrupt, and having no memory, go on: -1. */
static int
let_go(void)
{
    if (!PyErr_Occurred()) {
        return 0;
    }
    if (PyErr_ExceptionMatches(PyExc_MemoryError)
        || !PyErr_ExceptionMatches(PyExc_Exception))
    {
        return -1;
    }
    PyErr_Clear();
    return 0;
}

static int
ignores_environment(void)
{
    PyObject *flags = PySys_GetObject("flags");
    PyObject *flag = NULL;
    int result;
    if (flags != NULL) {
        flag = PyObject_GetAttrString(flags, "ignore_environment");
    }
    result = flag == NULL || PyObject_IsTrue(flag) != 0;
    Py_XDECREF(flag);
    PyErr_Clear();
    return result;
}

/* ---- the library ---- */

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

/* Shared by all interpreters of the process; set once. */
static int ftc_loaded;

/* Held while files are read without the GIL, and by a fork: the child would
   inherit locks of libffitypecheck that no thread of its own releases. */
static pthread_mutex_t reading = PTHREAD_MUTEX_INITIALIZER;

static void
begin_reading(void)
{
    pthread_mutex_lock(&reading);
}

static void
end_reading(void)
{
    pthread_mutex_unlock(&reading);
}

static void
load_once(void)
{
    void *handle = dlopen("libffitypecheck.so.0", RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        return;
    }
#define LOAD(name) \
    ftc.name = (__typeof__(&name))dlsym(handle, #name); \
    if (ftc.name == NULL) { \
        dlclose(handle); \
        return; \
    }
    FUNCTIONS(LOAD)
#undef LOAD
    ftc_loaded = pthread_atfork(begin_reading, end_reading, end_reading) == 0;
}

static int
load_library(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load_once);
    return ftc_loaded;
}

static int
succeeded(ftc_status status)
{
    return status == FTC_OK ? 0 : -1;
}

/* ---- the policy ---- */

enum policy { POLICY_OFF, POLICY_WARN, POLICY_ERROR };

static const char *const policy_names[] = {"off", "warn", "error"};

/* What the module keeps for this file. */
struct typecheck_module {
#if PY_VERSION_HEX >= 0x030D0000
    ctypes_state *st;
#endif
    /* The default: a policy, times two, and whether what is not declared is
       taken from the library. One number, which threads change and read. */
    int setting;
    PyObject *warning_category;
    /* The classes that say what a type is. */
    PyObject *structure, *union_, *array, *pointer, *simple, *function;
};

#if PY_VERSION_HEX >= 0x030D0000
#  define MODULE_OF_FUNCTION(function) \
    get_module_state_by_def(Py_TYPE(Py_TYPE(function)))->typecheck
#  define MODULE_OF_TYPE(type) \
    get_module_state_by_def(Py_TYPE(type))->typecheck
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
    (void)module;
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
            && strncmp(policy_names[i], text, length) == 0)
        {
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

static void
get_setting(struct typecheck_module *module, enum policy *policy, int *extract)
{
    int setting = __atomic_load_n(&module->setting, __ATOMIC_RELAXED);
    *policy = (enum policy)(setting / 2);
    *extract = setting % 2;
}

static void
set_setting(struct typecheck_module *module, enum policy policy, int extract)
{
    __atomic_store_n(&module->setting, policy * 2 + extract, __ATOMIC_RELAXED);
}

/* The environment decides what holds at the start, except in a process that
   must not trust it. */
static void
policy_from_environment(struct typecheck_module *module)
{
    enum policy policy = POLICY_ERROR;
    int extract = 1;
    const char *text = NULL;
    if (!ignores_environment()) {
        text = secure_getenv("PYTHONCTYPESTYPECHECK");
    }
    if (text != NULL) {
        /* What is none of the words is as if it were not there. */
        (void)parse_policy(text, &policy, &extract);
    }
    set_setting(module, policy, extract);
}

/* The policy of a dll: its _typecheck attribute, 1. 0: it has none, and the
   default is filled in. */
static int
policy_of_dll(struct typecheck_module *module, PyObject *dll,
              enum policy *policy, int *extract)
{
    PyObject *own = NULL;
    get_setting(module, policy, extract);
    int result = dll != NULL ? optional_attribute(dll, "_typecheck", &own) : 0;
    if (result > 0) {
        result = own != Py_None;
        if (result && policy_from_object(own, policy, extract) < 0) {
            result = -1;
        }
        Py_DECREF(own);
    }
    return result;
}

/* ---- a caller's types as a claim ---- */

/* The functions below return -1 if there is no claim to be had: with an
   exception set, or without one where libffitypecheck refused. */

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
is_record(struct typecheck_module *module, PyObject *type)
{
    return is_a(type, module->structure) || is_a(type, module->union_);
}

static int
claim_any(struct claim *self, ftc_type_id *id)
{
    return succeeded(ftc.ftc_claim_any(self->claim, id));
}

static int
claim_pointer(struct claim *self, ftc_type_id target, ftc_type_id *id)
{
    return succeeded(ftc.ftc_claim_pointer(self->claim, target, id));
}

static int
claim_base(struct claim *self, uint32_t encoding, uint64_t size,
           uint32_t flags, ftc_type_id *id)
{
    return succeeded(ftc.ftc_claim_base(self->claim, encoding, size, flags,
                                        id));
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
    PyObject *own;
    int found = optional_attribute(type, own_name, &own);
    if (found > 0) {
        found = own != type;
        Py_DECREF(own);
    }
    return found;
}

/* The letter of a simple type; 0 if it has none, -1 error. */
static int
code_of_simple(PyObject *type)
{
    PyObject *text;
    int result = optional_attribute(type, "_type_", &text);
    if (result > 0) {
        const char *code = IS_TEXT(text) ? TEXT(text) : "";
        result = code != NULL ? (unsigned char)code[0] : -1;
        Py_DECREF(text);
    }
    return result;
}

#define CHAR_ENCODING \
    (CHAR_MIN < 0 ? FTC_ENCODING_SIGNED_CHAR : FTC_ENCODING_UNSIGNED_CHAR)
#define WCHAR_ENCODING \
    (WCHAR_MIN < 0 ? FTC_ENCODING_SIGNED : FTC_ENCODING_UNSIGNED)

static int
claim_of_simple(struct claim *self, PyObject *type, ftc_type_id *id)
{
    static const struct {
        char code;
        uint32_t encoding;
        uint64_t size;
    } codes[] = {
        {'c', CHAR_ENCODING, 1},
        {'b', FTC_ENCODING_SIGNED_CHAR, 1},
        {'B', FTC_ENCODING_UNSIGNED_CHAR, 1},
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
        {'u', WCHAR_ENCODING, sizeof(wchar_t)},
    };
    ftc_type_id target = 0;
    int code = code_of_simple(type);
    switch (code) {
    case -1:
        return -1;
    case 'O':
        if (ftc.ftc_claim_record(self->claim, FTC_TYPE_STRUCT, "_object",
                                 &target) != FTC_OK)
        {
            return -1;
        }
        return claim_pointer(self, target, id);
    case 'z':
        if (claim_base(self, CHAR_ENCODING, 1, 0, &target) < 0) {
            return -1;
        }
        return claim_pointer(self, target, id);
    case 'Z':
        if (claim_base(self, WCHAR_ENCODING, sizeof(wchar_t), 0,
                       &target) < 0)
        {
            return -1;
        }
        return claim_pointer(self, target, id);
    case 'P':
        return claim_pointer(self, 0, id);
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(codes); i++) {
        if (codes[i].code != code) {
            continue;
        }
        int swapped = codes[i].size > 1 ? is_swapped(type) : 0;
        if (swapped < 0) {
            return -1;
        }
        return claim_base(self, codes[i].encoding, codes[i].size,
                          swapped ? FTC_SWAPPED : 0, id);
    }
    return claim_any(self, id);
}

static int
size_attribute(PyObject *object, const char *name, Py_ssize_t *out)
{
    PyObject *value = PyObject_GetAttrString(object, name);
    if (value == NULL) {
        return -1;
    }
    *out = INTEGER_SIZE(value);
    Py_DECREF(value);
    return *out < 0 ? -1 : 0;
}

/* One (name, type[, width]) of _fields_; where it lies, the descriptor in the
   class's __dict__ says. */
static int
claim_field(struct claim *self, ftc_type_id record, PyObject *dict,
            PyObject *anonymous, PyObject *field)
{
    PyObject *name, *type, *width = NULL;
    Py_ssize_t offset, size;
    ftc_type_id id;

    if (!PyTuple_Check(field)
        || !PyArg_ParseTuple(field, "OO|O", &name, &type, &width))
    {
        return -1;
    }
    const char *text = IS_TEXT(name) ? TEXT(name) : NULL;
    PyObject *descriptor = text != NULL ? PyObject_GetItem(dict, name) : NULL;
    if (descriptor == NULL) {
        return -1;
    }
    int placed = size_attribute(descriptor, "offset", &offset) == 0
                 && size_attribute(descriptor, "size", &size) == 0;
    Py_DECREF(descriptor);
    if (!placed || claim_of_type(self, type, &id) < 0) {
        return -1;
    }
    if (width == NULL) {
        int hidden = 0;
        if (anonymous != NULL) {
            hidden = PySequence_Contains(anonymous, name);
            if (hidden < 0) {
                return -1;
            }
        }
        return succeeded(ftc.ftc_claim_member(self->claim, record,
                                              hidden ? NULL : text, id,
                                              (uint64_t)offset));
    }
    /* Of a bit-field, size holds the width and the first bit in its storage
       unit, counted from the least significant one. */
    uint64_t bits = (uint64_t)size >> 16, first = (uint64_t)size & 0xffff;
#ifdef WORDS_BIGENDIAN
    TypeInfo *info = info_of_type(self->module, type);
    if (info == NULL) {
        return -1;
    }
    first = (uint64_t)info->size * 8 - first - bits;
#endif
    return succeeded(ftc.ftc_claim_bit_field(self->claim, record, text, id,
                                             (uint64_t)offset * 8 + first,
                                             bits));
}

/* The fields that one class among the type's bases, or the type, declares. */
static int
claim_own_fields(struct claim *self, ftc_type_id record, PyObject *class_)
{
    PyObject *fields = NULL, *anonymous = NULL, *tuple = NULL;
    int result = -1;
    PyObject *dict = PyObject_GetAttrString(class_, "__dict__");
    if (dict == NULL) {
        return -1;
    }
    int found = optional_entry(dict, "_fields_", &fields);
    if (found <= 0) {
        result = found;
        goto done;
    }
    if (optional_entry(dict, "_anonymous_", &anonymous) < 0) {
        goto done;
    }
    /* A copy: looking at a field may run code that changes a list. */
    tuple = PySequence_Tuple(fields);
    if (tuple == NULL) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); i++) {
        PyObject *field = PyTuple_GET_ITEM(tuple, i);
        if (claim_field(self, record, dict, anonymous, field) < 0) {
            goto done;
        }
    }
    result = 0;
  done:
    Py_XDECREF(tuple);
    Py_XDECREF(anonymous);
    Py_XDECREF(fields);
    Py_DECREF(dict);
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

/* A record is remembered before its members, which may point to it. */
static int
claim_of_record(struct claim *self, PyObject *type, ftc_type_id *id)
{
    uint32_t kind = is_a(type, self->module->union_)
                    ? FTC_TYPE_UNION : FTC_TYPE_STRUCT;
    const char *tag = ((PyTypeObject *)type)->tp_name;
    PyObject *fields;

    if (ftc.ftc_claim_record(self->claim, kind, tag, id) != FTC_OK
        || remember(self, type, *id) < 0)
    {
        return -1;
    }
    int found = optional_attribute(type, "_fields_", &fields);
    if (found <= 0) {
        return found;           /* opaque */
    }
    Py_DECREF(fields);
    TypeInfo *info = info_of_type(self->module, type);
    if (info == NULL) {
        return -1;
    }
    if (info->size == 0) {
        return 0;               /* opaque too: C has no empty struct */
    }
    PyObject *bases = PyObject_GetAttrString(type, "__mro__");
    if (bases == NULL) {
        return -1;
    }
    int result = PyTuple_Check(bases) ? 0 : -1;
    for (Py_ssize_t i = result == 0 ? PyTuple_GET_SIZE(bases) : 0; i-- > 0; ) {
        PyObject *base = PyTuple_GET_ITEM(bases, i);
        result = claim_own_fields(self, *id, base);
        if (result < 0) {
            break;
        }
    }
    Py_DECREF(bases);
    if (result < 0) {
        return -1;
    }
    return succeeded(ftc.ftc_claim_complete(self->claim, *id,
                                            (uint64_t)info->size,
                                            (uint64_t)info->align));
}

/* A pointer type without a _type_ yet points to anything. */
static int
claim_of_pointer(struct claim *self, PyObject *type, ftc_type_id *id)
{
    ftc_type_id target = 0;
    PyObject *pointee;
    int result = optional_attribute(type, "_type_", &pointee);
    if (result > 0) {
        result = PyType_Check(pointee)
                 ? claim_of_type(self, pointee, &target) : 0;
        Py_DECREF(pointee);
    }
    return result < 0 ? -1 : claim_pointer(self, target, id);
}

static int
claim_of_array(struct claim *self, PyObject *type, ftc_type_id *id)
{
    ftc_type_id element = 0;
    Py_ssize_t count;
    PyObject *item = PyObject_GetAttrString(type, "_type_");
    if (item == NULL) {
        return -1;
    }
    int result = size_attribute(type, "_length_", &count);
    if (result == 0) {
        result = claim_of_type(self, item, &element);
    }
    Py_DECREF(item);
    if (result < 0) {
        return -1;
    }
    return succeeded(ftc.ftc_claim_array(self->claim, element,
                                         (uint64_t)count, id));
}

/* The class says itself how a parameter is converted: anything may come. */
static int
has_own_from_param(PyObject *type)
{
    PyObject *bases, *dict, *entry;
    if (!PyType_Check(type)) {
        return 1;
    }
    bases = PyObject_GetAttrString(type, "__mro__");
    if (bases == NULL || !PyTuple_Check(bases)) {
        Py_XDECREF(bases);
        return -1;
    }
    int result = 0;
    for (Py_ssize_t i = 0; result == 0 && i < PyTuple_GET_SIZE(bases); i++) {
        dict = PyObject_GetAttrString(PyTuple_GET_ITEM(bases, i), "__dict__");
        result = dict != NULL
                 ? optional_entry(dict, "from_param", &entry) : -1;
        if (result > 0) {
            Py_DECREF(entry);
        }
        Py_XDECREF(dict);
    }
    Py_DECREF(bases);
    return result;
}

static int
claim_of_parameter(struct claim *self, PyObject *type, ftc_type_id *id)
{
    int own = has_own_from_param(type);
    if (own < 0) {
        return -1;
    }
    if (own || info_of_type(self->module, type) == NULL) {
        return claim_any(self, id);
    }
    return claim_of_type(self, type, id);
}

static int
claim_of_result(struct claim *self, PyObject *restype, ftc_type_id *id)
{
    if (restype == NULL) {
        return claim_any(self, id);
    }
    if (restype == Py_None) {
        *id = 0;
        return 0;
    }
    if (info_of_type(self->module, restype) == NULL) {
        /* A callable gets an int. */
        return claim_base(self, FTC_ENCODING_SIGNED, sizeof(int), 0, id);
    }
    return claim_of_type(self, restype, id);
}

/* argtypes is a tuple, or NULL if nothing is said of the arguments; so is
   restype. */
static int
claim_of_function(struct claim *self, PyObject *argtypes, PyObject *restype,
                  ftc_type_id *id)
{
    ftc_type_id result = 0;
    Py_ssize_t count = argtypes != NULL ? PyTuple_GET_SIZE(argtypes) : 0;
    ftc_type_id *parameters = PyMem_New(ftc_type_id, Py_MAX(count, 1));
    if (parameters == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    int made = claim_of_result(self, restype, &result);
    for (Py_ssize_t i = 0; made == 0 && i < count; i++) {
        made = claim_of_parameter(self, PyTuple_GET_ITEM(argtypes, i),
                                  &parameters[i]);
    }
    if (made == 0) {
        uint32_t flags = argtypes != NULL ? 0 : FTC_UNPROTOTYPED;
        made = succeeded(ftc.ftc_claim_function(self->claim, result,
                                                (size_t)count, parameters,
                                                flags, id));
    }
    PyMem_Free(parameters);
    return made;
}

/* A pointer to a function with the prototype of its class. A class without
   _argtypes_ is that of a CDLL's functions, and says nothing. */
static int
claim_of_function_pointer(struct claim *self, PyObject *type, ftc_type_id *id)
{
    ftc_type_id function;
    PyObject *argtypes = NULL, *restype = NULL, *tuple = NULL;
    int found = optional_attribute(type, "_argtypes_", &argtypes);
    if (found == 0) {
        return claim_any(self, id);
    }
    int result = -1;
    if (found > 0) {
        tuple = PySequence_Tuple(argtypes);
    }
    if (tuple != NULL
        && optional_attribute(type, "_restype_", &restype) >= 0)
    {
        result = claim_of_function(self, tuple, restype, &function);
    }
    Py_XDECREF(tuple);
    Py_XDECREF(argtypes);
    Py_XDECREF(restype);
    return result < 0 ? -1 : claim_pointer(self, function, id);
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
    int result, remembered = 0;
    if (is_a(type, self->module->simple)) {
        result = claim_of_simple(self, type, id);
    }
    else if (is_record(self->module, type)) {
        remembered = 1;
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
    if (result == 0 && !remembered) {
        result = remember(self, type, *id);
    }
    return result;
}

static int
claim_begin(struct claim *self, struct typecheck_module *module)
{
    self->module = module;
    self->claim = NULL;
    self->known = PyDict_New();
    if (self->known == NULL) {
        return -1;
    }
    return succeeded(ftc.ftc_claim_new(&self->claim));
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
    PyObject *value = text != NULL
                      ? TEXT_FORMAT("%s", text) : new_reference(Py_None);
    int result = value != NULL
                 ? PyObject_SetAttrString(object, name, value) : -1;
    Py_XDECREF(value);
    return result;
}

static PyObject *
message_of(const ftc_finding *finding)
{
    if (finding->hint == NULL) {
        return TEXT_FORMAT("%s", finding->sentence);
    }
    return TEXT_FORMAT("%s (%s)", finding->sentence, finding->hint);
}

/* Raises a TypeError that says in its attributes what the finding says. */
static void
raise_finding(const ftc_finding *finding, PyObject *message)
{
    static const char *const positions[] = {
        "call", "result", "argument", "variable", "type"
    };
    PyObject *error = PyObject_CallFunctionObjArgs(PyExc_TypeError, message,
                                                   NULL);
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
        && set_text(error, "layout", finding->layout) == 0)
    {
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
        || ftc.ftc_report_finding(report, 0, &finding) != FTC_OK)
    {
        return 0;
    }
    PyObject *message = message_of(&finding);
    if (message == NULL) {
        return -1;
    }
    int result = -1;
    if (policy == POLICY_ERROR) {
        raise_finding(&finding, message);
    }
    else {
        const char *text = TEXT(message);
        if (text != NULL) {
            result = PyErr_WarnEx(module->warning_category, text, 1);
        }
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
        return let_go();
    }
    if (ftc.ftc_check_decl(decl, claim->claim, type, NULL,
                           &report) != FTC_OK)
    {
        return 0;
    }
    int result = follow_report(claim->module, report, policy);
    ftc.ftc_report_free(report);
    return result;
}

/* ---- a function ---- */

/* How a Python object becomes an argument. */
enum conversion {
    CONVERT_INTEGER, CONVERT_BOOLEAN, CONVERT_FLOAT, CONVERT_POINTER,
    CONVERT_RECORD
};

struct parameter {
    enum conversion conversion;
    ftc_type_id pointee;        /* behind qualifiers and typedefs */
    uint64_t size;
    /* What fitted last: objects of this type, or their addresses. */
    PyObject *accepted;
    int accepted_address;
};

/* What calls take from the library because the program did not declare it.
   Never changed once a function has it, but for what a parameter accepted. */
struct learned {
    Py_ssize_t references;
    PyObject *restype;          /* NULL: declared, or an int as ever */
    struct parameter *parameters;   /* NULL: arguments as ever */
    ffi_cif cif;                /* if there are parameters */
    int variadic;
    enum policy policy;         /* when it was learned */
};

#define SET_CALLS(function, value) \
    __atomic_store_n(&(function)->typecheck_calls, (value), __ATOMIC_RELAXED)

struct typecheck {
    struct typecheck_module *module;
    void *handle;
    char *name;                 /* NULL: by address */
    enum policy policy;
    int extract;
    int own_policy;             /* the dll's own, not the default */
    int asked;                  /* the declaration was looked for */
    int warned;
    const ftc_decl *decl;       /* once there, as long as the function */
    /* argtypes as they were set, in a tuple. Another sequence than a list or
       a tuple is not looked at: it might not survive that. And restype: both
       once more, because other threads may set those of the function. */
    PyObject *argtypes;
    int has_argtypes;
    PyObject *restype;
    struct learned *learned;
    unsigned int changes;       /* how often something was declared */
};

static const char *
name_of(const struct typecheck *self)
{
    return self->name != NULL ? self->name : "function";
}

static void
drop_learned(struct learned *learned)
{
    if (learned == NULL
        || __atomic_sub_fetch(&learned->references, 1, __ATOMIC_ACQ_REL) > 0)
    {
        return;
    }
    Py_XDECREF(learned->restype);
    if (learned->parameters != NULL) {
        for (unsigned int i = 0; i < learned->cif.nargs; i++) {
            Py_XDECREF(learned->parameters[i].accepted);
        }
        PyMem_Free(learned->parameters);
    }
    PyMem_Free(learned);
}

/* A reference to what the function has learned, or NULL. */
static struct learned *
take_learned(PyCFuncPtrObject *function)
{
    struct learned *learned;
    Py_BEGIN_CRITICAL_SECTION(function);
    learned = function->typecheck->learned;
    if (learned != NULL) {
        __atomic_add_fetch(&learned->references, 1, __ATOMIC_RELAXED);
    }
    Py_END_CRITICAL_SECTION();
    return learned;
}

void
_ctypes_typecheck_clear(PyCFuncPtrObject *function)
{
    struct typecheck *self = function->typecheck;
    function->typecheck = NULL;
    SET_CALLS(function, 0);
    if (self != NULL) {
        drop_learned(self->learned);
        Py_XDECREF(self->argtypes);
        Py_XDECREF(self->restype);
        if (self->decl != NULL) {
            ftc.ftc_decl_free(self->decl);
        }
        PyMem_Free(self->name);
        PyMem_Free(self);
    }
}

int
_ctypes_typecheck_traverse(PyCFuncPtrObject *function, visitproc visit,
                           void *arg)
{
    struct typecheck *self = function->typecheck;
    if (self == NULL) {
        return 0;
    }
    Py_VISIT(self->argtypes);
    Py_VISIT(self->restype);
    struct learned *learned = self->learned;
    if (learned != NULL) {
        Py_VISIT(learned->restype);
        if (learned->parameters != NULL) {
            for (unsigned int i = 0; i < learned->cif.nargs; i++) {
                Py_VISIT(learned->parameters[i].accepted);
            }
        }
    }
    return 0;
}

/* Looks the declaration up, once; NULL if there is none. */
static const ftc_decl *
declaration_of(PyCFuncPtrObject *function)
{
    struct typecheck *self = function->typecheck;
    if (!self->asked && load_library()) {
        const ftc_decl *decl = NULL;
        void *address = *(void **)function->b_ptr;
        ftc_status status;
        Py_BEGIN_ALLOW_THREADS
        begin_reading();
        status = self->name != NULL
                 ? ftc.ffi_describe_symbol(self->handle, self->name, &decl)
                 : ftc.ftc_describe_address(address, &decl);
        end_reading();
        Py_END_ALLOW_THREADS
        if (status == FTC_OK) {
            /* Another thread may have been here meanwhile. */
            if (self->decl == NULL) {
                self->decl = decl;
            }
            else {
                ftc.ftc_decl_free(decl);
            }
        }
    }
    self->asked = 1;
    return self->decl;
}

/* What a program declared; the objects are held. */
struct declared {
    int has_argtypes;
    PyObject *argtypes;         /* a tuple; NULL: not to be looked at */
    PyObject *restype;          /* NULL: not given */
};

/* A class-level restype without argtypes is the default of a CDLL's
   functions: nobody said it. */
static struct declared
declared_types(PyCFuncPtrObject *function)
{
    struct typecheck *self = function->typecheck;
    struct declared declared = {0, NULL, NULL};
    TypeInfo *info = info_of_object(self->module, (PyObject *)function);
    if (self->has_argtypes) {
        declared.has_argtypes = 1;
        declared.argtypes = self->argtypes;
    }
    else if (info != NULL && info->argtypes != NULL) {
        declared.has_argtypes = 1;
        declared.argtypes = info->argtypes;
    }
    if (self->restype != NULL) {
        declared.restype = self->restype;
    }
    else if (info != NULL && info->argtypes != NULL) {
        declared.restype = info->restype;
    }
    Py_XINCREF(declared.argtypes);
    Py_XINCREF(declared.restype);
    return declared;
}

static void
drop_declared(struct declared *declared)
{
    Py_XDECREF(declared->argtypes);
    Py_XDECREF(declared->restype);
}

static int
check_function(struct typecheck *self, const ftc_decl *decl,
               const struct declared *declared)
{
    struct claim claim;
    ftc_type_id type = 0;

    if (declared->argtypes == NULL && declared->restype == NULL
        && ftc.ftc_decl_kind(decl) == FTC_FUNCTION)
    {
        return 0;
    }
    /* To call a variable is never right, whatever is declared. */
    int built = claim_begin(&claim, self->module);
    if (built == 0) {
        built = claim_of_function(&claim, declared->argtypes,
                                  declared->restype, &type);
    }
    int result = check_declaration(decl, &claim, built, type, self->policy);
    claim_end(&claim);
    return result;
}

static enum policy
policy_of(struct typecheck *self)
{
    if (!self->own_policy) {
        get_setting(self->module, &self->policy, &self->extract);
    }
    return self->policy;
}

/* Checks what is about to be declared. If it may be, what was learned before
   and the verdict are void. */
static int
declare(PyCFuncPtrObject *function, const struct declared *declared)
{
    struct typecheck *self = function->typecheck;
    int warned = 0;
    if (policy_of(self) != POLICY_OFF) {
        const ftc_decl *decl = declaration_of(function);
        if (decl != NULL) {
            if (check_function(self, decl, declared) < 0) {
                return -1;
            }
            warned = self->policy == POLICY_WARN;
        }
    }
    struct learned *learned = self->learned;
    self->learned = NULL;
    self->changes++;
    self->warned = warned;
    SET_CALLS(function, 1);
    drop_learned(learned);
    return 0;
}

int
_ctypes_typecheck_argtypes(PyCFuncPtrObject *function, PyObject *argtypes)
{
    struct typecheck *self = function->typecheck;
    PyObject *tuple = NULL;
    int result;
    if (self == NULL) {
        return 0;
    }
    if (argtypes != NULL
        && (PyList_Check(argtypes) || PyTuple_Check(argtypes)))
    {
        tuple = PySequence_Tuple(argtypes);
        if (tuple == NULL) {
            return -1;
        }
    }
    Py_BEGIN_CRITICAL_SECTION(function);
    struct declared declared = declared_types(function);
    if (argtypes != NULL) {
        Py_XDECREF(declared.argtypes);
        declared.argtypes = tuple;
        Py_XINCREF(tuple);
    }
    result = declare(function, &declared);
    if (result == 0) {
        PyObject *previous = self->argtypes;
        self->argtypes = tuple;
        self->has_argtypes = argtypes != NULL;
        tuple = previous;
    }
    drop_declared(&declared);
    Py_END_CRITICAL_SECTION();
    Py_XDECREF(tuple);
    return result;
}

int
_ctypes_typecheck_restype(PyCFuncPtrObject *function, PyObject *restype)
{
    struct typecheck *self = function->typecheck;
    PyObject *previous = NULL;
    int result;
    if (self == NULL) {
        return 0;
    }
    Py_BEGIN_CRITICAL_SECTION(function);
    struct declared declared = declared_types(function);
    if (restype != NULL) {
        Py_XDECREF(declared.restype);
        declared.restype = new_reference(restype);
    }
    result = declare(function, &declared);
    if (result == 0) {
        previous = self->restype;
        self->restype = restype != NULL ? new_reference(restype) : NULL;
    }
    drop_declared(&declared);
    Py_END_CRITICAL_SECTION();
    Py_XDECREF(previous);
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
    self->handle = handle;
    function->typecheck = self;
    SET_CALLS(function, 1);
    self->own_policy = policy_of_dll(self->module, dll, &self->policy,
                                     &self->extract);
    if (self->own_policy < 0) {
        return -1;
    }
    if (name == NULL) {
        return 0;               /* checked when it is first called */
    }
    self->name = PyMem_Malloc(strlen(name) + 1);
    if (self->name == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    strcpy(self->name, name);
    struct declared declared = declared_types(function);
    int result = 0;
    if (declared.has_argtypes) {
        /* A prototype's types are known now. */
        result = declare(function, &declared);
    }
    drop_declared(&declared);
    return result;
}

/* ---- types that nobody gave ---- */

static int
get_type(const ftc_types *types, ftc_type_id id, ftc_type *out)
{
    memset(out, 0, sizeof(*out));
    out->type_size = sizeof(*out);
    return succeeded(ftc.ftc_type_get(types, ftc.ftc_type_resolve(types, id),
                                      out));
}

static int
is_unsigned(const ftc_types *types, const ftc_type *type)
{
    ftc_type underlying = *type;
    if (type->kind == FTC_TYPE_ENUMERATION) {
        if (type->target == 0
            || get_type(types, type->target, &underlying) < 0)
        {
            return 0;
        }
    }
    return underlying.variant == FTC_ENCODING_UNSIGNED
           || underlying.variant == FTC_ENCODING_UNSIGNED_CHAR
           || underlying.variant == FTC_ENCODING_UTF
           || underlying.variant == FTC_ENCODING_BOOLEAN;
}

/* The letter of the simple type for a base type, an enumeration or, as an
   integer, a pointer; 0: none. */
static char
simple_code(const ftc_types *types, const ftc_type *type)
{
    switch (type->kind) {
    case FTC_TYPE_POINTER:
        return type->size == sizeof(void *) ? 'P' : 0;
    case FTC_TYPE_ENUMERATION:
        break;
    case FTC_TYPE_BASE:
        switch (type->variant) {
        case FTC_ENCODING_BOOLEAN:
            return type->size == sizeof(_Bool) ? '?' : 0;
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

/* The functions below return a new reference, or NULL: with an exception set,
   or without one if there is no such class. */

/* The ctypes module's class for a simple type's letter. */
static PyObject *
simple_class(char code)
{
    static const struct {
        char code;
        const char *name;
    } names[] = {
        {'?', "c_bool"}, {'c', "c_char"}, {'b', "c_byte"}, {'B', "c_ubyte"},
        {'h', "c_short"}, {'H', "c_ushort"}, {'i', "c_int"}, {'I', "c_uint"},
        {'q', "c_longlong"}, {'Q', "c_ulonglong"}, {'f', "c_float"},
        {'d', "c_double"}, {'g', "c_longdouble"}, {'P', "c_void_p"},
        {'N', "c_size_t"},
    };
    PyObject *module = PyImport_ImportModule("ctypes");
    PyObject *found = NULL;
    for (size_t i = 0; module != NULL && i < Py_ARRAY_LENGTH(names); i++) {
        if (names[i].code == code) {
            found = PyObject_GetAttrString(module, names[i].name);
            break;
        }
    }
    Py_XDECREF(module);
    return found;
}

static PyObject *class_of(struct typecheck_module *module,
                          const ftc_types *types, ftc_type_id id, int depth);

/* A list of (name, class) of a struct's members. */
static PyObject *
fields_of(struct typecheck_module *module, const ftc_types *types,
          ftc_type_id id, uint32_t count, int depth)
{
    PyObject *fields = PyList_New(0);
    for (uint32_t i = 0; fields != NULL && i < count; i++) {
        ftc_member member = {.type_size = sizeof(member)};
        PyObject *class_ = NULL, *field = NULL;
        if (ftc.ftc_type_member(types, id, i, &member) == FTC_OK
            && !(member.flags & (FTC_BIT_FIELD | FTC_BASE_CLASS))
            && member.name != NULL)
        {
            class_ = class_of(module, types, member.member_type, depth + 1);
        }
        if (class_ != NULL) {
            field = Py_BuildValue("(sN)", member.name, class_);
        }
        if (field == NULL || PyList_Append(fields, field) < 0) {
            Py_CLEAR(fields);
        }
        Py_XDECREF(field);
    }
    return fields;
}

/* Whether a class is laid out as a declared record: 1, 0, or -1 error. */
static int
is_laid_out_as(struct typecheck_module *module, PyObject *class_,
               const ftc_types *types, ftc_type_id id, uint64_t size)
{
    struct claim claim;
    ftc_type_id claimed;
    const ftc_report *report = NULL;
    TypeInfo *info = info_of_type(module, class_);
    if (info == NULL || (uint64_t)info->size != size) {
        return 0;
    }
    int built = claim_begin(&claim, module);
    if (built == 0) {
        built = claim_of_type(&claim, class_, &claimed);
    }
    int result = 0;
    if (built < 0) {
        result = let_go();
    }
    else if (ftc.ftc_check_type(types, id, claim.claim, claimed, NULL,
                                &report) == FTC_OK)
    {
        result = ftc.ftc_report_verdict(report) == FTC_MATCH;
        ftc.ftc_report_free(report);
    }
    claim_end(&claim);
    return result;
}

/* A Structure with the members of a declared struct, if ctypes lays it out
   alike. Unions and bit-fields have none: ctypes does not pass them by
   value. */
static PyObject *
record_class(struct typecheck_module *module, const ftc_types *types,
             ftc_type_id id, const ftc_type *type, int depth)
{
    PyObject *base = module->structure;
    PyObject *fields = fields_of(module, types,
                                 ftc.ftc_type_resolve(types, id),
                                 type->count, depth);
    if (fields == NULL) {
        return NULL;
    }
    const char *name = type->name != NULL ? type->name : "anonymous";
    PyObject *class_ = PyObject_CallFunction((PyObject *)Py_TYPE(base),
                                             "s(O){sO}", name, base,
                                             "_fields_", fields);
    Py_DECREF(fields);
    if (class_ != NULL
        && is_laid_out_as(module, class_, types, id, type->size) <= 0)
    {
        Py_CLEAR(class_);
    }
    return class_;
}

static PyObject *
array_class(struct typecheck_module *module, const ftc_types *types,
            const ftc_type *type, int depth)
{
#if PY_MAJOR_VERSION < 3
    /* Structures with arrays in them are not passed by value rightly. */
    (void)module; (void)types; (void)type; (void)depth;
    return NULL;
#else
    ftc_type element;
    if (type->size == FTC_UNKNOWN_SIZE
        || get_type(types, type->target, &element) < 0
        || element.size == 0 || element.size == FTC_UNKNOWN_SIZE)
    {
        return NULL;
    }
    /* An array of char is a text, as a program would declare it. */
    int text = element.kind == FTC_TYPE_BASE && element.name != NULL
               && strcmp(element.name, "char") == 0;
    PyObject *item = text ? simple_class('c')
                          : class_of(module, types, type->target, depth + 1);
    if (item == NULL) {
        return NULL;
    }
    Py_ssize_t length = (Py_ssize_t)(type->size / element.size);
    PyObject *array = PySequence_Repeat(item, length);
    Py_DECREF(item);
    return array;
#endif
}

/* The ctypes class for a declared type. */
static PyObject *
class_of(struct typecheck_module *module, const ftc_types *types,
         ftc_type_id id, int depth)
{
    ftc_type type;
    if (depth > 16 || get_type(types, id, &type) < 0) {
        return NULL;
    }
    switch (type.kind) {
    case FTC_TYPE_STRUCT:
        return record_class(module, types, id, &type, depth);
    case FTC_TYPE_ARRAY:
        return array_class(module, types, &type, depth);
    }
    char code = simple_code(types, &type);
    return code != 0 ? simple_class(code) : NULL;
}

/* The result's type in place of one that was not given; NULL also for the int
   that it would be otherwise. A pointer is an int of full width, never None:
   programs compare it with 0. */
static PyObject *
result_class(struct typecheck_module *module, const ftc_types *types,
             ftc_type_id id)
{
    ftc_type type;
    if (get_type(types, id, &type) < 0) {
        return NULL;
    }
    switch (type.kind) {
    case FTC_TYPE_VOID:
        return new_reference(Py_None);
    case FTC_TYPE_POINTER:
        return simple_class('N');
    }
    return class_of(module, types, id, 0);
}

static int
learn_parameter(const ftc_types *types, ftc_type_id function, uint32_t index,
                struct parameter *out)
{
    ftc_parameter parameter = {.type_size = sizeof(parameter)};
    ftc_type type;
    if (ftc.ftc_type_parameter(types, function, index, &parameter) != FTC_OK
        || get_type(types, parameter.parameter_type, &type) < 0)
    {
        return -1;
    }
    out->size = type.size;
    switch (type.kind) {
    case FTC_TYPE_STRUCT: case FTC_TYPE_UNION: case FTC_TYPE_CLASS:
        out->conversion = CONVERT_RECORD;
        return type.flags & FTC_BY_REFERENCE ? -1 : 0;
    }
    switch (simple_code(types, &type)) {
    case 0:
        return -1;
    case 'P':
        out->conversion = CONVERT_POINTER;
        out->pointee = ftc.ftc_type_resolve(types, type.target);
        break;
    case 'f': case 'd': case 'g':
        out->conversion = CONVERT_FLOAT;
        break;
    case '?':
        out->conversion = CONVERT_BOOLEAN;
        break;
    default:
        out->conversion = CONVERT_INTEGER;
    }
    return 0;
}

/* Prepares calls with the library's own argument types. If libffi cannot make
   them, or a type is none that ctypes knows, arguments stay as ever. */
static int
learn_parameters(struct learned *learned, const ftc_decl *decl,
                 const ftc_types *types)
{
    ftc_type_id function = ftc.ftc_type_resolve(types,
                                                ftc.ftc_decl_type(decl));
    ftc_type type;
    if (get_type(types, function, &type) < 0
        || ftc.ftc_decl_prep_cif(decl, &learned->cif,
                                 FFI_DEFAULT_ABI) != FTC_OK
        || type.count != learned->cif.nargs)
    {
        return 0;
    }
    struct parameter *parameters = zeroed((type.count + 1)
                                          * sizeof(*parameters));
    if (parameters == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (uint32_t i = 0; i < type.count; i++) {
        if (learn_parameter(types, function, i, &parameters[i]) < 0) {
            PyMem_Free(parameters);
            return 0;
        }
    }
    learned->variadic = (type.flags & FTC_VARIADIC) != 0;
    learned->parameters = parameters;
    return 0;
}

/* A result by value that no class could be made for. */
static int
needs_restype(struct typecheck *self, const ftc_types *types, ftc_type_id id)
{
    ftc_type type;
    char spelling[256] = "";
    if (get_type(types, id, &type) < 0
        || (type.kind != FTC_TYPE_STRUCT && type.kind != FTC_TYPE_UNION
            && type.kind != FTC_TYPE_CLASS))
    {
        return 0;
    }
    (void)ftc.ftc_type_spell(types, id, NULL, spelling, sizeof(spelling),
                             NULL);
    PyObject *message = TEXT_FORMAT(
        "%s: result: the library returns '%s' by value, which needs a restype",
        name_of(self), spelling);
    if (message == NULL) {
        return -1;
    }
    int result = -1;
    if (self->policy == POLICY_ERROR) {
        ftc_finding finding = {.position = FTC_POSITION_RESULT, .path = ""};
        raise_finding(&finding, message);
    }
    else if (TEXT(message) != NULL) {
        result = PyErr_WarnEx(self->module->warning_category, TEXT(message),
                              1);
    }
    Py_DECREF(message);
    return result;
}

/* What calls of the function take from the library; *out stays NULL if that is
   nothing. */
static int
learn(struct typecheck *self, const ftc_decl *decl,
      const struct declared *declared, struct learned **out)
{
    const ftc_types *types = ftc.ftc_decl_types(decl);
    ftc_type type;
    if (!self->extract || ftc.ftc_decl_kind(decl) != FTC_FUNCTION
        || (declared->has_argtypes && declared->restype != NULL)
        || get_type(types, ftc.ftc_decl_type(decl), &type) < 0)
    {
        return 0;
    }
    struct learned *learned = zeroed(sizeof(*learned));
    if (learned == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    learned->references = 1;
    learned->policy = self->policy;
    if (declared->restype == NULL) {
        learned->restype = result_class(self->module, types, type.target);
        if (learned->restype == NULL
            && (let_go() < 0 || needs_restype(self, types, type.target) < 0))
        {
            goto error;
        }
    }
    if (!declared->has_argtypes
        && learn_parameters(learned, decl, types) < 0)
    {
        goto error;
    }
    if (learned->restype == NULL && learned->parameters == NULL) {
        drop_learned(learned);
        learned = NULL;
    }
    *out = learned;
    return 0;
  error:
    drop_learned(learned);
    return -1;
}

/* Before the first call: checks what is declared and learns what is not. */
static int
settle_declared(PyCFuncPtrObject *function, const struct declared *declared)
{
    struct typecheck *self = function->typecheck;
    struct learned *learned = NULL;
    unsigned int changes = self->changes;
    if (policy_of(self) != POLICY_OFF) {
        const ftc_decl *decl = declaration_of(function);
        if (decl != NULL) {
            if (!self->warned && check_function(self, decl, declared) < 0) {
                return -1;
            }
            self->warned = self->policy == POLICY_WARN;
            if (learn(self, decl, declared, &learned) < 0) {
                return -1;
            }
        }
    }
    if (self->changes != changes) {
        /* Other types were declared meanwhile; the next call asks again. */
        drop_learned(learned);
        return 0;
    }
    struct learned *previous = self->learned;
    self->learned = learned;
    SET_CALLS(function, learned != NULL);
    drop_learned(previous);
    return 0;
}

static int
settle(PyCFuncPtrObject *function)
{
    int result;
    Py_BEGIN_CRITICAL_SECTION(function);
    struct declared declared = declared_types(function);
    result = settle_declared(function, &declared);
    drop_declared(&declared);
    Py_END_CRITICAL_SECTION();
    return result;
}

/* ---- arguments by the library's types ---- */

/* One call with the library's own argument types. */
struct call {
    PyCFuncPtrObject *function;
    struct typecheck *self;
    struct learned *learned;
    int refused;                /* the error is ours, not the program's */
};

static int
refuse(struct call *call, const ftc_finding *finding, PyObject *message)
{
    call->refused = 1;
    if (message != NULL) {
        raise_finding(finding, message);
        Py_DECREF(message);
    }
    return -1;
}

/* Raises a TypeError that names the parameter, what the library declares and
   what was given. */
static PyObject *
cannot_convert(struct call *call, unsigned int index, PyObject *object)
{
    const ftc_types *types = ftc.ftc_decl_types(call->self->decl);
    ftc_type_id function = ftc.ftc_type_resolve(
        types, ftc.ftc_decl_type(call->self->decl));
    ftc_parameter parameter = {.type_size = sizeof(parameter)};
    ftc_finding finding = {
        .position = FTC_POSITION_ARGUMENT, .argument = index + 1, .path = ""
    };
    char spelling[256] = "";
    (void)ftc.ftc_type_parameter(types, function, index, &parameter);
    (void)ftc.ftc_type_spell(types, parameter.parameter_type, parameter.name,
                             spelling, sizeof(spelling), NULL);
    refuse(call, &finding, TEXT_FORMAT(
        "%s: argument %u: the library declares '%s', got %.200s",
        name_of(call->self), index + 1, spelling, Py_TYPE(object)->tp_name));
    return NULL;
}

static void
wrong_count(struct call *call, unsigned int fixed, Py_ssize_t given)
{
    ftc_finding finding = {
        .position = FTC_POSITION_CALL, .path = "", .rule_id = "argument-count"
    };
    refuse(call, &finding, TEXT_FORMAT(
        "%s: the library declares %s%u parameter%s, %zd given: %s",
        name_of(call->self), call->learned->variadic ? "at least " : "",
        fixed, fixed == 1 ? "" : "s", given,
        ftc.ftc_decl_spelling(call->self->decl)));
}

/* An argument of the parameter's own type, whose value is to be filled in. */
static PyCArgObject *
new_argument(struct call *call, unsigned int index)
{
    PyCArgObject *argument = NEW_CARG(call->self->module);
    if (argument != NULL) {
        argument->tag = 'V';
        argument->pffi_type = call->learned->cif.arg_types[index];
        argument->size = (Py_ssize_t)call->learned->parameters[index].size;
    }
    return argument;
}

/* As ctypes: cut to the size, never an overflow. */
static int
store_integer(PyCArgObject *out, PyObject *number)
{
    unsigned long long value = INTEGER_MASK(number);
    if (value == (unsigned long long)-1 && PyErr_Occurred()) {
        return -1;
    }
    switch (out->size) {
    case 1: out->value.b = (char)value; break;
    case 2: out->value.h = (short)value; break;
    case 4: out->value.i = (int)value; break;
    default: out->value.q = (long long)value; break;
    }
    return 0;
}

static int
store_float(PyCArgObject *out, PyObject *number)
{
    double value = PyFloat_AsDouble(number);
    if (value == -1.0 && PyErr_Occurred()) {
        return -1;
    }
    switch (out->size) {
    case sizeof(float): out->value.f = (float)value; break;
    case sizeof(double): out->value.d = value; break;
    default: out->value.D = value; break;
    }
    return 0;
}

static int
store_number(PyCArgObject *out, PyObject *number, enum conversion conversion)
{
    int truth;
    switch (conversion) {
    case CONVERT_FLOAT:
        return store_float(out, number);
    case CONVERT_BOOLEAN:
        truth = PyObject_IsTrue(number);
        out->value.b = (char)truth;
        return truth < 0 ? -1 : 0;
    default:
        return store_integer(out, number);
    }
}

/* A claim of the function that says something of one argument only. */
static int
claim_of_argument(struct call *call, struct claim *claim, unsigned int index,
                  PyObject *type, int address, ftc_type_id *id)
{
    ftc_type_id any, given;
    size_t count = call->learned->cif.nargs;
    if (claim_of_type(claim, type, &given) < 0
        || (address && claim_pointer(claim, given, &given) < 0)
        || claim_any(claim, &any) < 0)
    {
        return -1;
    }
    ftc_type_id *parameters = PyMem_New(ftc_type_id, count);
    if (parameters == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        parameters[i] = i == index ? given : any;
    }
    uint32_t flags = call->learned->variadic ? FTC_VARIADIC : 0;
    int made = succeeded(ftc.ftc_claim_function(claim->claim, any, count,
                                                parameters, flags, id));
    PyMem_Free(parameters);
    return made;
}

/* Whether the type of an object fits the parameter, or with address a pointer
   to it. */
static int
check_argument(struct call *call, unsigned int index, PyObject *type,
               int address)
{
    const ftc_report *report = NULL;
    struct claim claim;
    ftc_type_id claimed;

    int built = claim_begin(&claim, call->self->module);
    if (built == 0) {
        built = claim_of_argument(call, &claim, index, type, address,
                                  &claimed);
    }
    int result = 0;
    if (built < 0) {
        result = let_go();
    }
    else if (ftc.ftc_check_decl(call->self->decl, claim.claim, claimed, NULL,
                                &report) == FTC_OK)
    {
        ftc_finding finding = {.type_size = sizeof(finding)};
        if (!ftc.ftc_report_passes(report)
            && ftc.ftc_report_finding(report, 0, &finding) == FTC_OK)
        {
            result = refuse(call, &finding, message_of(&finding));
        }
        ftc.ftc_report_free(report);
    }
    claim_end(&claim);
    return result;
}

/* check_argument, and the answer for what fitted last is remembered. */
static int
fits(struct call *call, unsigned int index, PyObject *type, int address)
{
    struct parameter *parameter = &call->learned->parameters[index];
    PyObject *previous;
    int known;
    Py_BEGIN_CRITICAL_SECTION(call->function);
    known = parameter->accepted == type
            && parameter->accepted_address == address;
    Py_END_CRITICAL_SECTION();
    if (known) {
        return 0;
    }
    if (check_argument(call, index, type, address) < 0) {
        return -1;
    }
    Py_INCREF(type);
    Py_BEGIN_CRITICAL_SECTION(call->function);
    previous = parameter->accepted;
    parameter->accepted = type;
    parameter->accepted_address = address;
    Py_END_CRITICAL_SECTION();
    Py_XDECREF(previous);
    return 0;
}

/* byref() of an instance, or what a from_param returned: that is converted
   already. */
static PyObject *
convert_carg(struct call *call, unsigned int index, PyObject *object)
{
    struct parameter *parameter = &call->learned->parameters[index];
    PyCArgObject *carg = (PyCArgObject *)object;
    if (carg->tag == 'P' && carg->obj != NULL) {
        if (parameter->conversion != CONVERT_POINTER) {
            return cannot_convert(call, index, object);
        }
        if (fits(call, index, (PyObject *)Py_TYPE(carg->obj), 1) < 0) {
            return NULL;
        }
    }
    else if (carg->pffi_type->size != parameter->size
             || (carg->pffi_type->type == FFI_TYPE_STRUCT)
                != (parameter->conversion == CONVERT_RECORD))
    {
        return cannot_convert(call, index, object);
    }
    return new_reference(object);
}

/* An instance of a ctypes type that is no simple value. */
static PyObject *
convert_data(struct call *call, unsigned int index, PyObject *object)
{
    struct typecheck_module *module = call->self->module;
    struct parameter *parameter = &call->learned->parameters[index];
    PyObject *type = (PyObject *)Py_TYPE(object);
    enum conversion needed = is_record(module, type)
                             ? CONVERT_RECORD : CONVERT_POINTER;
    if (parameter->conversion != needed) {
        return cannot_convert(call, index, object);
    }
    /* An array is passed as its address. */
    if (fits(call, index, type, is_a(type, module->array)) < 0) {
        return NULL;
    }
    if (needed == CONVERT_POINTER) {
        return new_reference(object);
    }
    PyCArgObject *carg = CARG_OF(module, info_of_object(module, object),
                                 (CDataObject *)object);
    if (carg != NULL) {
        /* The bytes are the object's; how they travel, the library says. */
        carg->pffi_type = call->learned->cif.arg_types[index];
    }
    return (PyObject *)carg;
}

/* The number that an instance of c_char or c_wchar holds. */
static PyObject *
number_of_character(CDataObject *data, int code)
{
    if (code == 'c') {
        return PyLong_FromLong(*(char *)data->b_ptr);
    }
    wchar_t value;
    memcpy(&value, data->b_ptr, sizeof(value));
    return PyLong_FromLong((long)value);
}

static PyObject *convert(struct call *call, unsigned int index,
                         PyObject *object);

/* An instance of a simple type: a pointer of some kind, or a value. */
static PyObject *
convert_simple(struct call *call, unsigned int index, PyObject *object)
{
    struct parameter *parameter = &call->learned->parameters[index];
    int code = code_of_simple((PyObject *)Py_TYPE(object));
    if (code < 0) {
        return NULL;
    }
    if (code != 0 && strchr("PzZO", code)) {
        return convert_data(call, index, object);
    }
    if (parameter->conversion == CONVERT_POINTER
        && fits(call, index, (PyObject *)Py_TYPE(object), 0) < 0)
    {
        return NULL;
    }
    PyObject *value = code == 'c' || code == 'u'
                      ? number_of_character((CDataObject *)object, code)
                      : PyObject_GetAttrString(object, "value");
    if (value == NULL) {
        return NULL;
    }
    PyObject *result = convert(call, index, value);
    Py_DECREF(value);
    return result;
}

/* bytes and str: as ctypes passes them, where the library reads such. */
static PyObject *
convert_text(struct call *call, unsigned int index, PyObject *object)
{
    struct parameter *parameter = &call->learned->parameters[index];
    const ftc_types *types = ftc.ftc_decl_types(call->self->decl);
    ftc_type pointee;
    if (parameter->conversion != CONVERT_POINTER
        || get_type(types, parameter->pointee, &pointee) < 0
        || pointee.kind == FTC_TYPE_FUNCTION)
    {
        return cannot_convert(call, index, object);
    }
    int wide = pointee.kind == FTC_TYPE_VOID
               || (pointee.kind == FTC_TYPE_BASE
                   && pointee.size == sizeof(wchar_t));
    if (PyUnicode_Check(object) && !wide) {
        return cannot_convert(call, index, object);
    }
    return new_reference(object);
}

/* Whether ctypes passes a number as the parameter's type by itself: an int
   that has room in C's. */
static int
passes_as_int(struct call *call, unsigned int index, PyObject *number)
{
    int overflow;
    if (call->learned->cif.arg_types[index]->type != FFI_TYPE_SINT32) {
        return 0;
    }
    long value = PyLong_AsLongAndOverflow(number, &overflow);
    return !overflow && value >= INT_MIN && value <= INT_MAX;
}

static PyObject *
convert_number(struct call *call, unsigned int index, PyObject *object)
{
    enum conversion conversion = call->learned->parameters[index].conversion;
    if (conversion == CONVERT_RECORD
        || (conversion != CONVERT_FLOAT && !IS_INTEGER(object)))
    {
        return cannot_convert(call, index, object);
    }
    if (conversion == CONVERT_INTEGER && passes_as_int(call, index, object)) {
        return new_reference(object);
    }
    PyCArgObject *argument = new_argument(call, index);
    if (argument != NULL && store_number(argument, object, conversion) < 0) {
        Py_CLEAR(argument);
    }
    return (PyObject *)argument;
}

/* What ctypes passes as the parameter's type: the object itself or a new one,
   which may point into the first. */
static PyObject *
convert(struct call *call, unsigned int index, PyObject *object)
{
    struct typecheck_module *module = call->self->module;

    if (PyLong_CheckExact(object)) {
        return convert_number(call, index, object);
    }
    if (info_of_object(module, object) != NULL) {
        return is_a((PyObject *)Py_TYPE(object), module->simple)
               ? convert_simple(call, index, object)
               : convert_data(call, index, object);
    }
    if (IS_BYREF(module, object)) {
        return convert_carg(call, index, object);
    }
    if (object == Py_None
        && call->learned->parameters[index].conversion == CONVERT_POINTER)
    {
        return new_reference(object);
    }
    if (IS_INTEGER(object) || PyFloat_Check(object)) {
        return convert_number(call, index, object);
    }
    if (PyBytes_Check(object) || PyUnicode_Check(object)) {
        return convert_text(call, index, object);
    }
    PyObject *inner, *result = NULL;
    int found = optional_attribute(object, "_as_parameter_", &inner);
    if (found <= 0) {
        return found < 0 ? NULL : cannot_convert(call, index, object);
    }
    if (!Py_EnterRecursiveCall(" in _as_parameter_")) {
        result = convert(call, index, inner);
        Py_LeaveRecursiveCall();
    }
    Py_DECREF(inner);
    return result;
}

/* A variadic argument: as without this file, but with C's promotions, and a
   float is a double. */
static PyObject *
convert_variadic(struct call *call, PyObject *object)
{
    struct typecheck_module *module = call->self->module;
    PyCArgObject *carg;
    if (PyFloat_Check(object)) {
        carg = NEW_CARG(module);
        if (carg != NULL) {
            carg->tag = 'd';
            carg->pffi_type = &ffi_type_double;
            carg->value.d = PyFloat_AS_DOUBLE(object);
        }
        return (PyObject *)carg;
    }
    if (info_of_object(module, object) == NULL
        || !is_a((PyObject *)Py_TYPE(object), module->simple))
    {
        return new_reference(object);
    }
    carg = CARG_OF(module, info_of_object(module, object),
                   (CDataObject *)object);
    if (carg == NULL) {
        return NULL;
    }
    switch (carg->pffi_type->type) {
    case FFI_TYPE_FLOAT:
        carg->value.d = carg->value.f;
        carg->pffi_type = &ffi_type_double;
        return (PyObject *)carg;
    case FFI_TYPE_SINT8: carg->value.i = (signed char)carg->value.b; break;
    case FFI_TYPE_UINT8: carg->value.i = (unsigned char)carg->value.b; break;
    case FFI_TYPE_SINT16: carg->value.i = carg->value.h; break;
    case FFI_TYPE_UINT16: carg->value.i = (unsigned short)carg->value.h; break;
    default:
        return (PyObject *)carg;
    }
    carg->pffi_type = &ffi_type_sint;
    return (PyObject *)carg;
}

static PyObject *
copy_of_tuple(PyObject *tuple)
{
    Py_ssize_t count = PyTuple_GET_SIZE(tuple);
    PyObject *copy = PyTuple_New(count);
    for (Py_ssize_t i = 0; copy != NULL && i < count; i++) {
        PyTuple_SET_ITEM(copy, i, new_reference(PyTuple_GET_ITEM(tuple, i)));
    }
    return copy;
}

/* All arguments converted: the same tuple if ctypes converts each of them so
   by itself. NULL if one of them cannot be. */
static PyObject *
convert_all(struct call *call, PyObject *arguments)
{
    Py_ssize_t fixed = (Py_ssize_t)call->learned->cif.nargs;
    Py_ssize_t count = PyTuple_GET_SIZE(arguments);
    PyObject *all = new_reference(arguments);
    for (Py_ssize_t i = 0; all != NULL && i < count; i++) {
        PyObject *object = PyTuple_GET_ITEM(arguments, i);
        PyObject *converted = i < fixed
                              ? convert(call, (unsigned int)i, object)
                              : convert_variadic(call, object);
        if (converted == object) {
            Py_DECREF(converted);
            continue;
        }
        if (converted != NULL && all == arguments) {
            Py_DECREF(all);
            all = copy_of_tuple(arguments);
        }
        if (converted == NULL || all == NULL) {
            Py_XDECREF(converted);
            Py_CLEAR(all);
            break;
        }
        PyTuple_SET_ITEM(all, i, converted);
        Py_DECREF(object);
    }
    return all;
}

static PyObject *
identity(PyObject *self, PyObject *object)
{
    (void)self;
    return new_reference(object);
}

static PyMethodDef identity_definition = {"identity", identity, METH_O, NULL};

/* Converters that change nothing: how many there are tells ctypes which
   arguments are not variadic. */
static PyObject *
converters_of_fixed(struct call *call)
{
    Py_ssize_t count = (Py_ssize_t)call->learned->cif.nargs;
    PyObject *function = PyCFunction_New(&identity_definition, NULL);
    PyObject *converters = function != NULL ? PyTuple_New(count) : NULL;
    for (Py_ssize_t i = 0; converters != NULL && i < count; i++) {
        PyTuple_SET_ITEM(converters, i, new_reference(function));
    }
    Py_XDECREF(function);
    return converters;
}

/* Calls with converted arguments. */
static PyObject *
call_converted(struct call *call, PPROC proc, PyObject *converted, int flags,
               PyObject *restype, PyObject *checker)
{
    PyObject *converters = NULL;
    if (PyTuple_GET_SIZE(converted) > (Py_ssize_t)call->learned->cif.nargs) {
        converters = converters_of_fixed(call);
        if (converters == NULL) {
            return NULL;
        }
    }
    PyObject *result = _ctypes_callproc(ST(call->self->module) proc, converted,
                                        flags, converters, restype, checker);
    Py_XDECREF(converters);
    return result;
}

/* With the policy "warn", what would be a TypeError of ours is a warning, and
   the call is made as without this file. */
static int
warn_instead(struct call *call)
{
    if (!call->refused || call->learned->policy != POLICY_WARN) {
        return -1;
    }
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *message = value != NULL ? PyObject_Str(value) : NULL;
    const char *text = message != NULL ? TEXT(message) : NULL;
    int result = -1;
    if (text != NULL) {
        result = PyErr_WarnEx(call->self->module->warning_category, text, 1);
    }
    Py_XDECREF(message);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    return result;
}

static PyObject *
call_with_own_types(struct call *call, PPROC proc, PyObject *arguments,
                    int flags, PyObject *restype, PyObject *checker)
{
    Py_ssize_t fixed = (Py_ssize_t)call->learned->cif.nargs;
    Py_ssize_t given = PyTuple_GET_SIZE(arguments);
    PyObject *converted = NULL, *result = NULL;

    if (given < fixed || (given > fixed && !call->learned->variadic)) {
        wrong_count(call, (unsigned int)fixed, given);
    }
    else {
        converted = convert_all(call, arguments);
    }
    if (converted != NULL) {
        result = call_converted(call, proc, converted, flags, restype,
                                checker);
        Py_DECREF(converted);
    }
    else if (warn_instead(call) == 0) {
        result = _ctypes_callproc(ST(call->self->module) proc, arguments,
                                  flags, NULL, restype, checker);
    }
    return result;
}

PyObject *
_ctypes_typecheck_call(PyCFuncPtrObject *function, PPROC proc,
                       PyObject *arguments, int flags, PyObject *converters,
                       PyObject *restype, PyObject *checker)
{
    struct call call = {.function = function, .self = function->typecheck};
    PyObject *result = NULL;

    /* The function's attributes may be set to others before this is over. */
    Py_XINCREF(converters);
    Py_XINCREF(restype);
    Py_XINCREF(checker);
    call.learned = take_learned(function);
    if (call.learned == NULL) {
        if (settle(function) < 0) {
            goto done;
        }
        call.learned = take_learned(function);
    }
    if (call.learned != NULL && call.learned->restype != NULL) {
        Py_XDECREF(restype);
        restype = new_reference(call.learned->restype);
        Py_CLEAR(checker);
    }
    if (call.learned != NULL && call.learned->parameters != NULL) {
        result = call_with_own_types(&call, proc, arguments, flags, restype,
                                     checker);
    }
    else {
        result = _ctypes_callproc(ST(call.self->module) proc, arguments, flags,
                                  converters, restype, checker);
    }
  done:
    drop_learned(call.learned);
    Py_XDECREF(converters);
    Py_XDECREF(restype);
    Py_XDECREF(checker);
    return result;
}

PyObject *
_ctypes_typecheck_declaration(PyCFuncPtrObject *function)
{
    struct typecheck *self = function->typecheck;
    const ftc_decl *decl = NULL;
    if (self != NULL) {
        Py_BEGIN_CRITICAL_SECTION(function);
        if (policy_of(self) != POLICY_OFF) {
            decl = declaration_of(function);
        }
        Py_END_CRITICAL_SECTION();
    }
    if (decl == NULL) {
        Py_RETURN_NONE;
    }
    return TEXT_FORMAT("%s", ftc.ftc_decl_spelling(decl));
}

/* ---- a variable ---- */

int
_ctypes_typecheck_variable(PyObject *type, PyObject *dll, void *handle,
                           const char *name)
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
    begin_reading();
    status = ftc.ffi_describe_symbol(handle, name, &decl);
    end_reading();
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
    enum policy policy, old_policy;
    int extract, old_extract;
    (void)module;
    if (policy_from_object(object, &policy, &extract) < 0) {
        return NULL;
    }
    get_setting(own, &old_policy, &old_extract);
    PyObject *previous = policy_text(old_policy, old_extract);
    if (previous != NULL) {
        set_setting(own, policy, extract);
    }
    return previous;
}

PyDoc_STRVAR(get_typecheck_doc,
"get_typecheck() -> policy\n\
\n\
What set_typecheck or the environment variable PYTHONCTYPESTYPECHECK set.");

static PyObject *
get_typecheck(PyObject *module, PyObject *ignored)
{
    struct typecheck_module *own = MODULE_OF(module);
    (void)module;
    (void)ignored;
    enum policy policy;
    int extract;
    get_setting(own, &policy, &extract);
    return policy_text(policy, extract);
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

static int
add_functions(PyObject *module)
{
#if PY_MAJOR_VERSION >= 3
    return PyModule_AddFunctions(module, methods);
#else
    for (PyMethodDef *method = methods; method->ml_name != NULL; method++) {
        PyObject *function = PyCFunction_New(method, NULL);
        int added = add_object(module, method->ml_name, function);
        Py_XDECREF(function);
        if (added < 0) {
            return -1;
        }
    }
    return 0;
#endif
}

/* Where module state is static, it is filled once. */
static int
fill_module(struct typecheck_module *self, PyObject *module)
{
    const struct {
        PyObject **place;
        const char *name;
    } table[] = {
        {&self->structure, "Structure"}, {&self->union_, "Union"},
        {&self->array, "Array"}, {&self->pointer, "_Pointer"},
        {&self->simple, "_SimpleCData"}, {&self->function, "CFuncPtr"},
    };
    if (self->warning_category != NULL) {
        return 0;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(table); i++) {
        *table[i].place = PyObject_GetAttrString(module, table[i].name);
        if (*table[i].place == NULL) {
            return -1;
        }
    }
    policy_from_environment(self);
    self->warning_category = PyErr_NewExceptionWithDoc(
        "ctypes.TypeCheckWarning",
        "Types that a program declares do not agree with the library's.",
        PyExc_RuntimeWarning, NULL);
    return self->warning_category != NULL ? 0 : -1;
}

int
_ctypes_typecheck_init(PyObject *module)
{
#if PY_VERSION_HEX >= 0x030D0000
    ctypes_state *st = get_module_state(module);
    st->typecheck = zeroed(sizeof(*st->typecheck));
    if (st->typecheck == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    st->typecheck->st = st;
#endif
    struct typecheck_module *self = MODULE_OF(module);
    if (fill_module(self, module) < 0
        || add_object(module, "TypeCheckWarning", self->warning_category) < 0)
    {
        return -1;
    }
    return add_functions(module);
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
_ctypes_typecheck_clear_module(ctypes_state *st)
{
    struct typecheck_module *self = st->typecheck;
    if (self != NULL) {
        /* Functions may outlive this: they do not ask any more. */
        set_setting(self, POLICY_OFF, 0);
        Py_CLEAR(self->warning_category);
        Py_CLEAR(self->structure);
        Py_CLEAR(self->union_);
        Py_CLEAR(self->array);
        Py_CLEAR(self->pointer);
        Py_CLEAR(self->simple);
        Py_CLEAR(self->function);
    }
}

void
_ctypes_typecheck_free_module(ctypes_state *st)
{
    PyMem_Free(st->typecheck);
    st->typecheck = NULL;
}
#endif

#endif /* HAVE_FFITYPECHECK */
