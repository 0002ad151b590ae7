/* What hazards.py calls. Its debug information says what the functions take. */

#include <Python.h>
#include <stdarg.h>
#include <stddef.h>
#include <wchar.h>

/* Calls back before it returns, so that a program can change the function's types in the middle of a call. */
typedef long (*callback)(void *data, long number);
void *apply(callback call, void *data, long number) { return (void *)call(data, number); }

long add(long a, long b) { return a + b; }
size_t length(const char *text) { size_t n = 0; while (text[n]) n++; return n; }
size_t wide_length(const wchar_t *text) { size_t n = 0; while (text[n]) n++; return n; }
_Bool negate(_Bool value) { return !value; }
unsigned char narrow(unsigned char value) { return value; }
wchar_t wide(wchar_t value) { return value; }
double half(double value) { return value / 2; }
float quarter(float value) { return value / 4; }
const void *same(const void *pointer) { return pointer; }
int *advance(int **place) { return ++*place; }
long first(const long *numbers) { return numbers[0]; }
callback chosen(callback call) { return call; }

struct place { int x, y; };
struct place global_place = { 1, 2 };
int sum(const struct place *place) { return place->x + place->y; }

double total(int count, ...)
{
    va_list list;
    double sum = 0;
    va_start(list, count);
    while (count-- > 0)
        sum += va_arg(list, double);
    va_end(list);
    return sum;
}

int total_int(int count, ...)
{
    va_list list;
    int sum = 0;
    va_start(list, count);
    while (count-- > 0)
        sum += va_arg(list, int);
    va_end(list);
    return sum;
}

/* For PyDLL: called with the GIL, and may raise. */
PyObject *item_of(PyObject *dict, PyObject *key)
{
    PyObject *value = PyObject_GetItem(dict, key);
    return value;
}

/* Records by value: every size up to 17 bytes as bytes, and every pair of classes that x86-64 tells apart. */
#define BYTES(n) \
    struct bytes##n { unsigned char b[n]; }; \
    struct bytes##n turn_bytes##n(struct bytes##n in) \
    { \
        struct bytes##n out; \
        for (int i = 0; i < n; i++) \
            out.b[i] = in.b[n - 1 - i]; \
        return out; \
    }
BYTES(1) BYTES(2) BYTES(3) BYTES(4) BYTES(5) BYTES(6) BYTES(7) BYTES(8) BYTES(9)
BYTES(10) BYTES(11) BYTES(12) BYTES(13) BYTES(14) BYTES(15) BYTES(16) BYTES(17)

#define PAIR(name, A, B) \
    struct name { A a; B b; }; \
    struct name turn_##name(struct name in) \
    { \
        struct name out = { (A)in.b, (B)in.a }; \
        return out; \
    }
PAIR(char_char, signed char, signed char)
PAIR(char_short, signed char, short)
PAIR(int_int, int, int)
PAIR(int_float, int, float)
PAIR(float_float, float, float)
PAIR(long_int, long, int)
PAIR(long_double_, long, double)
PAIR(double_char, double, signed char)
PAIR(double_double, double, double)
PAIR(long_double_int, long double, int)

union either { int number; float fraction; };
union either as_either(int number) { union either out = { number }; return out; }
