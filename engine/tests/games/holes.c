// State full of bytes that mean nothing: padding of every kind, filled with whatever the stack
// holds and copied about in every way that C has, and pointers to every kind of thing. Each
// compiler and each level leaves other bytes there; the hash of the state has to be the same.
#include "hotloop.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

typedef struct Small { // holes of 3 and 1 bytes, 2 at the end
    char letter;
    int32_t number;
    char mark;
    int16_t step;
    int8_t last;
} Small;

typedef struct Wide { // 7 bytes before the double, and a tail
    bool on;
    double value;
    Small inner, row[3];
    char end;
} Wide;

typedef struct Flags { // holes between bits
    unsigned a : 3;
    unsigned : 5;
    unsigned b : 7;
    int c : 6;
    unsigned : 0;
    unsigned long long wide : 33;
    char after;
} Flags;

typedef union Either {
    Small small;
    struct {
        int16_t low;
        double high;
    } pair;
    float numbers[4];
} Either;

typedef struct __attribute__((packed)) Tight { // its pointers lie at odd places
    char tag;
    int (*rule)(int);
    const char *name;
    int16_t rest;
} Tight;

typedef struct Text { // what is in it may lie in what would be padding
    int64_t length;
    char first;
    char text[];
} Text;

typedef struct Precise {
    char tag;
    long double sum;
    _Alignas(32) char far;
} Precise;

typedef struct Node {
    uint8_t kind;
    struct Node *next;
    Small load;
    int (*rule)(int);
    const char *word;
    bool is_new;
} Node;

typedef struct Crowd { // larger than a page
    char name[5];
    Wide many[70];
    int8_t count;
    Tight tights[7];
    Flags flags[9];
    Either either;
} Crowd;

typedef Small Squad[5];

typedef struct Numbers { // of every kind that is rare
    char tag;
    _Complex double turn;
    float four __attribute__((vector_size(16)));
    __int128 huge;
    _Atomic short shared;
    volatile char seen;
    struct {
    } nothing;
    enum { LOW, HIGH = 300 } level;
} Numbers;

typedef struct Game {
    hl_rng rng;
    char tag;
    Small small;
    Wide wide;
    Flags flags;
    Either either;
    Tight tight, tights[5];
    Precise precise;
    Node *nodes;
    int32_t node_count;
    Small *pool;
    int16_t pool_count;
    Squad *squads;
    Crowd *crowd;
    Text *text;
    struct {
        char c;
        struct {
            short s;
            double d;
        };
        Small deep[2][3];
    } nameless;
    const int *row;
    const Small *from_table;
    int *to_static, *to_literal;
    const char *const *words;
    const char *function;
    const char *texts[4];
    const Small *nearest;
    Numbers numbers[3];
    int (*of_libc)(int);
    float (*of_hotloop)(float);
    void *self;
    int32_t presses;
} Game;

// ------------------------------------------------------------------------------ variables

static Small last_small = {.letter = 'q', .number = 7};
Wide widest;
static Flags seen_flags;
static struct {
    bool is_open;
    double level;
    char mark;
} gate;
static int mode = 3; // one of two values: clang keeps it in a byte
static int rare[4];
static Tight kept_tight;
static uint8_t heights[6000];
static const int TABLE[] = {3, 5, 7, 11, 13};
static const Small SMALLS[] = {{.letter = 'a', .number = 1}, {.number = 2, .last = 3}};
static int *const shared = (int[]){4, 5, 6};
static const char *const *const WORDS = (const char *const[]){"one", "two", "three"};
static int never_written = 12;
static const char GREETING[] = "hello"; // clang lets the literal be a part of it

static int add_one(int x)
{
    return x + 1;
}

static int twice(int x)
{
    return x * 2;
}

int negate(int x)
{
    return -x;
}

// Leaves bytes on the stack that the next call's variables lie in.
static __attribute__((noinline)) unsigned soil_stack(unsigned with)
{
    volatile unsigned char soil[3000];
    for (size_t i = 0; i < sizeof(soil); i++) {
        soil[i] = (unsigned char)(with * 37u + i * 11u);
    }
    return soil[with % sizeof(soil)];
}

// ------------------------------------------------------------------------------ copies

static Small make_small(int n)
{
    Small made = {.number = n, .mark = (char)('a' + n % 26), .step = (int16_t)(n * 3)};
    if (n % 2) {
        made.letter = 'o';
    }
    return made;
}

static __attribute__((noinline)) Small fill_small(int n)
{
    Small made; // every member is set, and nothing else
    made.letter = (char)('A' + n % 26);
    made.number = n * n;
    made.mark = (char)n;
    made.step = (int16_t)-n;
    made.last = (int8_t)(n >> 3);
    return made;
}

