// Something only the programmer knows: health was points, and is a share of what there may be; the
// shield lay in the hero, and is an allocation of its own.
#include "edit.h"

typedef struct Game {
    int health, health_most;
    struct {
        float strength;
        int colour;
    } shield;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){.health = 30, .health_most = 40, .shield = {2.5f, 7}};
}
