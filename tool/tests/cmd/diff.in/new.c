typedef long number;
struct point { int x, y, z; };
struct box { struct point corner; number area; };
number twice(number a) { return a + a; }
int area(struct box *box) { return (int)box->area; }
int grow(struct box *box) { return (int)box->area; }
int left(struct point *point) { return point->x; }
int flags(void) { return 1; }
int come(void) { return 1; }
long depth = 4;
__asm__(".globl bare\n.type bare, @function\nbare:\n ret\n.size bare, .-bare\n");
