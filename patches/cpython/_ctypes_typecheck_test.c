/* The library that test_typecheck*.py declare rightly and wrongly. Compiled
   with -g; a module only so that it is found by importing it. */

#include <Python.h>

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define EXPORT(type) Py_EXPORTED_SYMBOL type

/* ---- numbers: each function returns what it gets ---- */

#define SAME(name, type) \
    EXPORT(type) tc_same_ ## name(type value) { return value; }

SAME(char, char)
SAME(schar, signed char)
SAME(uchar, unsigned char)
SAME(short, short)
SAME(ushort, unsigned short)
SAME(int, int)
SAME(uint, unsigned int)
SAME(long, long)
SAME(ulong, unsigned long)
SAME(llong, long long)
SAME(ullong, unsigned long long)
SAME(size, size_t)
SAME(bool, bool)
SAME(float, float)
SAME(double, double)
SAME(ldouble, long double)
SAME(wchar, wchar_t)

enum color { RED, GREEN = 7, BLUE = -2 };
enum mask { LOW = 1, HIGH = 0x80000000u };
SAME(color, enum color)
SAME(mask, enum mask)

EXPORT(int) tc_add(int a, int b) { return a + b; }
EXPORT(double) tc_scale(double value, float factor) { return value * factor; }

/* All of them at once: one after the other in registers and on the stack. */
EXPORT(double)
tc_many(char a, short b, int c, long d, float e, double f, size_t g, bool h,
        long double i, unsigned char j, double k)
{
    return a + b + c + d + e + f + g + h + (double)i + j + k;
}

/* Leaves something in the result register that is nothing. */
static int (*volatile same_int)(int value) = tc_same_int;

EXPORT(void)
tc_nothing(int value)
{
    (void)same_int(value);
}

/* ---- pointers ---- */

EXPORT(void *) tc_same_pointer(void *pointer) { return pointer; }
EXPORT(const char *) tc_same_text(const char *text) { return text; }
EXPORT(size_t) tc_length(const char *text) { return text ? strlen(text) : 77; }
EXPORT(size_t) tc_wide_length(const wchar_t *text) { return wcslen(text); }

EXPORT(size_t)
tc_size_of_bytes(const void *bytes, size_t length)
{
    const unsigned char *p = bytes;
    size_t sum = 0;
    for (size_t i = 0; i < length; i++) {
        sum += p[i];
    }
    return sum;
}

EXPORT(long)
tc_sum(const int *values, size_t count)
{
    long sum = 0;
    for (size_t i = 0; values != NULL && i < count; i++) {
        sum += values[i];
    }
    return sum;
}

EXPORT(void) tc_store(int *place, int value) { *place = value; }
EXPORT(void) tc_store_long(long *place, long value) { *place = value; }

/* ---- structures and unions ---- */

struct point { int x, y; };
struct segment { struct point from, to; double width; };
struct flags { unsigned int kind : 3, level : 5, rest : 24; };
#pragma pack(push, 1)
struct packet { uint8_t kind; uint32_t length; uint16_t port; };
#pragma pack(pop)
struct record { char name[16]; int scores[4]; };
union number { int32_t i; float f; uint8_t bytes[8]; };
struct variant { int tag; union { long number; double real; }; };
struct node { int value; struct node *next; };
struct wide { double a; long b; double c; };
struct vector { float x, y, z; };
struct opaque { int secret, more; };

EXPORT(int)
tc_dot(struct point a, struct point b)
{
    return a.x * b.x + a.y * b.y;
}

EXPORT(struct point)
tc_mirror(struct point p)
{
    struct point result = {-p.x, -p.y};
    return result;
}

EXPORT(void)
tc_move(struct point *p, int dx, int dy)
{
    p->x += dx;
    p->y += dy;
}

EXPORT(int) tc_span(const struct segment *s) { return s->to.x - s->from.x; }
EXPORT(int) tc_level(const struct flags *f) { return f->level; }
EXPORT(int) tc_port(const struct packet *p) { return p->port; }

EXPORT(int)
tc_score(const struct record *r, int which)
{
    return r->scores[which];
}

EXPORT(int) tc_number(const union number *n) { return n->i; }
EXPORT(long) tc_variant(const struct variant *v) { return v->number; }
EXPORT(double) tc_total(struct wide w) { return w.a + w.b + w.c; }

