/* The library that declarations.py declares. */

#include <stdbool.h>
#include <stdlib.h>

struct point {
	int x, y;
};

struct segment {
	struct point ends[2];
	double length;
};

struct flags {
	unsigned visible : 1, layer : 7;
	int level;
};

union value {
	double number;
	long integer;
};

enum colour { RED, GREEN = 1000 };

typedef int (*visitor)(struct point *, void *);

struct button {
	visitor pressed;
	void *data;
};

int counter = 41;
struct point origin = {3, 4};
visitor chosen;
static visitor kept;

int point_sum(const struct point *point) { return point->x + point->y; }
struct point point_moved(struct point point, int x) { return (struct point){point.x + x, point.y}; }
void point_clear(struct point *point) { *point = (struct point){0, 0}; }
double segment_length(const struct segment *segment) { return segment->length + segment->ends[1].y; }
int flags_level(const struct flags *flags) { return flags->visible ? flags->level + flags->layer : -1; }
long value_integer(const union value *value) { return value->integer; }
enum colour next_colour(enum colour colour) { return colour == RED ? GREEN : RED; }
bool is_even(unsigned char number) { return number % 2 == 0; }
float halved(float number) { return number / 2; }
short negated(short number) { return (short)-number; }
unsigned long long all_ones(void) { return ~0ull; }
int visit(visitor function, struct point *point, void *data) { return function(point, data); }
int press(const struct button *button, struct point *at) { return button->pressed(at, button->data); }
void keep(visitor function) { kept = function; }
visitor kept_visitor(void) { return kept; }
int *new_numbers(size_t count) { return calloc(count, sizeof(int)); }
