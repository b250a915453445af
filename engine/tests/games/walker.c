// A walk that input, chance, memory, sine and floating point all have a part in: the hash of its
// state shows when any of them comes out differently.
#include "hotloop.h"

typedef struct Crumb {
    hl_vec2 at;
    struct Crumb *next;
} Crumb;

typedef struct Game {
    hl_rng rng;
    hl_vec2 at, speed;
    Crumb *crumbs; // newest first
    int32_t crumb_count, presses;
    const char *mood; // a literal
    void (*rule)(struct Game *g, float dt);
} Game;

static void glide(Game *g, float dt)
{
    g->at.x += g->speed.x * dt;
    g->at.y += g->speed.y * dt + hl_sin(g->at.x) * 0.25f;
}

static void init(Game *g, hl_tick *t)
{
    hl_seed(&g->rng, t->seed, 1);
    g->at = (hl_vec2){160, 90};
    g->mood = "calm";
    g->rule = glide;
}

static void drop_crumb(Game *g, hl_tick *t)
{
    Crumb *crumb = hl_new(t, Crumb, 1);
    crumb->at = g->at;
    crumb->next = g->crumbs;
    g->crumbs = crumb;
    g->crumb_count++;
    if (g->crumb_count % 3 == 0) { // holes in the heap, too
        Crumb *second = crumb->next;
        crumb->next = second->next;
        hl_free(t, second);
    }
}

static void update(Game *g, hl_tick *t)
{
    hl_vec2 push = hl_move(t, 0);
    g->speed.x += (push.x + hl_rand_float(&g->rng, -0.5f, 0.5f)) * 60 * t->dt;
    g->speed.y += (push.y + hl_rand_float(&g->rng, -0.5f, 0.5f)) * 60 * t->dt;
    if (hl_btnp(t, 0, HL_PAD_A)) {
        g->presses++;
        g->mood = "eager";
        hl_log(t, "eager");
    }
    g->rule(g, t->dt);
    if (t->tick % 10 == 0) {
        drop_crumb(g, t);
    }
}

static void draw(const Game *g, hl_canvas *c)
{
    hl_clear(c, HL_BLACK);
    for (const Crumb *crumb = g->crumbs; crumb; crumb = crumb->next) {
        hl_pixel(c, crumb->at.x, crumb->at.y, HL_GRAY);
    }
    hl_circle(c, g->at.x, g->at.y, 6, HL_GREEN);
    hl_text(c, 4, 4, 8, HL_WHITE, "%s", g->mood);
}

HL_GAME(Game, init, update, draw, .title = "Walker");
