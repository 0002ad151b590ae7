/* Types of another table, copied into a claim with everything that they refer to. */
#include "claims.h"

/* The declaration of each export, as the claim against itself. The claim needs the other table no more. */
static void every_export(const char *path)
{
	ftc_library *file = NULL;
	CHECK_NUMBER(ftc_library_open(path, &file), FTC_OK);
	for (size_t i = 0; i < ftc_library_export_count(file); i++) {
		const char *name = ftc_library_export(file, i)->name;
		const ftc_decl *decl = NULL;
		CHECK_NUMBER(ftc_library_describe(file, name, &decl), FTC_OK);
		ftc_type_id copy = ftc_claim_import(claim, ftc_decl_types(decl), ftc_decl_type(decl));
		CHECK_TEXT(ftc_type_spelling(claim_types, copy), ftc_type_spelling(ftc_decl_types(decl), ftc_decl_type(decl)));
		ftc_decl_free(decl);
		MATCHES(name, copy);
	}
	ftc_library_free(file);
}

static ftc_type_id import_type(const char *name)
{
	const ftc_decl *decl = NULL;
	CHECK_NUMBER(ftc_describe_type(library, name, 0, &decl, NULL), FTC_OK);
	ftc_type_id copy = ftc_claim_import(claim, ftc_decl_types(decl), ftc_decl_type(decl));
	ftc_decl_free(decl);
	return copy;
}

/* What is copied serves like what was built, and both stand in one claim. */
static void mixed(void)
{
	ftc_type_id date = import_type("struct date"), event = import_type("struct event");
	CHECK_NUMBER(ftc_type_get(claim_types, date)->size, 12);
	CHECK_NUMBER(ftc_type_find_member(claim_types, date, "month")->offset, 4);
	MATCHES("date_valid", function_type(type_int, TYPES(pointer(date))));
	MATCHES("event_weight", function_type(type_double, TYPES(pointer(event))));
	MISMATCHES("date_valid", function_type(type_int, TYPES(date)), "record-bytes", "");
	/* A list: its nodes point to the copy. */
	ftc_type_id next = ftc_type_find_member(claim_types, event, "next")->type_id;
	CHECK_NUMBER(ftc_type_get(claim_types, ftc_type_get(claim_types, next)->target)->resolved, event);
	/* The constants of an enumeration, the bits of a record, the other byte order. */
	CHECK_NUMBER(ftc_type_find_enumerator(claim_types, import_type("enum color"), "BLUE")->value, -7);
	ftc_type_id options = import_type("struct options"), wire = import_type("struct wire");
	CHECK_NUMBER(ftc_type_find_member(claim_types, options, "wide")->bit_width, 40);
	ftc_type_id address = ftc_type_find_member(claim_types, wire, "address")->type_id;
	CHECK_NUMBER(ftc_type_get(claim_types, ftc_type_get(claim_types, address)->resolved)->flags, FTC_TYPE_FLAG_SWAPPED);
}

/* From a claim, where a record may be incomplete. */
static void of_another_claim(void)
{
	ftc_claim *other = ftc_claim_new();
	ftc_type_id hidden = ftc_claim_record(other, FTC_TYPE_STRUCT, "hidden");
	ftc_type_id copy = ftc_claim_import(claim, ftc_claim_types(other), ftc_claim_pointer(other, hidden));
	ftc_claim_free(other);
	const ftc_type *target = ftc_type_get(claim_types, ftc_type_get(claim_types, copy)->target);
	CHECK_TEXT(target->name, "hidden");
	CHECK_NUMBER(target->flags, FTC_TYPE_FLAG_INCOMPLETE);
	MATCHES("session_state", function_type(type_int, TYPES(copy)));
}

static void refused(void)
{
	const ftc_decl *other_machine = NULL, *decl = describe(library, "date_valid");
	ftc_type_id before = any();
	CHECK_NUMBER(describe_in_file(FIXTURE("s390x/libshapes.so"), "length", &other_machine), FTC_OK);
	CHECK_NO_TYPE(ftc_claim_import(claim, ftc_decl_types(other_machine), ftc_decl_type(other_machine)),
		      FTC_ERR_INVALID_ARGUMENT, "machine");
	CHECK_NO_TYPE(ftc_claim_import(claim, ftc_decl_types(decl), 100000), FTC_ERR_INVALID_ARGUMENT, "100000 is no type");
	CHECK_NO_TYPE(ftc_claim_import(claim, claim_types, type_int), FTC_ERR_INVALID_ARGUMENT, "claim itself");
	CHECK_NO_TYPE(ftc_claim_import(claim, NULL, 0), FTC_ERR_NULL, "types");
	CHECK_NUMBER(any(), before + 1);
	/* `void` is 0 in every table. */
	CHECK_NUMBER(ftc_claim_import(claim, ftc_decl_types(decl), 0), 0);
	/* The first error goes through. */
	CHECK_NO_TYPE(ftc_claim_import(claim, ftc_decl_types(decl), FTC_NO_TYPE), FTC_ERR_INVALID_ARGUMENT, "");
	ftc_decl_free(decl);
	ftc_decl_free(other_machine);
}

int main(void)
{
	begin();
	every_export(FIXTURE("libclaims.so"));
	mixed();
	of_another_claim();
	refused();
	return end();
}
