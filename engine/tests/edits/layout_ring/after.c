// expect: migrated 0 lost
// expect: log 9 9 5
#include "edit.h"

typedef struct Link Link;

struct Link {
    double weight;
    Link *previous;
    int number;
    Link *next;
    int more[5];
};

typedef struct Game {
    int score;
    Link ring;
} Game;

EDIT_TELL(Game)
{
    int number = 0, right = 0;
    for (Link *at = g->ring.next; at != &g->ring && number < 100; at = at->next) {
        number++;
        right += at->number == number && at->next->previous == at && at->previous->next == at;
    }
    hl_log(t, "%d %d %d", number, right, g->score);
}
