/* A switch over each enumeration of the header, without a default. Functions return the enumerations, and structs have
   them as fields, so the compiler says with -Wswitch which constant is not handled. */
#pragma GCC diagnostic error "-Wswitch"

#include "check.h"

/* The name of the constant. */
#define CASE(constant) \
	case constant: \
		return #constant

static const char *status_constant(ftc_status value)
{
	switch (value) {
		CASE(FTC_OK);
		CASE(FTC_ERR_NULL);
		CASE(FTC_ERR_INVALID_ARGUMENT);
		CASE(FTC_ERR_NO_SYMBOL);
		CASE(FTC_ERR_NOT_LOADED);
		CASE(FTC_ERR_IO);
		CASE(FTC_ERR_NOT_ELF);
		CASE(FTC_ERR_MALFORMED_ELF);
		CASE(FTC_ERR_NO_DEBUG_INFO);
		CASE(FTC_ERR_BUILD_ID);
		CASE(FTC_ERR_DEBUG_FILE_MISMATCH);
		CASE(FTC_ERR_MALFORMED_DWARF);
		CASE(FTC_ERR_NO_TYPE);
		CASE(FTC_ERR_AMBIGUOUS);
		CASE(FTC_ERR_UNSUPPORTED);
		CASE(FTC_ERR_LIMIT);
		CASE(FTC_ERR_INTERNAL);
		CASE(FTC_ERR_FORKED);
		CASE(FTC_ERR_NO_MEMORY);
	}
	return NULL;
}

static const char *type_kind_constant(ftc_type_kind value)
{
	switch (value) {
		CASE(FTC_TYPE_VOID);
		CASE(FTC_TYPE_BASE);
		CASE(FTC_TYPE_POINTER);
		CASE(FTC_TYPE_QUALIFIED);
		CASE(FTC_TYPE_TYPEDEF);
		CASE(FTC_TYPE_ARRAY);
		CASE(FTC_TYPE_VECTOR);
		CASE(FTC_TYPE_STRUCT);
		CASE(FTC_TYPE_UNION);
		CASE(FTC_TYPE_CLASS);
		CASE(FTC_TYPE_ENUMERATION);
		CASE(FTC_TYPE_FUNCTION);
		CASE(FTC_TYPE_UNKNOWN);
	}
	return NULL;
}

static const char *encoding_constant(ftc_encoding value)
{
	switch (value) {
		CASE(FTC_ENCODING_NONE);
		CASE(FTC_ENCODING_BOOLEAN);
		CASE(FTC_ENCODING_SIGNED);
		CASE(FTC_ENCODING_UNSIGNED);
		CASE(FTC_ENCODING_SIGNED_CHAR);
		CASE(FTC_ENCODING_UNSIGNED_CHAR);
		CASE(FTC_ENCODING_UTF);
		CASE(FTC_ENCODING_FLOAT);
		CASE(FTC_ENCODING_FLOAT128);
		CASE(FTC_ENCODING_COMPLEX_FLOAT);
		CASE(FTC_ENCODING_COMPLEX_FLOAT128);
		CASE(FTC_ENCODING_COMPLEX_INTEGER);
		CASE(FTC_ENCODING_DECIMAL_FLOAT);
	}
	return NULL;
}

static const char *pointer_class_constant(ftc_pointer_class value)
{
	switch (value) {
		CASE(FTC_POINTER_NONE);
		CASE(FTC_POINTER);
		CASE(FTC_LVALUE_REFERENCE);
		CASE(FTC_RVALUE_REFERENCE);
	}
	return NULL;
}

static const char *qualifier_constant(ftc_qualifier value)
{
	switch (value) {
		CASE(FTC_QUALIFIER_NONE);
		CASE(FTC_CONST);
		CASE(FTC_VOLATILE);
		CASE(FTC_RESTRICT);
		CASE(FTC_ATOMIC);
	}
	return NULL;
}

static const char *declaration_kind_constant(ftc_declaration_kind value)
{
	switch (value) {
		CASE(FTC_DECL_NONE);
		CASE(FTC_DECL_FUNCTION);
		CASE(FTC_DECL_VARIABLE);
		CASE(FTC_DECL_TYPE);
	}
	return NULL;
}

