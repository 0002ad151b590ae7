/* An argument is judged at the call: whether its type is what the library's
   parameter takes, and whether the memory that it points to is long enough and
   laid out as the library needs it. What is not is refused, or warned of. */

#include "typecheck_function.h"

#ifdef HAVE_FFITYPECHECK

struct place
_ctypes_typecheck_place_of_arguments(struct call *call)
{
    struct place place;
    Py_BEGIN_CRITICAL_SECTION(call->function);
    place = call->self->places[ARGUMENTS];
    Py_XINCREF(place.code);
    Py_END_CRITICAL_SECTION();
    return place;
}

int
_ctypes_typecheck_refuse(struct call *call, const ftc_finding *finding,
                         PyObject *message)
{
    struct place place = {NULL, 0};
    enum policy policy = call->learned->policy;
    call->refused = 1;
    if (call->learned->parameters == NULL || call->learned->repaired != NULL) {
        place = _ctypes_typecheck_place_of_arguments(call);
    }
    if (message == NULL) {
        /* The exception is set. */
    }
    else if (refuses(policy) || (call->short_ && policy == POLICY_REPAIR)) {
        _ctypes_typecheck_raise(finding, message, &place);
    }
    else if (!call->quiet) {
        (void)_ctypes_typecheck_warn(call->self->module, message, &place,
                                     NULL);
    }
    Py_XDECREF(message);
    _ctypes_typecheck_drop_place(&place);
    return -1;
}

/* Whether there are fewer bytes than what the library declares has. */
static int
is_short(const struct call *call, unsigned int index, size_t bytes)
{
    const ftc_types *types = ftc.ftc_decl_types(call->self->decl);
    const ftc_parameter *parameter = ftc.ftc_type_parameter(
        types, ftc.ftc_decl_type(call->self->decl), index);
    const ftc_type *type = parameter != NULL
                           ? get_type(types, parameter->type_id) : NULL;
    type = type != NULL ? get_type(types, type->target) : NULL;
    return type != NULL && type->size != FTC_UNKNOWN_SIZE
           && bytes < type->size;
}

/* Whether the memory that an argument points to is what the library needs. */
static int
check_memory(struct call *call, unsigned int index,
             const struct memory *memory)
{
    const ftc_report *report;
    const ftc_finding *finding;
    struct claim claim;
    ftc_type_id made = FTC_NO_TYPE;
    ftc_memory owned = FTC_MEMORY_INIT;
    owned.flags = FTC_MEMORY_OWNED;
    owned.address = (uintptr_t)memory->address;
    owned.bytes = memory->bytes;
    if (_ctypes_typecheck_claim_begin(&claim, call->self->module) == 0) {
        made = memory->type != NULL
               ? _ctypes_typecheck_claim_type(&claim, memory->type) : 0;
    }
    int result = 0;
    if (made == FTC_NO_TYPE) {
        result = _ctypes_typecheck_let_go();
    }
    else if (ftc.ftc_check_argument(call->self->decl, index + 1, claim.types,
                                    made, &owned, NULL, &report) == FTC_OK)
    {
        if (!ftc.ftc_report_passes(report)
            && (finding = ftc.ftc_report_finding(report, 0)) != NULL)
        {
            call->short_ = is_short(call, index, memory->bytes);
            result = _ctypes_typecheck_refuse(
                call, finding, _ctypes_typecheck_message(finding));
            call->short_ = 0;
        }
        ftc.ftc_report_free(report);
    }
    _ctypes_typecheck_claim_end(&claim);
    return result;
}

/* The power of two that an address is a multiple of, up to a page. */
static int
alignment_of(const char *address)
{
    uintptr_t bits = (uintptr_t)address | 4096;
    return (int)(bits & (~bits + 1));
}

/* Whether memory like this, or less of it, passed before. */
static int
is_seen(PyCFuncPtrObject *function, const struct seen *seen,
        const struct memory *memory)
{
    int known;
    Py_BEGIN_CRITICAL_SECTION(function);
    known = seen->any && seen->type == memory->type
            && memory->bytes >= seen->bytes
            && alignment_of(memory->address) >= seen->alignment;
    Py_END_CRITICAL_SECTION();
    return known;
}

int
_ctypes_typecheck_judge(struct call *call, unsigned int index,
                        PyObject *argument, PyObject *pointee,
                        struct seen *seen, int by_type)
{
    struct memory memory;
    if (!_ctypes_typecheck_memory(call->self->module, argument, pointee,
                                  &memory))
    {
        return 0;
    }
    if (!by_type) {
        memory.type = NULL;
    }
    if (is_seen(call->function, seen, &memory)) {
        return 0;
    }
    Py_XINCREF(memory.type);
    if (check_memory(call, index, &memory) < 0) {
        Py_XDECREF(memory.type);
        return -1;
    }
    Py_BEGIN_CRITICAL_SECTION(call->function);
    int same = seen->any && seen->type == memory.type;
    int alignment = alignment_of(memory.address);
    PyObject *previous = seen->type;
    seen->any = 1;
    seen->type = memory.type;
    seen->bytes = same ? Py_MIN(seen->bytes, memory.bytes) : memory.bytes;
    seen->alignment = same ? Py_MIN(seen->alignment, alignment) : alignment;
    memory.type = previous;
    Py_END_CRITICAL_SECTION();
    Py_XDECREF(memory.type);
    return 0;
}

