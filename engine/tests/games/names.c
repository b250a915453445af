// A bit of everything that has a name: nested structs, an enum, bit-fields, texts, allocations that
// point to each other, variables of the file and of a function. The same input gives the same run.
#include "hotloop.h"

#define STEP 1

typedef enum Mood { IDLE, HUNTING = 5, ASLEEP } Mood;

typedef struct Mob {
    hl_vec2 pos;
    int32_t hp;
    Mood mood;
    uint32_t flags : 3;
    int32_t armor : 6;
    struct Mob *target;
    char name[12];
} Mob;

typedef struct Hero {
    hl_vec2 pos, speed;
    int32_t coins;
    bool jumps;
} Hero;

typedef struct Game {
    Hero hero;
    Mob *mobs; // MOBS of them
    Mob *boss;
    int64_t total;
    float path[4];
    const char *word;
} Game;

enum { MOBS = 5 };
static int32_t score = 3;
const int32_t LIMIT = 99; // not static, or the compiler keeps its value only

static int32_t count_calls(void)
{
    static int32_t calls;
    return ++calls;
}

static void init(Game *g, hl_tick *t)
{
    g->mobs = hl_new(t, Mob, MOBS);
    g->boss = hl_new(t, struct Mob, 1);
    for (int i = 0; i < MOBS; i++) {
        g->mobs[i] = (Mob){.pos = {(float)i, 2}, .hp = 10 * i, .target = &g->mobs[(i + 1) % MOBS]};
    }
    g->boss->target = &g->mobs[3];
    g->boss->mood = HUNTING;
    g->hero = (Hero){.pos = {10, 20}, .speed = {0.5f, 0}};
    g->word = "hello";
}

static void update(Game *g, hl_tick *t)
{
    g->hero.pos.x += g->hero.speed.x * STEP;
    g->hero.jumps = hl_pressed(t, HL_KEY_SPACE);
    g->total += score;
    score += g->hero.jumps;
    g->mobs[count_calls() % MOBS].hp++;
    if (t->tick % 5 == 0 && score < LIMIT) {
        hl_log(t, "x %d score %d tick %llu", (int)g->hero.pos.x, score,
               (unsigned long long)t->tick);
    }
}

static void draw(const Game *g, hl_canvas *c)
{
    hl_clear(c, HL_BLACK);
    hl_circle(c, g->hero.pos.x, g->hero.pos.y, 4, HL_GREEN);
    hl_text(c, 8, 8, 8, HL_WHITE, "%s", g->word);
}

HL_GAME(Game, init, update, draw, .title = "Names", .id = "names");
