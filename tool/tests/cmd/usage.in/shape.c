struct point { int x, y; unsigned flag : 3; };
enum colour { RED = -1, GREEN = 2 };
typedef int (*compare_t)(const void *, const void *);
int shape_area(const struct point *corner, enum colour colour) { return corner->x + colour; }
void shape_sort(void *base, unsigned long count, compare_t compare) { (void)base; (void)count; (void)compare; }
double shape_scale(double by, ...) { return by; }
int default_depth = 4;
__asm__(".globl bare\n.type bare, @function\nbare:\n ret\n.size bare, .-bare\n");
