/* The types that a program declares, as libffitypecheck is told them: of each
   ctypes class the size, the members and where they lie, what it points to.
   Such a claim is then held against what the library declares. */

#include "typecheck_claim.h"

#ifdef HAVE_FFITYPECHECK

#include <wchar.h>

static int
claim_any(struct claim *self, ftc_type_id *id)
{
    return succeeded(ftc.ftc_claim_any(self->claim, id));
}

static int
claim_pointer(struct claim *self, ftc_type_id target, ftc_type_id *id)
{
    return succeeded(ftc.ftc_claim_pointer(self->claim, target, id));
}

static int
claim_base(struct claim *self, uint32_t encoding, uint64_t size,
           uint32_t flags, ftc_type_id *id)
{
    return succeeded(ftc.ftc_claim_base(self->claim, encoding, size, flags,
                                        id));
}

#define CHAR_ENCODING \
    (CHAR_MIN < 0 ? FTC_ENCODING_SIGNED_CHAR : FTC_ENCODING_UNSIGNED_CHAR)
#define WCHAR_ENCODING \
    (WCHAR_MIN < 0 ? FTC_ENCODING_SIGNED : FTC_ENCODING_UNSIGNED)

static int
claim_of_simple(struct claim *self, PyObject *type, ftc_type_id *id)
{
    static const struct {
        char code;
        uint32_t encoding;
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
    ftc_type_id target = 0;
    int code = _ctypes_typecheck_code(type);
    switch (code) {
    case -1:
        return -1;
    case 'O':
        if (ftc.ftc_claim_record(self->claim, FTC_TYPE_STRUCT, "_object",
                                 &target) != FTC_OK)
        {
            return -1;
        }
        return claim_pointer(self, target, id);
    case 'z':
        if (claim_base(self, CHAR_ENCODING, 1, 0, &target) < 0) {
            return -1;
        }
        return claim_pointer(self, target, id);
    case 'Z':
        if (claim_base(self, WCHAR_ENCODING, sizeof(wchar_t), 0,
                       &target) < 0)
        {
            return -1;
        }
        return claim_pointer(self, target, id);
    case 'P':
        return claim_pointer(self, 0, id);
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(codes); i++) {
        if (codes[i].code != code) {
            continue;
        }
        int swapped = codes[i].size > 1
                      ? _ctypes_typecheck_is_swapped(type) : 0;
        if (swapped < 0) {
            return -1;
        }
        return claim_base(self, codes[i].encoding, codes[i].size,
                          swapped ? FTC_SWAPPED : 0, id);
    }
    return claim_any(self, id);
}

int
_ctypes_typecheck_claim_remember(struct claim *self, PyObject *type,
                                 ftc_type_id id)
{
    PyObject *number = PyLong_FromUnsignedLong(id);
    if (number == NULL) {
        return -1;
    }
    int result = PyDict_SetItem(self->known, type, number);
    Py_DECREF(number);
    return result;
}

/* A pointer type without a _type_ yet points to anything. */
static int
claim_of_pointer(struct claim *self, PyObject *type, ftc_type_id *id)
{
    ftc_type_id target = 0;
    PyObject *pointee;
    int result = PyObject_GetOptionalAttrString(type, "_type_", &pointee);
    if (result > 0) {
        result = PyType_Check(pointee)
                 ? _ctypes_typecheck_claim_type(self, pointee, &target) : 0;
        Py_DECREF(pointee);
    }
    return result < 0 ? -1 : claim_pointer(self, target, id);
}

static int
claim_of_array(struct claim *self, PyObject *type, ftc_type_id *id)
{
    ftc_type_id element = 0;
    Py_ssize_t count;
    PyObject *item = PyObject_GetAttrString(type, "_type_");
    if (item == NULL) {
        return -1;
    }
    int result = _ctypes_typecheck_size(type, "_length_", &count);
    if (result == 0) {
        result = _ctypes_typecheck_claim_type(self, item, &element);
    }
    Py_DECREF(item);
    if (result < 0) {
        return -1;
    }
    return succeeded(ftc.ftc_claim_array(self->claim, element,
                                         (uint64_t)count, id));
}

static int
claim_of_parameter(struct claim *self, PyObject *type, ftc_type_id *id)
{
    int own = _ctypes_typecheck_has_own_from_param(type);
    if (own < 0) {
        return -1;
    }
    if (own || info_of_type(self->module, type) == NULL) {
        return claim_any(self, id);
    }
    return _ctypes_typecheck_claim_type(self, type, id);
}

static int
claim_of_result(struct claim *self, PyObject *restype, ftc_type_id *id)
{
    if (restype == NULL) {
        return claim_any(self, id);
    }
    if (restype == Py_None) {
        *id = 0;
        return 0;
    }
    if (info_of_type(self->module, restype) == NULL) {
        /* A callable gets an int. */
        return claim_base(self, FTC_ENCODING_SIGNED, sizeof(int), 0, id);
    }
    return _ctypes_typecheck_claim_type(self, restype, id);
}

int
_ctypes_typecheck_claim_function(struct claim *self, PyObject *argtypes,
                                 PyObject *restype, ftc_type_id *id)
{
    ftc_type_id result = 0;
    Py_ssize_t count = argtypes != NULL ? PyTuple_GET_SIZE(argtypes) : 0;
    ftc_type_id *parameters = PyMem_New(ftc_type_id, Py_MAX(count, 1));
    if (parameters == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    int made = claim_of_result(self, restype, &result);
    for (Py_ssize_t i = 0; made == 0 && i < count; i++) {
        made = claim_of_parameter(self, PyTuple_GET_ITEM(argtypes, i),
                                  &parameters[i]);
    }
    if (made == 0) {
        uint32_t flags = argtypes != NULL ? 0 : FTC_UNPROTOTYPED;
        made = succeeded(ftc.ftc_claim_function(self->claim, result,
                                                (size_t)count, parameters,
                                                flags, id));
    }
    PyMem_Free(parameters);
    return made;
}

/* A pointer to a function with the prototype of its class. A class without
   _argtypes_ is that of a CDLL's functions, and says nothing. */
static int
claim_of_function_pointer(struct claim *self, PyObject *type, ftc_type_id *id)
{
    ftc_type_id function;
    PyObject *argtypes = NULL, *restype = NULL, *tuple = NULL;
    int found = PyObject_GetOptionalAttrString(type, "_argtypes_", &argtypes);
    if (found == 0) {
        return claim_any(self, id);
    }
    int result = -1;
    if (found > 0) {
        tuple = PySequence_Tuple(argtypes);
    }
    if (tuple != NULL
        && PyObject_GetOptionalAttrString(type, "_restype_", &restype) >= 0)
    {
        result = _ctypes_typecheck_claim_function(self, tuple, restype,
                                                  &function);
    }
    Py_XDECREF(tuple);
    Py_XDECREF(argtypes);
    Py_XDECREF(restype);
    return result < 0 ? -1 : claim_pointer(self, function, id);
}

int
_ctypes_typecheck_claim_type(struct claim *self, PyObject *type,
                             ftc_type_id *id)
{
    PyObject *known;
    int found = PyDict_GetItemRef(self->known, type, &known);
    if (found > 0) {
        *id = (ftc_type_id)PyLong_AsUnsignedLong(known);
        Py_DECREF(known);
        return 0;
    }
    if (found < 0 || Py_EnterRecursiveCall(" in a ctypes type")) {
        return -1;
    }
    int result, remembered = 0;
    if (is_a(type, self->module->simple)) {
        result = claim_of_simple(self, type, id);
    }
    else if (is_record(self->module, type)) {
        remembered = 1;
        result = _ctypes_typecheck_claim_record(self, type, id);
    }
    else if (is_a(type, self->module->array)) {
        result = claim_of_array(self, type, id);
    }
    else if (is_a(type, self->module->pointer)) {
        result = claim_of_pointer(self, type, id);
    }
    else if (is_a(type, self->module->function)) {
        result = claim_of_function_pointer(self, type, id);
    }
    else {
        result = claim_any(self, id);
    }
    Py_LeaveRecursiveCall();
    if (result == 0 && !remembered) {
        result = _ctypes_typecheck_claim_remember(self, type, *id);
    }
    return result;
}

int
_ctypes_typecheck_claim_argument(struct claim *self, size_t count,
                                 uint32_t flags, size_t index, PyObject *type,
                                 int address, ftc_type_id *id)
{
    ftc_type_id any, given;
    if (_ctypes_typecheck_claim_type(self, type, &given) < 0
        || (address && claim_pointer(self, given, &given) < 0)
        || claim_any(self, &any) < 0)
    {
        return -1;
    }
    ftc_type_id *parameters = PyMem_New(ftc_type_id, count);
    if (parameters == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        parameters[i] = i == index ? given : any;
    }
    int made = succeeded(ftc.ftc_claim_function(self->claim, any, count,
                                                parameters, flags, id));
    PyMem_Free(parameters);
    return made;
}

int
_ctypes_typecheck_claim_begin(struct claim *self,
                              struct typecheck_module *module)
{
    self->module = module;
    self->claim = NULL;
    self->known = PyDict_New();
    if (self->known == NULL) {
        return -1;
    }
    return succeeded(ftc.ftc_claim_new(&self->claim));
}

void
_ctypes_typecheck_claim_end(struct claim *self)
{
    ftc.ftc_claim_free(self->claim);
    Py_XDECREF(self->known);
}

#endif /* HAVE_FFITYPECHECK */
