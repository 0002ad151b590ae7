/* Callbacks: the library makes the call, and the caller's function gets the arguments. */
#include "claims.h"

static ftc_type_id date, dates;

/* void (struct date *, size_t, T *) */
static ftc_type_id sorting(ftc_type_id callback)
{
	return function_type(0, TYPES(dates, type_ulong, pointer(callback)));
}

int main(void)
{
	begin();
	date = record("date", 12, FIELDS({"day", type_int, 0}, {"month", type_int, 4}, {"year", type_int, 8}));
	dates = pointer(date);
	ftc_type_id type_float = base(FTC_ENCODING_FLOAT, 4);
	MATCHES("sort_dates", sorting(function_type(type_int, TYPES(dates, dates))));
	/* A function as a parameter is a pointer to it. */
	ftc_type_id compare = function_type(type_int, TYPES(dates, dates));
	MATCHES("sort_dates", function_type(0, TYPES(dates, type_ulong, compare)));
	MATCHES("sort_dates", function_type(0, TYPES(dates, type_ulong, pointer(0))));

	MISMATCHES("sort_dates", sorting(function_type(type_int, TYPES(dates, type_int))), "result-narrower", "→ parameter 2");
	MISMATCHES("sort_dates", sorting(function_type(type_int, TYPES(dates, type_double))), "number-class", "→ parameter 2");
	MISMATCHES("sort_dates", sorting(function_type(type_int, TYPES(dates, dates, dates))), "argument-count", "→ pointee");
	DIFFERS("sort_dates", sorting(function_type(type_int, TYPES(dates))), "argument-count", "→ pointee");
	MISMATCHES("sort_dates", sorting(function_type(type_float, TYPES(dates, dates))), "number-class", "→ result");
	DIFFERS("sort_dates", sorting(function_type(0, TYPES(dates, dates))), "result-of-void", "→ result");

	/* The library passes a whole date: of it a prefix may be read, and no more than it has. */
	ftc_type_id smaller = record("date", 8, FIELDS({"day", type_int, 0}, {"month", type_int, 4}));
	ftc_type_id larger = record("date", 16, FIELDS({"day", type_int, 0}, {"month", type_int, 4}, {"year", type_int, 8}));
	ftc_type_id prefix = function_type(type_int, TYPES(pointer(smaller), dates));
	ftc_type_id beyond = function_type(type_int, TYPES(pointer(larger), dates));
	DIFFERS("sort_dates", sorting(prefix), "pointee-prefix", "→ parameter 1 → pointee");
	MISMATCHES("sort_dates", sorting(beyond), "pointee-too-large", "→ parameter 1 → pointee");

	DIFFERS("sort_dates", function_type(0, TYPES(dates, type_ulong, dates)), "data-against-function", "→ pointee");
	MISMATCHES("hook", pointer(function_type(type_double, TYPES(dates))), "number-class", "→ result");
	MATCHES("hook", pointer(function_type(type_int, TYPES(dates))));

	/* In a record, and given back. */
	ftc_type_id visitor = opaque("visitor"), leave[2];
	for (int i = 0; i < 2; i++)
		leave[i] = pointer(function_type(0, 1, (ftc_type_id[]){i ? type_int : pointer(visitor)}));
	complete(visitor, 24, FIELDS({"enter", pointer(function_type(type_int, TYPES(pointer(visitor), pointer(0)))), 0},
				     {"leave", leave[0], 8}, {"context", pointer(0), 16}));
	MATCHES("visit", function_type(type_int, TYPES(pointer(0), pointer(visitor))));
	ftc_type_id wrong = record("visitor", 24, FIELDS({"leave", leave[1], 8}));
	MISMATCHES("visit", function_type(type_int, TYPES(pointer(0), pointer(wrong))), "result-narrower", "→ leave → parameter 1");
	ftc_type_id handler = function_type(0, TYPES(type_int, type_double));
	MATCHES("on_change", function_type(pointer(handler), TYPES(handler, pointer(0))));
	return end();
}
