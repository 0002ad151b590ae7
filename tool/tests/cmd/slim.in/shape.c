struct point { int x, y; };
int shape_area(const struct point *corner, int width) { return corner->x + width; }
int shape_depth = 4;
