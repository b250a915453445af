#include "edit.h"
typedef struct Node Node;
struct Node {
    int id;
    int n;
    Node *next;
};
static Node *list;
void a_fill(hl_tick *t);
void a_tell(hl_tick *t);
void a_fill(hl_tick *t)
{
    EACH(3)
    {
        Node *n = hl_new(t, Node, 1);
        *n = (Node){i + 1, 10 * i, list};
        list = n;
    }
}
void a_tell(hl_tick *t)
{
    int s = 0, c = 0;
    for (Node *n = list; n; n = n->next) {
        s += n->id;
        c += n->n;
    }
    hl_log(t, "a %d %d", s, c);
}
