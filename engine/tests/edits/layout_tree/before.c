// A tree with pointers to the parent and an array of children, whose nodes lie in one allocation.
#include "edit.h"

typedef struct Node Node;
typedef struct Game {
    Node *nodes, *root;
} Game;

struct Node {
    Node *parent;
    Node *child[2];
    short depth;
};

EDIT_FILL(Game)
{
    Node *n = g->nodes = hl_new(t, Node, 31);
    g->root = &n[0];
    EACH(31)
    {
        n[i].depth = (short)(i == 0 ? 0 : n[(i - 1) / 2].depth + 1);
        n[i].parent = i == 0 ? NULL : &n[(i - 1) / 2];
        n[i].child[0] = 2 * i + 1 < 31 ? &n[2 * i + 1] : NULL;
        n[i].child[1] = 2 * i + 2 < 31 ? &n[2 * i + 2] : NULL;
    }
}
