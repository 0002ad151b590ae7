/* Records behind pointers: sizes, offsets, classes and names of members, as arguments and as results. */
#include "claims.h"

/* int (const T *) */
static ftc_type_id reader(ftc_type_id record)
{
	return function_type(type_int, TYPES(pointer(record)));
}

/* T *(void) */
static ftc_type_id giver(ftc_type_id record)
{
	return function_type(pointer(record), NO_TYPES);
}

static void sizes(void)
{
	ftc_type_id date = record("date", 12, FIELDS({"day", type_int, 0}, {"month", type_int, 4}, {"year", type_int, 8}));
	ftc_type_id smaller = record("date", 8, FIELDS({"day", type_int, 0}, {"month", type_int, 4}));
	ftc_type_id larger = record("date", 16, FIELDS({"day", type_int, 0}, {"month", type_int, 4}, {"year", type_int, 8}));
	MATCHES("date_valid", reader(date));
	MATCHES("date_today", giver(date));
	/* It is only read, so nothing is written past it. */
	DIFFERS("date_valid", reader(smaller), "pointee-too-small", "→ pointee");
	MISMATCHES("date_add", function_type(0, TYPES(type_int, pointer(smaller))), "pointee-too-small", "→ pointee");
	DIFFERS("date_today", giver(smaller), "pointee-prefix", "→ pointee");
	DIFFERS("date_valid", reader(larger), "pointee-too-large", "→ pointee");
	MISMATCHES("date_today", giver(larger), "pointee-too-large", "→ pointee");
	/* By value, too. */
	MATCHES("date_next", function_type(date, TYPES(date)));
	MISMATCHES("date_next", function_type(date, TYPES(larger)), "record-bytes", "");
}

static void members(void)
{
	ftc_type_id type_float = base(FTC_ENCODING_FLOAT, 4);
	ftc_type_id moved = record("date", 12, FIELDS({"day", type_int, 0}, {"month", type_short, 6}, {"year", type_int, 8}));
	ftc_type_id class = record("date", 12, FIELDS({"day", type_int, 0}, {"month", type_float, 4}, {"year", type_int, 8}));
	ftc_type_id sign = record("date", 12, FIELDS({"day", type_int, 0}, {"month", type_uint, 4}, {"year", type_int, 8}));
	ftc_type_id exchanged = record("date", 12, FIELDS({"month", type_int, 0}, {"day", type_int, 4}, {"year", type_int, 8}));
	ftc_type_id renamed = record("date", 12, FIELDS({"tag", type_int, 0}, {"month", type_int, 4}, {"year", type_int, 8}));
	ftc_type_id unnamed = record(NULL, 12, FIELDS({NULL, type_int, 0}, {NULL, type_int, 4}, {NULL, type_int, 8}));
	ftc_type_id missing = record("date", 12, FIELDS({"day", type_int, 0}, {"year", type_int, 8}));
	MISMATCHES("date_valid", reader(moved), "pointee-member", "→ month");
	MISMATCHES("date_valid", reader(class), "pointee-member", "→ month");
	DIFFERS("date_valid", reader(sign), "pointee-scalar", "→ month");
	MISMATCHES("date_valid", reader(exchanged), "pointee-member-name", "→ month");
	DIFFERS("date_valid", reader(renamed), "pointee-member-name", "→ tag");
	MATCHES("date_valid", reader(unnamed));
	DIFFERS("date_valid", reader(missing), "missing-member", "→ month");
}

static void packed(void)
{
	ftc_type_id right = record("header", 7, FIELDS({"tag", type_char, 0}, {"length", type_int, 1}, {"version", type_short, 5}));
	ftc_type_id natural = record("header", 12, FIELDS({"tag", type_char, 0}, {"length", type_int, 4}, {"version", type_short, 8}));
	MATCHES("header_length", reader(right));
	MISMATCHES("header_length", reader(natural), "pointee-member", "→ length");
}

static void inside(void)
{
	ftc_type_id date = record("date", 12, FIELDS({"day", type_int, 0}, {"month", type_int, 4}, {"year", type_int, 8}));
	ftc_type_id wrong = record("date", 12, FIELDS({"day", type_int, 0}, {"month", type_int, 4}, {"year", type_ushort, 8}));
	ftc_type_id text = pointer(type_char), event[2];
	for (int i = 0; i < 2; i++) {
		event[i] = opaque("event");
		complete(event[i], 40, FIELDS({"next", pointer(event[i]), 0}, {"title", text, 8}, {"when", i ? wrong : date, 16},
					      {"kind", type_uchar, 28}, {"weight", type_double, 32}));
	}
	MATCHES("event_weight", function_type(type_double, TYPES(pointer(event[0]))));
	MISMATCHES("event_weight", function_type(type_double, TYPES(pointer(event[1]))), "pointee-member", "→ when.year");
}

static void unions(void)
{
	ftc_type_id number = ftc_claim_record(claim, FTC_TYPE_UNION, "number"), bytes = array(type_char, 8);
	complete(number, 8, FIELDS({"integer", type_long, 0}, {"real", type_double, 0}, {"bytes", bytes, 0}));
	MATCHES("number_real", function_type(type_double, TYPES(pointer(number))));
	/* One of its members is enough. What only the bytes among them have room for is a view of bytes. */
	ftc_type_id real = record("number", 8, FIELDS({"real", type_double, 0}));
	MATCHES("number_real", function_type(type_double, TYPES(pointer(real))));
	ftc_type_id small = base(FTC_ENCODING_FLOAT, 4);
	ftc_type_id wrong = record("number", 8, FIELDS({"real", small, 0}));
	DIFFERS("number_real", function_type(type_double, TYPES(pointer(wrong))), "pointee-bytes", "→ pointee");
}

int main(void)
{
	begin();
	sizes();
	members();
	packed();
	inside();
	unions();
	return end();
}
