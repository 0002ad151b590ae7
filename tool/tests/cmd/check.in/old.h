struct point { int x, y; };
struct other { int x, y; };
int area(const struct point *, unsigned);
int moved(unsigned long, struct point *);
int turned(struct point *, unsigned long);
int use(struct other *);
