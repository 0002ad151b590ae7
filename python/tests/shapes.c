/* Types that ctypes and cffi lay out or pass in their own ways. `layout` has what the compiler says of them. */
#include <complex.h>
#include <stddef.h>
#include <stdint.h>
#include <stdarg.h>
#include <string.h>
#include <wchar.h>

enum color { RED, GREEN = 5, None };
typedef enum { LOW = -1, HIGH } level;
struct opaque;
struct node { struct node *next; struct pair *pair; int value; };
struct pair { struct node first; struct node *others[2]; };
struct from { int in; int class; int __dict__; int _fields_; };
struct flags { unsigned char kind; unsigned a : 3, b : 7; unsigned short c : 5; long wide : 40; };
struct signs { signed char kind; int a : 3; int b : 6; };
struct __attribute__((packed)) packed { char tag; int number; short last; };
struct __attribute__((packed)) packed_bits { char tag; unsigned a : 9, b : 20; short last; };
struct aligned { char c; int inner __attribute__((aligned(32))); };
struct __attribute__((aligned(16))) sixteen { double x; };
struct anonymous { int kind; union { int number; struct { short low, high; }; double real; }; };
struct flexible { int count; double items[]; };
struct wide { char c; __int128 number; };
struct point { float x, y; };
struct triple { double a[3]; };
union value { int number; double real; char text[12]; };
struct callbacks { int (*compare)(const void *, const void *); const char *(*name)(struct node *); void (*log)(const char *, ...); };
typedef struct { int x; } first_type;
typedef struct { int x; } second_type;
typedef int (*visitor)(struct node *, enum color, void *);

const size_t layout[] = {
	sizeof(struct flags), sizeof(struct packed), offsetof(struct packed, number), offsetof(struct packed, last),
	sizeof(struct packed_bits), offsetof(struct packed_bits, last), sizeof(struct aligned), offsetof(struct aligned, inner),
	sizeof(struct sixteen), offsetof(struct anonymous, high), sizeof(struct flexible), offsetof(struct flexible, items),
	sizeof(struct wide), sizeof(union value), sizeof(struct pair), sizeof(struct signs),
};
struct flags some_flags = { 7, 5, 100, 21, 0x123456789a };
struct packed_bits some_bits = { 'x', 300, 70000, -2 };
struct node *head;
int counter = 42;
const char *title = "title";
int table[3][2] = { { 1, 2 }, { 3, 4 }, { 5, 6 } };

int raise(int signal) { return signal + 1; }
int take_shapes(struct opaque *o, struct pair *p, struct from *f, struct flags *g, struct signs *s, struct packed *k,
	struct packed_bits *b, struct aligned *a, struct sixteen *x, struct anonymous *n, struct flexible *l, struct wide *w,
	union value *v, struct callbacks *c) { return o || p || f || g || s || k || b || a || x || n || l || w || v || c; }
int walk(struct node *node, visitor visit, void *context) {
	int sum = 0;
	for (; node; node = node->next) sum += visit(node, GREEN, context);
	return sum;
}
struct point swap(struct point p) { struct point q = { p.y, p.x }; return q; }
struct triple twice(struct triple t) { for (int i = 0; i < 3; i++) t.a[i] *= 2; return t; }
char *fill(char *target, char with, size_t count) { memset(target, with, count); return target; }
const char *color_name(enum color color) { return color == GREEN ? "green" : "other"; }
level next_level(level now) { return now == LOW ? HIGH : LOW; }
int64_t add_all(int count, ...) {
	va_list list; va_start(list, count);
	int64_t sum = 0;
	while (count--) sum += va_arg(list, int);
	va_end(list);
	return sum;
}
int old_style(a, b) char a; float b; { return a + (int)b; }
int undeclared_parameters() { return 3; }
union value by_union(union value value) { return value; }
struct flags by_bits(struct flags flags) { return flags; }
struct packed by_packed(struct packed packed) { return packed; }
double _Complex conjugate(double _Complex z) { return conj(z); }
__int128 square(__int128 n) { return n * n; }
long double half(long double x) { return x / 2; }
wchar_t *wide_text(const wchar_t *text, wchar_t *out) { (void)text; return out; }
int is_first(first_type *first, second_type *second) { return first && !second; }
_Bool negate(_Bool value) { return !value; }
unsigned char checksum(const unsigned char *bytes, int count) { unsigned char s = 0; while (count--) s += *bytes++; return s; }
visitor choose(int which) { return which ? (visitor)0 : (visitor)1; }