static Wide make_wide(int n)
{
    Wide made = {.on = n & 1, .value = n * 0.25, .inner = fill_small(n), .end = (char)n};
    for (int i = 0; i < 3; i++) {
        made.row[i] = i == 1 ? make_small(n + i) : fill_small(n - i);
    }
    return made;
}

static __attribute__((noinline)) Flags make_flags(unsigned n)
{
    Flags made;
    made.a = n & 7u;
    made.b = n & 127u;
    made.c = (int)(n % 32u);
    made.wide = (unsigned long long)n << 20;
    made.after = (char)n;
    return made;
}

static Either make_either(int n)
{
    Either made;
    switch (n % 3) {
    case 0:
        memset(&made, 0, sizeof(made));
#ifdef SOILED // what lies between the members of a union's member is another's
        made.small.number = n * n;
        made.small.mark = (char)n;
#else
        made.small = fill_small(n);
#endif
        break;
    case 1:
        memset(&made, 0, sizeof(made));
        made.pair.low = (int16_t)n;
        made.pair.high = n / 3.0;
        break;
    default:
        for (int i = 0; i < 4; i++) {
            made.numbers[i] = (float)n * 0.5f + (float)i;
        }
    }
    return made;
}

static Tight make_tight(int n)
{
    static const char *const NAMES[] = {"tight", "tighter", "tightest"};
    Tight made = {.tag = (char)n, .rule = n % 2 ? twice : negate, .name = NAMES[n % 3]};
    made.rest = (int16_t)n;
    return made;
}

static __attribute__((noinline)) Precise make_precise(const Precise *before, int n)
{
    Precise made;
    made.tag = (char)n;
    made.sum = before->sum + (long double)n / 7.0L;
    made.far = (char)(n + 1);
    return made;
}

// ------------------------------------------------------------------------------ a tick

static void add_node(Game *g, hl_tick *t, int n)
{
    Node *node = hl_new(t, Node, 1);
    Node made = {.kind = (uint8_t)n, .next = g->nodes, .load = fill_small(n)};
    made.rule = n % 3 == 0 ? add_one : n % 3 == 1 ? twice : negate;
    made.word = n % 2 ? "odd" : "even";
    *node = made;
    g->nodes = node;
    g->node_count++;
}

static void drop_node(Game *g, hl_tick *t)
{
    for (Node **at = &g->nodes; *at; at = &(*at)->next) {
        if (hl_rand(&g->rng) % 4 == 0) {
            Node *gone = *at;
            *at = gone->next;
            hl_free(t, gone);
            g->node_count--;
            return;
        }
    }
}

static void change_pool(Game *g, hl_tick *t, int n)
{
    int16_t count = (int16_t)(20 + n % 300);
    g->pool = hl_resize(t, g->pool, Small, (size_t)count);
    for (int i = g->pool_count; i < count; i++) {
        g->pool[i] = fill_small(i + n);
    }
    g->pool_count = count;
    g->pool[n % count] = g->small;
    memcpy(&g->pool[(n + 5) % count], &g->wide.row[n % 3], offsetof(Small, mark));
    if (n % 50 == 49) {
        hl_free(t, g->crowd); // pages that count as nothing from here on, unwritten
        g->crowd = n % 100 == 99 ? NULL : hl_new(t, Crowd, 1);
    }
    Wide *passing = hl_new(t, Wide, (size_t)(n % 5 + 1)); // gone again: its padding stays behind
    for (int i = 0; i < n % 5 + 1; i++) {
        passing[i] = make_wide(n + i);
    }
    g->wide.value += passing[n % 5].value;
    hl_free(t, passing);
}

static void change_crowd(Game *g, int n)
{
    Crowd *crowd = g->crowd;
    if (!crowd) {
        return;
    }
    crowd->many[n % 70] = make_wide(n);
    crowd->many[(n + 30) % 70].row[1] = fill_small(n);
    crowd->tights[n % 7] = make_tight(n);
    crowd->flags[n % 9] = make_flags((unsigned)n);
    crowd->flags[(n + 1) % 9].b++;
    crowd->either = make_either(n);
    crowd->count = (int8_t)n;
    memcpy(crowd->name, "many", 5);
}

static int count_calls(int n)
{
    static int calls = 5, when[3];
    when[n % 3] = n;
    calls += when[(n + 1) % 3];
    return calls++;
}

static int *counter_of(int n)
{
    static int count, other[3];
    count += n;
    return n % 2 ? &count : &other[n % 3];
}

