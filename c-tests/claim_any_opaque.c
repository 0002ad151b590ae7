/* Types that the caller leaves open: a value that is converted at call time, and a type whose content it does not
   use. */
#include "claims.h"

static ftc_type_id taking(ftc_type_id first, ftc_type_id second)
{
	return function_type(type_int, TYPES(first, second));
}

int main(void)
{
	begin();
	ftc_type_id text = pointer(type_char), session = pointer(opaque("session")), other = pointer(opaque(NULL));
	MATCHES("session_open", taking(pointer(session), text));
	MATCHES("session_open", taking(pointer(other), text));
	MATCHES("session_open", taking(pointer(pointer(0)), pointer(0)));
	MATCHES("session_open", taking(pointer(0), text));
	MATCHES("session_state", function_type(type_int, TYPES(session)));
	/* Opaque or not: how often it is pointed to is known. */
	MISMATCHES("session_open", taking(pointer(type_int), text), "pointee-scalar", "→ pointee");

	UNVERIFIED("session_open", taking(any(), text), "not-known", "");
	UNVERIFIED("session_open", taking(pointer(any()), text), "not-known", "→ pointee");
	UNVERIFIED("session_open", taking(pointer(pointer(any())), text), "not-known", "→ pointee → pointee");
	UNVERIFIED("session_open", function_type(any(), TYPES(pointer(session), text)), "not-known", "");
	UNVERIFIED("counter", any(), "not-known", "");
	/* What is not known hides nothing. */
	MISMATCHES("session_open", taking(any(), type_int), "argument-too-narrow", "");

	ftc_type_id half = record("date", 12, FIELDS({"day", type_int, 0}, {"month", any(), 4}, {"year", type_int, 8}));
	UNVERIFIED("date_valid", function_type(type_int, TYPES(pointer(half))), "not-known", "→ month");
	UNVERIFIED("date_next", function_type(half, TYPES(half)), "not-known", "");
	return end();
}
