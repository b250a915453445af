// expect: migrated 8 objects moved, 0 lost
// expect: log 8
// expect: log 8
// expect: log 8
// expect: log 8
// expect: log 8 1 a word
// expect: log mob F 50
#include "edit.h"

#include <string.h>
typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs, *leader;
    int count;
} Game;

typedef enum Mood { ASLEEP, ANGRY, CALM, HUNGRY } Mood;
typedef struct Shape {
    int y, x, z;
} Shape;
struct Mob {
    int items[7];
    Mob *targets[4];
    unsigned lives : 9;
    Mood mood : 6;
    Shape body;
    char name[12];
    union {
        int number;
        float part;
    } as;
    const char *word;
    unsigned char hp;
    void (*act)(Mob *mob, hl_tick *t);
    float armor;
};

static void act(Mob *mob, hl_tick *t)
{
    hl_log(t, "%s %d", mob->name, mob->hp);
}

EDIT_FILL_AND_TELL(Game);

static void fill(Game *g, hl_tick *t)
{
    g->count = 8;
    g->mobs = hl_new(t, Mob, 8);
    g->leader = &g->mobs[6];
    EACH(8)
    {
        Mob *m = &g->mobs[i];
        strcpy(m->name, "mob A");
        m->name[4] = (char)('A' + i);
        m->mood = i % 2 ? HUNGRY : ANGRY;
        m->lives = (unsigned)i & 15;
        m->hp = (unsigned char)(10 * i);
        m->armor = 1;
        m->body.x = (short)(-i);
        m->body.y = (short)(100 + i);
        m->targets[0] = &g->mobs[7 - i];
        m->as.part = (float)i + 0.25f;
        m->act = act;
        m->word = "a word";
        m->items[4] = i;
    }
}

static void tell(Game *g, hl_tick *t)
{
    Mob *m = g->mobs;
    hl_log(t, "%d", COUNT(8, m[i].mood == (i % 2 ? HUNGRY : ANGRY) && m[i].lives == (unsigned)i));
    hl_log(t, "%d", COUNT(8, m[i].hp == 10 * i && m[i].armor == 1 && m[i].body.x == -i));
    hl_log(t, "%d", COUNT(8, m[i].body.y == 100 + i && m[i].targets[0] == &m[7 - i]));
    hl_log(t, "%d", COUNT(8, m[i].as.part == (float)i + 0.25f && m[i].items[4] == i));
    hl_log(t, "%d %d %s", g->count, g->leader == &m[6], m[3].word);
    m[5].act(&m[5], t);
}
