/* Claims of structures and unions: the members and where they lie. */

#include "typecheck_claim.h"

#ifdef HAVE_FFITYPECHECK

/* One (name, type[, width]) of _fields_; where it lies, the descriptor in the
   class's __dict__ says. */
static int
claim_field(struct claim *self, ftc_type_id record, PyObject *dict,
            PyObject *anonymous, PyObject *field)
{
    PyObject *name, *type, *width = NULL;
    Py_ssize_t offset, size;
    ftc_status status;

    if (!PyTuple_Check(field)
        || !PyArg_ParseTuple(field, "OO|O", &name, &type, &width))
    {
        return -1;
    }
    const char *text = PyUnicode_Check(name) ? PyUnicode_AsUTF8(name) : NULL;
    PyObject *descriptor = text != NULL ? PyObject_GetItem(dict, name) : NULL;
    if (descriptor == NULL) {
        return -1;
    }
    int placed = _ctypes_typecheck_size(descriptor, "offset", &offset) == 0
                 && _ctypes_typecheck_size(descriptor, "size", &size) == 0;
    Py_DECREF(descriptor);
    ftc_type_id id = placed ? _ctypes_typecheck_claim_type(self, type)
                            : FTC_NO_TYPE;
    if (id == FTC_NO_TYPE) {
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
        status = ftc.ftc_claim_member(self->claim, record,
                                      hidden ? NULL : text, id,
                                      (uint64_t)offset);
        return status == FTC_OK ? 0 : -1;
    }
    /* Of a bit-field, size holds the width and the first bit in its storage
       unit, counted from the least significant one. */
    uint64_t bits = (uint64_t)size >> 16, first = (uint64_t)size & 0xffff;
#ifdef WORDS_BIGENDIAN
    StgInfo *info = info_of_type(self->module, type);
    if (info == NULL) {
        return -1;
    }
    first = (uint64_t)info->size * 8 - first - bits;
#endif
    status = ftc.ftc_claim_bit_field(self->claim, record, text, id,
                                     (uint64_t)offset * 8 + first, bits);
    return status == FTC_OK ? 0 : -1;
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
    int found = PyMapping_GetOptionalItemString(dict, "_fields_", &fields);
    if (found <= 0) {
        result = found;
        goto done;
    }
    if (PyMapping_GetOptionalItemString(dict, "_anonymous_", &anonymous) < 0) {
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

/* The members, the size and the alignment. Without them the record stays
   opaque. */
static int
complete_record(struct claim *self, ftc_type_id record, PyObject *type)
{
    PyObject *fields;
    int found = PyObject_GetOptionalAttrString(type, "_fields_", &fields);
    if (found <= 0) {
        return found;
    }
    Py_DECREF(fields);
    StgInfo *info = info_of_type(self->module, type);
    if (info == NULL) {
        return -1;
    }
    if (info->size == 0) {
        return 0;               /* C has no empty struct */
    }
    PyObject *bases = PyObject_GetAttrString(type, "__mro__");
    if (bases == NULL) {
        return -1;
    }
    int result = PyTuple_Check(bases) ? 0 : -1;
    for (Py_ssize_t i = result == 0 ? PyTuple_GET_SIZE(bases) : 0; i-- > 0; ) {
        PyObject *base = PyTuple_GET_ITEM(bases, i);
        result = claim_own_fields(self, record, base);
        if (result < 0) {
            break;
        }
    }
    Py_DECREF(bases);
    if (result < 0) {
        return -1;
    }
    ftc_status status = ftc.ftc_claim_complete(self->claim, record,
                                               (uint64_t)info->size,
                                               (uint64_t)info->align);
    return status == FTC_OK ? 0 : -1;
}

ftc_type_id
_ctypes_typecheck_claim_record(struct claim *self, PyObject *type)
{
    ftc_type_kind kind = is_a(type, self->module->union_)
                         ? FTC_TYPE_UNION : FTC_TYPE_STRUCT;
    const char *tag = ((PyTypeObject *)type)->tp_name;
    ftc_type_id id = ftc.ftc_claim_record(self->claim, kind, tag);
    id = _ctypes_typecheck_claim_remember(self, type, id);
    if (id == FTC_NO_TYPE || complete_record(self, id, type) < 0) {
        return FTC_NO_TYPE;
    }
    return id;
}

#endif /* HAVE_FFITYPECHECK */
