// Something only the programmer knows: health was points, and is a share of what there may be; the
// shield lay in the hero, and is an allocation of its own.
#include "edit.h"

typedef struct Game {
    int health, health_most;
    struct {
        float strength;
        int colour;
    } shield;
    struct Foe *foes;
} Game;

typedef struct Foe {
    int strength;
    struct Foe *friend;
} Foe;

EDIT_FILL(Game)
{
    *g = (Game){.health = 30, .health_most = 40, .shield = {2.5f, 7}};
    g->foes = hl_new(t, Foe, 3);
    g->foes[1] = (Foe){.strength = 4, .friend = &g->foes[2]};
    g->foes[2].strength = 9;
}
