/* Recursive types in the library, in the claim, and in both. */
#include "claims.h"

static ftc_type_id text, date;

static void event(ftc_type_id id, ftc_type_id next, ftc_type_id weight)
{
	complete(id, 40, FIELDS({"next", next, 0}, {"title", text, 8}, {"when", date, 16}, {"kind", type_uchar, 28},
				{"weight", weight, 32}));
}

static ftc_type_id taking(ftc_type_id record)
{
	return function_type(type_double, TYPES(pointer(record)));
}

int main(void)
{
	begin();
	text = pointer(type_char);
	date = record("date", 12, FIELDS({"day", type_int, 0}, {"month", type_int, 4}, {"year", type_int, 8}));

	ftc_type_id list = opaque("event");
	event(list, pointer(list), type_double);
	MATCHES("event_weight", taking(list));
	MATCHES("visit", function_type(type_int, TYPES(pointer(list), pointer(0))));

	/* Unrolled: two kinds of nodes that alternate. */
	ftc_type_id even = opaque("even"), odd = opaque("odd");
	event(even, pointer(odd), type_double);
	event(odd, pointer(even), type_double);
	MATCHES("event_weight", taking(even));

	/* The tenth node is wrong, and so is its way back to the first. */
	ftc_type_id node[10];
	for (int i = 0; i < 10; i++)
		node[i] = opaque("event");
	for (int i = 0; i < 10; i++)
		event(node[i], pointer(node[(i + 1) % 10]), i < 9 ? type_double : type_long);
	MISMATCHES("event_weight", taking(node[0]), "pointee-member",
		   "→ next → next → next → next → next → next → next → next → next → weight");
	MISMATCHES("event_weight", taking(node[8]), "pointee-member", "→ next → weight");

	/* Two records that point to each other. */
	ftc_type_id parent = opaque("parent"), child = opaque("child"), wrong = opaque("child");
	complete(child, 24, FIELDS({"owner", pointer(parent), 0}, {"next", pointer(child), 8}, {"value", type_double, 16}));
	complete(parent, 16, FIELDS({"first", pointer(child), 0}, {"count", type_long, 8}));
	MATCHES("family", taking(parent));
	complete(wrong, 24, FIELDS({"owner", pointer(wrong), 0}, {"next", pointer(wrong), 8}, {"value", type_double, 16}));
	ftc_type_id other = record("parent", 16, FIELDS({"first", pointer(wrong), 0}, {"count", type_long, 8}));
	DIFFERS("family", taking(other), "pointee-too-large", "→ first → owner → pointee");
	return end();
}
