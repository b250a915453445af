// An array of length zero at a struct's end, the old way of saying that more follows.
#include "edit.h"

typedef struct Text Text;
typedef struct Game {
    Text *texts[2];
} Game;

struct Text {
    short length;
    char letters[0];
};

EDIT_FILL(Game)
{
    EACH(2)
    {
        g->texts[i] = hl_alloc(t, "Text", sizeof(Text) + 11, _Alignof(Text), 1);
        g->texts[i]->length = 10;
        for (int k = 0; k < 10; k++) {
            g->texts[i]->letters[k] = (char)('a' + i + k);
        }
    }
}
