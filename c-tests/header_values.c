/* The values of all constants of the header, and the sizes and layouts of its enumerations and structs. Programs that
   were compiled once keep them. The compiler checks this file as C and as C++; tests/header.rs looks whether a constant
   is missing. */
#include <ffitypecheck.h>
#include <stddef.h>

#ifdef __cplusplus
#define IS(what, number) static_assert((what) == (number), #what)
#else
#define IS(what, number) _Static_assert((what) == (number), #what)
#endif
#define STARTS(type, field, offset) IS(offsetof(type, field), offset)

IS(FTC_TYPE_FLAG_INCOMPLETE, 1);
IS(FTC_TYPE_FLAG_PROTOTYPED, 2);
IS(FTC_TYPE_FLAG_VARIADIC, 4);
IS(FTC_TYPE_FLAG_BY_REFERENCE, 8);
IS(FTC_TYPE_FLAG_SWAPPED, 0x10);
IS(FTC_TYPE_FLAG_UNPROTOTYPED, 0x20);
IS(FTC_MEMBER_BASE_CLASS, 0x100);
IS(FTC_MEMBER_BIT_FIELD, 0x200);
IS(FTC_ENUMERATOR_UNSIGNED, 0x1000);
IS(FTC_UNKNOWN_SIZE, 0xffffffffffffffff);
IS(FTC_NO_TYPE, 0xffffffff);
IS(FTC_EXPORT_DEFAULT, 0x10000);
IS(FTC_EXPORT_WEAK, 0x20000);
IS(FTC_FINDING_AT_CALL, 0x4000);
IS(FTC_CHECK_STRICT, 0x100000);
IS(FTC_CHECK_REQUIRE, 0x200000);
IS(FTC_CHECK_OWNER_CALLER, 0x400000);
IS(FTC_CHECK_OWNER_LIBRARY, 0x800000);
IS(FTC_MEMORY_OWNED, 0x1000000);

IS(sizeof(ftc_status), 4);
IS(FTC_OK, 0);
IS(FTC_ERR_NULL, -1);
IS(FTC_ERR_INVALID_ARGUMENT, -2);
IS(FTC_ERR_NO_SYMBOL, -3);
IS(FTC_ERR_NOT_LOADED, -4);
IS(FTC_ERR_IO, -5);
IS(FTC_ERR_NOT_ELF, -6);
IS(FTC_ERR_MALFORMED_ELF, -7);
IS(FTC_ERR_NO_DEBUG_INFO, -8);
IS(FTC_ERR_BUILD_ID, -9);
IS(FTC_ERR_DEBUG_FILE_MISMATCH, -10);
IS(FTC_ERR_MALFORMED_DWARF, -11);
IS(FTC_ERR_NO_TYPE, -12);
IS(FTC_ERR_AMBIGUOUS, -13);
IS(FTC_ERR_UNSUPPORTED, -14);
IS(FTC_ERR_LIMIT, -15);
IS(FTC_ERR_INTERNAL, -16);
IS(FTC_ERR_FORKED, -17);
IS(FTC_ERR_NO_MEMORY, -18);

IS(sizeof(ftc_type_kind), 4);
IS(FTC_TYPE_VOID, 1);
IS(FTC_TYPE_BASE, 2);
IS(FTC_TYPE_POINTER, 3);
IS(FTC_TYPE_QUALIFIED, 4);
IS(FTC_TYPE_TYPEDEF, 5);
IS(FTC_TYPE_ARRAY, 6);
IS(FTC_TYPE_VECTOR, 7);
IS(FTC_TYPE_STRUCT, 8);
IS(FTC_TYPE_UNION, 9);
IS(FTC_TYPE_CLASS, 10);
IS(FTC_TYPE_ENUMERATION, 11);
IS(FTC_TYPE_FUNCTION, 12);
IS(FTC_TYPE_UNKNOWN, 13);

IS(sizeof(ftc_encoding), 4);
IS(FTC_ENCODING_NONE, 0);
IS(FTC_ENCODING_BOOLEAN, 1);
IS(FTC_ENCODING_SIGNED, 2);
IS(FTC_ENCODING_UNSIGNED, 3);
IS(FTC_ENCODING_SIGNED_CHAR, 4);
IS(FTC_ENCODING_UNSIGNED_CHAR, 5);
IS(FTC_ENCODING_UTF, 6);
IS(FTC_ENCODING_FLOAT, 7);
IS(FTC_ENCODING_FLOAT128, 8);
IS(FTC_ENCODING_COMPLEX_FLOAT, 9);
IS(FTC_ENCODING_COMPLEX_FLOAT128, 10);
IS(FTC_ENCODING_COMPLEX_INTEGER, 11);
IS(FTC_ENCODING_DECIMAL_FLOAT, 12);

IS(sizeof(ftc_pointer_class), 4);
IS(FTC_POINTER_NONE, 0);
IS(FTC_POINTER, 1);
IS(FTC_LVALUE_REFERENCE, 2);
IS(FTC_RVALUE_REFERENCE, 3);

IS(sizeof(ftc_qualifier), 4);
IS(FTC_QUALIFIER_NONE, 0);
IS(FTC_CONST, 1);
IS(FTC_VOLATILE, 2);
IS(FTC_RESTRICT, 3);
IS(FTC_ATOMIC, 4);

