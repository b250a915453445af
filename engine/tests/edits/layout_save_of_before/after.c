// expect: log 0
// expect: log save "one" was made with another Hero than this build's: carried over
// expect: log 1
// expect: log 12 1 1.5 2.5 0
#include "edit.h"

typedef struct Hero Hero;
typedef struct Game {
    Hero *hero;
} Game;

typedef enum Class { ROGUE, KNIGHT, WIZARD } Class;
struct Hero {
    char name[8];
    long level;
    hl_vec2 pos;
    Class class;
};

EDIT_TELL(Game)
{
    Hero hero = {.level = -1};
    hl_log(t, "%ld", g->hero->level);
    hl_log(t, "%d", HL_LOAD(t, "one", Hero, &hero));
    hl_log(t, "%ld %d %g %g %d", hero.level, hero.class == WIZARD, (double)hero.pos.x,
           (double)hero.pos.y, hero.name[0]);
}
