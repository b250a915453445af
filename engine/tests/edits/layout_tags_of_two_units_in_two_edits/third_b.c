#include "edit.h"
typedef struct Node {
    long long id;
    int n;
} Node;
static Node *list;
void b_go(hl_tick *t, bool fill);
void b_go(hl_tick *t, bool fill)
{
    if (fill) {
        list = hl_new(t, Node, 3);
    } else
        hl_log(t, "b %lld %d", list[1].id, list[1].n);
}
