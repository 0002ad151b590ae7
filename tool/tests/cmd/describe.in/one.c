struct node { long key; struct node *next; };
struct item { int size; };
int one(struct node *node, struct item *item) { return node->key + item->size; }
