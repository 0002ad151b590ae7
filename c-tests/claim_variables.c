/* Variables: their size and layout, and functions that are claimed to be variables. */
#include "claims.h"

static void position(const char *name, ftc_type_id type, uint32_t expected)
{
	const ftc_decl *decl = describe(library, name);
	const ftc_report *report = NULL;
	CHECK_NUMBER(ftc_check_decl(decl, claim_types, type, NULL, &report), FTC_OK);
	const ftc_finding *finding = ftc_report_finding(report, 0);
	CHECK_NUMBER(finding->position, expected);
	ftc_report_free(report);
	ftc_decl_free(decl);
}

int main(void)
{
	begin();
	ftc_type_id date = record("date", 12, FIELDS({"day", type_int, 0}, {"month", type_int, 4}, {"year", type_int, 8}));
	ftc_type_id smaller = record("date", 8, FIELDS({"day", type_int, 0}, {"month", type_int, 4}));
	MATCHES("epoch", date);
	MISMATCHES("epoch", smaller, "variable-size", "");
	MATCHES("counter", type_ulong);
	DIFFERS("counter", type_long, "integer-signedness", "");
	MISMATCHES("counter", type_int, "variable-size", "");
	MISMATCHES("counter", type_double, "number-class", "");
	DIFFERS("counter", pointer(0), "pointer-against-integer", "");
	MATCHES("version", pointer(type_char));
	MATCHES("matrix", array(array(type_int, 4), 3));
	MISMATCHES("matrix", array(array(type_int, 4), 2), "variable-size", "");
	MATCHES("hook", pointer(0));
	MATCHES("pending", pointer(opaque("event")));

	ftc_type_id function = function_type(type_int, TYPES(pointer(date)));
	MISMATCHES("counter", function, "function-against-variable", "");
	MISMATCHES("date_valid", type_long, "function-against-variable", "");
	MISMATCHES("date_valid", pointer(function), "function-against-variable", "");
	position("counter", type_int, FTC_POSITION_VARIABLE);
	return end();
}
