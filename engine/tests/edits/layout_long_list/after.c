// expect: migrated 4000 objects moved, 0 lost
// expect: log 4000 4000
#include "edit.h"

typedef struct Node Node;
typedef struct Game {
    Node *first;
} Game;

struct Node {
    int number;
    Node *next;
    int more[4];
};

EDIT_TELL(Game)
{
    int count = 0, right = 0;
    for (Node *at = g->first; at && count < 5000; at = at->next) {
        count++;
        right += at->number == 4000 - count && at->more[3] == 0;
    }
    hl_log(t, "%d %d", count, right);
}
