#include "edit.h"
typedef struct Node {
    int id;
    struct Node *next;
} Node;
void *a_make(hl_tick *t);
int a_sum(void *p);
void *a_make(hl_tick *t)
{
    Node *n = hl_new(t, Node, 2);
    n[0].id = 1;
    n[1].id = 2;
    n[0].next = n + 1;
    return n;
}
int a_sum(void *p)
{
    Node *n = p;
    return n->id * 10 + n->next->id;
}
