/* What an argument points to, as far as ctypes or Python made it: the object
   at that address, and how many bytes of it are there.

   Known are instances of structures, unions, arrays and simple types, byref()
   of them, pointers whose target is kept alive by what they keep, and bytes.
   Of everything else (an integer, what a library returned or stored, memory
   seen by from_address) nothing is known. */

#include "typecheck_private.h"

#ifdef HAVE_FFITYPECHECK

/* How deep what is kept is searched, and how many objects of it. Beyond,
   nothing is known. */
#define MOST_DEPTH 4
#define MOST_KEPT 100

static int
contains(const char *begin, Py_ssize_t size, const char *address)
{
    return address >= begin && address - begin < size;
}

/* To the end of the object or, if it is a member, of what it is a member of;
   an element of an array is an object of its own. */
static char *
end_of(struct typecheck_module *module, CDataObject *data)
{
    char *end = data->b_ptr + data->b_size;
    for (CDataObject *base = data->b_base;
         base != NULL && contains(base->b_ptr, base->b_size, data->b_ptr)
         && class_of_data(module, Py_TYPE(base)) != module->array;
         base = base->b_base)
    {
        end = Py_MAX(end, base->b_ptr + base->b_size);
    }
    return end;
}

static char *end_of_kept(struct typecheck_module *module, PyObject *kept,
                         char *address, int depth, PyObject **type);

/* The end of the memory that data lies in, NULL if ctypes did not make it. */
static char *
end_of_data(struct typecheck_module *module, CDataObject *data, int depth)
{
    CDataObject *root = data;
    while (root->b_base != NULL
           && contains(root->b_base->b_ptr, root->b_base->b_size,
                       root->b_ptr))
    {
        root = root->b_base;
    }
    if (root->b_needsfree) {
        return end_of(module, data);
    }
    /* The contents of a pointer, or memory of a Python object. */
    PyObject *type, *kept = root->b_base != NULL
                            ? root->b_base->b_objects : root->b_objects;
    if (kept == NULL || depth >= MOST_DEPTH) {
        return NULL;
    }
    char *end = end_of_kept(module, kept, data->b_ptr, depth + 1, &type);
    return end != NULL && root->b_base != NULL
           ? Py_MIN(end, end_of(module, data)) : end;
}

/* The end of the memory of one kept object, if the address is in it. */
static char *
end_of_object(struct typecheck_module *module, PyObject *object,
              char *address, int depth, PyObject **type)
{
    *type = NULL;
    if (class_of_data(module, Py_TYPE(object)) != NULL) {
        CDataObject *data = (CDataObject *)object;
        if (!contains(data->b_ptr, data->b_size, address)) {
            return NULL;
        }
        if (data->b_ptr == address) {
            *type = (PyObject *)Py_TYPE(object);
        }
        return end_of_data(module, data, depth);
    }
    if (PyBytes_Check(object)) {
        char *begin = PyBytes_AS_STRING(object);
        Py_ssize_t size = PyBytes_GET_SIZE(object) + 1;
        return contains(begin, size, address) ? begin + size : NULL;
    }
    if (PyMemoryView_Check(object)) {
        Py_buffer *view = PyMemoryView_GET_BUFFER(object);
        return contains(view->buf, view->len, address)
               ? (char *)view->buf + view->len : NULL;
    }
    if (PyDict_CheckExact(object) && depth < MOST_DEPTH) {
        return end_of_kept(module, object, address, depth + 1, type);
    }
    return NULL;
}

/* The same for what an object keeps: one object, or a dict of them. */
static char *
end_of_kept(struct typecheck_module *module, PyObject *kept, char *address,
            int depth, PyObject **type)
{
    if (!PyDict_CheckExact(kept)) {
        return end_of_object(module, kept, address, depth, type);
    }
    char *end = NULL;
    Py_ssize_t position = 0;
    PyObject *key, *object;
    int count = 0;
    Py_BEGIN_CRITICAL_SECTION(kept);
    while (end == NULL && count++ < MOST_KEPT
           && PyDict_Next(kept, &position, &key, &object))
    {
        end = end_of_object(module, object, address, depth, type);
    }
    Py_END_CRITICAL_SECTION();
    return end;
}

