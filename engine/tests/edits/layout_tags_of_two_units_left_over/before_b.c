#include "edit.h"
typedef struct Node {
    float weight;
    char name[4];
} Node;
void *b_make(hl_tick *t);
int b_sum(void *p);
void *b_make(hl_tick *t)
{
    Node *n = hl_new(t, Node, 3);
    n[2].weight = 2.5f;
    n[2].name[0] = 'z';
    return n;
}
int b_sum(void *p)
{
    Node *n = p;
    return (int)(n[2].weight * 10) + n[2].name[0];
}
