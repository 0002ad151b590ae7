/* Has another idea of `replaceable`, and is first in the global scope. */
long replaceable(long a, long b)
{
	return a - b;
}
