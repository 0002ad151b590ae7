/* What the module has for type checking: the functions set_typecheck and
   get_typecheck, a category of warnings, and its state. */

#include "typecheck_private.h"

#ifdef HAVE_FFITYPECHECK

PyDoc_STRVAR(set_typecheck_doc,
"set_typecheck(policy) -> previous policy\n\
\n\
What happens when types that a program declares do not agree with those\n\
in the library's debug information: 'off', 'warn', 'repair', 'error' or\n\
'early'. With ',noextract' behind it, types that were not given are not\n\
taken from there either. It holds for functions that were not called yet.");

static PyObject *
set_typecheck(PyObject *module, PyObject *object)
{
    struct typecheck_module *own = get_module_state(module)->typecheck;
    enum policy policy, old_policy;
    int extract, old_extract;
    if (_ctypes_typecheck_policy_from(object, &policy, &extract) < 0) {
        return NULL;
    }
    _ctypes_typecheck_setting(own, &old_policy, &old_extract);
    PyObject *previous = _ctypes_typecheck_policy_text(old_policy,
                                                       old_extract);
    if (previous != NULL) {
        _ctypes_typecheck_set_setting(own, policy, extract);
    }
    return previous;
}

PyDoc_STRVAR(get_typecheck_doc,
"get_typecheck() -> policy\n\
\n\
What set_typecheck or the environment variable PYTHONCTYPESTYPECHECK set.");

static PyObject *
get_typecheck(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    struct typecheck_module *own = get_module_state(module)->typecheck;
    enum policy policy;
    int extract;
    _ctypes_typecheck_setting(own, &policy, &extract);
    return _ctypes_typecheck_policy_text(policy, extract);
}

static PyMethodDef methods[] = {
    {"set_typecheck", set_typecheck, METH_O, set_typecheck_doc},
    {"get_typecheck", get_typecheck, METH_NOARGS, get_typecheck_doc},
    {NULL, NULL, 0, NULL}
};

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
    for (size_t i = 0; i < Py_ARRAY_LENGTH(table); i++) {
        *table[i].place = PyObject_GetAttrString(module, table[i].name);
        if (*table[i].place == NULL) {
            return -1;
        }
    }
    _ctypes_typecheck_first_setting(self);
    self->dunder_name = PyUnicode_InternFromString("__name__");
    self->policy_name = PyUnicode_InternFromString("_typecheck");
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
_ctypes_typecheck_traverse_module(struct typecheck_module *self,
                                  visitproc visit, void *arg)
{
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
_ctypes_typecheck_clear_module(struct typecheck_module *self)
{
    if (self != NULL) {
        /* Functions may outlive this: they do not ask any more. */
        _ctypes_typecheck_set_setting(self, POLICY_OFF, 0);
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
_ctypes_typecheck_free_module(struct typecheck_module *self)
{
    PyMem_Free(self);
}

int
_ctypes_typecheck_init(PyObject *module)
{
    ctypes_state *st = get_module_state(module);
    if (st->typecheck == NULL) {
        struct typecheck_module *self = PyMem_Calloc(1, sizeof(*self));
        if (self == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        self->st = st;
        if (fill_module(self, module) < 0) {
            _ctypes_typecheck_clear_module(self);
            _ctypes_typecheck_free_module(self);
            return -1;
        }
        st->typecheck = self;
    }
    if (PyModule_AddObjectRef(module, "TypeCheckWarning",
                              st->typecheck->warning_category) < 0)
    {
        return -1;
    }
    return PyModule_AddFunctions(module, methods);
}

#endif /* HAVE_FFITYPECHECK */
