// Thousands of allocations, each reached from the one before it only.
#include "edit.h"

typedef struct Node Node;
typedef struct Game {
    Node *first;
} Game;

struct Node {
    Node *next;
    int number;
};

EDIT_FILL(Game)
{
    EACH(4000)
    {
        Node *node = hl_new(t, Node, 1);
        *node = (Node){g->first, i};
        g->first = node;
    }
}
