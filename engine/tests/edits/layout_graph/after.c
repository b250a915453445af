// expect: migrated 110 objects moved, 0 lost
// expect: log 100 10
// expect: log 100
// expect: log 10
// expect: log 10
// expect: log 10
#include "edit.h"

typedef struct Mob Mob;
typedef struct Room Room;
typedef struct Game {
    Mob *mobs;
    Room *rooms[10];
} Game;

struct Mob {
    int number;
    char mood;
    Mob *foe;
    Room *in;
    long gold;
};
struct Room {
    int number;
    Room *door;
    Mob *guests[6];
};

EDIT_TELL(Game)
{
    Mob *m = g->mobs;
    Room **r = g->rooms;
    hl_log(t, "%d %d", COUNT(100, m[i].number == i), COUNT(10, r[i]->number == i));
    hl_log(t, "%d", COUNT(100, m[i].in == r[i * 7 % 10] && m[i].foe == &m[i * 37 % 100]));
    hl_log(t, "%d", COUNT(10, r[i]->guests[0] == &m[i] && r[i]->guests[1] == &m[99 - i]));
    hl_log(t, "%d", COUNT(10, r[i]->guests[2] == &m[i * i] && r[i]->door == r[(i + 3) % 10]));
    hl_log(t, "%d", COUNT(10, !r[i]->guests[3] && !r[i]->guests[4] && !r[i]->guests[5]));
}
