/* What the bindings that the tests of the audit write declare. */
#include <stdlib.h>

struct point { int x; long y; };
typedef int (*compare_fn)(const void *, const void *, long);

int a_number = 3;

long add_long(long a, long b) { return a + b; }
void *make(size_t size) { return malloc(size); }
const char *name_of(int which) { return which ? "one" : "none"; }
double half(double value) { return value / 2; }
_Bool is_even(int value) { return value % 2 == 0; }
unsigned long count(void) { return 7; }
void reset(void) {}
int sum(const struct point *point) { return point->x + (int)point->y; }
void fill(struct point *point) { point->x = 1, point->y = 2; }
struct point *new_point(void) { return calloc(1, sizeof(struct point)); }
struct opaque *new_opaque(void) { return NULL; }
void sort(void *base, size_t n, compare_fn compare) { (void)base, (void)n, (void)compare; }

/* To call it would end the process. */
char *die(size_t how) { (void)how; abort(); }
