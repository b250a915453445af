// expect: carried nodes
// expect: carried first
// expect: carried number
// expect: log new 4321 9 1
#include "edit.h"

typedef struct Game {
    int *number;
} Game;

typedef struct Node {
    int value, weight;
    struct Node *next;
} Node;
static int *number;
static Node *first, nodes[6];

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        for (int i = 0; i < 4; i++) {
            nodes[i].value = i + 1;
            nodes[i].next = i > 0 ? &nodes[i - 1] : NULL;
        }
        first = &nodes[3];
        number = hl_new(t, int, 2);
        number[1] = 9;
        number++;
        g->number = number;
    }
    if (t->reloaded) {
        int sum = 0;
        for (Node *at = first; at; at = at->next) {
            sum = 10 * sum + at->value;
        }
        hl_log(t, "new %d %d %d", sum, *number, g->number == number);
    }
}

EDIT_GAME(Game);
