/* What target.py calls. */

#include <stdarg.h>

struct pair {
	double first, second;
};

int answer = 42;

int twice(int value)
{
	return 2 * value;
}

double sum(struct pair pair)
{
	return pair.first + pair.second;
}

long apply(long (*function)(int, double), int value)
{
	return function(value, 0.5);
}

/* The sum of what the function makes of so many arguments. */
long apply_all(long (*function)(int), int count, ...)
{
	va_list values;
	long sum = 0;
	va_start(values, count);
	while (count-- > 0)
		sum += function(va_arg(values, int));
	va_end(values);
	return sum;
}