EXPORT(int)
tc_chain(const struct node *node)
{
    int sum = 0;
    for (; node != NULL; node = node->next) {
        sum += node->value;
    }
    return sum;
}

EXPORT(struct wide)
tc_widen(int value)
{
    struct wide result = {value, value, value};
    return result;
}

EXPORT(struct vector)
tc_vector(float x, float y, float z)
{
    struct vector result = {x, y, z};
    return result;
}

EXPORT(struct segment)
tc_segment(int x, int y)
{
    struct segment result = {{x, y}, {y, x}, 0.5};
    return result;
}

EXPORT(struct record)
tc_record(int score)
{
    struct record result = {"name", {score, score + 1, score + 2, score + 3}};
    return result;
}

EXPORT(union number)
tc_union(int value)
{
    union number result;
    memset(&result, 0, sizeof(result));
    result.i = value;
    return result;
}

EXPORT(struct flags)
tc_flags(int level)
{
    struct flags result = {.level = (unsigned)level};
    return result;
}

EXPORT(double _Complex) tc_complex(int value) { return value; }
EXPORT(float _Complex) tc_small_complex(int value) { return value; }

EXPORT(struct opaque *)
tc_open(int secret)
{
    struct opaque *opaque = malloc(sizeof(*opaque));
    if (opaque != NULL) {
        opaque->secret = opaque->more = secret;
    }
    return opaque;
}

EXPORT(int) tc_peek(const struct opaque *opaque) { return opaque->secret; }
EXPORT(void) tc_close(struct opaque *opaque) { free(opaque); }

/* ---- callbacks ---- */

typedef int operation(int, double);

EXPORT(int) tc_apply(operation *call, int a, double b) { return call(a, b); }

EXPORT(struct point)
tc_map(struct point (*call)(struct point), struct point p)
{
    return call(p);
}

EXPORT(int)
tc_each(int (*call)(const struct point *, void *), void *data)
{
    struct point points[] = {{1, 2}, {3, 4}};
    return call(&points[0], data) + call(&points[1], data);
}

EXPORT(void)
tc_sort(int *values, size_t count, int (*compare)(const void *, const void *))
{
    qsort(values, count, sizeof(*values), compare);
}

static int minus(int a, int b) { return a - b; }

/* The address of a function that has no symbol to find, and of one that
   has. */
EXPORT(void *)
tc_address(int exported)
{
    return exported ? (void *)tc_add : (void *)minus;
}

/* ---- variadic ---- */

EXPORT(long)
tc_sum_ints(int count, ...)
{
    va_list list;
    long sum = 0;
    va_start(list, count);
    for (int i = 0; i < count; i++) {
        sum += va_arg(list, int);
    }
    va_end(list);
    return sum;
}

EXPORT(long long)
tc_sum_longs(int count, ...)
{
    va_list list;
    long long sum = 0;
    va_start(list, count);
    for (int i = 0; i < count; i++) {
        sum += va_arg(list, long long);
    }
    va_end(list);
    return sum;
}

EXPORT(double)
tc_sum_doubles(int count, ...)
{
    va_list list;
    double sum = 0;
    va_start(list, count);
    for (int i = 0; i < count; i++) {
        sum += va_arg(list, double);
    }
    va_end(list);
    return sum;
}

/* ---- variables ---- */

EXPORT(int) tc_counter = 42;
EXPORT(unsigned char) tc_bytes[8] = {1, 2, 3, 4, 5, 6, 7, 8};
EXPORT(int) tc_table[4] = {1, 2, 3, 4};
EXPORT(struct point) tc_origin = {10, 20};
EXPORT(const char *) tc_title = "title";
EXPORT(double) tc_ratio = 0.25;
EXPORT(struct node) tc_last = {5, NULL};
EXPORT(struct node *) tc_first = &tc_last;
EXPORT(operation *) tc_hook = NULL;

/* ---- Python objects, for PyDLL ---- */

EXPORT(PyObject *)
tc_pair(PyObject *a, PyObject *b)
{
    return PyTuple_Pack(2, a, b);
}

EXPORT(Py_ssize_t)
tc_count(PyObject *object)
{
    return PyObject_Length(object);
}

/* ---- the module ---- */

static PyModuleDef_Slot slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
    {0, NULL}
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_ctypes_typecheck_test",
    .m_slots = slots,
};

PyMODINIT_FUNC
PyInit__ctypes_typecheck_test(void)
{
    return PyModuleDef_Init(&module);
}
