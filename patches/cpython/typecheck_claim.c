/* The types that a program declares, as libffitypecheck is told them: of each
   ctypes class the size, the members and where they lie, what it points to.
   Such a claim is then held against what the library declares. */

#include "typecheck_private.h"

#ifdef HAVE_FFITYPECHECK

#include <wchar.h>

int
_ctypes_typecheck_let_go(void)
{
    if (!PyErr_Occurred()) {
        return 0;
    }
    if (PyErr_ExceptionMatches(PyExc_MemoryError)
        || !PyErr_ExceptionMatches(PyExc_Exception))
    {
        return -1;
    }
    PyErr_Clear();
    return 0;
}

/* An entry that a class's __dict__ may have: as
   _ctypes_typecheck_attribute. */
static int
optional_entry(PyObject *mapping, const char *key, PyObject **out)
{
    *out = PyMapping_GetItemString(mapping, (char *)key);
    if (*out != NULL) {
        return 1;
    }
    if (!PyErr_ExceptionMatches(PyExc_KeyError)) {
        return -1;
    }
    PyErr_Clear();
    return 0;
}

int
_ctypes_typecheck_is_swapped(PyObject *type)
{
#ifdef WORDS_BIGENDIAN
    const char *own_name = "__ctype_be__";
#else
    const char *own_name = "__ctype_le__";
#endif
    PyObject *own;
    int found = _ctypes_typecheck_attribute(type, own_name, &own);
    if (found > 0) {
        found = own != type;
        Py_DECREF(own);
    }
    return found;
}

int
_ctypes_typecheck_code(PyObject *type)
{
    PyObject *text;
    int result = _ctypes_typecheck_attribute(type, "_type_", &text);
    if (result > 0) {
        const char *code = IS_TEXT(text) ? TEXT(text) : "";
        result = code != NULL ? (unsigned char)code[0] : -1;
        Py_DECREF(text);
    }
    return result;
}

/* The functions below return -1 if there is no claim to be had: with an
   exception set, or without one where libffitypecheck refused. */

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

static int
size_attribute(PyObject *object, const char *name, Py_ssize_t *out)
{
    PyObject *value = PyObject_GetAttrString(object, name);
    if (value == NULL) {
        return -1;
    }
    *out = INTEGER_SIZE(value);
    Py_DECREF(value);
    return *out < 0 ? -1 : 0;
}

/* One (name, type[, width]) of _fields_; where it lies, the descriptor in the
   class's __dict__ says. */
static int
claim_field(struct claim *self, ftc_type_id record, PyObject *dict,
            PyObject *anonymous, PyObject *field)
{
    PyObject *name, *type, *width = NULL;
    Py_ssize_t offset, size;
    ftc_type_id id;

    if (!PyTuple_Check(field)
        || !PyArg_ParseTuple(field, "OO|O", &name, &type, &width))
    {
        return -1;
    }
    const char *text = IS_TEXT(name) ? TEXT(name) : NULL;
    PyObject *descriptor = text != NULL ? PyObject_GetItem(dict, name) : NULL;
    if (descriptor == NULL) {
        return -1;
    }
    int placed = size_attribute(descriptor, "offset", &offset) == 0
                 && size_attribute(descriptor, "size", &size) == 0;
    Py_DECREF(descriptor);
    if (!placed || _ctypes_typecheck_claim_type(self, type, &id) < 0) {
        return -1;
    }
    if (width == NULL) {
        int hidden = 0;
        if (anonymous != NULL) {
            hidden = PySequence_Contains(anonymous, name);
            if (hidden < 0) {
                return -1;
            }
        }
        return succeeded(ftc.ftc_claim_member(self->claim, record,
                                              hidden ? NULL : text, id,
                                              (uint64_t)offset));
    }
    /* Of a bit-field, size holds the width and the first bit in its storage
       unit, counted from the least significant one. */
    uint64_t bits = (uint64_t)size >> 16, first = (uint64_t)size & 0xffff;
#ifdef WORDS_BIGENDIAN
    TypeInfo *info = info_of_type(self->module, type);
    if (info == NULL) {
        return -1;
    }
    first = (uint64_t)info->size * 8 - first - bits;
#endif
    return succeeded(ftc.ftc_claim_bit_field(self->claim, record, text, id,
                                             (uint64_t)offset * 8 + first,
                                             bits));
}

