namespace shapes {
struct corner { int x, y; };
int width(const corner *c) { return c->x; }
long depth = 4;
}
extern "C" int shape_width(const shapes::corner *c) { return shapes::width(c); }
