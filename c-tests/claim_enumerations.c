/* Enumerators: those that the caller names must have the library's values. */
#include "claims.h"

static ftc_type_id color(size_t count, const char *const *names, const int64_t *values)
{
	ftc_type_id id = ftc_claim_enumeration(claim, "color", type_int, count, names, values);
	return function_type(id, TYPES(pointer(id)));
}

int main(void)
{
	begin();
	const char *names[] = {"RED", "GREEN", "BLUE"};
	int64_t values[] = {0, 5, -7};
	for (size_t count = 0; count <= 3; count++)
		MATCHES("color_next", color(count, names, values));
	values[2] = 7;
	DIFFERS("color_next", color(3, names, values), "enumerator-value", "");
	/* An integer of its size serves as well, one of another size does not. */
	MATCHES("color_next", function_type(type_int, TYPES(pointer(type_int))));
	MISMATCHES("color_next", function_type(type_int, TYPES(pointer(type_short))), "pointee-scalar", "→ pointee");
	return end();
}
