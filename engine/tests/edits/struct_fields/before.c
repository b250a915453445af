// One field of a struct gets another number; what is live in the others stays.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

typedef struct Hero {
    int hp;
    float speed;
    struct {
        short x, y;
    } at;
    const char *name;
} Hero;
static Hero hero = {.hp = 10, .speed = 2.5f, .at = {3, 4}, .name = "Ann"};

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        hero = (Hero){.hp = 99, .speed = 9, .at = {30, 40}, .name = "Bob"};
    }
    if (t->reloaded) {
        hl_log(t, "old %d %.1f %d %d %s", hero.hp, (double)hero.speed, hero.at.x, hero.at.y,
               hero.name);
    }
}

EDIT_GAME(Game);
