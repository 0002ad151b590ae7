/* The functions of libffitypecheck that ctypes calls: see
   typecheck_library.c. Included by typecheck_private.h. */

#ifndef Py_CTYPES_TYPECHECK_LIBRARY_H
#define Py_CTYPES_TYPECHECK_LIBRARY_H

#include <ffi.h>
#include <ffitypecheck.h>

/* X(type of the result, name, parameters) */
#define LIBRARY_FUNCTIONS(X) \
    X(ftc_status, ffi_describe_symbol, \
      (void *handle, const char *name, const ftc_decl **decl_out)) \
    X(ftc_status, ftc_describe_address, \
      (const void *address, const ftc_decl **decl_out)) \
    X(ftc_status, ftc_set_type_cache, (const char *directory)) \
    X(void, ftc_decl_free, (const ftc_decl *decl)) \
    X(ftc_declaration_kind, ftc_decl_kind, (const ftc_decl *decl)) \
    X(const char *, ftc_decl_spelling, (const ftc_decl *decl)) \
    X(const ftc_types *, ftc_decl_types, (const ftc_decl *decl)) \
    X(ftc_type_id, ftc_decl_type, (const ftc_decl *decl)) \
    X(ftc_status, ftc_decl_prep_cif, \
      (const ftc_decl *decl, ffi_cif *cif, ffi_abi abi)) \
    X(const ftc_type *, ftc_type_get, \
      (const ftc_types *types, ftc_type_id id)) \
    X(const ftc_member *, ftc_type_member, \
      (const ftc_types *types, ftc_type_id id, uint32_t index)) \
    X(const ftc_parameter *, ftc_type_parameter, \
      (const ftc_types *types, ftc_type_id id, uint32_t index)) \
    X(ftc_status, ftc_type_spell, \
      (const ftc_types *types, ftc_type_id id, const char *name, \
       char *buffer, size_t size, size_t *length_out)) \
    X(const char *, ftc_type_spelling, \
      (const ftc_types *types, ftc_type_id id)) \
    X(ftc_claim *, ftc_claim_new, (void)) \
    X(void, ftc_claim_free, (ftc_claim *claim)) \
    X(const ftc_types *, ftc_claim_types, (const ftc_claim *claim)) \
    X(ftc_type_id, ftc_claim_any, (ftc_claim *claim)) \
    X(ftc_type_id, ftc_claim_array, \
      (ftc_claim *claim, ftc_type_id element, uint64_t count)) \
    X(ftc_type_id, ftc_claim_base, \
      (ftc_claim *claim, ftc_encoding encoding, uint64_t size, \
       uint32_t flags)) \
    X(ftc_status, ftc_claim_bit_field, \
      (ftc_claim *claim, ftc_type_id record, const char *name, \
       ftc_type_id member_type, uint64_t bit_offset, uint64_t bit_width)) \
    X(ftc_status, ftc_claim_complete, \
      (ftc_claim *claim, ftc_type_id record, uint64_t size, uint64_t align)) \
    X(ftc_type_id, ftc_claim_function, \
      (ftc_claim *claim, ftc_type_id result, size_t nparameters, \
       const ftc_type_id *parameters, uint32_t flags)) \
    X(ftc_status, ftc_claim_member, \
      (ftc_claim *claim, ftc_type_id record, const char *name, \
       ftc_type_id member_type, uint64_t offset)) \
    X(ftc_type_id, ftc_claim_pointer, \
      (ftc_claim *claim, ftc_type_id target)) \
    X(ftc_type_id, ftc_claim_record, \
      (ftc_claim *claim, ftc_type_kind kind, const char *tag)) \
    X(ftc_status, ftc_check_argument, \
      (const ftc_decl *decl, uint32_t argument, const ftc_types *types, \
       ftc_type_id made, const ftc_memory *memory, \
       const ftc_check_opts *opts, const ftc_report **report_out)) \
    X(ftc_status, ftc_check_decl, \
      (const ftc_decl *decl, const ftc_types *types, ftc_type_id claimed, \
       const ftc_check_opts *opts, const ftc_report **report_out)) \
    X(ftc_status, ftc_check_type, \
      (const ftc_types *declared_types, ftc_type_id declared, \
       const ftc_types *types, ftc_type_id claimed, \
       const ftc_check_opts *opts, const ftc_report **report_out)) \
    X(void, ftc_report_free, (const ftc_report *report)) \
    X(int, ftc_report_at_call, (const ftc_report *report)) \
    X(int, ftc_report_passes, (const ftc_report *report)) \
    X(size_t, ftc_report_count, (const ftc_report *report)) \
    X(ftc_verdict, ftc_report_verdict, (const ftc_report *report)) \
    X(const ftc_finding *, ftc_report_finding, \
      (const ftc_report *report, size_t index))

/* Each function under the name of its declaration. */
struct typecheck_library {
#define MEMBER(result, name, parameters) result (*name) parameters;
    LIBRARY_FUNCTIONS(MEMBER)
#undef MEMBER
};

extern struct typecheck_library _ctypes_typecheck_library;
#define ftc _ctypes_typecheck_library

/* Loads the library, once; 0 if it is not there. */
extern int _ctypes_typecheck_load(void);

/* Around what reads files without the GIL: a fork waits until it is over. */
extern void _ctypes_typecheck_begin_reading(void);
extern void _ctypes_typecheck_end_reading(void);

/* What a type of the library is, behind qualifiers and typedefs; NULL without
   an exception. */
static inline const ftc_type *
get_type(const ftc_types *types, ftc_type_id id)
{
    const ftc_type *type = ftc.ftc_type_get(types, id);
    if (type != NULL && type->resolved != id) {
        type = ftc.ftc_type_get(types, type->resolved);
    }
    return type;
}

#endif
