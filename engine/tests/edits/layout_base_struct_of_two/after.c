// expect: migrated 4 objects moved, 0 lost
// expect: log fox 0 10
// expect: log owl 0 1.5 1
// expect: log fox 0 12
// expect: log owl 0 3.5 1
#include "edit.h"

typedef struct Base Base;
typedef struct Game {
    Base *all[4];
} Game;

struct Base {
    int id;
    char kind;
};

typedef struct Fox {
    Base base;
    int tail;
} Fox;
typedef struct Owl {
    Base base;
    double wings;
    Fox *prey;
} Owl;

EDIT_TELL(Game)
{
    EACH(4)
    {
        Fox *fox = (Fox *)g->all[i];
        Owl *owl = (Owl *)g->all[i];
        if (g->all[i]->kind == 'f') {
            hl_log(t, "fox %d %d", fox->base.id, fox->tail);
        } else {
            hl_log(t, "owl %d %g %d", owl->base.id, owl->wings, owl->prey == (Fox *)g->all[i - 1]);
        }
    }
}
