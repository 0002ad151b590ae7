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
    X(uint32_t, ftc_decl_kind, (const ftc_decl *decl)) \
    X(const char *, ftc_decl_spelling, (const ftc_decl *decl)) \
    X(const ftc_types *, ftc_decl_types, (const ftc_decl *decl)) \
    X(ftc_type_id, ftc_decl_type, (const ftc_decl *decl)) \
    X(ftc_status, ftc_decl_prep_cif, \
      (const ftc_decl *decl, ffi_cif *cif, ffi_abi abi)) \
    X(ftc_status, ftc_type_get, \
      (const ftc_types *types, ftc_type_id id, ftc_type *out)) \
    X(ftc_type_id, ftc_type_resolve, \
      (const ftc_types *types, ftc_type_id id)) \
    X(ftc_status, ftc_type_member, \
      (const ftc_types *types, ftc_type_id id, uint32_t index, \
       ftc_member *out)) \
    X(ftc_status, ftc_type_parameter, \
      (const ftc_types *types, ftc_type_id id, uint32_t index, \
       ftc_parameter *out)) \
    X(ftc_status, ftc_type_spell, \
      (const ftc_types *types, ftc_type_id id, const char *name, \
       char *buffer, size_t size, size_t *length_out)) \
    X(ftc_status, ftc_claim_new, (ftc_claim **claim_out)) \
    X(void, ftc_claim_free, (ftc_claim *claim)) \
    X(ftc_status, ftc_claim_any, (ftc_claim *claim, ftc_type_id *id_out)) \
    X(ftc_status, ftc_claim_array, \
      (ftc_claim *claim, ftc_type_id element, uint64_t count, \
       ftc_type_id *id_out)) \
    X(ftc_status, ftc_claim_base, \
      (ftc_claim *claim, uint32_t encoding, uint64_t size, uint32_t flags, \
       ftc_type_id *id_out)) \
    X(ftc_status, ftc_claim_bit_field, \
      (ftc_claim *claim, ftc_type_id record, const char *name, \
       ftc_type_id member_type, uint64_t bit_offset, uint64_t bit_width)) \
    X(ftc_status, ftc_claim_complete, \
      (ftc_claim *claim, ftc_type_id record, uint64_t size, uint64_t align)) \
    X(ftc_status, ftc_claim_function, \
      (ftc_claim *claim, ftc_type_id result, size_t nparameters, \
       const ftc_type_id *parameters, uint32_t flags, ftc_type_id *id_out)) \
    X(ftc_status, ftc_claim_member, \
      (ftc_claim *claim, ftc_type_id record, const char *name, \
       ftc_type_id member_type, uint64_t offset)) \
    X(ftc_status, ftc_claim_pointer, \
      (ftc_claim *claim, ftc_type_id target, ftc_type_id *id_out)) \
    X(ftc_status, ftc_claim_record, \
      (ftc_claim *claim, uint32_t kind, const char *tag, \
       ftc_type_id *id_out)) \
    X(ftc_status, ftc_check_argument, \
      (const ftc_decl *decl, uint32_t argument, const ftc_claim *claim, \
       ftc_type_id made, const ftc_memory *memory, \
       const ftc_check_opts *opts, const ftc_report **report_out)) \
    X(ftc_status, ftc_check_decl, \
      (const ftc_decl *decl, const ftc_claim *claim, ftc_type_id claimed, \
       const ftc_check_opts *opts, const ftc_report **report_out)) \
    X(ftc_status, ftc_check_type, \
      (const ftc_types *types, ftc_type_id declared, \
       const ftc_claim *claim, ftc_type_id claimed, \
       const ftc_check_opts *opts, const ftc_report **report_out)) \
    X(void, ftc_report_free, (const ftc_report *report)) \
    X(int, ftc_report_at_call, (const ftc_report *report)) \
    X(int, ftc_report_passes, (const ftc_report *report)) \
    X(size_t, ftc_report_count, (const ftc_report *report)) \
    X(ftc_verdict, ftc_report_verdict, (const ftc_report *report)) \
    X(ftc_status, ftc_report_finding, \
      (const ftc_report *report, size_t index, ftc_finding *out))

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

static inline int
succeeded(ftc_status status)
{
    return status == FTC_OK ? 0 : -1;
}

/* What a type of the library is, behind qualifiers and typedefs. */
static inline int
get_type(const ftc_types *types, ftc_type_id id, ftc_type *out)
{
    memset(out, 0, sizeof(*out));
    out->type_size = sizeof(*out);
    return succeeded(ftc.ftc_type_get(types, ftc.ftc_type_resolve(types, id),
                                      out));
}

#endif