/* The fields that one class among the type's bases, or the type, declares. */
static int
claim_own_fields(struct claim *self, ftc_type_id record, PyObject *class_)
{
    PyObject *fields = NULL, *anonymous = NULL, *tuple = NULL;
    int result = -1;
    PyObject *dict = PyObject_GetAttrString(class_, "__dict__");
    if (dict == NULL) {
        return -1;
    }
    int found = optional_entry(dict, "_fields_", &fields);
    if (found <= 0) {
        result = found;
        goto done;
    }
    if (optional_entry(dict, "_anonymous_", &anonymous) < 0) {
        goto done;
    }
    /* A copy: looking at a field may run code that changes a list. */
    tuple = PySequence_Tuple(fields);
    if (tuple == NULL) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); i++) {
        PyObject *field = PyTuple_GET_ITEM(tuple, i);
        if (claim_field(self, record, dict, anonymous, field) < 0) {
            goto done;
        }
    }
    result = 0;
  done:
    Py_XDECREF(tuple);
    Py_XDECREF(anonymous);
    Py_XDECREF(fields);
    Py_DECREF(dict);
    return result;
}

static int
remember(struct claim *self, PyObject *type, ftc_type_id id)
{
    PyObject *number = PyLong_FromUnsignedLong(id);
    int result = number ? PyDict_SetItem(self->known, type, number) : -1;
    Py_XDECREF(number);
    return result;
}

/* A record is remembered before its members, which may point to it. */
static int
claim_of_record(struct claim *self, PyObject *type, ftc_type_id *id)
{
    uint32_t kind = is_a(type, self->module->union_)
                    ? FTC_TYPE_UNION : FTC_TYPE_STRUCT;
    const char *tag = ((PyTypeObject *)type)->tp_name;
    PyObject *fields;

    if (ftc.ftc_claim_record(self->claim, kind, tag, id) != FTC_OK
        || remember(self, type, *id) < 0)
    {
        return -1;
    }
    int found = _ctypes_typecheck_attribute(type, "_fields_", &fields);
    if (found <= 0) {
        return found;           /* opaque */
    }
    Py_DECREF(fields);
    TypeInfo *info = info_of_type(self->module, type);
    if (info == NULL) {
        return -1;
    }
    if (info->size == 0) {
        return 0;               /* opaque too: C has no empty struct */
    }
    PyObject *bases = PyObject_GetAttrString(type, "__mro__");
    if (bases == NULL) {
        return -1;
    }
    int result = PyTuple_Check(bases) ? 0 : -1;
    for (Py_ssize_t i = result == 0 ? PyTuple_GET_SIZE(bases) : 0; i-- > 0; ) {
        PyObject *base = PyTuple_GET_ITEM(bases, i);
        result = claim_own_fields(self, *id, base);
        if (result < 0) {
            break;
        }
    }
    Py_DECREF(bases);
    if (result < 0) {
        return -1;
    }
    return succeeded(ftc.ftc_claim_complete(self->claim, *id,
                                            (uint64_t)info->size,
                                            (uint64_t)info->align));
}

/* A pointer type without a _type_ yet points to anything. */
static int
claim_of_pointer(struct claim *self, PyObject *type, ftc_type_id *id)
{
    ftc_type_id target = 0;
    PyObject *pointee;
    int result = _ctypes_typecheck_attribute(type, "_type_", &pointee);
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
    int result = size_attribute(type, "_length_", &count);
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

int
_ctypes_typecheck_has_own_from_param(PyObject *type)
{
    PyObject *bases, *dict, *entry;
    if (!PyType_Check(type)) {
        return 1;
    }
    bases = PyObject_GetAttrString(type, "__mro__");
    if (bases == NULL || !PyTuple_Check(bases)) {
        Py_XDECREF(bases);
        return -1;
    }
    int result = 0;
    for (Py_ssize_t i = 0; result == 0 && i < PyTuple_GET_SIZE(bases); i++) {
        dict = PyObject_GetAttrString(PyTuple_GET_ITEM(bases, i), "__dict__");
        result = dict != NULL
                 ? optional_entry(dict, "from_param", &entry) : -1;
        if (result > 0) {
            Py_DECREF(entry);
        }
        Py_XDECREF(dict);
    }
    Py_DECREF(bases);
    return result;
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
    int found = _ctypes_typecheck_attribute(type, "_argtypes_", &argtypes);
    if (found == 0) {
        return claim_any(self, id);
    }
    int result = -1;
    if (found > 0) {
        tuple = PySequence_Tuple(argtypes);
    }
    if (tuple != NULL
        && _ctypes_typecheck_attribute(type, "_restype_", &restype) >= 0)
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
    PyObject *known = DICT_GET(self->known, type);
    if (known != NULL) {
        *id = (ftc_type_id)PyLong_AsUnsignedLong(known);
        return 0;
    }
    if (PyErr_Occurred() || Py_EnterRecursiveCall(" in a ctypes type")) {
        return -1;
    }
    int result, remembered = 0;
    if (is_a(type, self->module->simple)) {
        result = claim_of_simple(self, type, id);
    }
    else if (is_record(self->module, type)) {
        remembered = 1;
        result = claim_of_record(self, type, id);
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
        result = remember(self, type, *id);
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
