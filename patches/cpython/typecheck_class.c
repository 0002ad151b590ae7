/* The library's types as ctypes classes, for a result that the program did not
   declare: the other way round from typecheck_claim.c. */

#include "typecheck_claim.h"

#ifdef HAVE_FFITYPECHECK

static int
is_unsigned(const ftc_types *types, const ftc_type *type)
{
    /* Of an enumeration whose integer type is not known, the target is
       void. */
    if (type->kind == FTC_TYPE_ENUMERATION) {
        type = get_type(types, type->target);
    }
    return type != NULL
           && (type->encoding == FTC_ENCODING_UNSIGNED
               || type->encoding == FTC_ENCODING_UNSIGNED_CHAR
               || type->encoding == FTC_ENCODING_UTF
               || type->encoding == FTC_ENCODING_BOOLEAN);
}

char
_ctypes_typecheck_simple_code(const ftc_types *types, const ftc_type *type)
{
    switch (type->kind) {
    case FTC_TYPE_POINTER:
        return type->size == sizeof(void *) ? 'P' : 0;
    case FTC_TYPE_ENUMERATION:
        break;
    case FTC_TYPE_BASE:
        switch (type->encoding) {
        case FTC_ENCODING_BOOLEAN:
            return type->size == sizeof(_Bool) ? '?' : 0;
        case FTC_ENCODING_FLOAT:
            return type->size == sizeof(float) ? 'f'
                   : type->size == sizeof(double) ? 'd'
                   : type->size == sizeof(long double) ? 'g' : 0;
        case FTC_ENCODING_SIGNED: case FTC_ENCODING_UNSIGNED:
        case FTC_ENCODING_SIGNED_CHAR: case FTC_ENCODING_UNSIGNED_CHAR:
        case FTC_ENCODING_UTF:
            break;
        default:
            return 0;
        }
        break;
    default:
        return 0;
    }
    int upper = is_unsigned(types, type);
    switch (type->size) {
    case 1: return upper ? 'B' : 'b';
    case sizeof(short): return upper ? 'H' : 'h';
    case sizeof(int): return upper ? 'I' : 'i';
    case sizeof(long long): return upper ? 'Q' : 'q';
    }
    return 0;
}

/* The functions below return a new reference, or NULL: with an exception set,
   or without one if there is no such class. */

/* The ctypes module's class for a simple type's letter. */
static PyObject *
simple_class(char code)
{
    static const struct {
        char code;
        const char *name;
    } names[] = {
        {'?', "c_bool"}, {'c', "c_char"}, {'b', "c_byte"}, {'B', "c_ubyte"},
        {'h', "c_short"}, {'H', "c_ushort"}, {'i', "c_int"}, {'I', "c_uint"},
        {'q', "c_longlong"}, {'Q', "c_ulonglong"}, {'f', "c_float"},
        {'d', "c_double"}, {'g', "c_longdouble"}, {'P', "c_void_p"},
        {'N', "c_size_t"},
    };
    PyObject *module = PyImport_ImportModule("ctypes");
    PyObject *found = NULL;
    for (size_t i = 0; module != NULL && i < Py_ARRAY_LENGTH(names); i++) {
        if (names[i].code == code) {
            found = PyObject_GetAttrString(module, names[i].name);
            break;
        }
    }
    Py_XDECREF(module);
    return found;
}

static PyObject *class_of(struct typecheck_module *module,
                          const ftc_types *types, ftc_type_id id, int depth);

/* A list of (name, class) of a struct's members. */
static PyObject *
fields_of(struct typecheck_module *module, const ftc_types *types,
          const ftc_type *record, int depth)
{
    PyObject *fields = PyList_New(0);
    for (uint32_t i = 0; fields != NULL && i < record->count; i++) {
        const ftc_member *member = ftc.ftc_type_member(types, record->resolved,
                                                       i);
        PyObject *class_ = NULL, *field = NULL;
        if (member != NULL && member->name != NULL
            && !(member->flags & (FTC_MEMBER_BIT_FIELD
                                  | FTC_MEMBER_BASE_CLASS)))
        {
            class_ = class_of(module, types, member->type_id, depth + 1);
        }
        if (class_ != NULL) {
            field = Py_BuildValue("(sN)", member->name, class_);
        }
        if (field == NULL || PyList_Append(fields, field) < 0) {
            Py_CLEAR(fields);
        }
        Py_XDECREF(field);
    }
    return fields;
}