int
_ctypes_typecheck_all_seen(PyCFuncPtrObject *function, struct learned *learned,
                           PyObject *arguments)
{
    struct typecheck_module *module = function->typecheck->module;
    for (unsigned int i = 0; i < learned->mark_count; i++) {
        struct mark *mark = &learned->marks[i];
        struct memory memory;
        if (mark->index >= PyTuple_GET_SIZE(arguments)) {
            continue;
        }
        PyObject *object = PyTuple_GET_ITEM(arguments, mark->index);
        if (class_of_data(module, Py_TYPE(object)) == NULL
            && !PyCArg_CheckExact(module->st, object))
        {
            return 0;
        }
        if (_ctypes_typecheck_memory(module, object, mark->pointee, &memory)
            && !is_seen(function, &mark->seen, &memory))
        {
            return 0;
        }
    }
    return 1;
}

/* What stands for an object as an argument: its _as_parameter_, if it is none
   that ctypes passes as it is. A new reference. */
static PyObject *
stand_in(struct call *call, PyObject *object)
{
    Py_INCREF(object);
    for (int depth = 0; depth < 16; depth++) {
        PyObject *inner;
        if (class_of_data(call->self->module, Py_TYPE(object)) != NULL
            || PyCArg_CheckExact(call->self->module->st, object)
            || object == Py_None || PyLong_Check(object)
            || PyBytes_Check(object) || PyUnicode_Check(object))
        {
            break;
        }
        if (PyObject_GetOptionalAttrString(object, "_as_parameter_",
                                        &inner) <= 0)
        {
            /* ctypes asks once more, and says itself what is wrong. */
            PyErr_Clear();
            break;
        }
        Py_DECREF(object);
        object = inner;
    }
    return object;
}

int
_ctypes_typecheck_judge_marked(struct call *call, PyObject *arguments)
{
    struct learned *learned = call->learned;
    for (unsigned int i = 0; i < learned->mark_count; i++) {
        struct mark *mark = &learned->marks[i];
        int told = CTYPES_LOAD_INT(mark->told);
        if (mark->index >= PyTuple_GET_SIZE(arguments)
            || (told && learned->policy == POLICY_WARN))
        {
            continue;
        }
        PyObject *object = PyTuple_GET_ITEM(arguments, mark->index);
        object = stand_in(call, object);
        call->quiet = told;
        int result = _ctypes_typecheck_judge(call, mark->index, object,
                                             mark->pointee, &mark->seen, 1);
        call->quiet = 0;
        Py_DECREF(object);
        if (result < 0) {
            if (PyErr_Occurred()) {
                return -1;
            }
            CTYPES_STORE_INT(mark->told, 1);
        }
    }
    return 0;
}

/* Whether the type of an object fits the parameter, or with address a pointer
   to it; *at_call: as far as the memory is not concerned. */
static int
check_argument(struct call *call, unsigned int index, PyObject *type,
               int address, int *at_call)
{
    const ftc_report *report;
    const ftc_finding *finding;
    struct claim claim;
    ftc_type_id claimed = FTC_NO_TYPE;
    size_t count = call->learned->cif.nargs;
    uint32_t flags = call->learned->variadic ? FTC_TYPE_FLAG_VARIADIC : 0;

    if (_ctypes_typecheck_claim_begin(&claim, call->self->module) == 0) {
        claimed = _ctypes_typecheck_claim_argument(&claim, count, flags, index,
                                                   type, address);
    }
    int result = 0;
    if (claimed == FTC_NO_TYPE) {
        result = _ctypes_typecheck_let_go();
    }
    else if (ftc.ftc_check_decl(call->self->decl, claim.types, claimed, NULL,
                                &report) == FTC_OK)
    {
        if (!ftc.ftc_report_passes(report)
            && (finding = ftc.ftc_report_finding(report, 0)) != NULL)
        {
            result = _ctypes_typecheck_refuse(
                call, finding, _ctypes_typecheck_message(finding));
        }
        *at_call = ftc.ftc_report_at_call(report);
        ftc.ftc_report_free(report);
    }
    _ctypes_typecheck_claim_end(&claim);
    return result;
}

int
_ctypes_typecheck_fits(struct call *call, unsigned int index, PyObject *object,
                       PyObject *type, int address)
{
    struct parameter *parameter = &call->learned->parameters[index];
    PyObject *previous;
    int known, at_call = 0;
    Py_BEGIN_CRITICAL_SECTION(call->function);
    known = parameter->accepted == type
            && parameter->accepted_address == address;
    if (known) {
        at_call = parameter->at_call;
    }
    Py_END_CRITICAL_SECTION();
    if (!known) {
        if (check_argument(call, index, type, address, &at_call) < 0) {
            return -1;
        }
        Py_INCREF(type);
        Py_BEGIN_CRITICAL_SECTION(call->function);
        previous = parameter->accepted;
        parameter->accepted = type;
        parameter->accepted_address = address;
        parameter->at_call = at_call;
        Py_END_CRITICAL_SECTION();
        Py_XDECREF(previous);
    }
    /* Of a pointer that has the right type, it may have been made by a cast;
       of everything else, the type has the bytes that it says. */
    if (!at_call && PyCArg_CheckExact(call->self->module->st, object)) {
        return 0;
    }
    return _ctypes_typecheck_judge(call, index, object, NULL, &parameter->seen,
                                   at_call);
}

#endif /* HAVE_FFITYPECHECK */