/* What a pointer's value, stored in data, points to. */
static int
target_of(struct typecheck_module *module, CDataObject *data,
          struct memory *out)
{
    char *end = NULL;
    memcpy(&out->address, data->b_ptr, sizeof(out->address));
    if (out->address == NULL) {
        return 0;
    }
    if (data->b_objects != NULL) {
        end = end_of_kept(module, data->b_objects, out->address, 0,
                          &out->type);
    }
    if (end == NULL && data->b_base != NULL) {
        /* What a part keeps, the whole holds. */
        CDataObject *root = data;
        while (root->b_base != NULL) {
            root = root->b_base;
        }
        if (root->b_objects != NULL) {
            end = end_of_kept(module, root->b_objects, out->address, 0,
                              &out->type);
        }
    }
    out->bytes = end != NULL ? (size_t)(end - out->address) : 0;
    return end != NULL;
}

static int
memory_of_data(struct typecheck_module *module, CDataObject *data,
               struct memory *out)
{
    char *end = end_of_data(module, data, 0);
    out->address = data->b_ptr;
    out->type = (PyObject *)Py_TYPE(data);
    out->bytes = end != NULL ? (size_t)(end - data->b_ptr) : 0;
    return end != NULL;
}

static int
memory_of_byref(struct typecheck_module *module, PyCArgObject *carg,
                struct memory *out)
{
    if (carg->tag != 'P' || carg->obj == NULL
        || class_of_data(module, Py_TYPE(carg->obj)) == NULL)
    {
        return 0;
    }
    CDataObject *data = (CDataObject *)carg->obj;
    char *address = carg->value.p;
    if (address == data->b_ptr) {
        return memory_of_data(module, data, out);
    }
    char *end = end_of_data(module, data, 0);
    if (end == NULL || address < data->b_ptr || address > end) {
        return 0;
    }
    out->address = address;
    out->type = NULL;
    out->bytes = (size_t)(end - address);
    PyObject *type = (PyObject *)Py_TYPE(data);
    if (class_of_data(module, Py_TYPE(data)) == module->array) {
        /* An element, if one begins there. */
        PyObject *element = info_of_type(module, type)->proto;
        Py_ssize_t size = info_of_type(module, element)->size;
        if (size > 0 && (address - data->b_ptr) % size == 0) {
            out->type = element;
        }
    }
    return 1;
}

int
_ctypes_typecheck_memory(struct typecheck_module *module, PyObject *argument,
                         PyObject *pointee, struct memory *out)
{
    PyTypeObject *type = Py_TYPE(argument);
    PyObject *class = class_of_data(module, type);
    CDataObject *data = (CDataObject *)argument;
    out->type = NULL;
    if (class == NULL) {
        if (PyCArg_CheckExact(module->st, argument)) {
            return memory_of_byref(module, (PyCArgObject *)argument, out);
        }
        if (PyBytes_Check(argument)) {
            out->address = PyBytes_AS_STRING(argument);
            out->bytes = (size_t)PyBytes_GET_SIZE(argument) + 1;
            return 1;
        }
        return 0;
    }
    if (class == module->structure || class == module->union_
        || class == module->array)
    {
        return memory_of_data(module, data, out);
    }
    if (pointee != NULL
        && class_of_data(module, (PyTypeObject *)pointee) == class
        && is_a((PyObject *)type, pointee))
    {
        return memory_of_data(module, data, out);
    }
    if (class == module->pointer) {
        return target_of(module, data, out);
    }
    if (class == module->simple) {
        /* What a simple type's letter says is a pointer. */
        PyObject *letter = info_of_type(module, (PyObject *)type)->proto;
        const char *text = letter != NULL && PyUnicode_Check(letter)
                           ? PyUnicode_AsUTF8(letter) : NULL;
        return text != NULL && *text != '\0' && strchr("PzZ", *text) != NULL
               ? target_of(module, data, out) : 0;
    }
    return 0;
}

#endif /* HAVE_FFITYPECHECK */
