/* The policy: what happens when types do not agree, and whether missing types
   are taken from the library. There is one for the module, which the
   environment sets at the start, and one for each library that has its own. */

#include "typecheck_private.h"

#ifdef HAVE_FFITYPECHECK

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

PyObject *
_ctypes_typecheck_policy_text(enum policy policy, int extract)
{
    return PyUnicode_FromFormat("%s%s", policy_names[policy],
                                extract ? "" : ",noextract");
}

int
_ctypes_typecheck_policy_from(PyObject *object, enum policy *policy,
                              int *extract)
{
    const char *text = PyUnicode_Check(object) ? PyUnicode_AsUTF8(object) : "";
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
    int setting = CTYPES_LOAD_INT(module->setting);
    *policy = (enum policy)(setting / 2);
    *extract = setting % 2;
}

void
_ctypes_typecheck_set_setting(struct typecheck_module *module,
                              enum policy policy, int extract)
{
    CTYPES_STORE_INT(module->setting, (int)policy * 2 + extract);
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
void
_ctypes_typecheck_first_setting(struct typecheck_module *module)
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
    _ctypes_typecheck_set_setting(module, policy, extract);
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
        result = PyObject_GetOptionalAttr(dll, module->policy_name, &own);
    }
    if (result > 0) {
        result = own != Py_None;
        if (result
            && _ctypes_typecheck_policy_from(own, policy, extract) < 0)
        {
            result = -1;
        }
        Py_DECREF(own);
    }
    return result;
}

#endif /* HAVE_FFITYPECHECK */
