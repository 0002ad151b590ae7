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

#include "typecheck_private.h"

#ifdef HAVE_FFITYPECHECK

#include <dlfcn.h>
#include <pthread.h>
#include <wchar.h>
#include <ffitypecheck.h>

/* ---- small things ---- */

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
found_attribute(PyObject *found)
{
    if (found != NULL) {
        return 1;
    }
    if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
        return -1;
    }
    PyErr_Clear();
    return 0;
}

static int
optional_attribute(PyObject *object, const char *name, PyObject **out)
{
    *out = PyObject_GetAttrString(object, name);
    return found_attribute(*out);
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
    X(ftc_check_argument) \
    X(ftc_check_decl) \
    X(ftc_check_type) \
    X(ftc_report_free) \
    X(ftc_report_at_call) \
    X(ftc_report_passes) \
    X(ftc_report_count) \
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

enum policy {
    POLICY_OFF, POLICY_WARN, POLICY_REPAIR, POLICY_ERROR, POLICY_EARLY
};

static const char *const policy_names[] = {
    "off", "warn", "repair", "error", "early"
};

/* Whether what does not agree is refused, at the call if not before. */
static int
refuses(enum policy policy)
{
    return policy >= POLICY_ERROR;
}

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

TypeInfo *
_ctypes_typecheck_info(struct typecheck_module *module, PyObject *type)
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
    return _ctypes_typecheck_info(module, (PyObject *)Py_TYPE(object));
}

/* One of the names, and ",noextract" behind it if missing types are to stay
   as they are without this file. */
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
                        "typecheck must be 'off', 'warn', 'repair', 'error' "
                        "or 'early', and may end in ',noextract'");
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
    int result = 0;
    if (dll != NULL && module->policy_name != NULL) {
        own = PyObject_GetAttr(dll, module->policy_name);
        result = found_attribute(own);
    }
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

