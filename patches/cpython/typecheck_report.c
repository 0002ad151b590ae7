/* What follows from a report of libffitypecheck: where a declaration does not
   agree with the library's, the policy decides whether that is raised as a
   TypeError or warned of. */

#include "typecheck_claim.h"

#ifdef HAVE_FFITYPECHECK

static int
set_text(PyObject *object, const char *name, const char *text)
{
    PyObject *value = text != NULL
                      ? PyUnicode_FromFormat("%s", text) : Py_NewRef(Py_None);
    int result = value != NULL
                 ? PyObject_SetAttrString(object, name, value) : -1;
    Py_XDECREF(value);
    return result;
}

PyObject *
_ctypes_typecheck_message(const ftc_finding *finding)
{
    if (finding->hint == NULL) {
        return PyUnicode_FromFormat("%s", finding->sentence);
    }
    return PyUnicode_FromFormat("%s (%s)", finding->sentence, finding->hint);
}

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
        return PyUnicode_FromFormat("%U\n%s%s%s", message, way_out, feed,
                                    layout);
    }
    return PyUnicode_FromFormat("%U\ndeclared at %U:%d; %s%s%s", message,
                                file, line, way_out, feed, layout);
}

void
_ctypes_typecheck_raise(const ftc_finding *finding, PyObject *message,
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
        number = PyLong_FromLong(line);
    }
    else {
        file = Py_NewRef(Py_None);
        number = Py_NewRef(Py_None);
    }
    text = text_of_error(finding, message, file, line);
    if (text != NULL) {
        error = PyObject_CallFunctionObjArgs(PyExc_TypeError, text, NULL);
    }
    PyObject *argument = finding->position == FTC_POSITION_ARGUMENT
                         ? PyLong_FromUnsignedLong(finding->argument)
                         : Py_NewRef(Py_None);
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

static enum side
side_of(const ftc_finding *finding)
{
    return finding->position == FTC_POSITION_RESULT ? RESULT : ARGUMENTS;
}

/* Warns of a finding unless that was just done. */
static int
warn_of(struct telling *telling, const ftc_finding *finding)
{
    enum side side = side_of(finding);
    uint32_t key = (finding->rule + 1) << 8 | (finding->argument & 0xff);
    if (telling->told != NULL && telling->told[side] == key) {
        return 0;
    }
    PyObject *message = _ctypes_typecheck_message(finding);
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
    const ftc_finding *finding;
    int seen[SIDES] = {0, 0};
    if (ftc.ftc_report_passes(report)) {
        return 0;
    }
    for (size_t i = 0;
         (finding = ftc.ftc_report_finding(report, i)) != NULL; i++)
    {
        if (finding->verdict != FTC_MISMATCH || seen[side_of(finding)]++) {
            continue;
        }
        if (refuses(telling->policy)) {
            PyObject *message = _ctypes_typecheck_message(finding);
            if (message != NULL) {
                _ctypes_typecheck_raise(finding, message,
                                        &telling->places[side_of(finding)]);
                Py_DECREF(message);
            }
            return -1;
        }
        if (warn_of(telling, finding) < 0) {
            return -1;
        }
    }
    return 0;
}

int
_ctypes_typecheck_check(const ftc_decl *decl, struct claim *claim,
                        ftc_type_id type, struct telling *telling,
                        const ftc_report **out)
{
    *out = NULL;
    if (type == FTC_NO_TYPE) {
        return _ctypes_typecheck_let_go();
    }
    if (ftc.ftc_check_decl(decl, claim->types, type, NULL, out) != FTC_OK) {
        return 0;
    }
    return follow_report(telling, *out);
}

#endif /* HAVE_FFITYPECHECK */
