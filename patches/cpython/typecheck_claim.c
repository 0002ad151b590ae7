/* The types that a program declares, as libffitypecheck is told them: of each
   ctypes class the size, the members and where they lie, what it points to.
   Such a claim is then held against what the library declares. */

#include "typecheck_claim.h"

#ifdef HAVE_FFITYPECHECK

#include <wchar.h>

/* A function of libffitypecheck that is given FTC_NO_TYPE returns FTC_NO_TYPE,
   so that errors are mostly passed on by calling the next one. */

#define CHAR_ENCODING \
    (CHAR_MIN < 0 ? FTC_ENCODING_SIGNED_CHAR : FTC_ENCODING_UNSIGNED_CHAR)
#define WCHAR_ENCODING \
    (WCHAR_MIN < 0 ? FTC_ENCODING_SIGNED : FTC_ENCODING_UNSIGNED)

static ftc_type_id
claim_of_simple(struct claim *self, PyObject *type)
{
    static const struct {
        char code;
        ftc_encoding encoding;
        uint64_t size;
    } codes[] = {
        {'c', CHAR_ENCODING, 1},
        {'b', FTC_ENCODING_SIGNED_CHAR, 1},
        {'B', FTC_ENCODING_UNSIGNED_CHAR, 1},
        {'h', FTC_ENCODING_SIGNED, sizeof(short)},
        {'H', FTC_ENCODING_UNSIGNED, sizeof(short)},
        {'i', FTC_ENCODING_SIGNED, sizeof(int)},
        {'I', FTC_ENCODING_UNSIGNED, sizeof(int)},
        {'l', FTC_ENCODING_SIGNED, sizeof(long)},
        {'L', FTC_ENCODING_UNSIGNED, sizeof(long)},
        {'q', FTC_ENCODING_SIGNED, sizeof(long long)},
        {'Q', FTC_ENCODING_UNSIGNED, sizeof(long long)},
        {'f', FTC_ENCODING_FLOAT, sizeof(float)},
        {'d', FTC_ENCODING_FLOAT, sizeof(double)},
        {'g', FTC_ENCODING_FLOAT, sizeof(long double)},
        {'?', FTC_ENCODING_BOOLEAN, sizeof(_Bool)},
        {'u', WCHAR_ENCODING, sizeof(wchar_t)},
    };
    ftc_claim *claim = self->claim;
    ftc_type_id target;
    int code = _ctypes_typecheck_code(type);
    switch (code) {
    case -1:
        return FTC_NO_TYPE;
    case 'O':
        target = ftc.ftc_claim_record(claim, FTC_TYPE_STRUCT, "_object");
        return ftc.ftc_claim_pointer(claim, target);
    case 'z':
        target = ftc.ftc_claim_base(claim, CHAR_ENCODING, 1, 0);
        return ftc.ftc_claim_pointer(claim, target);
    case 'Z':
        target = ftc.ftc_claim_base(claim, WCHAR_ENCODING, sizeof(wchar_t), 0);
        return ftc.ftc_claim_pointer(claim, target);
    case 'P':
        return ftc.ftc_claim_pointer(claim, 0);
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(codes); i++) {
        if (codes[i].code != code) {
            continue;
        }
        int swapped = codes[i].size > 1
                      ? _ctypes_typecheck_is_swapped(type) : 0;
        if (swapped < 0) {
            return FTC_NO_TYPE;
        }
        return ftc.ftc_claim_base(claim, codes[i].encoding, codes[i].size,
                                  swapped ? FTC_TYPE_FLAG_SWAPPED : 0);
    }
    return ftc.ftc_claim_any(claim);
}

ftc_type_id
_ctypes_typecheck_claim_remember(struct claim *self, PyObject *type,
                                 ftc_type_id id)
{
    if (id == FTC_NO_TYPE) {
        return FTC_NO_TYPE;
    }
    PyObject *number = PyLong_FromUnsignedLong(id);
    if (number == NULL || PyDict_SetItem(self->known, type, number) < 0) {
        id = FTC_NO_TYPE;
    }
    Py_XDECREF(number);
    return id;
}

/* A pointer type without a _type_ yet points to anything. */
static ftc_type_id
claim_of_pointer(struct claim *self, PyObject *type)
{
    ftc_type_id target = 0;
    PyObject *pointee;
    int found = PyObject_GetOptionalAttrString(type, "_type_", &pointee);
    if (found < 0) {
        return FTC_NO_TYPE;
    }
    if (found > 0 && PyType_Check(pointee)) {
        target = _ctypes_typecheck_claim_type(self, pointee);
    }
    Py_XDECREF(pointee);
    return ftc.ftc_claim_pointer(self->claim, target);
}

static ftc_type_id
claim_of_array(struct claim *self, PyObject *type)
{
    ftc_type_id element = FTC_NO_TYPE;
    Py_ssize_t count = 0;
    PyObject *item = PyObject_GetAttrString(type, "_type_");
    if (item == NULL) {
        return FTC_NO_TYPE;
    }
    if (_ctypes_typecheck_size(type, "_length_", &count) == 0) {
        element = _ctypes_typecheck_claim_type(self, item);
    }
    Py_DECREF(item);
    return ftc.ftc_claim_array(self->claim, element, (uint64_t)count);
}

static ftc_type_id
claim_of_parameter(struct claim *self, PyObject *type)
{
    int own = _ctypes_typecheck_has_own_from_param(type);
    if (own < 0) {
        return FTC_NO_TYPE;
    }
    if (own || info_of_type(self->module, type) == NULL) {
        return ftc.ftc_claim_any(self->claim);
    }
    return _ctypes_typecheck_claim_type(self, type);
}

