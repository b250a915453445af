// An array has a place for each enumerator, and one is put in the middle: arrays go by index, the
// field that holds the enumerator by name.
#include "edit.h"

enum { KINDS = 3 };
typedef enum Kind { RAT, FOX, OWL } Kind;

typedef struct Game {
    int count[KINDS];
    Kind last;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){{10, 20, 30}, OWL};
}