int
_ctypes_typecheck_code(PyObject *type)
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
    int code = _ctypes_typecheck_code(type);
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
    TypeInfo *info = _ctypes_typecheck_info(self->module, type);
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
    TypeInfo *info = _ctypes_typecheck_info(self->module, type);
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
    if (own || _ctypes_typecheck_info(self->module, type) == NULL) {
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
    if (_ctypes_typecheck_info(self->module, restype) == NULL) {
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

#if PY_MAJOR_VERSION < 3
#  define TEXT_SHOWN "%s"
#  define SHOWN(text) PyString_AsString(text)
#else
#  define TEXT_SHOWN "%U"
#  define SHOWN(text) (text)
#endif

/* The whole text of an error: what is wrong, where it was declared, how it is
   not refused, and the layout. */
static PyObject *
text_of_error(const ftc_finding *finding, PyObject *message, PyObject *file,
              int line)
{
    const char *way_out = "not refused with CDLL(..., typecheck='warn') "
                          "or PYTHONCTYPESTYPECHECK=warn";
    const char *layout = finding->layout != NULL ? finding->layout : "";
    const char *feed = finding->layout != NULL ? "\n" : "";
    if (file == Py_None) {
        return TEXT_FORMAT(TEXT_SHOWN "\n%s%s%s", SHOWN(message), way_out,
                           feed, layout);
    }
    return TEXT_FORMAT(TEXT_SHOWN "\ndeclared at " TEXT_SHOWN ":%d; %s%s%s",
                       SHOWN(message), SHOWN(file), line, way_out, feed,
                       layout);
}

/* Raises a TypeError that says in its attributes what the finding says, and
   where the declaration stands, if there is one: place may be NULL. */
static void
raise_finding(const ftc_finding *finding, PyObject *message,
              const struct place *place)
{
    static const char *const positions[] = {
        "call", "result", "argument", "variable", "type"
    };
    int line = 0;
    PyObject *file, *number, *text, *error = NULL;
    if (place != NULL && place->code != NULL) {
        file = _ctypes_typecheck_file(place);
        line = _ctypes_typecheck_line(place);
        number = INTEGER_FROM(line);
    }
    else {
        file = new_reference(Py_None);
        number = new_reference(Py_None);
    }
    text = text_of_error(finding, message, file, line);
    if (text != NULL) {
        error = PyObject_CallFunctionObjArgs(PyExc_TypeError, text, NULL);
    }
    PyObject *argument = finding->position == FTC_POSITION_ARGUMENT
                         ? PyLong_FromUnsignedLong(finding->argument)
                         : new_reference(Py_None);
    const char *position = finding->position < Py_ARRAY_LENGTH(positions)
                           ? positions[finding->position] : NULL;
    if (error != NULL && argument != NULL && number != NULL
        && PyObject_SetAttrString(error, "argument", argument) == 0
        && PyObject_SetAttrString(error, "filename", file) == 0
        && PyObject_SetAttrString(error, "lineno", number) == 0
        && set_text(error, "position", position) == 0
        && set_text(error, "path", finding->path) == 0
        && set_text(error, "rule", finding->rule_id) == 0
        && set_text(error, "hint", finding->hint) == 0
        && set_text(error, "layout", finding->layout) == 0)
    {
        PyErr_SetObject(PyExc_TypeError, error);
    }
    Py_XDECREF(argument);
    Py_XDECREF(error);
    Py_XDECREF(text);
    Py_XDECREF(number);
    Py_DECREF(file);
}

/* The two sides of a declaration, which are set one after the other: the
   arguments and how many there are, and the result. */
enum side { ARGUMENTS, RESULT, SIDES };

static enum side
side_of(const ftc_finding *finding)
{
    return finding->position == FTC_POSITION_RESULT ? RESULT : ARGUMENTS;
}

/* How what was found is told, and where it was declared. */
struct telling {
    struct typecheck_module *module;
    enum policy policy;
    const struct place *places;     /* of each side; none if not known */
    PyObject *globals;              /* of the running frame, or NULL */
    uint32_t *told;                 /* of each side, what was warned of last */
};

/* Warns of a finding unless that was just done. */
static int
warn_of(struct telling *telling, const ftc_finding *finding)
{
    enum side side = side_of(finding);
    uint32_t key = (finding->rule + 1) << 8 | (finding->argument & 0xff);
    if (telling->told != NULL && telling->told[side] == key) {
        return 0;
    }
    PyObject *message = message_of(finding);
    if (message == NULL) {
        return -1;
    }
    if (telling->told != NULL) {
        telling->told[side] = key;
    }
    int result = _ctypes_typecheck_warn(telling->module, message,
                                        &telling->places[side],
                                        telling->globals);
    Py_DECREF(message);
    return result;
}

/* Raises a report's first finding if the claim does not pass, or warns of the
   first one of each side. */
static int
follow_report(struct telling *telling, const ftc_report *report)
{
    ftc_finding finding = {.type_size = sizeof(finding)};
    int seen[SIDES] = {0, 0};
    if (ftc.ftc_report_passes(report)) {
        return 0;
    }
    for (size_t i = 0; ftc.ftc_report_finding(report, i, &finding) == FTC_OK;
         i++)
    {
        if (finding.verdict != FTC_MISMATCH || seen[side_of(&finding)]++) {
            continue;
        }
        if (refuses(telling->policy)) {
            PyObject *message = message_of(&finding);
            if (message != NULL) {
                raise_finding(&finding, message,
                              &telling->places[side_of(&finding)]);
                Py_DECREF(message);
            }
            return -1;
        }
        if (warn_of(telling, &finding) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Holds the claim of a declaration's type against it, 0 or -1; *out is the
   report, or NULL: a claim that could not be built is none. */
static int
check_declaration(const ftc_decl *decl, struct claim *claim, int built,
                  ftc_type_id type, struct telling *telling,
                  const ftc_report **out)
{
    *out = NULL;
    if (built < 0) {
        return let_go();
    }
    if (ftc.ftc_check_decl(decl, claim->claim, type, NULL, out) != FTC_OK) {
        *out = NULL;
        return 0;
    }
    return follow_report(telling, *out);
}

/* ---- a function ---- */

/* How a Python object becomes an argument. */
enum conversion {
    CONVERT_INTEGER, CONVERT_BOOLEAN, CONVERT_FLOAT, CONVERT_POINTER,
    CONVERT_RECORD
};

/* Memory that an argument may point to: by this type, with as many bytes or
   more, at a multiple of this power of two. */
struct seen {
    int any;
    PyObject *type;             /* NULL: bytes without a type */
    size_t bytes;
    int alignment;
};

/* An argument that is declared so that what it points to is judged at each
   call. */
struct mark {
    unsigned int index;
    PyObject *pointee;          /* of which an instance is passed by address */
    int told;                   /* was warned of */
    struct seen seen;
};

struct parameter {
    enum conversion conversion;
    ftc_type_id pointee;        /* behind qualifiers and typedefs */
    uint64_t size;
    /* What fitted last: objects of this type, or their addresses; and whether
       the memory that they point to is still to be judged. */
    PyObject *accepted;
    int accepted_address;
    int at_call;
    struct seen seen;
};

/* What calls take from the library because the program did not declare it, or
   declared it wrongly and it is repaired. Never changed once a function has
   it, but for what a parameter accepted. */
struct learned {
    Py_ssize_t references;
    PyObject *restype;          /* NULL: declared, or an int as ever */
    int gives;                  /* what was read is given as declared */
    struct parameter *parameters;   /* NULL: arguments as ever */
    ffi_cif cif;                /* if there are parameters */
    int variadic;
    char *repaired;             /* of each parameter, whether it is the
                                   library's; NULL: all of them are */
    struct mark *marks;         /* arguments that were declared */
    unsigned int mark_count;
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
    uint32_t told[SIDES];       /* as in struct telling */
    struct place places[SIDES]; /* where argtypes and restype were set */
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
drop_parameters(struct learned *learned)
{
    if (learned->parameters != NULL) {
        for (unsigned int i = 0; i < learned->cif.nargs; i++) {
            Py_XDECREF(learned->parameters[i].accepted);
            Py_XDECREF(learned->parameters[i].seen.type);
        }
    }
    PyMem_Free(learned->parameters);
    PyMem_Free(learned->repaired);
    learned->parameters = NULL;
    learned->repaired = NULL;
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
    drop_parameters(learned);
    for (unsigned int i = 0; i < learned->mark_count; i++) {
        Py_XDECREF(learned->marks[i].pointee);
        Py_XDECREF(learned->marks[i].seen.type);
    }
    PyMem_Free(learned->marks);
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
        for (int side = 0; side < SIDES; side++) {
            _ctypes_typecheck_drop_place(&self->places[side]);
        }
        if (self->decl != NULL) {
            ftc.ftc_decl_free(self->decl);
        }
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
                Py_VISIT(learned->parameters[i].seen.type);
            }
        }
        for (unsigned int i = 0; i < learned->mark_count; i++) {
            Py_VISIT(learned->marks[i].pointee);
            Py_VISIT(learned->marks[i].seen.type);
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
    struct place places[SIDES];
    PyObject *globals;          /* if it is being declared now; borrowed */
};

/* A class-level restype without argtypes is the default of a CDLL's
   functions: nobody said it. */
static struct declared
declared_types(PyCFuncPtrObject *function)
{
    struct typecheck *self = function->typecheck;
    struct declared declared = {0};
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
    for (int side = 0; side < SIDES; side++) {
        declared.places[side] = self->places[side];
        Py_XINCREF(declared.places[side].code);
    }
    return declared;
}

static void
drop_declared(struct declared *declared)
{
    Py_XDECREF(declared->argtypes);
    Py_XDECREF(declared->restype);
    for (int side = 0; side < SIDES; side++) {
        _ctypes_typecheck_drop_place(&declared->places[side]);
    }
}

/* Holds what is declared against the library's declaration; *out is the
   report, or NULL. */
static int
check_function(struct typecheck *self, const ftc_decl *decl,
               const struct declared *declared, const ftc_report **out)
{
    struct claim claim;
    ftc_type_id type = 0;
    struct telling telling = {
        self->module, self->policy, declared->places, declared->globals,
        self->told
    };
    *out = NULL;
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
    int result = check_declaration(decl, &claim, built, type, &telling, out);
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

/* Whether what is about to be declared may be. The policy "error" asks at the
   first call: what is replaced before never counts. */
static int
check_now(PyCFuncPtrObject *function, const struct declared *declared)
{
    struct typecheck *self = function->typecheck;
    const ftc_decl *decl = declaration_of(function);
    const ftc_report *report = NULL;
    int result = 0;
    if (decl != NULL) {
        result = check_function(self, decl, declared, &report);
        ftc.ftc_report_free(report);
    }
    return result;
}

static int
asks_now(struct typecheck *self)
{
    enum policy policy = policy_of(self);
    return policy != POLICY_OFF && policy != POLICY_ERROR;
}

/* Something else is declared: what was learned before and the verdict are
   void. Takes over the place's reference. */
static void
declare(PyCFuncPtrObject *function, enum side side, struct place place)
{
    struct typecheck *self = function->typecheck;
    struct learned *learned = self->learned;
    struct place previous = self->places[side];
    self->learned = NULL;
    self->changes++;
    self->places[side] = place;
    SET_CALLS(function, 1);
    drop_learned(learned);
    _ctypes_typecheck_drop_place(&previous);
}

/* One side is about to be set to an object, or with NULL to be deleted. */
static int
check_side(PyCFuncPtrObject *function, enum side side, PyObject *object,
           int deleted, const struct place *place, PyObject *globals)
{
    struct declared declared = declared_types(function);
    PyObject **old = side == RESULT ? &declared.restype : &declared.argtypes;
    if (!deleted) {
        Py_XINCREF(object);
        Py_XDECREF(*old);
        *old = object;
    }
    _ctypes_typecheck_drop_place(&declared.places[side]);
    declared.places[side] = *place;
    Py_XINCREF(place->code);
    declared.globals = globals;
    int result = check_now(function, &declared);
    drop_declared(&declared);
    return result;
}

static int
set_side(PyCFuncPtrObject *function, enum side side, PyObject *object,
         int deleted)
{
    struct typecheck *self = function->typecheck;
    PyObject *globals, *previous = NULL;
    int result = 0;
    Py_XINCREF(object);
    struct place place = _ctypes_typecheck_here(self->module, &globals);
    Py_BEGIN_CRITICAL_SECTION(function);
    if (asks_now(self)) {
        result = check_side(function, side, object, deleted, &place, globals);
    }
    if (result == 0) {
        PyObject **old = side == RESULT ? &self->restype : &self->argtypes;
        previous = *old;
        *old = object;
        if (side == ARGUMENTS) {
            self->has_argtypes = !deleted;
        }
        declare(function, side, place);
    }
    Py_END_CRITICAL_SECTION();
    if (result < 0) {
        Py_XDECREF(object);
        _ctypes_typecheck_drop_place(&place);
    }
    Py_XDECREF(previous);
    return result;
}

int
_ctypes_typecheck_argtypes(PyCFuncPtrObject *function, PyObject *argtypes)
{
    PyObject *tuple = NULL;
    if (function->typecheck == NULL) {
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
    int result = set_side(function, ARGUMENTS, tuple, argtypes == NULL);
    Py_XDECREF(tuple);
    return result;
}

int
_ctypes_typecheck_restype(PyCFuncPtrObject *function, PyObject *restype)
{
    return function->typecheck == NULL
           ? 0 : set_side(function, RESULT, restype, restype == NULL);
}

int
_ctypes_typecheck_bind(PyCFuncPtrObject *function, PyObject *dll, void *handle,
                       const char *name)
{
    /* The name lies behind the rest. */
    size_t length = name != NULL ? strlen(name) + 1 : 0;
    struct typecheck *self = zeroed(sizeof(*self) + length);
    if (self == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->module = MODULE_OF_FUNCTION(function);
    self->handle = handle;
    if (name != NULL) {
        self->name = memcpy(self + 1, name, length);
    }
    function->typecheck = self;
    SET_CALLS(function, 1);
    self->own_policy = policy_of_dll(self->module, dll, &self->policy,
                                     &self->extract);
    if (self->own_policy < 0) {
        return -1;
    }
    TypeInfo *info = info_of_object(self->module, (PyObject *)function);
    if (info == NULL || info->argtypes == NULL) {
        return 0;
    }
    /* A prototype's types are known now; what is at an address is looked for
       when it is first called. */
    PyObject *globals;
    struct place place = _ctypes_typecheck_here(self->module, &globals);
    for (int side = 0; side < SIDES; side++) {
        self->places[side] = place;
        Py_XINCREF(place.code);
    }
    _ctypes_typecheck_drop_place(&place);
    if (name == NULL || !asks_now(self)) {
        return 0;
    }
    struct declared declared = declared_types(function);
    declared.globals = globals;
    int result = check_now(function, &declared);
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
    TypeInfo *info = _ctypes_typecheck_info(module, class_);
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

/* A result that is no integer, and that no class could be made for: an int
   would be read from where it is not. */
static int
needs_restype(struct typecheck *self, const ftc_types *types, ftc_type_id id)
{
    ftc_type type;
    char spelling[256] = "";
    if (get_type(types, id, &type) < 0) {
        return 0;
    }
    switch (type.kind) {
    case FTC_TYPE_STRUCT: case FTC_TYPE_UNION: case FTC_TYPE_CLASS:
    case FTC_TYPE_ARRAY:
        break;
    case FTC_TYPE_BASE:
        if (simple_code(types, &type) == 0) {
            break;
        }
        /* fall through */
    default:
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
    if (refuses(self->policy)) {
        ftc_finding finding = {.position = FTC_POSITION_RESULT, .path = ""};
        raise_finding(&finding, message, NULL);
    }
    else {
        result = _ctypes_typecheck_warn(self->module, message, NULL, NULL);
    }
    Py_DECREF(message);
    return result;
}

/* Whether a report says of a result, or of an argument as a whole, that it
   does not agree. */
static int
contradicts(const ftc_report *report, uint32_t position, uint32_t argument)
{
    ftc_finding finding = {.type_size = sizeof(finding)};
    for (size_t i = 0; ftc.ftc_report_finding(report, i, &finding) == FTC_OK;
         i++)
    {
        if (finding.verdict == FTC_MISMATCH && finding.position == position
            && finding.argument == argument && *finding.path == '\0')
        {
            return 1;
        }
    }
    return 0;
}

/* Whether a declared type is a number or an address that Python shows as such:
   1, 0, or -1 error. */
static int
is_number_class(struct typecheck_module *module, PyObject *type)
{
    if (!is_a(type, module->simple)) {
        return 0;
    }
    int code = _ctypes_typecheck_code(type);
    if (code <= 0 || strchr("bBhHiIlLqQfdg?P", code) == NULL) {
        return code < 0 ? -1 : 0;
    }
    int swapped = is_swapped(type);
    return swapped < 0 ? -1 : !swapped;
}

/* Whether the class of a result is that of an integer. */
static int
is_integer_class(PyObject *class_)
{
    int code = _ctypes_typecheck_code(class_);
    PyErr_Clear();
    return code > 0 && strchr("bBhHiIlLqQ?", code) != NULL;
}

/* The policy "repair": a result is read by the library's type, whatever the
   program declared. */
static int
learn_repaired_result(struct typecheck *self, struct learned *learned,
                      const ftc_types *types, ftc_type_id id,
                      PyObject *restype)
{
    int callable = _ctypes_typecheck_info(self->module, restype) == NULL;
    int number = callable ? 0 : is_number_class(self->module, restype);
    if (number < 0) {
        return let_go();
    }
    if (!number && !callable) {
        return 0;
    }
    learned->restype = result_class(self->module, types, id);
    if (learned->restype == NULL) {
        return let_go();
    }
    int record = learned->restype != Py_None
                 && is_record(self->module, learned->restype);
    if (learned->restype == Py_None || record != (restype == Py_None)) {
        Py_CLEAR(learned->restype);
    }
    learned->gives = learned->restype != NULL;
    return 0;
}

static int
learn_result(struct typecheck *self, struct learned *learned,
             const ftc_types *types, ftc_type_id id,
             const struct declared *declared, const ftc_report *report)
{
    if (declared->restype != NULL) {
        if (self->policy == POLICY_REPAIR && report != NULL
            && contradicts(report, FTC_POSITION_RESULT, 0))
        {
            return learn_repaired_result(self, learned, types, id,
                                         declared->restype);
        }
        return 0;
    }
    if (!self->extract) {
        return 0;
    }
    learned->restype = result_class(self->module, types, id);
    if (learned->restype == NULL) {
        return let_go() < 0 ? -1 : needs_restype(self, types, id);
    }
    if (self->policy != POLICY_REPAIR) {
        return 0;
    }
    /* What worked as an int works on: nothing is repaired where the int was
       whole, or where nothing is returned. */
    if (learned->restype == Py_None) {
        Py_CLEAR(learned->restype);
    }
    else if (is_integer_class(learned->restype)) {
        ftc_type type;
        learned->gives = 1;
        if (get_type(types, id, &type) == 0 && type.size == sizeof(int)) {
            learned->gives = 0;
            Py_CLEAR(learned->restype);
        }
    }
    return 0;
}

/* The policy "repair": arguments that were declared as another number go as
   the library's type. */
static int
learn_repaired_arguments(struct typecheck *self, struct learned *learned,
                         const ftc_decl *decl, const ftc_types *types,
                         const struct declared *declared,
                         const ftc_report *report)
{
    if (self->policy != POLICY_REPAIR || report == NULL
        || declared->argtypes == NULL
        || learn_parameters(learned, decl, types) < 0)
    {
        return PyErr_Occurred() ? -1 : 0;
    }
    if (learned->parameters == NULL) {
        return 0;
    }
    int any = 0;
    unsigned int count = Py_MIN(
        learned->cif.nargs, (unsigned)PyTuple_GET_SIZE(declared->argtypes));
    learned->repaired = zeroed(learned->cif.nargs + 1);
    if (learned->repaired == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (unsigned int i = 0; i < count; i++) {
        PyObject *type = PyTuple_GET_ITEM(declared->argtypes, i);
        int wrong = contradicts(report, FTC_POSITION_ARGUMENT, i + 1);
        if (wrong && has_own_from_param(type) == 0
            && is_number_class(self->module, type) > 0)
        {
            learned->repaired[i] = 1;
            any = 1;
        }
        if (let_go() < 0) {
            return -1;
        }
    }
    if (!any) {
        drop_parameters(learned);
    }
    return 0;
}

/* Which of the declared arguments depend on the memory that they point to. */
static int
learn_marks(struct typecheck *self, struct learned *learned,
            const struct declared *declared, const ftc_report *report)
{
    ftc_finding finding = {.type_size = sizeof(finding)};
    if (!ftc.ftc_report_at_call(report)) {
        return 0;
    }
    learned->marks = zeroed(ftc.ftc_report_count(report)
                            * sizeof(*learned->marks));
    if (learned->marks == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (size_t i = 0; ftc.ftc_report_finding(report, i, &finding) == FTC_OK;
         i++)
    {
        int known = !(finding.flags & FTC_AT_CALL)
                    || finding.position != FTC_POSITION_ARGUMENT;
        for (unsigned int j = 0; j < learned->mark_count; j++) {
            known |= learned->marks[j].index + 1 == finding.argument;
        }
        if (!known && declared->argtypes != NULL
            && finding.argument <= PyTuple_GET_SIZE(declared->argtypes))
        {
            struct mark *mark = &learned->marks[learned->mark_count++];
            PyObject *type = PyTuple_GET_ITEM(declared->argtypes,
                                              finding.argument - 1);
            mark->index = finding.argument - 1;
            if (is_a(type, self->module->pointer)) {
                mark->pointee = _ctypes_typecheck_info(self->module,
                                                       type)->proto;
                Py_XINCREF(mark->pointee);
            }
        }
    }
    return 0;
}

/* What calls of the function take from the library; *out stays NULL if that is
   nothing. */
static int
learn(struct typecheck *self, const ftc_decl *decl,
      const struct declared *declared, const ftc_report *report,
      struct learned **out)
{
    const ftc_types *types = ftc.ftc_decl_types(decl);
    ftc_type type;
    if (ftc.ftc_decl_kind(decl) != FTC_FUNCTION
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
    int result = learn_result(self, learned, types, type.target, declared,
                              report);
    if (result == 0) {
        if (declared->has_argtypes) {
            result = learn_repaired_arguments(self, learned, decl, types,
                                              declared, report);
            if (result == 0) {
                result = learn_marks(self, learned, declared, report);
            }
        }
        else if (self->extract) {
            result = learn_parameters(learned, decl, types);
        }
    }
    if (result < 0
        || (learned->restype == NULL && learned->parameters == NULL
            && learned->mark_count == 0))
    {
        drop_learned(learned);
        learned = NULL;
    }
    *out = learned;
    return result;
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
            const ftc_report *report;
            int result = check_function(self, decl, declared, &report);
            if (result == 0) {
                result = learn(self, decl, declared, report, &learned);
            }
            ftc.ftc_report_free(report);
            if (result < 0) {
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
    int refused;                /* what stopped it is ours, not the program's */
    int quiet;                  /* a refusal is not warned of */
    int short_;                 /* what is refused is memory that is too
                                   short */
};

/* Where the arguments were declared; to be dropped. */
static struct place
place_of(struct call *call)
{
    struct place place;
    Py_BEGIN_CRITICAL_SECTION(call->function);
    place = call->self->places[ARGUMENTS];
    Py_XINCREF(place.code);
    Py_END_CRITICAL_SECTION();
    return place;
}

/* Raises what makes the call impossible, or warns of it if the policy lets the
   call go on as without this file. Takes over the message's reference. */
static int
refuse(struct call *call, const ftc_finding *finding, PyObject *message)
{
    struct place place = {NULL, 0};
    enum policy policy = call->learned->policy;
    call->refused = 1;
    if (call->learned->parameters == NULL || call->learned->repaired != NULL) {
        place = place_of(call);
    }
    if (message == NULL) {
        /* The exception is set. */
    }
    else if (refuses(policy) || (call->short_ && policy == POLICY_REPAIR)) {
        raise_finding(finding, message, &place);
    }
    else if (!call->quiet) {
        (void)_ctypes_typecheck_warn(call->self->module, message, &place,
                                     NULL);
    }
    Py_XDECREF(message);
    _ctypes_typecheck_drop_place(&place);
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

/* The policy "repair": raises a TypeError for a number that the library's type
   has not got. */
static PyObject *
has_no_room(struct call *call, unsigned int index, PyObject *number)
{
    ftc_finding finding = {
        .position = FTC_POSITION_ARGUMENT, .argument = index + 1, .path = ""
    };
    PyObject *digits = PyObject_Str(number);
    PyObject *message = digits != NULL ? TEXT_FORMAT(
        "%s: argument %u: %.200s has no room in the library's %d bytes",
        name_of(call->self), index + 1, TEXT(digits),
        (int)call->learned->parameters[index].size) : NULL;
    Py_XDECREF(digits);
    if (message != NULL) {
        struct place place = place_of(call);
        raise_finding(&finding, message, &place);
        _ctypes_typecheck_drop_place(&place);
        Py_DECREF(message);
    }
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

/* Whether there are fewer bytes than what the library declares has. */
static int
is_short(const struct call *call, unsigned int index, size_t bytes)
{
    const ftc_types *types = ftc.ftc_decl_types(call->self->decl);
    ftc_type_id function = ftc.ftc_type_resolve(
        types, ftc.ftc_decl_type(call->self->decl));
    ftc_parameter parameter = {.type_size = sizeof(parameter)};
    ftc_type type;
    return ftc.ftc_type_parameter(types, function, index,
                                  &parameter) == FTC_OK
           && get_type(types, parameter.parameter_type, &type) == 0
           && get_type(types, type.target, &type) == 0
           && type.size != FTC_UNKNOWN_SIZE && bytes < type.size;
}

/* Whether the memory that an argument points to is what the library needs. */
static int
check_memory(struct call *call, unsigned int index,
             const struct memory *memory)
{
    const ftc_report *report = NULL;
    struct claim claim;
    ftc_type_id made = 0;
    ftc_memory owned = {
        .type_size = sizeof(owned), .flags = FTC_MEMORY_OWNED,
        .address = (uintptr_t)memory->address, .bytes = memory->bytes
    };
    int built = claim_begin(&claim, call->self->module);
    if (built == 0 && memory->type != NULL) {
        built = claim_of_type(&claim, memory->type, &made);
    }
    int result = 0;
    if (built < 0) {
        result = let_go();
    }
    else if (ftc.ftc_check_argument(call->self->decl, index + 1, claim.claim,
                                    made, &owned, NULL, &report) == FTC_OK)
    {
        ftc_finding finding = {.type_size = sizeof(finding)};
        if (!ftc.ftc_report_passes(report)
            && ftc.ftc_report_finding(report, 0, &finding) == FTC_OK)
        {
            call->short_ = is_short(call, index, memory->bytes);
            result = refuse(call, &finding, message_of(&finding));
            call->short_ = 0;
        }
        ftc.ftc_report_free(report);
    }
    claim_end(&claim);
    return result;
}

/* The power of two that an address is a multiple of, up to a page. */
static int
alignment_of(const char *address)
{
    return __builtin_ctzl((unsigned long)(uintptr_t)address | 4096);
}

/* Judges the memory that an argument points to, if it is known, by its type
   or only whether it is enough. What was seen before passes at once. */
static int
judge(struct call *call, unsigned int index, PyObject *argument,
      PyObject *pointee, struct seen *seen, int by_type)
{
    struct memory memory;
    int known;
    if (!_ctypes_typecheck_memory(call->self->module, argument, pointee,
                                  &memory))
    {
        return 0;
    }
    if (!by_type) {
        memory.type = NULL;
    }
    int alignment = alignment_of(memory.address);
    Py_BEGIN_CRITICAL_SECTION(call->function);
    known = seen->any && seen->type == memory.type
            && memory.bytes >= seen->bytes && alignment >= seen->alignment;
    Py_END_CRITICAL_SECTION();
    if (known) {
        return 0;
    }
    Py_XINCREF(memory.type);
    if (check_memory(call, index, &memory) < 0) {
        Py_XDECREF(memory.type);
        return -1;
    }
    Py_BEGIN_CRITICAL_SECTION(call->function);
    int same = seen->any && seen->type == memory.type;
    PyObject *previous = seen->type;
    seen->any = 1;
    seen->type = memory.type;
    seen->bytes = same ? Py_MIN(seen->bytes, memory.bytes) : memory.bytes;
    seen->alignment = same ? Py_MIN(seen->alignment, alignment) : alignment;
    memory.type = previous;
    Py_END_CRITICAL_SECTION();
    Py_XDECREF(memory.type);
    return 0;
}

/* What stands for an object as an argument: its _as_parameter_, if it is none
   that ctypes passes as it is. A new reference. */
static PyObject *
stand_in(struct call *call, PyObject *object)
{
    new_reference(object);
    for (int depth = 0; depth < 16; depth++) {
        PyObject *inner;
        if (object == Py_None || IS_DATA(call->self->module, object)
            || IS_BYREF(call->self->module, object) || IS_INTEGER(object)
            || PyBytes_Check(object) || PyUnicode_Check(object)
            || optional_attribute(object, "_as_parameter_", &inner) <= 0)
        {
            break;
        }
        Py_DECREF(object);
        object = inner;
    }
    /* ctypes asks once more, and says itself what is wrong. */
    PyErr_Clear();
    return object;
}

/* Judges the memory of the arguments that are marked. */
static int
judge_marked(struct call *call, PyObject *arguments)
{
    struct learned *learned = call->learned;
    for (unsigned int i = 0; i < learned->mark_count; i++) {
        struct mark *mark = &learned->marks[i];
        int told = __atomic_load_n(&mark->told, __ATOMIC_RELAXED);
        if (mark->index >= PyTuple_GET_SIZE(arguments)
            || (told && learned->policy == POLICY_WARN))
        {
            continue;
        }
        PyObject *object = PyTuple_GET_ITEM(arguments, mark->index);
        object = stand_in(call, object);
        call->quiet = told;
        int result = judge(call, mark->index, object, mark->pointee,
                           &mark->seen, 1);
        call->quiet = 0;
        Py_DECREF(object);
        if (result < 0) {
            if (PyErr_Occurred()) {
                return -1;
            }
            __atomic_store_n(&mark->told, 1, __ATOMIC_RELAXED);
        }
    }
    return 0;
}

/* Whether the type of an object fits the parameter, or with address a pointer
   to it; *at_call: as far as the memory is not concerned. */
static int
check_argument(struct call *call, unsigned int index, PyObject *type,
               int address, int *at_call)
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
        *at_call = ftc.ftc_report_at_call(report);
        ftc.ftc_report_free(report);
    }
    claim_end(&claim);
    return result;
}

/* check_argument, and the answer for what fitted last is remembered; then the
   memory of the object. */
static int
fits(struct call *call, unsigned int index, PyObject *object, PyObject *type,
     int address)
{
    struct parameter *parameter = &call->learned->parameters[index];
    PyObject *previous;
    int known, at_call = 0;
    Py_BEGIN_CRITICAL_SECTION(call->function);
    known = parameter->accepted == type
            && parameter->accepted_address == address;
    if (known) {
        at_call = parameter->at_call;
    }
    Py_END_CRITICAL_SECTION();
    if (!known) {
        if (check_argument(call, index, type, address, &at_call) < 0) {
            return -1;
        }
        Py_INCREF(type);
        Py_BEGIN_CRITICAL_SECTION(call->function);
        previous = parameter->accepted;
        parameter->accepted = type;
        parameter->accepted_address = address;
        parameter->at_call = at_call;
        Py_END_CRITICAL_SECTION();
        Py_XDECREF(previous);
    }
    /* Of a pointer that has the right type, it may have been made by a cast;
       of everything else, the type has the bytes that it says. */
    if (!at_call && IS_BYREF(call->self->module, object)) {
        return 0;
    }
    return judge(call, index, object, NULL, &parameter->seen, at_call);
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
        /* What its type is says nothing of what is inside of it. */
        int inside = IS_DATA(call->self->module, carg->obj)
                     && carg->value.p != ((CDataObject *)carg->obj)->b_ptr;
        if (inside
            ? judge(call, index, object, NULL, &parameter->seen, 1) < 0
            : fits(call, index, object, (PyObject *)Py_TYPE(carg->obj),
                   1) < 0)
        {
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
    if (fits(call, index, object, type, is_a(type, module->array)) < 0) {
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
    int code = _ctypes_typecheck_code((PyObject *)Py_TYPE(object));
    if (code < 0) {
        return NULL;
    }
    if (code != 0 && strchr("PzZO", code)) {
        return convert_data(call, index, object);
    }
    if (parameter->conversion == CONVERT_POINTER
        && fits(call, index, object, (PyObject *)Py_TYPE(object), 0) < 0)
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
    if (PyBytes_Check(object)
        && judge(call, index, object, NULL, &parameter->seen, 0) < 0)
    {
        return NULL;
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
    int room = conversion == CONVERT_FLOAT
               || _ctypes_typecheck_has_room(object, sizeof(long long));
    PyCArgObject *argument = room > 0 ? new_argument(call, index) : NULL;
    if (argument != NULL && store_number(argument, object, conversion) < 0) {
        Py_CLEAR(argument);
        if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
            PyErr_Clear();
            room = 0;
        }
    }
    /* ctypes itself raises for a number that is too large. */
    return room == 0 ? new_reference(object) : (PyObject *)argument;
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

static PyObject *
convert_variadic_integer(struct call *call, PyObject *object)
{
    /* Too large for a long long: ctypes itself raises. */
    if (_ctypes_typecheck_has_room(object, sizeof(int)) != 0
        || _ctypes_typecheck_has_room(object, sizeof(long long)) != 1)
    {
        return PyErr_Occurred() ? NULL : new_reference(object);
    }
    PyCArgObject *carg = NEW_CARG(call->self->module);
    if (carg != NULL) {
        carg->tag = 'q';
        carg->pffi_type = &ffi_type_sint64;
        carg->value.q = (long long)INTEGER_MASK(object);
    }
    return (PyObject *)carg;
}

/* A variadic argument: as without this file, but with C's promotions, a float
   is a double, and an integer that is too large for an int is not cut. */
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
    if (IS_INTEGER(object)) {
        return convert_variadic_integer(call, object);
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
    else if (call->refused && !PyErr_Occurred()) {
        result = _ctypes_callproc(ST(call->self->module) proc, arguments,
                                  flags, NULL, restype, checker);
    }
    return result;
}

/* An argument that is declared as another number, as the library's type; NULL
   without an exception: the declared type has to see to it. */
static PyObject *
convert_repaired(struct call *call, unsigned int index, PyObject *object)
{
    struct parameter *parameter = &call->learned->parameters[index];
    if (IS_INTEGER(object) && parameter->conversion == CONVERT_INTEGER) {
        int room = _ctypes_typecheck_has_room(object, parameter->size);
        if (room <= 0) {
            return room < 0 ? NULL : has_no_room(call, index, object);
        }
    }
    call->quiet = 1;
    PyObject *converted = convert(call, index, object);
    call->quiet = 0;
    return converted;
}

/* Calls with the library's types for those arguments that were declared as
   something else. */
static PyObject *
call_repaired(struct call *call, PPROC proc, PyObject *arguments, int flags,
              PyObject *converters, PyObject *restype, PyObject *checker)
{
    PyObject *function = NULL, *result = NULL;
    PyObject *own = copy_of_tuple(arguments), *own_converters = NULL;
    Py_ssize_t count = Py_MIN(PyTuple_GET_SIZE(arguments),
                              (Py_ssize_t)call->learned->cif.nargs);
    if (converters != NULL) {
        own_converters = copy_of_tuple(converters);
        count = Py_MIN(count, PyTuple_GET_SIZE(converters));
        function = PyCFunction_New(&identity_definition, NULL);
        if (own_converters == NULL || function == NULL) {
            goto done;
        }
    }
    if (own == NULL) {
        goto done;
    }
    for (Py_ssize_t i = 0; converters != NULL && i < count; i++) {
        if (!call->learned->repaired[i]) {
            continue;
        }
        PyObject *object = PyTuple_GET_ITEM(own, i);
        PyObject *converted = convert_repaired(call, (unsigned int)i, object);
        if (converted == NULL) {
            if (PyErr_Occurred()) {
                goto done;
            }
            continue;
        }
        PyTuple_SET_ITEM(own, i, converted);
        Py_DECREF(object);
        object = PyTuple_GET_ITEM(own_converters, i);
        PyTuple_SET_ITEM(own_converters, i, new_reference(function));
        Py_DECREF(object);
    }
    result = _ctypes_callproc(ST(call->self->module) proc, own, flags,
                              own_converters, restype, checker);
  done:
    Py_XDECREF(function);
    Py_XDECREF(own_converters);
    Py_XDECREF(own);
    return result;
}

PyObject *
_ctypes_typecheck_call(PyCFuncPtrObject *function, PPROC proc,
                       PyObject *arguments, int flags, PyObject *converters,
                       PyObject *restype, PyObject *checker)
{
    struct call call = {.function = function, .self = function->typecheck};
    PyObject *result = NULL, *read_as = restype, *read_by = checker;

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
        read_as = call.learned->restype;
        read_by = NULL;
    }
    if (call.learned != NULL && call.learned->mark_count > 0
        && judge_marked(&call, arguments) < 0)
    {
        goto done;
    }
    if (call.learned == NULL || call.learned->parameters == NULL) {
        result = _ctypes_callproc(ST(call.self->module) proc, arguments, flags,
                                  converters, read_as, read_by);
    }
    else if (call.learned->repaired != NULL) {
        result = call_repaired(&call, proc, arguments, flags, converters,
                               read_as, read_by);
    }
    else {
        result = call_with_own_types(&call, proc, arguments, flags, read_as,
                                     read_by);
    }
    if (result != NULL && call.learned != NULL && call.learned->gives) {
        result = _ctypes_typecheck_give(call.self->module, result, restype,
                                        checker, name_of(call.self));
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
    struct place places[SIDES] = {{NULL, 0}, {NULL, 0}};
    struct telling telling = {module, policy, places, NULL, NULL};
    const ftc_report *report;
    places[ARGUMENTS] = _ctypes_typecheck_here(module, &telling.globals);
    int result = check_declaration(decl, &claim, built, claimed, &telling,
                                   &report);
    ftc.ftc_report_free(report);
    _ctypes_typecheck_drop_place(&places[ARGUMENTS]);
    claim_end(&claim);
    ftc.ftc_decl_free(decl);
    return result;
}

/* ---- the module ---- */

PyDoc_STRVAR(set_typecheck_doc,
"set_typecheck(policy) -> previous policy\n\
\n\
What happens when types that a program declares do not agree with those in\n\
the library's debug information: 'off', 'warn', 'repair', 'error' or 'early'.\n\
With ',noextract' behind it, types that were not given are not taken from\n\
there either. It holds for functions that were not called yet.");

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
    self->dunder_name = INTERN("__name__");
    self->policy_name = INTERN("_typecheck");
    if (self->dunder_name == NULL || self->policy_name == NULL) {
        return -1;
    }
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
        Py_VISIT(self->dunder_name);
        Py_VISIT(self->policy_name);
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
        Py_CLEAR(self->dunder_name);
        Py_CLEAR(self->policy_name);
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