static const char *evidence_constant(ftc_evidence value)
{
	switch (value) {
		CASE(FTC_EVIDENCE_NONE);
		CASE(FTC_EVIDENCE_ADDRESS);
		CASE(FTC_EVIDENCE_NAME);
		CASE(FTC_EVIDENCE_RESOLVER);
		CASE(FTC_EVIDENCE_USE);
	}
	return NULL;
}

static const char *export_kind_constant(ftc_export_kind value)
{
	switch (value) {
		CASE(FTC_EXPORT_UNTYPED);
		CASE(FTC_EXPORT_FUNCTION);
		CASE(FTC_EXPORT_IFUNC);
		CASE(FTC_EXPORT_VARIABLE);
		CASE(FTC_EXPORT_THREAD_LOCAL);
	}
	return NULL;
}

static const char *verdict_constant(ftc_verdict value)
{
	switch (value) {
		CASE(FTC_MATCH);
		CASE(FTC_DIFFERS);
		CASE(FTC_UNVERIFIED);
		CASE(FTC_MISMATCH);
	}
	return NULL;
}

static const char *position_constant(ftc_position value)
{
	switch (value) {
		CASE(FTC_POSITION_CALL);
		CASE(FTC_POSITION_RESULT);
		CASE(FTC_POSITION_ARGUMENT);
		CASE(FTC_POSITION_VARIABLE);
		CASE(FTC_POSITION_TYPE);
	}
	return NULL;
}

static void of_types(const ftc_decl *decl)
{
	const ftc_types *types = ftc_decl_types(decl);
	const ftc_type *function = ftc_type_get(types, ftc_decl_type(decl));
	const ftc_type *pointer = ftc_type_get(types, ftc_type_parameter(types, ftc_decl_type(decl), 0)->type_id);
	const ftc_type *qualified = ftc_type_get(types, pointer->target), *base = ftc_type_get(types, qualified->target);
	CHECK_TEXT(declaration_kind_constant(ftc_decl_kind(decl)), "FTC_DECL_FUNCTION");
	CHECK_TEXT(evidence_constant(ftc_decl_evidence(decl)), "FTC_EVIDENCE_ADDRESS");
	CHECK_TEXT(type_kind_constant(function->kind), "FTC_TYPE_FUNCTION");
	CHECK_TEXT(pointer_class_constant(pointer->pointer), "FTC_POINTER");
	CHECK_TEXT(pointer_class_constant(base->pointer), "FTC_POINTER_NONE");
	CHECK_TEXT(qualifier_constant(qualified->qualifier), "FTC_CONST");
	CHECK_TEXT(encoding_constant(base->encoding), "FTC_ENCODING_SIGNED_CHAR");
}

static void of_a_report(const ftc_decl *decl)
{
	const ftc_report *report = NULL;
	ffi_cif cif;
	CHECK_NUMBER(ffi_prep_cif_checked(&cif, FFI_DEFAULT_ABI, 0, &ffi_type_void, NULL, decl, &report), FFI_BAD_ARGTYPE);
	const ftc_finding *finding = ftc_report_finding(report, 0);
	CHECK_TEXT(position_constant(finding->position), "FTC_POSITION_CALL");
	CHECK_TEXT(verdict_constant(finding->verdict), "FTC_MISMATCH");
	CHECK_TEXT(verdict_constant(ftc_report_verdict(report)), "FTC_MISMATCH");
	CHECK_TEXT(status_constant(ftc_last_error()), "FTC_ERR_INVALID_ARGUMENT");
	ftc_report_free(report);
}

int main(void)
{
	void *shapes = open_library(FIXTURE("libshapes.so"));
	const ftc_decl *length = describe(shapes, "length");
	ftc_library *library = NULL;
	of_types(length);
	of_a_report(length);
	CHECK_NUMBER(ftc_library_open(FIXTURE("libifunc.so"), &library), FTC_OK);
	CHECK_TEXT(export_kind_constant(ftc_library_export(library, 0)->kind), "FTC_EXPORT_IFUNC");
	ftc_library_free(library);
	/* The names that the library gives are the header's. */
	for (int number = 0; number > -100; number--)
		CHECK_TEXT(ftc_status_name((ftc_status)number), status_constant((ftc_status)number));
	for (int number = 0; number < 100; number++) {
		const char *name = ftc_verdict_name((ftc_verdict)number), *constant = verdict_constant((ftc_verdict)number);
		CHECK_TEXT(name, constant ? constant + strlen("FTC_") : NULL);
	}
	ftc_decl_free(length);
	dlclose(shapes);
	return check_result();
}
