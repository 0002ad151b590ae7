/* Type checking against the library's own debug information.

   libffitypecheck finds the declaration of a function or variable in the
   debug information of the library that defines it. Here, what a program
   declares with argtypes, restype, prototypes and in_dll is held against it,
   and what the program does not declare is taken from it.

   The library is loaded when something is first to be known about a function.
   Without it, without debug information, or with the policy "off", everything
   behaves as if nothing of this were there.

   This file keeps what a program declares of a function, and answers the hooks
   in ctypes; each of the files typecheck_*.c says in its first lines what it
   has.

   Calls of a function whose verdict is not known yet, or that is called with
   the library's own types, go through _ctypes_typecheck_call. The flag that
   says so is all that any other call costs.

   Threads: describing a function releases the GIL, and conversions run Python
   code, so that any other call or assignment may come in between. What a call
   works with is therefore held by references: its own of the caller's
   objects, and one of a struct learned, which is never changed once it is
   there. Without a GIL, critical sections on the function guard the rest. */

#include "typecheck_function.h"

#ifdef HAVE_FFITYPECHECK

#define SET_CALLS(function, value) \
    CTYPES_STORE_INT((function)->typecheck_calls, (value))

void
_ctypes_typecheck_clear(PyCFuncPtrObject *function)
{
    struct typecheck *self = function->typecheck;
    function->typecheck = NULL;
    SET_CALLS(function, 0);
    if (self != NULL) {
        drop_learned(self->learned);
        Py_XDECREF(self->argtypes);
        Py_XDECREF(self->restype);
        for (int side = 0; side < SIDES; side++) {
            _ctypes_typecheck_drop_place(&self->places[side]);
        }
        if (self->decl != NULL) {
            ftc.ftc_decl_free(self->decl);
        }
        PyMem_Free(self);
    }
}

int
_ctypes_typecheck_traverse(PyCFuncPtrObject *function, visitproc visit,
                           void *arg)
{
    struct typecheck *self = function->typecheck;
    if (self == NULL) {
        return 0;
    }
    Py_VISIT(self->argtypes);
    Py_VISIT(self->restype);
    struct learned *learned = self->learned;
    if (learned != NULL) {
        Py_VISIT(learned->restype);
        if (learned->parameters != NULL) {
            for (unsigned int i = 0; i < learned->cif.nargs; i++) {
                Py_VISIT(learned->parameters[i].accepted);
                Py_VISIT(learned->parameters[i].seen.type);
            }
        }
        for (unsigned int i = 0; i < learned->mark_count; i++) {
            Py_VISIT(learned->marks[i].pointee);
            Py_VISIT(learned->marks[i].seen.type);
        }
    }
    return 0;
}

/* Looks the declaration up, once; NULL if there is none. */
static const ftc_decl *
declaration_of(PyCFuncPtrObject *function)
{
    struct typecheck *self = function->typecheck;
    if (!self->asked && _ctypes_typecheck_load()) {
        const ftc_decl *decl = NULL;
        void *address = *(void **)function->b_ptr;
        Py_BEGIN_ALLOW_THREADS
        _ctypes_typecheck_begin_reading();
        (void)(self->name != NULL
               ? ftc.ffi_describe_symbol(self->handle, self->name, &decl)
               : ftc.ftc_describe_address(address, &decl));
        _ctypes_typecheck_end_reading();
        Py_END_ALLOW_THREADS
        /* Another thread may have been here meanwhile. */
        if (self->decl == NULL) {
            self->decl = decl;
        }
        else {
            ftc.ftc_decl_free(decl);
        }
    }
    self->asked = 1;
    return self->decl;
}

/* A class-level restype without argtypes is the default of a CDLL's
   functions: nobody said it. */
static struct declared
declared_types(PyCFuncPtrObject *function)
{
    struct typecheck *self = function->typecheck;
    struct declared declared = {0};
    StgInfo *info = info_of_object(self->module, (PyObject *)function);
    if (self->has_argtypes) {
        declared.has_argtypes = 1;
        declared.argtypes = self->argtypes;
    }
    else if (info != NULL && info->argtypes != NULL) {
        declared.has_argtypes = 1;
        declared.argtypes = info->argtypes;
    }
    if (self->restype != NULL) {
        declared.restype = self->restype;
    }
    else if (info != NULL && info->argtypes != NULL) {
        declared.restype = info->restype;
    }
    Py_XINCREF(declared.argtypes);
    Py_XINCREF(declared.restype);
    for (int side = 0; side < SIDES; side++) {
        declared.places[side] = self->places[side];
        Py_XINCREF(declared.places[side].code);
    }
    return declared;
}

