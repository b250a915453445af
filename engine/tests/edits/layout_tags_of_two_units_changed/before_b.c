#include "edit.h"
typedef struct Node Node;
struct Node {
    int id;
    int n;
    Node *next;
};
static Node *list;
void b_fill(hl_tick *t);
void b_tell(hl_tick *t);
void b_fill(hl_tick *t)
{
    EACH(4)
    {
        Node *n = hl_new(t, Node, 1);
        *n = (Node){i + 100, i, list};
        list = n;
    }
}
void b_tell(hl_tick *t)
{
    int s = 0, c = 0;
    for (Node *n = list; n; n = n->next) {
        s += n->id;
        c += n->n;
    }
    hl_log(t, "b %d %d", s, c);
}
