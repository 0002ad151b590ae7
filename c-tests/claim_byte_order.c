/* A big-endian struct on a little-endian machine, or the reverse: the byte order is part of the claim. */
#include "claims.h"

static ftc_type_id wire(ftc_type_id address, ftc_type_id port)
{
	ftc_type_id id = record("wire", 8, FIELDS({"address", address, 0}, {"port", port, 4}, {"ttl", type_uchar, 6}));
	return function_type(type_uint, TYPES(pointer(id)));
}

int main(void)
{
	begin();
	ftc_type_id uint_big = swapped(FTC_ENCODING_UNSIGNED, 4), ushort_big = swapped(FTC_ENCODING_UNSIGNED, 2);
	MATCHES("wire_address", wire(uint_big, ushort_big));
	DIFFERS("wire_address", wire(type_uint, ushort_big), "byte-order", "→ address");
	DIFFERS("wire_address", wire(uint_big, type_ushort), "byte-order", "→ port");
	/* Bits are counted from the end where the order begins: `version` is the upper half of the first byte. */
	ftc_type_id order[] = {uint_big, type_uint};
	for (int i = 0; i < 2; i++) {
		ftc_type_id packet = opaque("packet");
		CHECK_NUMBER(ftc_claim_bit_field(claim, packet, "version", order[i], 0, 4), FTC_OK);
		CHECK_NUMBER(ftc_claim_bit_field(claim, packet, "header", order[i], 4, 4), FTC_OK);
		CHECK_NUMBER(ftc_claim_bit_field(claim, packet, "length", order[i], 8, 24), FTC_OK);
		CHECK_NUMBER(ftc_claim_complete(claim, packet, 4, 0), FTC_OK);
		ftc_type_id function = function_type(type_uint, TYPES(pointer(packet)));
		if (i == 0)
			MATCHES("packet_length", function);
		else
			MISMATCHES("packet_length", function, "pointee-bit-field", "→ version");
	}
	/* The other way: the library has this machine's order. */
	ftc_type_id int_other = swapped(FTC_ENCODING_SIGNED, 4);
	ftc_type_id date = record("date", 12, FIELDS({"day", type_int, 0}, {"month", int_other, 4}, {"year", type_int, 8}));
	DIFFERS("date_valid", function_type(type_int, TYPES(pointer(date))), "byte-order", "→ month");
	DIFFERS("counter", swapped(FTC_ENCODING_UNSIGNED, sizeof(long)), "byte-order", "");
	/* One byte has no order. */
	ftc_type_id byte = swapped(FTC_ENCODING_UNSIGNED, 1);
	ftc_type_id id = record("wire", 8, FIELDS({"address", uint_big, 0}, {"port", ushort_big, 4}, {"ttl", byte, 6}));
	MATCHES("wire_address", function_type(type_uint, TYPES(pointer(id))));
	return end();
}
