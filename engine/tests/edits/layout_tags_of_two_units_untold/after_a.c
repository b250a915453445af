#include "edit.h"
typedef struct Node {
    int n;
    int id;
} Node;
void *a_make(hl_tick *t);
int a_sum(void *p);
void *a_make(hl_tick *t)
{
    Node *n = hl_new(t, Node, 2);
    n[1].id = 5;
    n[1].n = 2;
    return n;
}
int a_sum(void *p)
{
    Node *n = p;
    return n[1].id * 10 + n[1].n;
}
