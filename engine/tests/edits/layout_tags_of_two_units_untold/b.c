#include "edit.h"
typedef struct Node {
    int id;
    int n;
} Node;
void *b_make(hl_tick *t);
int b_sum(void *p);
void *b_make(hl_tick *t)
{
    Node *n = hl_new(t, Node, 3);
    n[2].id = 7;
    n[2].n = 3;
    return n;
}
int b_sum(void *p)
{
    Node *n = p;
    return n[2].id * 10 + n[2].n;
}
