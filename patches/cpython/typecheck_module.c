/* What all of type checking stands on: libffitypecheck, which is loaded when
   it is first needed; the policy; and what the module itself has for it, the
   functions set_typecheck and get_typecheck and a category of warnings. */

#include "typecheck_private.h"

#ifdef HAVE_FFITYPECHECK

#include <dlfcn.h>
#include <pthread.h>

/* ---- small things ---- */

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

int
_ctypes_typecheck_attribute(PyObject *object, const char *name, PyObject **out)
{
    *out = PyObject_GetAttrString(object, name);
    return found_attribute(*out);
}

/* ---- the library ---- */

struct typecheck_library _ctypes_typecheck_library;

/* Shared by all interpreters of the process; set once. */
static int ftc_loaded;

/* Held while files are read without the GIL, and by a fork: the child would
   inherit locks of libffitypecheck that no thread of its own releases. */
static pthread_mutex_t reading = PTHREAD_MUTEX_INITIALIZER;

void
_ctypes_typecheck_begin_reading(void)
{
    pthread_mutex_lock(&reading);
}

void
_ctypes_typecheck_end_reading(void)
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
    LIBRARY_FUNCTIONS(LOAD)
#undef LOAD
    ftc_loaded = pthread_atfork(_ctypes_typecheck_begin_reading,
                                _ctypes_typecheck_end_reading,
                                _ctypes_typecheck_end_reading) == 0;
}

int
_ctypes_typecheck_load(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load_once);
    return ftc_loaded;
}

/* ---- the policy ---- */

static const char *const policy_names[] = {
    "off", "warn", "repair", "error", "early"
};

/* One of the names, and ",noextract" behind it if missing types are to stay
   as they are without type checking. */
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

void
_ctypes_typecheck_setting(struct typecheck_module *module, enum policy *policy,
                          int *extract)
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

/* What --with-ffitypecheck=POLICY named. */
#ifndef FFITYPECHECK_POLICY
#  define FFITYPECHECK_POLICY error
#endif
#define TEXT_OF(word) TEXT_OF_WORD(word)
#define TEXT_OF_WORD(word) #word

/* The environment decides what holds at the start, else what Python was
   configured with. In a process that must not trust it, the latter. */
static void
policy_from_environment(struct typecheck_module *module)
{
    enum policy policy = POLICY_ERROR;
    int extract = 1;
    const char *text = NULL;
    (void)parse_policy(TEXT_OF(FFITYPECHECK_POLICY), &policy, &extract);
    if (!ignores_environment()) {
        text = secure_getenv("PYTHONCTYPESTYPECHECK");
    }
    if (text != NULL) {
        /* What is none of the words is as if it were not there. */
        (void)parse_policy(text, &policy, &extract);
    }
    set_setting(module, policy, extract);
}

int
_ctypes_typecheck_policy_of_dll(struct typecheck_module *module,
                                PyObject *dll, enum policy *policy,
                                int *extract)
{
    PyObject *own = NULL;
    _ctypes_typecheck_setting(module, policy, extract);
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

/* ---- the module ---- */

#if PY_VERSION_HEX < 0x030D0000
struct typecheck_module _ctypes_typecheck_the_module;
#endif

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
    _ctypes_typecheck_setting(own, &old_policy, &old_extract);
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
    _ctypes_typecheck_setting(own, &policy, &extract);
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
