/* The library that the tests describe and call. */
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

enum colour { RED, GREEN = 200, BLUE = -5 };

struct point {
	int x, y;
};

struct mixed {
	char tag;
	union {
		double real;
		long whole;
	} number;
	unsigned low : 3, high : 9;
	struct point corner[2][3];
	struct mixed *next;
};

int counter = 7;
__thread int per_thread = 3;

struct point shifted(struct point p, int by)
{
	p.x += by;
	p.y -= by;
	return p;
}

size_t length(const char *text, size_t limit)
{
	size_t n = 0;
	while (n < limit && text[n])
		n++;
	return n;
}

long sum(int count, ...)
{
	long total = 0;
	va_list list;
	va_start(list, count);
	while (count-- > 0)
		total += va_arg(list, int);
	va_end(list);
	return total;
}

_Complex double rotated(_Complex double z)
{
	return z * 1.0i;
}

long double third(long double x)
{
	return x / 3;
}

int each(struct mixed *list, enum colour colour, int (*visit)(struct mixed *, void *), void *data)
{
	int visited = 0;
	for (; list; list = list->next)
		visited += visit(list, data) + (colour == GREEN);
	return visited;
}

void nothing(void)
{
}

typedef float vector __attribute__((vector_size(16)));

vector doubled(vector v)
{
	return v + v;
}

static int hidden(int a)
{
	return a + counter;
}

int (*hidden_function(void))(int)
{
	return hidden;
}

typedef int (*binary)(int, int);

static int add(int a, int b)
{
	return a + b;
}

static binary choose(void)
{
	return add;
}

int chosen(int a, int b) __attribute__((ifunc("choose")));

__attribute__((weak)) int replaceable(int a)
{
	return a;
}
