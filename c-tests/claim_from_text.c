/* Types of a claim out of C text: the last type of the text is returned, tags and typedefs stay known, records have the
   compiler's layout, and an error says where in the text it is. */
#include <stddef.h>

#include "claims.h"

/* For the compiler, and as a text. */
#define BOTH(name, ...) \
	__VA_ARGS__ \
	static const char name[] = #__VA_ARGS__;

BOTH(mixed_text, struct mixed {
	char tag;
	short pair[3];
	union {
		double real;
		char bytes[3];
	};
	struct {
		int inner;
		long *pointer;
	} named;
	unsigned int low : 3, high : 7;
	long double widest;
	_Bool last;
};)
BOTH(packed_text, struct __attribute__((packed)) tight {
	char tag;
	long value;
	short last;
};)

static ftc_type_id parse(const char *text)
{
	return ftc_claim_parse(claim, text);
}

static void spelled(const char *text, const char *expected)
{
	CHECK_TEXT(ftc_type_spelling(claim_types, parse(text)), expected);
}

#define SAME_PLACE(type, id, member) \
	CHECK_NUMBER(ftc_type_find_member(claim_types, id, #member)->offset, offsetof(struct type, member))

static void layouts(void)
{
	ftc_type_id mixed = parse(mixed_text), tight = parse(packed_text);
	CHECK_NUMBER(ftc_type_get(claim_types, mixed)->size, sizeof(struct mixed));
	CHECK_NUMBER(ftc_type_get(claim_types, mixed)->align, __alignof__(struct mixed));
	SAME_PLACE(mixed, mixed, tag);
	SAME_PLACE(mixed, mixed, pair);
	SAME_PLACE(mixed, mixed, real);
	SAME_PLACE(mixed, mixed, bytes);
	SAME_PLACE(mixed, mixed, named);
	SAME_PLACE(mixed, mixed, widest);
	SAME_PLACE(mixed, mixed, last);
	CHECK_NUMBER(ftc_type_find_member(claim_types, mixed, "high")->bit_width, 7);
	CHECK_NUMBER(ftc_type_get(claim_types, tight)->size, sizeof(struct tight));
	SAME_PLACE(tight, tight, value);
	SAME_PLACE(tight, tight, last);
}

static void last_types(void)
{
	spelled("int", "int");
	spelled("int (*)(const void *, const void *)", "int (*)(const void *, const void *)");
	spelled("struct pair { int x, y; }; struct pair *", "struct pair *");
	spelled("size_t strlen(const char *s)", "size_t (const char *)");
	spelled("typedef unsigned long word; word (*table[2][3])(word)", "word (*[2][3])(word)");
	/* Known from the texts before. */
	spelled("struct pair", "struct pair");
	spelled("const word *", "const word *");
	CHECK_NUMBER(ftc_type_get(claim_types, parse("struct pair"))->size, 8);
}

static void checked(void)
{
	CHECK(parse("struct date { int day, month, year; };") != FTC_NO_TYPE);
	MATCHES("date_valid", parse("int date_valid(const struct date *date)"));
	MATCHES("date_next", parse("struct date (struct date)"));
	MATCHES("sort_dates", parse("void f(struct date *, size_t, int (*)(const struct date *, const struct date *));"));
	MATCHES("logged", parse("int logged(int level, const char *format, ...)"));
	MATCHES("old_style", parse("int old_style()"));
	MATCHES("color_next", parse("enum color { RED, GREEN = RED + 5, BLUE = -7 }; enum color f(enum color *)"));
	MATCHES("number_real", parse("union number { long integer; double real; char bytes[8]; }; double f(const union number *)"));
	MATCHES("options_level", parse("struct options { unsigned ready : 1, level : 5; int delta : 10;"
				       " unsigned long long wide : 40; }; int f(struct options *)"));
	MATCHES("twice", parse("typedef int vector __attribute__((vector_size(16))); vector twice(vector v)"));
	MATCHES("matrix", parse("int matrix[3][4]"));

	MISMATCHES("date_valid", parse("int f(const struct date *, int)"), "argument-count", "");
	MISMATCHES("event_weight", parse("float f(const struct event *)"), "number-class", "");
	DIFFERS("counter", parse("long counter"), "integer-signedness", "");
	MISMATCHES("date_add", parse("struct short_date { int day, month; }; void f(int, struct short_date *)"),
		   "pointee-too-small", "→ pointee");
}

/* A text that is refused adds nothing. `place` is the line and the column, both from 1. */
static void refused(const char *text, const char *place)
{
	ftc_type_id before = any();
	CHECK_NO_TYPE(parse(text), FTC_ERR_INVALID_ARGUMENT, place);
	CHECK_NUMBER(any(), before + 1);
}

static void errors(void)
{
	refused("", "line 1");
	refused("int area(rectangle r);", "line 1, column 10");
	refused("struct fresh {\n\tint a;\n\trectangle b;\n};", "line 3, column 2");
	refused("int a;\nint f(int", "line 2");
	refused("int a; ]", "line 1, column 8");
	refused("int f(void) { return 1; }", "line 1, column 13");
	refused("#include <stdio.h>\nint a", "line 1, column 1");
	refused("struct twice { int a; int a; }", "line 1");
	refused("int a; \xff", "line 1, column 8");
	/* What stood before the error is not known either. */
	refused("struct fresh list[2]", "line 1");
	CHECK_NUMBER(ftc_type_get(claim_types, parse("struct fresh { int a; }"))->size, 4);
	/* The first error of the claim goes through. */
	CHECK_NO_TYPE(pointer(parse("no_such_type")), FTC_ERR_INVALID_ARGUMENT, "line 1");
	CHECK_NO_TYPE(function_type(0, TYPES(FTC_NO_TYPE)), FTC_ERR_INVALID_ARGUMENT, "line 1");
}

int main(void)
{
	begin();
	layouts();
	last_types();
	checked();
	errors();
	return end();
}
