struct point { int x, y, z; };
struct other { int x, y, z; };
int default_depth = 4;
int area(const struct point *corner, unsigned long scale) { return corner->x * (int)scale; }
int moved(unsigned long scale, struct point *corner) { return corner->x * (int)scale; }
int turned(struct point *corner, unsigned long scale) { return corner->x * (int)scale; }
int use(struct other *other) { return other->x; }
__asm__(".globl bare\n.type bare, @function\nbare:\n ret\n.size bare, .-bare\n");
