// expect: log 1 1 1 1 3
#include "edit.h"

typedef struct Base {
    char t;
    int kind;
} Base;
typedef struct Fox {
    Base base;
    int hunger;
} Fox;
typedef struct Game {
    Fox *foxes;
    Fox *b;
} Game;
static Fox fox;
static Fox *any;
static Base *f;
static Fox *other;
EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d %d %d", any == &fox, f == &fox.base, other == g->foxes + 1, g->b == &fox,
           fox.hunger);
}
