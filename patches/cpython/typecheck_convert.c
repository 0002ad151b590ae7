/* A Python object becomes an argument of the type that the library declares,
   where the program declared none or its own is repaired. */

#include "typecheck_function.h"

#ifdef HAVE_FFITYPECHECK

/* Raises a TypeError that names the parameter, what the library declares and
   what was given. */
static PyObject *
cannot_convert(struct call *call, unsigned int index, PyObject *object)
{
    const ftc_types *types = ftc.ftc_decl_types(call->self->decl);
    const ftc_parameter *parameter = ftc.ftc_type_parameter(
        types, ftc.ftc_decl_type(call->self->decl), index);
    ftc_finding finding = {
        .position = FTC_POSITION_ARGUMENT, .argument = index + 1, .path = ""
    };
    char spelling[256] = "";
    if (parameter != NULL) {
        (void)ftc.ftc_type_spell(types, parameter->type_id, parameter->name,
                                 spelling, sizeof(spelling), NULL);
    }
    _ctypes_typecheck_refuse(call, &finding, PyUnicode_FromFormat(
        "%s: argument %u: the library declares '%s', got %.200s",
        name_of(call->self), index + 1, spelling, Py_TYPE(object)->tp_name));
    return NULL;
}

/* An argument of the parameter's own type, whose value is to be filled in. */
static PyCArgObject *
new_argument(struct call *call, unsigned int index)
{
    PyCArgObject *argument = PyCArgObject_new(call->self->module->st);
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
    unsigned long long value = PyLong_AsUnsignedLongLongMask(number);
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
        int inside = CDataObject_Check(call->self->module->st, carg->obj)
                     && carg->value.p != ((CDataObject *)carg->obj)->b_ptr;
        if (inside
            ? _ctypes_typecheck_judge(call, index, object, NULL,
                                      &parameter->seen, 1) < 0
            : _ctypes_typecheck_fits(call, index, object,
                                     (PyObject *)Py_TYPE(carg->obj), 1) < 0)
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
    return Py_NewRef(object);
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
    if (_ctypes_typecheck_fits(call, index, object, type,
                               is_a(type, module->array)) < 0)
    {
        return NULL;
    }
    if (needed == CONVERT_POINTER) {
        return Py_NewRef(object);
    }
    StgInfo *info = info_of_object(module, object);
    PyCArgObject *carg = info->paramfunc(module->st, (CDataObject *)object);
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
        && _ctypes_typecheck_fits(call, index, object,
                                  (PyObject *)Py_TYPE(object), 0) < 0)
    {
        return NULL;
    }
    PyObject *value = code == 'c' || code == 'u'
                      ? number_of_character((CDataObject *)object, code)
                      : PyObject_GetAttrString(object, "value");
    if (value == NULL) {
        return NULL;
    }
    PyObject *result = _ctypes_typecheck_convert(call, index, value);
    Py_DECREF(value);
    return result;
}

/* bytes and str: as ctypes passes them, where the library reads such. */
static PyObject *
convert_text(struct call *call, unsigned int index, PyObject *object)
{
    struct parameter *parameter = &call->learned->parameters[index];
    const ftc_types *types = ftc.ftc_decl_types(call->self->decl);
    const ftc_type *pointee = parameter->conversion == CONVERT_POINTER
                              ? get_type(types, parameter->pointee) : NULL;
    if (pointee == NULL || pointee->kind == FTC_TYPE_FUNCTION) {
        return cannot_convert(call, index, object);
    }
    int wide = pointee->kind == FTC_TYPE_VOID
               || (pointee->kind == FTC_TYPE_BASE
                   && pointee->size == sizeof(wchar_t));
    if (!PyBytes_Check(object) && !wide) {
        return cannot_convert(call, index, object);
    }
    if (PyBytes_Check(object)
        && _ctypes_typecheck_judge(call, index, object, NULL,
                                   &parameter->seen, 0) < 0)
    {
        return NULL;
    }
    return Py_NewRef(object);
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
        || (conversion != CONVERT_FLOAT && !PyLong_Check(object)))
    {
        return cannot_convert(call, index, object);
    }
    if (conversion == CONVERT_INTEGER && passes_as_int(call, index, object)) {
        return Py_NewRef(object);
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
    return room == 0 ? Py_NewRef(object) : (PyObject *)argument;
}

PyObject *
_ctypes_typecheck_convert(struct call *call, unsigned int index,
                          PyObject *object)
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
    if (PyCArg_CheckExact(module->st, object)) {
        return convert_carg(call, index, object);
    }
    if (object == Py_None
        && call->learned->parameters[index].conversion == CONVERT_POINTER)
    {
        return Py_NewRef(object);
    }
    if (PyLong_Check(object) || PyFloat_Check(object)) {
        return convert_number(call, index, object);
    }
    if (PyBytes_Check(object) || PyUnicode_Check(object)) {
        return convert_text(call, index, object);
    }
    PyObject *inner, *result = NULL;
    int found = PyObject_GetOptionalAttrString(object, "_as_parameter_",
                                               &inner);
    if (found <= 0) {
        return found < 0 ? NULL : cannot_convert(call, index, object);
    }
    if (!Py_EnterRecursiveCall(" in _as_parameter_")) {
        result = _ctypes_typecheck_convert(call, index, inner);
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
        return PyErr_Occurred() ? NULL : Py_NewRef(object);
    }
    PyCArgObject *carg = PyCArgObject_new(call->self->module->st);
    if (carg != NULL) {
        carg->tag = 'q';
        carg->pffi_type = &ffi_type_sint64;
        carg->value.q = (long long)PyLong_AsUnsignedLongLongMask(object);
    }
    return (PyObject *)carg;
}

PyObject *
_ctypes_typecheck_convert_variadic(struct call *call, PyObject *object)
{
    struct typecheck_module *module = call->self->module;
    PyCArgObject *carg;
    if (PyFloat_Check(object)) {
        carg = PyCArgObject_new(module->st);
        if (carg != NULL) {
            carg->tag = 'd';
            carg->pffi_type = &ffi_type_double;
            carg->value.d = PyFloat_AS_DOUBLE(object);
        }
        return (PyObject *)carg;
    }
    if (PyLong_Check(object)) {
        return convert_variadic_integer(call, object);
    }
    StgInfo *info = info_of_object(module, object);
    if (info == NULL || !is_a((PyObject *)Py_TYPE(object), module->simple)) {
        return Py_NewRef(object);
    }
    carg = info->paramfunc(module->st, (CDataObject *)object);
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

#endif /* HAVE_FFITYPECHECK */