static void
drop_declared(struct declared *declared)
{
    Py_XDECREF(declared->argtypes);
    Py_XDECREF(declared->restype);
    for (int side = 0; side < SIDES; side++) {
        _ctypes_typecheck_drop_place(&declared->places[side]);
    }
}

/* Holds what is declared against the library's declaration; *out is the
   report, or NULL. */
static int
check_function(struct typecheck *self, const ftc_decl *decl,
               const struct declared *declared, const ftc_report **out)
{
    struct claim claim;
    ftc_type_id type = FTC_NO_TYPE;
    struct telling telling = {
        self->module, self->policy, declared->places, declared->globals,
        self->told
    };
    *out = NULL;
    if (declared->argtypes == NULL && declared->restype == NULL
        && ftc.ftc_decl_kind(decl) == FTC_DECL_FUNCTION)
    {
        return 0;
    }
    /* To call a variable is never right, whatever is declared. */
    if (_ctypes_typecheck_claim_begin(&claim, self->module) == 0) {
        type = _ctypes_typecheck_claim_function(&claim, declared->argtypes,
                                                declared->restype);
    }
    int result = _ctypes_typecheck_check(decl, &claim, type, &telling, out);
    _ctypes_typecheck_claim_end(&claim);
    return result;
}

static enum policy
policy_of(struct typecheck *self)
{
    if (!self->own_policy) {
        _ctypes_typecheck_setting(self->module, &self->policy, &self->extract);
    }
    return self->policy;
}

/* Whether what is about to be declared may be. The policy "error" asks at the
   first call: what is replaced before never counts. */
static int
check_now(PyCFuncPtrObject *function, const struct declared *declared)
{
    struct typecheck *self = function->typecheck;
    const ftc_decl *decl = declaration_of(function);
    const ftc_report *report = NULL;
    int result = 0;
    if (decl != NULL) {
        result = check_function(self, decl, declared, &report);
        ftc.ftc_report_free(report);
    }
    return result;
}

static int
asks_now(struct typecheck *self)
{
    enum policy policy = policy_of(self);
    return policy != POLICY_OFF && policy != POLICY_ERROR;
}

/* Something else is declared: what was learned before and the verdict are
   void. Takes over the place's reference. */
static void
declare(PyCFuncPtrObject *function, enum side side, struct place place)
{
    struct typecheck *self = function->typecheck;
    struct learned *learned = self->learned;
    struct place previous = self->places[side];
    self->learned = NULL;
    self->changes++;
    self->places[side] = place;
    SET_CALLS(function, 1);
    drop_learned(learned);
    _ctypes_typecheck_drop_place(&previous);
}

/* One side is about to be set to an object, or with NULL to be deleted. */
static int
check_side(PyCFuncPtrObject *function, enum side side, PyObject *object,
           int deleted, const struct place *place, PyObject *globals)
{
    struct declared declared = declared_types(function);
    PyObject **old = side == RESULT ? &declared.restype : &declared.argtypes;
    if (!deleted) {
        Py_XINCREF(object);
        Py_XDECREF(*old);
        *old = object;
    }
    _ctypes_typecheck_drop_place(&declared.places[side]);
    declared.places[side] = *place;
    Py_XINCREF(place->code);
    declared.globals = globals;
    int result = check_now(function, &declared);
    drop_declared(&declared);
    return result;
}

static int
set_side(PyCFuncPtrObject *function, enum side side, PyObject *object,
         int deleted)
{
    struct typecheck *self = function->typecheck;
    PyObject *globals, *previous = NULL;
    int result = 0;
    Py_XINCREF(object);
    struct place place = _ctypes_typecheck_here(self->module, self->name,
                                                &globals);
    Py_BEGIN_CRITICAL_SECTION(function);
    if (asks_now(self)) {
        result = check_side(function, side, object, deleted, &place, globals);
    }
    if (result == 0) {
        PyObject **old = side == RESULT ? &self->restype : &self->argtypes;
        previous = *old;
        *old = object;
        if (side == ARGUMENTS) {
            self->has_argtypes = !deleted;
        }
        declare(function, side, place);
    }
    Py_END_CRITICAL_SECTION();
    if (result < 0) {
        Py_XDECREF(object);
        _ctypes_typecheck_drop_place(&place);
    }
    Py_XDECREF(previous);
    return result;
}

