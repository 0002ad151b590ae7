/* Bit-fields behind a pointer: the position of every bit is checked. */
#include "claims.h"

struct bits {
	const char *name;
	ftc_type_id type;
	uint64_t offset, width;
};

/* int (T *), where T has these four. */
static ftc_type_id options(struct bits ready, struct bits level, struct bits delta, struct bits wide)
{
	struct bits list[] = {ready, level, delta, wide};
	ftc_type_id id = opaque("options");
	for (size_t i = 0; i < 4; i++)
		CHECK_NUMBER(ftc_claim_bit_field(claim, id, list[i].name, list[i].type, list[i].offset, list[i].width), FTC_OK);
	CHECK_NUMBER(ftc_claim_complete(claim, id, 8, 0), FTC_OK);
	return function_type(type_int, TYPES(pointer(id)));
}

int main(void)
{
	begin();
	struct bits ready = {"ready", type_uint, 0, 1}, level = {"level", type_uint, 1, 5};
	struct bits delta = {"delta", type_int, 6, 10}, wide = {"wide", type_ulong, 16, 40};
	MATCHES("options_level", options(ready, level, delta, wide));

	struct bits narrow = {"level", type_uint, 1, 4}, moved = {"level", type_uint, 2, 4};
	MISMATCHES("options_level", options(ready, narrow, delta, wide), "pointee-bit-field", "→ level");
	MISMATCHES("options_level", options(ready, moved, delta, wide), "pointee-bit-field", "→ level");
	struct bits sign = {"delta", type_uint, 6, 10};
	DIFFERS("options_level", options(ready, level, sign, wide), "pointee-scalar", "→ delta");
	struct bits low = {"level", type_uint, 0, 5}, high = {"ready", type_uint, 5, 1};
	MISMATCHES("options_level", options(high, low, delta, wide), "pointee-bit-field", "→ level");

	/* The type that it is declared with does not move a bit. */
	struct bits byte = {"level", type_uchar, 1, 5}, other = {"wide", swapped(FTC_ENCODING_UNSIGNED, 8), 16, 40};
	MATCHES("options_level", options(ready, byte, delta, wide));
	MISMATCHES("options_level", options(ready, level, delta, other), "pointee-bit-field", "→ wide");

	/* An integer over all bits of some is another view of them; one over a part of a bit-field is wrong. */
	ftc_type_id plain = record("options", 8, FIELDS({"flags", type_ushort, 0}, {"rest", array(type_uchar, 6), 2}));
	ftc_type_id part = record("options", 8, FIELDS({"flags", type_ushort, 0}, {"wide", type_uint, 4}));
	DIFFERS("options_level", function_type(type_int, TYPES(pointer(plain))), "pointee-bit-field", "→ flags");
	MISMATCHES("options_level", function_type(type_int, TYPES(pointer(part))), "pointee-bit-field", "→ wide");
	return end();
}