static const Small *nearest_of(int n) // another SMALLS and another count than those above
{
    static const Small NEAR[] = {{.mark = 1}, {.step = 2}, {.last = 3}};
    static unsigned count;
    count = count * 2u + (unsigned)n;
    return &NEAR[count % 3u];
}

static Numbers make_numbers(int n)
{
    Numbers made = {.tag = (char)n, .huge = (__int128)n << 70, .level = n % 2 ? HIGH : LOW};
    made.turn = n + 0.5i;
    made.four[n % 4] = (float)n;
    made.shared = (short)n;
    made.seen = (char)(n >> 1);
    return made;
}

static void change_variables(Game *g, int n)
{
    // What is written here is read in the next tick: clang has no room for what nobody reads.
    g->presses += last_small.number + last_small.step + gate.mark + gate.is_open;
    g->presses += kept_tight.rule ? kept_tight.rule(kept_tight.rest) + kept_tight.name[1] : 0;
    g->presses += kept_tight.tag + mode;
    g->wide.value += gate.level + widest.value + seen_flags.b;
    last_small = n % 2 ? fill_small(n) : make_small(n);
    if (n > 100) {
        widest = make_wide(n);
        seen_flags = make_flags((unsigned)n);
        kept_tight = make_tight(n);
    }
    gate.is_open = n % 4 > 1;
    gate.level += n % 4 > 1 ? 0.5 : -0.25;
    gate.mark = n % 4 > 1 ? 'o' : 'c';
    mode = n % 10 < 5 ? 3 : 8;
    rare[n % 4] += mode;
    heights[(n * 37) % 6000]++;
    shared[n % 3] += n;
    g->presses += count_calls(n) + rare[(n + 1) % 4] + never_written + heights[n % 6000];
}

static void change_pointers(Game *g, hl_tick *t, int n)
{
    g->row = &TABLE[n % 5];
    g->from_table = &SMALLS[n % 2];
    g->to_static = counter_of(n);
    g->to_literal = &shared[n % 3];
    g->words = &WORDS[n % 3];
    g->function = __func__;
    g->texts[0] = "hello";
    g->texts[1] = GREETING;
    g->texts[2] = &"hello"[n % 5];
    g->texts[3] = n % 3 ? "ello" : GREETING + 2;
    g->nearest = nearest_of(n);
    g->numbers[n % 3] = make_numbers(n);
    g->of_hotloop = n % 2 ? hl_sin : hl_cos;
    g->wide.value += g->of_hotloop((float)n);
    g->of_libc = n % 2 ? abs : NULL;
    g->self = g;
    g->presses += g->nodes && g->nodes->rule ? g->nodes->rule(n) : 0;
    g->presses += g->of_libc ? g->of_libc(-n) : 0;
    g->presses += hl_btnp(t, 0, HL_PAD_A);
}

static void init(Game *g, hl_tick *t)
{
    hl_seed(&g->rng, t->seed, 1);
    g->crowd = hl_new(t, Crowd, 1);
    g->squads = hl_new(t, Squad, 3);
    g->text = hl_alloc(t, "Text", sizeof(Text) + 20, _Alignof(Text), 1);
    strcpy(g->text->text, "behind the struct");
}

static void update(Game *g, hl_tick *t)
{
    int n = (int)t->tick;
    g->presses += (int32_t)soil_stack(hl_rand(&g->rng)) & 1;
    g->small = fill_small(n);
    g->wide = make_wide(n);
    g->flags = make_flags((unsigned)n * 7u);
    g->flags.c++;
    g->either = make_either(n);
    g->tight = make_tight(n);
    g->tights[n % 5] = g->tight;
    soil_stack(hl_rand(&g->rng));
    g->precise = make_precise(&g->precise, n);
    g->squads[n % 3][n % 5] = make_small(n);
    g->nameless.c = (char)n;
    g->nameless.s = (short)-n;
    g->nameless.d = n / 8.0;
    g->nameless.deep[n % 2][n % 3] = fill_small(n);
    g->text->first = (char)n;
    g->text->length += (int64_t)strlen(g->text->text);
    add_node(g, t, n);
    if (n % 3 == 0) {
        drop_node(g, t);
    }
    change_pool(g, t, n);
    change_crowd(g, n);
    change_variables(g, n);
    change_pointers(g, t, n);
}

static void draw(const Game *g, hl_canvas *c)
{
    hl_clear(c, HL_BLACK);
    hl_text(c, 4, 4, 8, HL_WHITE, "%d nodes", (int)g->node_count);
}

HL_GAME(Game, init, update, draw, .title = "Holes");
