// Reads a text file among its assets, saves what it read.
#include "hotloop.h"

typedef struct Game {
    char word[32];
    int32_t changes;
    int32_t saves;
} Game;

typedef struct Kept {
    char word[32];
    int32_t saves;
} Kept;

static void read_word(Game *g, hl_tick *t)
{
    hl_bytes file = hl_file(t, "word.txt");
    int length = 0;
    for (; length < 31 && file.data && file.data[length] >= ' '; length++) {
        g->word[length] = (char)file.data[length];
    }
    for (int i = length; i < 32; i++) {
        g->word[i] = 0;
    }
    hl_log(t, "word is \"%s\"", g->word);
}

static void init(Game *g, hl_tick *t)
{
    Kept kept = {0};
    if (HL_LOAD(t, "kept", Kept, &kept)) {
        g->saves = kept.saves;
    }
    hl_log(t, "loaded \"%s\" after %d saves", kept.word, kept.saves);
    read_word(g, t);
}

static void update(Game *g, hl_tick *t)
{
    if (hl_file_changed(t, "word.txt")) {
        g->changes++;
        read_word(g, t);
    }
    if (hl_pressed(t, HL_KEY_S)) {
        Kept kept = {.saves = ++g->saves};
        for (int i = 0; i < 32; i++) {
            kept.word[i] = g->word[i];
        }
        HL_SAVE(t, "kept", Kept, &kept);
    }
}

static void draw(const Game *g, hl_canvas *c)
{
    hl_clear(c, HL_BLACK);
    hl_text(c, 4, 4, 8, HL_WHITE, "%s", g->word);
}

HL_GAME(Game, init, update, draw, .title = "Reader");