/* Whether a class is laid out as a declared record: 1, 0, or -1 error. */
static int
is_laid_out_as(struct typecheck_module *module, PyObject *class_,
               const ftc_types *types, const ftc_type *record)
{
    struct claim claim;
    ftc_type_id claimed = FTC_NO_TYPE;
    const ftc_report *report;
    StgInfo *info = info_of_type(module, class_);
    if (info == NULL || (uint64_t)info->size != record->size) {
        return 0;
    }
    if (_ctypes_typecheck_claim_begin(&claim, module) == 0) {
        claimed = _ctypes_typecheck_claim_type(&claim, class_);
    }
    int result = 0;
    if (claimed == FTC_NO_TYPE) {
        result = _ctypes_typecheck_let_go();
    }
    else if (ftc.ftc_check_type(types, record->resolved, claim.types, claimed,
                                NULL, &report) == FTC_OK)
    {
        result = ftc.ftc_report_verdict(report) == FTC_MATCH;
        ftc.ftc_report_free(report);
    }
    _ctypes_typecheck_claim_end(&claim);
    return result;
}

/* A Structure with the members of a declared struct, if ctypes lays it out
   alike. Unions and bit-fields have none: ctypes does not pass them by
   value. */
static PyObject *
record_class(struct typecheck_module *module, const ftc_types *types,
             const ftc_type *type, int depth)
{
    PyObject *base = module->structure;
    PyObject *fields = fields_of(module, types, type, depth);
    if (fields == NULL) {
        return NULL;
    }
    const char *name = type->name != NULL ? type->name : "anonymous";
    PyObject *class_ = PyObject_CallFunction((PyObject *)Py_TYPE(base),
                                             "s(O){sO}", name, base,
                                             "_fields_", fields);
    Py_DECREF(fields);
    if (class_ != NULL && is_laid_out_as(module, class_, types, type) <= 0) {
        Py_CLEAR(class_);
    }
    return class_;
}

static PyObject *
array_class(struct typecheck_module *module, const ftc_types *types,
            const ftc_type *type, int depth)
{
    const ftc_type *element = get_type(types, type->target);
    if (type->size == FTC_UNKNOWN_SIZE || element == NULL
        || element->size == 0 || element->size == FTC_UNKNOWN_SIZE)
    {
        return NULL;
    }
    /* An array of char is a text, as a program would declare it. */
    int text = element->kind == FTC_TYPE_BASE && element->name != NULL
               && strcmp(element->name, "char") == 0;
    PyObject *item = text ? simple_class('c')
                          : class_of(module, types, type->target, depth + 1);
    if (item == NULL) {
        return NULL;
    }
    Py_ssize_t length = (Py_ssize_t)(type->size / element->size);
    PyObject *array = PySequence_Repeat(item, length);
    Py_DECREF(item);
    return array;
}

/* The ctypes class for a declared type. */
static PyObject *
class_of(struct typecheck_module *module, const ftc_types *types,
         ftc_type_id id, int depth)
{
    const ftc_type *type = get_type(types, id);
    if (depth > 16 || type == NULL) {
        return NULL;
    }
    if (type->kind == FTC_TYPE_STRUCT) {
        return record_class(module, types, type, depth);
    }
    if (type->kind == FTC_TYPE_ARRAY) {
        return array_class(module, types, type, depth);
    }
    char code = _ctypes_typecheck_simple_code(types, type);
    return code != 0 ? simple_class(code) : NULL;
}

PyObject *
_ctypes_typecheck_result_class(struct typecheck_module *module,
                               const ftc_types *types, ftc_type_id id)
{
    const ftc_type *type = get_type(types, id);
    if (type == NULL) {
        return NULL;
    }
    if (type->kind == FTC_TYPE_VOID) {
        return Py_NewRef(Py_None);
    }
    if (type->kind == FTC_TYPE_POINTER) {
        return simple_class('N');
    }
    return class_of(module, types, id, 0);
}

#endif /* HAVE_FFITYPECHECK */