static ftc_type_id
claim_of_result(struct claim *self, PyObject *restype)
{
    if (restype == NULL) {
        return ftc.ftc_claim_any(self->claim);
    }
    if (restype == Py_None) {
        return 0;
    }
    if (info_of_type(self->module, restype) == NULL) {
        /* A callable gets an int. */
        return ftc.ftc_claim_base(self->claim, FTC_ENCODING_SIGNED,
                                  sizeof(int), 0);
    }
    return _ctypes_typecheck_claim_type(self, restype);
}

ftc_type_id
_ctypes_typecheck_claim_function(struct claim *self, PyObject *argtypes,
                                 PyObject *restype)
{
    Py_ssize_t count = argtypes != NULL ? PyTuple_GET_SIZE(argtypes) : 0;
    ftc_type_id *parameters = PyMem_New(ftc_type_id, Py_MAX(count, 1));
    if (parameters == NULL) {
        PyErr_NoMemory();
        return FTC_NO_TYPE;
    }
    ftc_type_id result = claim_of_result(self, restype), last = result;
    for (Py_ssize_t i = 0; last != FTC_NO_TYPE && i < count; i++) {
        last = claim_of_parameter(self, PyTuple_GET_ITEM(argtypes, i));
        parameters[i] = last;
    }
    if (last != FTC_NO_TYPE) {
        last = ftc.ftc_claim_function(
            self->claim, result, (size_t)count, parameters,
            argtypes != NULL ? 0 : FTC_TYPE_FLAG_UNPROTOTYPED);
    }
    PyMem_Free(parameters);
    return last;
}

/* A pointer to a function with the prototype of its class. A class without
   _argtypes_ is that of a CDLL's functions, and says nothing. */
static ftc_type_id
claim_of_function_pointer(struct claim *self, PyObject *type)
{
    ftc_type_id function = FTC_NO_TYPE;
    PyObject *argtypes = NULL, *restype = NULL, *tuple = NULL;
    int found = PyObject_GetOptionalAttrString(type, "_argtypes_", &argtypes);
    if (found == 0) {
        return ftc.ftc_claim_any(self->claim);
    }
    if (found > 0) {
        tuple = PySequence_Tuple(argtypes);
    }
    if (tuple != NULL
        && PyObject_GetOptionalAttrString(type, "_restype_", &restype) >= 0)
    {
        function = _ctypes_typecheck_claim_function(self, tuple, restype);
    }
    Py_XDECREF(tuple);
    Py_XDECREF(argtypes);
    Py_XDECREF(restype);
    return ftc.ftc_claim_pointer(self->claim, function);
}

ftc_type_id
_ctypes_typecheck_claim_type(struct claim *self, PyObject *type)
{
    ftc_type_id id;
    PyObject *known;
    int found = PyDict_GetItemRef(self->known, type, &known);
    if (found > 0) {
        id = (ftc_type_id)PyLong_AsUnsignedLong(known);
        Py_DECREF(known);
        return id;
    }
    if (found < 0 || Py_EnterRecursiveCall(" in a ctypes type")) {
        return FTC_NO_TYPE;
    }
    int remembered = 0;
    if (is_a(type, self->module->simple)) {
        id = claim_of_simple(self, type);
    }
    else if (is_record(self->module, type)) {
        remembered = 1;
        id = _ctypes_typecheck_claim_record(self, type);
    }
    else if (is_a(type, self->module->array)) {
        id = claim_of_array(self, type);
    }
    else if (is_a(type, self->module->pointer)) {
        id = claim_of_pointer(self, type);
    }
    else if (is_a(type, self->module->function)) {
        id = claim_of_function_pointer(self, type);
    }
    else {
        id = ftc.ftc_claim_any(self->claim);
    }
    Py_LeaveRecursiveCall();
    return remembered ? id : _ctypes_typecheck_claim_remember(self, type, id);
}

ftc_type_id
_ctypes_typecheck_claim_argument(struct claim *self, size_t count,
                                 uint32_t flags, size_t index, PyObject *type,
                                 int address)
{
    ftc_type_id given = _ctypes_typecheck_claim_type(self, type);
    if (address) {
        given = ftc.ftc_claim_pointer(self->claim, given);
    }
    ftc_type_id any = ftc.ftc_claim_any(self->claim);
    ftc_type_id *parameters = PyMem_New(ftc_type_id, count);
    if (parameters == NULL) {
        PyErr_NoMemory();
        return FTC_NO_TYPE;
    }
    for (size_t i = 0; i < count; i++) {
        parameters[i] = i == index ? given : any;
    }
    ftc_type_id function = ftc.ftc_claim_function(self->claim, any, count,
                                                  parameters, flags);
    PyMem_Free(parameters);
    return function;
}

int
_ctypes_typecheck_claim_begin(struct claim *self,
                              struct typecheck_module *module)
{
    self->module = module;
    self->claim = ftc.ftc_claim_new();
    self->types = ftc.ftc_claim_types(self->claim);
    self->known = PyDict_New();
    return self->claim != NULL && self->known != NULL ? 0 : -1;
}

void
_ctypes_typecheck_claim_end(struct claim *self)
{
    ftc.ftc_claim_free(self->claim);
    Py_XDECREF(self->known);
}

#endif /* HAVE_FFITYPECHECK */
