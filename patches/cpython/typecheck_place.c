/* Where something is declared: the line of the program that set argtypes or
   restype, or bound a prototype. What is noted is the code and the offset of
   the instruction; its line is looked up when it is to be told.

   Many bindings have one function that declares all others, and gets their
   names from its callers. The line that is of use is the caller's, which names
   what is declared. */

#include "typecheck_private.h"

#ifdef HAVE_FFITYPECHECK

#if PY_VERSION_HEX >= 0x030B0000
#  define CODE(frame) ((PyObject *)PyFrame_GetCode(frame))
#  define OFFSET(frame) PyFrame_GetLasti(frame)
#  define GLOBALS(frame) PyFrame_GetGlobals(frame)
#  define BACK(frame) PyFrame_GetBack(frame)
#else
#  define CODE(frame) new_reference((PyObject *)(frame)->f_code)
#  define OFFSET(frame) ((frame)->f_lasti)
#  define GLOBALS(frame) new_reference((frame)->f_globals)
#  define BACK(frame) \
    ((frame)->f_back \
     ? (PyFrameObject *)new_reference((PyObject *)(frame)->f_back) : NULL)
#endif

/* How many functions a name goes through at most. */
#define MOST_CALLERS 8

/* Whether code with these globals is that of the package itself. */
static int
is_of_ctypes(struct typecheck_module *module, PyObject *globals)
{
    PyObject *name = NULL;
    /* A module that was cleared has no names any more. */
    if (PyDict_Check(globals) && module->dunder_name != NULL) {
        name = DICT_GET(globals, module->dunder_name);
    }
    if (name == NULL || !IS_TEXT(name)) {
        PyErr_Clear();
        return 0;
    }
#if PY_MAJOR_VERSION < 3
    return PyString_Check(name)
           && strcmp(PyString_AS_STRING(name), "ctypes") == 0;
#else
    return PyUnicode_CompareWithASCIIString(name, "ctypes") == 0;
#endif
}

/* The frame, or the first one that called it, of other code than the
   package's own. Takes over the reference. */
static PyFrameObject *
outside(struct typecheck_module *module, PyFrameObject *frame)
{
    while (frame != NULL) {
        PyObject *globals = GLOBALS(frame);
        int own = is_of_ctypes(module, globals);
        Py_DECREF(globals);
        if (!own) {
            break;
        }
        PyFrameObject *back = BACK(frame);
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
    PyObject *code = CODE(frame);
    int result = (((PyCodeObject *)code)->co_flags & CO_OPTIMIZED) != 0;
    Py_DECREF(code);
    return result;
}

/* Whether a frame's code has the name as an attribute or a constant, which
   are interned. */
static int
mentions(PyFrameObject *frame, PyObject *name)
{
    PyObject *object = CODE(frame);
    PyCodeObject *code = (PyCodeObject *)object;
    int result = contains_object(code->co_names, name)
                 || contains_object(code->co_consts, name);
    Py_DECREF(object);
    return result;
}

/* The nearest of some callers that names the symbol, if the frame itself,
   which is a function's, does not; else the frame. Takes over the reference. */
static PyFrameObject *
naming(struct typecheck_module *module, PyFrameObject *frame,
       const char *symbol)
{
    PyObject *name = INTERN(symbol);
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
            back = outside(module, BACK(caller));
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
    place.code = CODE(frame);
    place.offset = OFFSET(frame);
    *globals = GLOBALS(frame);
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
    return new_reference(((PyCodeObject *)place->code)->co_filename);
}

int
_ctypes_typecheck_line(const struct place *place)
{
    return PyCode_Addr2Line((PyCodeObject *)place->code, place->offset);
}

/* What the warnings of a module that were shown are kept in; borrowed. */
static PyObject *
registry_of(PyObject *globals)
{
    const char *name = "__warningregistry__";
    PyObject *registry = PyDict_GetItemString(globals, name);
    if (registry != NULL) {
        return registry;
    }
    registry = PyDict_New();
    if (registry != NULL) {
        (void)PyDict_SetItemString(globals, name, registry);
        Py_DECREF(registry);
    }
    return PyDict_GetItemString(globals, name);
}

int
_ctypes_typecheck_warn(struct typecheck_module *module, PyObject *message,
                       const struct place *place, PyObject *globals)
{
    PyObject *registry = NULL, *name = NULL;
    if (place == NULL || place->code == NULL) {
        const char *text = TEXT(message);
        return text != NULL
               ? PyErr_WarnEx(module->warning_category, text, 1) : -1;
    }
    if (globals != NULL && module->dunder_name != NULL) {
        registry = registry_of(globals);
        name = DICT_GET(globals, module->dunder_name);
        if (PyErr_Occurred()) {
            return -1;
        }
    }
    PyObject *file = _ctypes_typecheck_file(place);
    int line = _ctypes_typecheck_line(place);
#if PY_MAJOR_VERSION < 3
    int result = PyErr_WarnExplicit(
        module->warning_category, TEXT(message), TEXT(file), line,
        name != NULL && PyString_Check(name) ? TEXT(name) : NULL, registry);
#else
    int result = PyErr_WarnExplicitObject(module->warning_category, message,
                                          file, line, name, registry);
#endif
    Py_DECREF(file);
    return result;
}

#endif /* HAVE_FFITYPECHECK */
