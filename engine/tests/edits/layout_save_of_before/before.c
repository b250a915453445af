// The game saved its state before the edit and loads it behind it, in the structs of now.
#include "edit.h"

typedef struct Hero Hero;
typedef struct Game {
    Hero *hero;
} Game;

typedef enum Class { KNIGHT, WIZARD } Class;
struct Hero {
    short level;
    Class class;
    float x, y;
};

EDIT_FILL(Game)
{
    Hero hero = {12, WIZARD, 1.5f, 2.5f};
    g->hero = hl_new(t, Hero, 1);
    HL_SAVE(t, "one", Hero, &hero);
}
