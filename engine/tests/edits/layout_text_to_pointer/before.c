// A text that lay in the struct becomes a pointer to one, and a pointer to a text an array.
#include "edit.h"

#include <string.h>

typedef struct Game {
    char name[8];
    const char *title;
    int end;
} Game;

EDIT_FILL(Game)
{
    strcpy(g->name, "Bob");
    g->title = "Count";
    g->end = 5;
}
