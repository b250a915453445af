// A ring with pointers in both directions, which begin and end in the state struct itself.
#include "edit.h"

typedef struct Link Link;

struct Link {
    Link *next, *previous;
    int number;
};

typedef struct Game {
    int score;
    Link ring;
} Game;

EDIT_FILL(Game)
{
    g->score = 5;
    g->ring.next = g->ring.previous = &g->ring;
    EACH(9)
    {
        Link *one = hl_new(t, Link, 1);
        one->number = i + 1;
        one->previous = g->ring.previous;
        one->next = &g->ring;
        g->ring.previous->next = one;
        g->ring.previous = one;
    }
}
