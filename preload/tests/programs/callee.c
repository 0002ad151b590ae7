/* The functions that caller.c calls. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

struct point {
    double x, y;
};

long twice(long value)
{
    return 2 * value;
}

int total(int count, ...)
{
    va_list arguments;
    int sum = 0;
    va_start(arguments, count);
    while (count--)
        sum += va_arg(arguments, int);
    va_end(arguments);
    return sum;
}

double area(struct point corner)
{
    return corner.x * corner.y;
}

int read_errno(void)
{
    return errno;
}

void leave(jmp_buf where)
{
    longjmp(where, 1);
}

void nothing(void)
{
}

/* Functions of one type, each of which is a new pair. */
#define ONE(n) long number_##n(long value) { return value + n; }
#define TEN(n) ONE(n##0) ONE(n##1) ONE(n##2) ONE(n##3) ONE(n##4) ONE(n##5) ONE(n##6) ONE(n##7) ONE(n##8) ONE(n##9)
TEN(1) TEN(2) TEN(3) TEN(4)
