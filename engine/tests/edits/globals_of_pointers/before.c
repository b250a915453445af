// Globals that point to each other, to the state and to its memory: a list goes on as it was.
#include "edit.h"

typedef struct Game {
    int *number;
} Game;

typedef struct Node {
    struct Node *next;
    int value;
} Node;
static Node nodes[4], *first;
static int *number;

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
        hl_log(t, "old %d %d %d", sum, *number, g->number == number);
    }
}

EDIT_GAME(Game);
