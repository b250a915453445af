#include "edit.h"
typedef struct Node Node;
struct Node {
    float x;
    Node *up;
    int n[3];
};
static Node *list;
void b_tell(hl_tick *t);
void b_tell(hl_tick *t)
{
    if (!list)
        list = hl_new(t, Node, 1);
    list->n[0]++;
    hl_log(t, "b %d", list->n[0]);
}
