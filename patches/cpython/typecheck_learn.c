/* What calls of a function take from the library is learned before the first
   of them: the class of the result, how each argument is converted, and which
   declared arguments are marked, because the memory that they point to has to
   be judged at each call. */

#include "typecheck_function.h"

#ifdef HAVE_FFITYPECHECK

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

void
_ctypes_typecheck_free_learned(struct learned *learned)
{
    Py_XDECREF(learned->restype);
    drop_parameters(learned);
    for (unsigned int i = 0; i < learned->mark_count; i++) {
        Py_XDECREF(learned->marks[i].pointee);
        Py_XDECREF(learned->marks[i].seen.type);
    }
    PyMem_Free(learned->marks);
    PyMem_Free(learned);
}

static int
learn_parameter(const ftc_types *types, ftc_type_id function, uint32_t index,
                struct parameter *out)
{
    const ftc_parameter *parameter = ftc.ftc_type_parameter(types, function,
                                                            index);
    const ftc_type *type = parameter != NULL
                           ? get_type(types, parameter->type_id) : NULL;
    if (type == NULL) {
        return -1;
    }
    out->size = type->size;
    switch (type->kind) {
    case FTC_TYPE_STRUCT: case FTC_TYPE_UNION: case FTC_TYPE_CLASS:
        out->conversion = CONVERT_RECORD;
        return type->flags & FTC_TYPE_FLAG_BY_REFERENCE ? -1 : 0;
    default:
        break;
    }
    switch (_ctypes_typecheck_simple_code(types, type)) {
    case 0:
        return -1;
    case 'P':
        out->conversion = CONVERT_POINTER;
        out->pointee = type->target;
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
    const ftc_type *type = get_type(types, ftc.ftc_decl_type(decl));
    if (type == NULL
        || ftc.ftc_decl_prep_cif(decl, &learned->cif,
                                 FFI_DEFAULT_ABI) != FTC_OK
        || type->count != learned->cif.nargs)
    {
        return 0;
    }
    struct parameter *parameters = PyMem_Calloc(1, (type->count + 1)
                                          * sizeof(*parameters));
    if (parameters == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (uint32_t i = 0; i < type->count; i++) {
        if (learn_parameter(types, type->resolved, i, &parameters[i]) < 0) {
            PyMem_Free(parameters);
            return 0;
        }
    }
    learned->variadic = (type->flags & FTC_TYPE_FLAG_VARIADIC) != 0;
    learned->parameters = parameters;
    return 0;
}

/* A result that is no integer, and that no class could be made for: an int
   would be read from where it is not. */
static int
needs_restype(struct typecheck *self, const ftc_types *types, ftc_type_id id)
{
    const ftc_type *type = get_type(types, id);
    if (type == NULL) {
        return 0;
    }
    switch (type->kind) {
    case FTC_TYPE_STRUCT: case FTC_TYPE_UNION: case FTC_TYPE_CLASS:
    case FTC_TYPE_ARRAY:
        break;
    case FTC_TYPE_BASE:
        if (_ctypes_typecheck_simple_code(types, type) == 0) {
            break;
        }
        /* fall through */
    default:
        return 0;
    }
    const char *spelling = ftc.ftc_type_spelling(types, id);
    PyObject *message = PyUnicode_FromFormat(
        "%s: result: the library returns '%s' by value, which needs a restype",
        name_of(self), spelling != NULL ? spelling : "a type");
    if (message == NULL) {
        return -1;
    }
    int result = -1;
    if (refuses(self->policy)) {
        ftc_finding finding = {.position = FTC_POSITION_RESULT, .path = ""};
        _ctypes_typecheck_raise(&finding, message, NULL);
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
contradicts(const ftc_report *report, ftc_position position,
            uint32_t argument)
{
    const ftc_finding *finding;
    for (size_t i = 0;
         (finding = ftc.ftc_report_finding(report, i)) != NULL; i++)
    {
        if (finding->verdict == FTC_MISMATCH && finding->position == position
            && finding->argument == argument && *finding->path == '\0')
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
    int swapped = _ctypes_typecheck_is_swapped(type);
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
    int callable = info_of_type(self->module, restype) == NULL;
    int number = callable ? 0 : is_number_class(self->module, restype);
    if (number < 0) {
        return _ctypes_typecheck_let_go();
    }
    if (!number && !callable) {
        return 0;
    }
    learned->restype = _ctypes_typecheck_result_class(self->module, types, id);
    if (learned->restype == NULL) {
        return _ctypes_typecheck_let_go();
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
    learned->restype = _ctypes_typecheck_result_class(self->module, types, id);
    if (learned->restype == NULL) {
        return _ctypes_typecheck_let_go() < 0
               ? -1 : needs_restype(self, types, id);
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
        const ftc_type *type = get_type(types, id);
        learned->gives = 1;
        if (type != NULL && type->size == sizeof(int)) {
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
    learned->repaired = PyMem_Calloc(1, learned->cif.nargs + 1);
    if (learned->repaired == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (unsigned int i = 0; i < count; i++) {
        PyObject *type = PyTuple_GET_ITEM(declared->argtypes, i);
        int wrong = contradicts(report, FTC_POSITION_ARGUMENT, i + 1);
        if (wrong && _ctypes_typecheck_has_own_from_param(type) == 0
            && is_number_class(self->module, type) > 0)
        {
            learned->repaired[i] = 1;
            any = 1;
        }
        if (_ctypes_typecheck_let_go() < 0) {
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
    const ftc_finding *finding;
    if (!ftc.ftc_report_at_call(report)) {
        return 0;
    }
    learned->marks = PyMem_Calloc(1, ftc.ftc_report_count(report)
                            * sizeof(*learned->marks));
    if (learned->marks == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (size_t i = 0;
         (finding = ftc.ftc_report_finding(report, i)) != NULL; i++)
    {
        int known = !(finding->flags & FTC_FINDING_AT_CALL)
                    || finding->position != FTC_POSITION_ARGUMENT;
        for (unsigned int j = 0; j < learned->mark_count; j++) {
            known |= learned->marks[j].index + 1 == finding->argument;
        }
        if (!known && declared->argtypes != NULL
            && finding->argument <= PyTuple_GET_SIZE(declared->argtypes))
        {
            struct mark *mark = &learned->marks[learned->mark_count++];
            PyObject *type = PyTuple_GET_ITEM(declared->argtypes,
                                              finding->argument - 1);
            mark->index = finding->argument - 1;
            if (is_a(type, self->module->pointer)) {
                mark->pointee = info_of_type(self->module, type)->proto;
                Py_XINCREF(mark->pointee);
            }
        }
    }
    return 0;
}

int
_ctypes_typecheck_learn(struct typecheck *self, const ftc_decl *decl,
                        const struct declared *declared,
                        const ftc_report *report, struct learned **out)
{
    const ftc_types *types = ftc.ftc_decl_types(decl);
    const ftc_type *type = get_type(types, ftc.ftc_decl_type(decl));
    if (ftc.ftc_decl_kind(decl) != FTC_DECL_FUNCTION || type == NULL) {
        return 0;
    }
    struct learned *learned = PyMem_Calloc(1, sizeof(*learned));
    if (learned == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    learned->references = 1;
    learned->policy = self->policy;
    int result = learn_result(self, learned, types, type->target, declared,
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
    learned->only_marks = learned->restype == NULL
                          && learned->parameters == NULL;
    if (result < 0 || (learned->only_marks && learned->mark_count == 0)) {
        drop_learned(learned);
        learned = NULL;
    }
    *out = learned;
    return result;
}

#endif /* HAVE_FFITYPECHECK */
