struct point { int x, y, z; };
struct other { int x, y, z; };
extern int default_depth;
int area(const struct point *, unsigned long);
int use(struct other *);
