// A game whose structs grow: cases edit what is marked. It says every ten ticks what it holds.
#include "hotloop.h"

struct Mob;
typedef void Think(struct Mob *);

typedef struct Mob {
    short hp;
    /* mob's new fields */
    float x;
    struct Mob *next;
    Think *think;
    const char *word;
} Mob;

typedef struct Best {
    short points;
    char name[8];
    int worn; /* old */
} Best;

typedef struct Game {
    /* game's new fields */
    int count;
    Mob *mobs;
    Mob *last;
    int worth[4];
    int armor; /* old */
    Best best;
} Game;

static short score = 7;
static Mob *chosen;

static void walk(Mob *mob)
{
    mob->x += 0.5f;
}

/* more thoughts */
static void limp(Mob *mob)
{
    mob->x += 0.25f;
}

static void init(Game *g, hl_tick *t)
{
    g->mobs = hl_new(t, Mob, 3);
    for (int i = 0; i < 3; i++) {
        g->mobs[i].hp = (short)(100 + i);
        g->mobs[i].next = i < 2 ? &g->mobs[i + 1] : &g->mobs[0];
        g->mobs[i].think = i == 2 ? limp : walk;
        g->mobs[i].word = i == 2 ? "a limping one" : "a walking one";
    }
    g->last = &g->mobs[2];
    chosen = &g->mobs[1];
    for (int i = 0; i < 4; i++) {
        g->worth[i] = 10 * i;
    }
    g->armor = 31; /* old */
}

static void say(const Game *g, hl_tick *t)
{
    hl_log(t, "count %d score %d last hp %d x %g word %s next %td chosen %td worth %d", g->count,
           (int)score, (int)g->last->hp, (double)g->last->x, g->last->word, g->last->next - g->mobs,
           chosen ? chosen - g->mobs : -1, (int)g->worth[3]);
    /* more words */
}

static void update(Game *g, hl_tick *t)
{
    g->count++;
    score++;
    for (int i = 0; i < 3; i++) {
        if (g->mobs[i].think) {
            g->mobs[i].think(&g->mobs[i]);
        }
    }
    if (hl_pressed(t, HL_KEY_S)) {
        int points = 300;
        g->best = (Best){.points = points, .name = "ada"};
        g->best.worn = 12; /* old */
        HL_SAVE(t, "best", Best, &g->best);
    }
    if (hl_pressed(t, HL_KEY_L)) {
        bool loaded = HL_LOAD(t, "best", Best, &g->best);
        hl_log(t, "loaded %d points %d name %s", loaded, (int)g->best.points, g->best.name);
    }
    if (t->tick % 10 == 0) {
        say(g, t);
    }
}

static void draw(const Game *g, hl_canvas *c)
{
    hl_clear(c, 0x203040ff);
    hl_rect(c, g->last->x, 80, 20, 20, HL_YELLOW);
}

HL_GAME(Game, init, update, draw, .title = "Growing", .id = "growing");
