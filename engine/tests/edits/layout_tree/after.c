// expect: migrated 31 objects moved, 0 lost
// expect: log 1 1
// expect: log 31
// expect: log 31
// expect: log 31
// expect: log 31 2
#include "edit.h"

typedef struct Node Node;
typedef struct Game {
    Node *nodes, *root;
} Game;

struct Node {
    short depth, more;
    Node *child[3];
    bool seen;
    Node *parent;
};

EDIT_TELL(Game)
{
    Node *n = g->nodes;
    hl_log(t, "%d %d", g->root == n, n[0].parent == NULL);
    hl_log(t, "%d", COUNT(31, i == 0 || n[i].parent == &n[(i - 1) / 2]));
    hl_log(t, "%d", COUNT(31, n[i].child[0] == (i < 15 ? &n[2 * i + 1] : NULL)));
    hl_log(t, "%d", COUNT(31, n[i].child[1] == (i < 15 ? &n[2 * i + 2] : NULL)));
    hl_log(t, "%d %d", COUNT(31, n[i].child[2] == NULL), g->root->child[1]->child[0]->depth);
}
