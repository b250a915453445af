// A list is built through a pointer to the last pointer, which is in an object that moves, or in
// the state struct.
#include "edit.h"

typedef struct Node Node;
typedef struct Game {
    Node *first;
    Node **tail;
    Node *none;
    Node **empty;
} Game;

struct Node {
    int number;
    Node *next;
};

EDIT_FILL(Game)
{
    g->tail = &g->first;
    EACH(5)
    {
        Node *node = hl_new(t, Node, 1);
        node->number = i;
        *g->tail = node;
        g->tail = &node->next;
    }
    g->empty = &g->none;
}
