/* The parts of a claimed function that are about the call: the number of parameters, variadic or not, prototype or
   not. */
#include "claims.h"

static ftc_type_id with(uint32_t flags, size_t count, const ftc_type_id *parameters)
{
	return ftc_claim_function(claim, type_int, count, parameters, flags);
}

int main(void)
{
	begin();
	ftc_type_id text = pointer(type_char);
	MATCHES("logged", with(FTC_TYPE_FLAG_VARIADIC, TYPES(type_int, text)));
	DIFFERS("logged", with(0, TYPES(type_int, text)), "variadic-prepared-as-fixed", "");
	DIFFERS("logged", with(0, TYPES(type_int, text, type_double)), "variadic-prepared-as-fixed", "");
	MISMATCHES("logged", with(FTC_TYPE_FLAG_VARIADIC, TYPES(type_int)), "argument-count", "");
	MISMATCHES("logged", with(0, TYPES(type_int, text, type_short)), "unpromoted-variadic-argument", "");
	DIFFERS("date_valid", with(FTC_TYPE_FLAG_VARIADIC, TYPES(text)), "fixed-prepared-as-variadic", "");
	MISMATCHES("date_valid", with(0, NO_TYPES), "argument-count", "");
	MISMATCHES("date_valid", with(0, TYPES(text, text)), "argument-count", "");
	MATCHES("old_style", with(0, NO_TYPES));
	MATCHES("old_style", with(FTC_TYPE_FLAG_UNPROTOTYPED, NO_TYPES));
	/* `int f()` as the caller has it: nothing is claimed of the parameters, of a callback's neither. */
	ftc_type_id open = with(FTC_TYPE_FLAG_UNPROTOTYPED, NO_TYPES);
	UNVERIFIED("date_valid", open, "unprototyped-declaration", "");
	UNVERIFIED("sort_dates", function_type(0, TYPES(pointer(0), type_ulong, pointer(open))),
		   "unprototyped-declaration", "→ pointee");
	/* A vector has no place in libffi, but types agree without a call. */
	ftc_type_id vector = ftc_claim_vector(claim, type_int, 4);
	MATCHES("twice", function_type(vector, TYPES(vector)));
	UNVERIFIED("twice", function_type(vector, TYPES(type_long)), "not-expressible", "");
	return end();
}