int
_ctypes_typecheck_argtypes(PyCFuncPtrObject *function, PyObject *argtypes)
{
    PyObject *tuple = NULL;
    if (function->typecheck == NULL) {
        return 0;
    }
    if (argtypes != NULL
        && (PyList_Check(argtypes) || PyTuple_Check(argtypes)))
    {
        tuple = PySequence_Tuple(argtypes);
        if (tuple == NULL) {
            return -1;
        }
    }
    int result = set_side(function, ARGUMENTS, tuple, argtypes == NULL);
    Py_XDECREF(tuple);
    return result;
}

int
_ctypes_typecheck_restype(PyCFuncPtrObject *function, PyObject *restype)
{
    return function->typecheck == NULL
           ? 0 : set_side(function, RESULT, restype, restype == NULL);
}

int
_ctypes_typecheck_bind(PyCFuncPtrObject *function, PyObject *dll, void *handle,
                       const char *name)
{
    /* The name lies behind the rest. */
    size_t length = name != NULL ? strlen(name) + 1 : 0;
    struct typecheck *self = PyMem_Calloc(1, sizeof(*self) + length);
    if (self == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->module = module_of_type(Py_TYPE(function));
    self->handle = handle;
    if (name != NULL) {
        self->name = memcpy(self + 1, name, length);
    }
    function->typecheck = self;
    SET_CALLS(function, 1);
    self->own_policy = _ctypes_typecheck_policy_of_dll(
        self->module, dll, &self->policy, &self->extract);
    if (self->own_policy < 0) {
        return -1;
    }
    StgInfo *info = info_of_object(self->module, (PyObject *)function);
    if (info == NULL || info->argtypes == NULL) {
        return 0;
    }
    /* A prototype's types are known now; what is at an address is looked for
       when it is first called. */
    PyObject *globals;
    struct place place = _ctypes_typecheck_here(self->module, self->name,
                                                &globals);
    for (int side = 0; side < SIDES; side++) {
        self->places[side] = place;
        Py_XINCREF(place.code);
    }
    _ctypes_typecheck_drop_place(&place);
    if (name == NULL || !asks_now(self)) {
        return 0;
    }
    struct declared declared = declared_types(function);
    declared.globals = globals;
    int result = check_now(function, &declared);
    drop_declared(&declared);
    return result;
}

/* Before the first call: checks what is declared and learns what is not. */
static int
settle_declared(PyCFuncPtrObject *function, const struct declared *declared)
{
    struct typecheck *self = function->typecheck;
    struct learned *learned = NULL;
    unsigned int changes = self->changes;
    if (policy_of(self) != POLICY_OFF) {
        const ftc_decl *decl = declaration_of(function);
        if (decl != NULL) {
            const ftc_report *report;
            int result = check_function(self, decl, declared, &report);
            if (result == 0) {
                result = _ctypes_typecheck_learn(self, decl, declared, report,
                                                 &learned);
            }
            ftc.ftc_report_free(report);
            if (result < 0) {
                return -1;
            }
        }
    }
    if (self->changes != changes) {
        /* Other types were declared meanwhile; the next call asks again. */
        drop_learned(learned);
        return 0;
    }
    struct learned *previous = self->learned;
    self->learned = learned;
    SET_CALLS(function, learned != NULL);
    drop_learned(previous);
    return 0;
}

int
_ctypes_typecheck_settle(PyCFuncPtrObject *function)
{
    int result;
    Py_BEGIN_CRITICAL_SECTION(function);
    struct declared declared = declared_types(function);
    result = settle_declared(function, &declared);
    drop_declared(&declared);
    Py_END_CRITICAL_SECTION();
    return result;
}

PyObject *
_ctypes_typecheck_declaration(PyCFuncPtrObject *function)
{
    struct typecheck *self = function->typecheck;
    const ftc_decl *decl = NULL;
    if (self != NULL) {
        Py_BEGIN_CRITICAL_SECTION(function);
        if (policy_of(self) != POLICY_OFF) {
            decl = declaration_of(function);
        }
        Py_END_CRITICAL_SECTION();
    }
    if (decl == NULL) {
        Py_RETURN_NONE;
    }
    return PyUnicode_FromFormat("%s", ftc.ftc_decl_spelling(decl));
}

#endif /* HAVE_FFITYPECHECK */
