/* A call of a function whose verdict is not known yet, or that takes something
   from the library: the arguments are judged and converted, ctypes makes the
   call, and its result is given as the program expects it. */

#include "typecheck_function.h"

#ifdef HAVE_FFITYPECHECK

/* A reference to what the function has learned, or NULL. */
static struct learned *
take_learned(PyCFuncPtrObject *function)
{
    struct learned *learned;
    Py_BEGIN_CRITICAL_SECTION(function);
    learned = function->typecheck->learned;
    if (learned != NULL) {
        hold_learned(learned);
    }
    Py_END_CRITICAL_SECTION();
    return learned;
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
    if (digits == NULL) {
        return NULL;
    }
    PyObject *message = PyUnicode_FromFormat(
        "%s: argument %u: %.200s has no room in the library's %d bytes",
        name_of(call->self), index + 1, PyUnicode_AsUTF8(digits),
        (int)call->learned->parameters[index].size);
    Py_DECREF(digits);
    if (message != NULL) {
        struct place place = _ctypes_typecheck_place_of_arguments(call);
        _ctypes_typecheck_raise(&finding, message, &place);
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
    _ctypes_typecheck_refuse(call, &finding, PyUnicode_FromFormat(
        "%s: the library declares %s%u parameter%s, %zd given: %s",
        name_of(call->self), call->learned->variadic ? "at least " : "",
        fixed, fixed == 1 ? "" : "s", given,
        ftc.ftc_decl_spelling(call->self->decl)));
}

static PyObject *
copy_of_tuple(PyObject *tuple)
{
    Py_ssize_t count = PyTuple_GET_SIZE(tuple);
    PyObject *copy = PyTuple_New(count);
    for (Py_ssize_t i = 0; copy != NULL && i < count; i++) {
        PyTuple_SET_ITEM(copy, i, Py_NewRef(PyTuple_GET_ITEM(tuple, i)));
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
    PyObject *all = Py_NewRef(arguments);
    for (Py_ssize_t i = 0; all != NULL && i < count; i++) {
        PyObject *object = PyTuple_GET_ITEM(arguments, i);
        PyObject *converted = i < fixed
                              ? _ctypes_typecheck_convert(
                                  call, (unsigned int)i, object)
                              : _ctypes_typecheck_convert_variadic(
                                  call, object);
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
    return Py_NewRef(object);
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
        PyTuple_SET_ITEM(converters, i, Py_NewRef(function));
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
    PyObject *result = _ctypes_callproc(call->self->module->st, proc,
                                        converted, flags, converters, restype,
                                        checker);
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
        result = _ctypes_callproc(call->self->module->st, proc, arguments,
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
    if (PyLong_Check(object) && parameter->conversion == CONVERT_INTEGER) {
        int room = _ctypes_typecheck_has_room(object, parameter->size);
        if (room <= 0) {
            return room < 0 ? NULL : has_no_room(call, index, object);
        }
    }
    call->quiet = 1;
    PyObject *converted = _ctypes_typecheck_convert(call, index, object);
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
        PyTuple_SET_ITEM(own_converters, i, Py_NewRef(function));
        Py_DECREF(object);
    }
    result = _ctypes_callproc(call->self->module->st, proc, own, flags,
                              own_converters, restype, checker);
done:
    Py_XDECREF(function);
    Py_XDECREF(own_converters);
    Py_XDECREF(own);
    return result;
}

/* The declaration is looked at first if that was not done; then the arguments
   are judged. Takes over the reference of learned. */
static PyObject *
call_judged(PyCFuncPtrObject *function, struct learned *learned, PPROC proc,
            PyObject *arguments, int flags, PyObject *converters,
            PyObject *restype, PyObject *checker)
{
    struct call call = {
        .function = function, .self = function->typecheck, .learned = learned
    };
    PyObject *result = NULL, *read_as = restype, *read_by = checker;

    if (call.learned == NULL) {
        if (_ctypes_typecheck_settle(function) < 0) {
            goto done;
        }
        call.learned = take_learned(function);
    }
    if (call.learned != NULL && call.learned->restype != NULL) {
        read_as = call.learned->restype;
        read_by = NULL;
    }
    if (call.learned != NULL && call.learned->mark_count > 0
        && _ctypes_typecheck_judge_marked(&call, arguments) < 0)
    {
        goto done;
    }
    if (call.learned == NULL || call.learned->parameters == NULL) {
        result = _ctypes_callproc(call.self->module->st, proc, arguments,
                                  flags, converters, read_as, read_by);
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
    return result;
}

PyObject *
_ctypes_typecheck_call(PyCFuncPtrObject *function, PPROC proc,
                       PyObject *arguments, int flags, PyObject *converters,
                       PyObject *restype, PyObject *checker)
{
    PyObject *result;
    /* The function's attributes may be set to others before this is over:
       nothing comes before this, which might let other threads run. */
    Py_XINCREF(converters);
    Py_XINCREF(restype);
    Py_XINCREF(checker);
    struct learned *learned = take_learned(function);
    if (learned != NULL && learned->only_marks
        && _ctypes_typecheck_all_seen(function, learned, arguments))
    {
        drop_learned(learned);
        result = _ctypes_callproc(function->typecheck->module->st, proc,
                                  arguments, flags, converters, restype,
                                  checker);
    }
    else {
        result = call_judged(function, learned, proc, arguments, flags,
                             converters, restype, checker);
    }
    Py_XDECREF(converters);
    Py_XDECREF(restype);
    Py_XDECREF(checker);
    return result;
}

#endif /* HAVE_FFITYPECHECK */
