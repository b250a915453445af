// expect: migrated 5 objects moved, 0 lost
// expect: log 6 1
#include "edit.h"

typedef struct Node Node;
typedef struct Game {
    Node *first;
    Node **tail;
    Node *none;
    Node **empty;
} Game;

struct Node {
    Node *previous;
    double number;
    Node *next;
};

EDIT_TELL(Game)
{
    Node *node = hl_new(t, Node, 1);
    node->number = 5;
    *g->tail = node;
    *g->empty = node;
    int count = 0;
    for (Node *at = g->first; at && at->number == count; at = at->next) {
        count++;
    }
    hl_log(t, "%d %d", count, g->none == node);
}
