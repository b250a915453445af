#include "edit.h"
typedef struct Node {
    int n;
    int id;
} Node;
static Node *list;
void a_go(hl_tick *t, bool fill);
void a_go(hl_tick *t, bool fill)
{
    if (fill) {
        list = hl_new(t, Node, 3);
        list[2] = (Node){8, 7};
    } else
        hl_log(t, "a %d %d", list[2].id, list[2].n);
}
