// expect: changed hero.speed
// expect: changed hero.at.y
// expect: log new 99 3.5 30 7 Bob
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
static Hero hero = {.hp = 10, .speed = 3.5f, .at = {3, 7}, .name = "Ann"};

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        hero = (Hero){.hp = 99, .speed = 9, .at = {30, 40}, .name = "Bob"};
    }
    if (t->reloaded) {
        hl_log(t, "new %d %.1f %d %d %s", hero.hp, (double)hero.speed, hero.at.x, hero.at.y,
               hero.name);
    }
}

EDIT_GAME(Game);
