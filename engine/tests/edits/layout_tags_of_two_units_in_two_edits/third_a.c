#include "edit.h"
typedef struct Node {
    int n;
    int id;
    int z;
} Node;
static Node *list;
void a_go(hl_tick *t, bool fill);
void a_go(hl_tick *t, bool fill)
{
    if (fill) {
        list = hl_new(t, Node, 3);
    } else
        hl_log(t, "a %d %d %d", list[2].id, list[2].n, list[2].z);
}
