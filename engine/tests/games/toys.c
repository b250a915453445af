// One value of every kind that is changed in place, and a slider. The colour of its picture is the
// state: how far it has counted, and the hero's mood.
#include "hotloop.h"

typedef enum Mood { CALM, CURIOUS, ANGRY } Mood;

typedef struct Hero {
    float speed;
    int32_t lives;
    bool armed;
    Mood mood;
    char name[16];
} Hero;

typedef struct Game {
    int64_t count;
    int32_t presses;
    Hero hero;
} Game;

HL_TWEAK(JUMP, 220, 0, 500);
static float drag = 0.5f; // no tweak by name: a plain number

static void init(Game *g, hl_tick *t)
{
    g->hero = (Hero){.speed = 1.5f, .lives = 3, .name = "Bob"};
    hl_log(t, "init with seed %u", t->seed);
}

static void update(Game *g, hl_tick *t)
{
    g->count++;
    if (hl_pressed(t, HL_KEY_SPACE) || t->in->text[0] || hl_pressed(t, HL_MOUSE_LEFT)) {
        g->presses++;
        hl_log(t, "pressed %d times", g->presses);
    }
    if (t->tick % 5 == 0) {
        hl_log(t, "count %lld tick %llu jump %.6g drag %.6g", (long long)g->count,
               (unsigned long long)t->tick, (double)JUMP, (double)drag);
    }
}

static void draw(const Game *g, hl_canvas *c)
{
    hl_clear(c, hl_rgba((int)(g->count & 255), (int)(g->count >> 8 & 255),
                        60 + 60 * (int)g->hero.mood, 255));
}

HL_GAME(Game, init, update, draw, .title = "Toys", .id = "toys");
