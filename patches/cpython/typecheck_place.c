/* Where something is declared: the line of the program that set argtypes or
   restype, or bound a prototype. What is noted is the code and the offset of
   the instruction; its line is looked up when it is to be told.

   Many bindings have one function that declares all others, and gets their
   names from its callers. The line that is of use is the caller's, which names
   what is declared. */

#include "typecheck_private.h"

#ifdef HAVE_FFITYPECHECK

/* How many functions a name goes through at most. */
#define MOST_CALLERS 8

/* Whether code with these globals is that of the package itself. */
static int
is_of_ctypes(struct typecheck_module *module, PyObject *globals)
{
    PyObject *name = NULL;
    int result = 0;
    /* A module that was cleared has no names any more. */
    if (!PyDict_Check(globals) || module->dunder_name == NULL) {
        return 0;
    }
    if (PyDict_GetItemRef(globals, module->dunder_name, &name) < 0) {
        PyErr_Clear();
        return 0;
    }
    if (name != NULL && PyUnicode_Check(name)) {
        result = PyUnicode_CompareWithASCIIString(name, "ctypes") == 0;
    }
    Py_XDECREF(name);
    return result;
}

/* The frame, or the first one that called it, of other code than the
   package's own. Takes over the reference. */
static PyFrameObject *
outside(struct typecheck_module *module, PyFrameObject *frame)
{
    while (frame != NULL) {
        PyObject *globals = PyFrame_GetGlobals(frame);
        int own = is_of_ctypes(module, globals);
        Py_DECREF(globals);
        if (!own) {
            break;
        }
        PyFrameObject *back = PyFrame_GetBack(frame);
        Py_DECREF(frame);
        frame = back;
    }
    return frame;
}

static int
contains_object(PyObject *tuple, PyObject *object)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); i++) {
        if (PyTuple_GET_ITEM(tuple, i) == object) {
            return 1;
        }
    }
    return 0;
}

/* Whether a frame's code is that of a function, and not a module's. */
static int
is_function(PyFrameObject *frame)
{
    PyCodeObject *code = PyFrame_GetCode(frame);
    int result = (code->co_flags & CO_OPTIMIZED) != 0;
    Py_DECREF(code);
    return result;
}

/* Whether a frame's code has the name as an attribute or a constant, which
   are interned. */
static int
mentions(PyFrameObject *frame, PyObject *name)
{
    PyCodeObject *code = PyFrame_GetCode(frame);
    int result = contains_object(code->co_names, name)
                 || contains_object(code->co_consts, name);
    Py_DECREF(code);
    return result;
}

/* The nearest of some callers that names the symbol, if the frame itself,
   which is a function's, does not; else the frame. Takes over the
   reference. */
static PyFrameObject *
naming(struct typecheck_module *module, PyFrameObject *frame,
       const char *symbol)
{
    PyObject *name = PyUnicode_InternFromString(symbol);
    PyFrameObject *found = NULL, *caller = frame;
    if (name == NULL) {
        PyErr_Clear();
        return frame;
    }
    Py_INCREF(caller);
    for (int depth = 0; caller != NULL; depth++) {
        if (mentions(caller, name)) {
            found = caller;
            break;
        }
        PyFrameObject *back = NULL;
        if (depth < MOST_CALLERS && is_function(caller)) {
            back = outside(module, PyFrame_GetBack(caller));
        }
        Py_DECREF(caller);
        caller = back;
    }
    Py_DECREF(name);
    if (found == NULL) {
        return frame;
    }
    Py_DECREF(frame);
    return found;
}

struct place
_ctypes_typecheck_here(struct typecheck_module *module, const char *symbol,
                       PyObject **globals)
{
    struct place place = {NULL, 0};
    PyFrameObject *frame = PyEval_GetFrame();
    Py_XINCREF(frame);
    frame = outside(module, frame);
    *globals = NULL;
    if (frame == NULL) {
        return place;
    }
    if (symbol != NULL && is_function(frame)) {
        frame = naming(module, frame, symbol);
    }
    place.code = (PyObject *)PyFrame_GetCode(frame);
    place.offset = PyFrame_GetLasti(frame);
    *globals = PyFrame_GetGlobals(frame);
    Py_DECREF(*globals);        /* a running frame holds them */
    Py_DECREF(frame);
    return place;
}

void
_ctypes_typecheck_drop_place(struct place *place)
{
    Py_CLEAR(place->code);
}

PyObject *
_ctypes_typecheck_file(const struct place *place)
{
    return Py_NewRef(((PyCodeObject *)place->code)->co_filename);
}

int
_ctypes_typecheck_line(const struct place *place)
{
    return PyCode_Addr2Line((PyCodeObject *)place->code, place->offset);
}

/* What the warnings of a module that were shown are kept in. A new
   reference. */
static PyObject *
registry_of(PyObject *globals)
{
    const char *name = "__warningregistry__";
    PyObject *registry;
    if (PyDict_GetItemStringRef(globals, name, &registry) != 0) {
        return registry;
    }
    registry = PyDict_New();
    if (registry != NULL
        && PyDict_SetItemString(globals, name, registry) < 0)
    {
        Py_CLEAR(registry);
    }
    return registry;
}

int
_ctypes_typecheck_warn(struct typecheck_module *module, PyObject *message,
                       const struct place *place, PyObject *globals)
{
    PyObject *registry = NULL, *name = NULL;
    if (place == NULL || place->code == NULL) {
        const char *text = PyUnicode_AsUTF8(message);
        return text != NULL
               ? PyErr_WarnEx(module->warning_category, text, 1) : -1;
    }
    if (globals != NULL && module->dunder_name != NULL) {
        registry = registry_of(globals);
        if (registry == NULL
            || PyDict_GetItemRef(globals, module->dunder_name, &name) < 0)
        {
            Py_XDECREF(registry);
            return -1;
        }
    }
    PyObject *file = _ctypes_typecheck_file(place);
    int result = PyErr_WarnExplicitObject(module->warning_category, message,
                                          file, _ctypes_typecheck_line(place),
                                          name, registry);
    Py_DECREF(file);
    Py_XDECREF(name);
    Py_XDECREF(registry);
    return result;
}

#endif /* HAVE_FFITYPECHECK */
