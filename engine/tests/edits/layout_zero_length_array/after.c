// expect: log 10 0 abcdefghij
// expect: log 10 0 bcdefghijk
#include "edit.h"

typedef struct Text Text;
typedef struct Game {
    Text *texts[2];
} Game;

struct Text {
    int length, hash;
    char letters[0];
};

EDIT_TELL(Game)
{
    EACH(2)
    {
        hl_log(t, "%d %d %s", g->texts[i]->length, g->texts[i]->hash, g->texts[i]->letters);
    }
}
