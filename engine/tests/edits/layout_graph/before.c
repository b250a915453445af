// Objects of two types point to each other at random, and both types change.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Room Room;
typedef struct Game {
    Mob *mobs;
    Room *rooms[10];
} Game;

struct Mob {
    Room *in;
    Mob *foe;
    int number;
};
struct Room {
    Mob *guests[4];
    Room *door;
    int number;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 100);
    EACH(10)
    {
        g->rooms[i] = hl_new(t, Room, 1);
    }
    EACH(100)
    {
        g->mobs[i] = (Mob){g->rooms[i * 7 % 10], &g->mobs[i * 37 % 100], i};
    }
    EACH(10)
    {
        Mob *m = g->mobs;
        *g->rooms[i] = (Room){{&m[i], &m[99 - i], &m[i * i], NULL}, g->rooms[(i + 3) % 10], i};
    }
}
