struct node { long key; struct node *next; };
enum state { ON = 1 };
struct item { int size; enum state state; };
typedef struct { struct item item; } pair_t;
int two(struct node *node, struct item *item, pair_t *p) { return node->key + item->size + p->item.size; }
