/* Where something is declared: the line of the program that set argtypes or
   restype, or bound a prototype. What is noted is the code and the offset of
   the instruction; its line is looked up when it is to be told. */

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

struct place
_ctypes_typecheck_here(struct typecheck_module *module, PyObject **globals)
{
    struct place place = {NULL, 0};
    PyFrameObject *frame = PyEval_GetFrame();
    Py_XINCREF(frame);
    *globals = NULL;
    while (frame != NULL) {
        PyObject *own = GLOBALS(frame);
        int skipped = is_of_ctypes(module, own);
        if (!skipped) {
            place.code = CODE(frame);
            place.offset = OFFSET(frame);
            *globals = own;     /* the running frame holds them */
        }
        Py_DECREF(own);
        PyFrameObject *back = skipped ? BACK(frame) : NULL;
        Py_DECREF(frame);
        frame = back;
    }
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