IS(sizeof(ftc_declaration_kind), 4);
IS(FTC_DECL_NONE, 0);
IS(FTC_DECL_FUNCTION, 1);
IS(FTC_DECL_VARIABLE, 2);
IS(FTC_DECL_TYPE, 3);

IS(sizeof(ftc_evidence), 4);
IS(FTC_EVIDENCE_NONE, 0);
IS(FTC_EVIDENCE_ADDRESS, 1);
IS(FTC_EVIDENCE_NAME, 2);
IS(FTC_EVIDENCE_RESOLVER, 3);
IS(FTC_EVIDENCE_USE, 4);

IS(sizeof(ftc_export_kind), 4);
IS(FTC_EXPORT_UNTYPED, 0);
IS(FTC_EXPORT_FUNCTION, 1);
IS(FTC_EXPORT_IFUNC, 2);
IS(FTC_EXPORT_VARIABLE, 3);
IS(FTC_EXPORT_THREAD_LOCAL, 4);

IS(sizeof(ftc_verdict), 4);
IS(FTC_MATCH, 0);
IS(FTC_DIFFERS, 1);
IS(FTC_UNVERIFIED, 2);
IS(FTC_MISMATCH, 3);

IS(sizeof(ftc_position), 4);
IS(FTC_POSITION_CALL, 0);
IS(FTC_POSITION_RESULT, 1);
IS(FTC_POSITION_ARGUMENT, 2);
IS(FTC_POSITION_VARIABLE, 3);
IS(FTC_POSITION_TYPE, 4);

IS(sizeof(ftc_type), 80);
STARTS(ftc_type, kind, 0);
STARTS(ftc_type, flags, 4);
STARTS(ftc_type, encoding, 8);
STARTS(ftc_type, bits, 12);
STARTS(ftc_type, pointer, 16);
STARTS(ftc_type, qualifier, 20);
STARTS(ftc_type, target, 24);
STARTS(ftc_type, resolved, 28);
STARTS(ftc_type, size, 32);
STARTS(ftc_type, align, 40);
STARTS(ftc_type, name, 48);
STARTS(ftc_type, reason, 56);
STARTS(ftc_type, dimensions, 64);
STARTS(ftc_type, count, 72);
STARTS(ftc_type, reserved, 76);

IS(sizeof(ftc_member), 40);
STARTS(ftc_member, name, 0);
STARTS(ftc_member, offset, 8);
STARTS(ftc_member, bit_offset, 16);
STARTS(ftc_member, bit_width, 24);
STARTS(ftc_member, type_id, 32);
STARTS(ftc_member, flags, 36);

IS(sizeof(ftc_enumerator), 24);
STARTS(ftc_enumerator, name, 0);
STARTS(ftc_enumerator, value, 8);
STARTS(ftc_enumerator, flags, 16);
STARTS(ftc_enumerator, reserved, 20);

IS(sizeof(ftc_parameter), 16);
STARTS(ftc_parameter, name, 0);
STARTS(ftc_parameter, type_id, 8);
STARTS(ftc_parameter, flags, 12);

IS(sizeof(ftc_export), 40);
STARTS(ftc_export, name, 0);
STARTS(ftc_export, version, 8);
STARTS(ftc_export, value, 16);
STARTS(ftc_export, size, 24);
STARTS(ftc_export, kind, 32);
STARTS(ftc_export, flags, 36);

IS(sizeof(ftc_finding), 96);
STARTS(ftc_finding, verdict, 0);
STARTS(ftc_finding, rule, 4);
STARTS(ftc_finding, position, 8);
STARTS(ftc_finding, argument, 12);
STARTS(ftc_finding, begin, 16);
STARTS(ftc_finding, end, 24);
STARTS(ftc_finding, rule_id, 32);
STARTS(ftc_finding, declared, 40);
STARTS(ftc_finding, claimed, 48);
STARTS(ftc_finding, sentence, 56);
STARTS(ftc_finding, path, 64);
STARTS(ftc_finding, hint, 72);
STARTS(ftc_finding, layout, 80);
STARTS(ftc_finding, flags, 88);
STARTS(ftc_finding, reserved, 92);

IS(sizeof(ftc_check_opts), 72);
STARTS(ftc_check_opts, type_size, 0);
STARTS(ftc_check_opts, flags, 8);
STARTS(ftc_check_opts, reserved_flags, 12);
STARTS(ftc_check_opts, ignore, 16);
STARTS(ftc_check_opts, ignore_count, 24);
STARTS(ftc_check_opts, max_pairs, 32);
STARTS(ftc_check_opts, reserved, 40);

IS(sizeof(ftc_memory), 32);
STARTS(ftc_memory, type_size, 0);
STARTS(ftc_memory, flags, 8);
STARTS(ftc_memory, reserved_flags, 12);
STARTS(ftc_memory, address, 16);
STARTS(ftc_memory, bytes, 24);

/* A program that is built and runs, like the others. */
int main(void)
{
	return ftc_get_version_number() == FTC_VERSION_NUMBER ? 0 : 1;
}
