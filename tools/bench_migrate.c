// What it costs to put the state of one build into the structs of the next, beside memcpy of the
// same bytes: migrate_run alone, on a heap that is laid out like the game would; and reading the
// types that it goes by. bench_edited.c has the same in a session.
#include "bench_migrate.h"

#include "gamelib.h"
#include "migrate.h"
#include "session.h"

#include "change_internal.h" // change_read_about: types as the change lane reads them

#include <string.h>
#include <time.h>

// ---------------------------------------------------------------------------------------- the game

// COUNT, SINGLE and LAYOUT stand above it. Says how long the longest frame around a swap was, and
// how long it is without one.
static const char MOBS[] =
    "#include \"hotloop.h\"\n"
    "#include <time.h>\n"
    "#if LAYOUT < 2\n"
    "typedef enum Kind { SLIME, FROG, BAT, GHOST } Kind;\n"
    "#else\n"
    "typedef enum Kind { OWL, GHOST, BAT, SLIME, FROG } Kind;\n"
    "#endif\n"
    "typedef struct Mob Mob;\n"
    "struct Mob {\n"
    "    hl_vec2 pos, vel;\n"
    "#if LAYOUT >= 1\n"
    "    float stamina;\n"
    "#endif\n"
    "    Kind kind;\n"
    "#if LAYOUT < 2\n"
    "    short hp;\n"
    "    unsigned short tame : 1, mood : 3, colour : 7;\n"
    "#else\n"
    "    int hp;\n"
    "    unsigned mood : 5, colour : 9, tame : 1;\n"
    "#endif\n"
    "    Mob *target, *next;\n"
    "    hl_vec2 *aim;\n"
    "    uint64_t id;\n"
    "};\n"
    "enum { WATCHED = 40 };\n"
    "typedef struct Game { Mob *mobs; uint64_t before_ns, longest_ns; int frames; bool swapped; } "
    "Game;\n"
    "static void init(Game *g, hl_tick *t)\n"
    "{\n"
    "    Mob **all = hl_temp(t, Mob *, COUNT);\n"
    "    Mob *array = SINGLE ? NULL : hl_new(t, Mob, COUNT);\n"
    "    for (unsigned i = 0; i < COUNT; i++) {\n"
    "        all[i] = SINGLE ? hl_new(t, Mob, 1) : &array[i];\n"
    "    }\n"
    "    for (unsigned i = 0; i < COUNT; i++) {\n"
    "        Mob *mob = all[i], *other = all[i * 2654435761u % COUNT];\n"
    "        mob->pos = (hl_vec2){(float)i, 1}; mob->kind = (Kind)(SLIME + i % 4);\n"
    "        mob->hp = (short)(i % 30000); mob->mood = i % 8; mob->colour = i % 128;\n"
    "        mob->target = other; mob->next = i + 1 < COUNT ? all[i + 1] : NULL;\n"
    "        mob->aim = &other->vel; mob->id = i;\n"
    "    }\n"
    "    g->mobs = all[0];\n"
    "}\n"
    "static void watch(Game *g, hl_tick *t)\n"
    "{\n"
    "    struct timespec now;\n"
    "    clock_gettime(CLOCK_MONOTONIC, &now);\n"
    "    uint64_t now_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;\n"
    "    uint64_t took_ns = g->before_ns ? now_ns - g->before_ns : 0;\n"
    "    if (t->reloaded && t->tick > 1) {\n"
    "        g->swapped = true;\n"
    "        g->frames = 0;\n"
    "        g->longest_ns = 0;\n"
    "    }\n"
    "    g->before_ns = now_ns;\n"
    "    g->longest_ns = took_ns > g->longest_ns ? took_ns : g->longest_ns;\n"
    "    if (++g->frames == WATCHED) {\n"
    "        hl_log(t, \"%s %llu\", g->swapped ? \"swapped\" : \"calm\", (unsigned long "
    "long)g->longest_ns);\n"
    "        g->frames = 0;\n"
    "        g->longest_ns = 0;\n"
    "        g->swapped = false;\n"
    "    }\n"
    "}\n"
    "static void update(Game *g, hl_tick *t)\n"
    "{\n"
    "    watch(g, t);\n"
    "    Mob *mob = g->mobs->target;\n"
    "    mob->aim->x += t->dt;\n"
    "    mob->pos.x += mob->vel.x;\n"
    "}\n"
    "static void draw(const Game *g, hl_canvas *c) { (void)g; (void)c; }\n"
    "HL_GAME(Game, init, update, draw, .arena = COUNT * 256ull + (8u << 20));\n";

const char *bench_mob_text(Arena *arena, const MobGame *game, MobLayout layout)
{
    return arena_format(arena, "#define COUNT %u\n#define SINGLE %d\n#define LAYOUT %d\n%s",
                        game->count, game->is_single, (int)layout, MOBS);
}

const char *bench_mob_source(Bench *bench, const MobGame *game, MobLayout layout, Fault *fault)
{
    const char *folder = arena_format(&bench->keep, "%s/%s", bench->folder, game->name);
    const char *source = arena_format(&bench->keep, "%s/mobs.c", folder);
    const char *text = bench_mob_text(&bench->keep, game, layout);
    bool ok = file_make_dirs(folder, 0700, fault)
              && session_save(source, text, strlen(text), SAVE_RENAME, 0, NULL, fault);
    return ok ? source : NULL;
}

// Its structs in this program, as they are in the first layout and after the edits.
typedef enum OldKind { OLD_SLIME, OLD_FROG, OLD_BAT, OLD_GHOST } OldKind;
typedef enum NewKind { NEW_OWL, NEW_GHOST, NEW_BAT, NEW_SLIME, NEW_FROG } NewKind;

typedef struct OldMob {
    float pos[2], vel[2];
    uint32_t kind;
    int16_t hp;
    uint16_t tame : 1, mood : 3, colour : 7;
    struct OldMob *target, *next;
    float *aim;
    uint64_t id;
} OldMob;
_Static_assert(sizeof(OldMob) == MOB_BYTES, "say so in bench_migrate.h");

typedef struct InsertedMob {
    float pos[2], vel[2], stamina;
    uint32_t kind;
    int16_t hp;
    uint16_t tame : 1, mood : 3, colour : 7;
    struct InsertedMob *target, *next;
    float *aim;
    uint64_t id;
} InsertedMob;

typedef struct NewMob {
    float pos[2], vel[2], stamina;
    uint32_t kind;
    int32_t hp;
    uint32_t mood : 5, colour : 9, tame : 1;
    struct NewMob *target, *next;
    float *aim;
    uint64_t id;
} NewMob;

typedef struct MobRoot {
    void *mobs;
    uint64_t before_ns, longest_ns;
    int frames;
    bool swapped;
} MobRoot;

// Processor time: a machine that does other things as well makes what takes longer wait for more of
// them, and a ratio of times on the wall says something about those.
static uint64_t cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

// ----------------------------------------------------------------------------------------- copying

double bench_copy_ns(Bench *bench, size_t size_bytes)
{
    enum {
        OTHER_BYTES = 64 << 20
    }; // more than caches hold: in a game other things were there, too
    Arena memory;
    Fault fault;
    Samples *samples = bench_samples(bench);
    if (!arena_open(&memory, 0, 2 * size_bytes + OTHER_BYTES + 3 * PAGE_BYTES, &fault)) {
        return 0;
    }
    uint8_t *from = arena_push(&memory, size_bytes, 64, 1);
    uint8_t *to = arena_push(&memory, size_bytes, 64, 1);
    uint8_t *other = arena_push(&memory, OTHER_BYTES, 64, 1);
    memset(from, 1, size_bytes);
    memset(to, 2, size_bytes);
    for (int i = 0; i < 15; i++) {
        memset(other, i, OTHER_BYTES);
        uint64_t begin_ns = cpu_ns();
        memcpy(to, from, size_bytes);
        samples_add(samples, (double)(cpu_ns() - begin_ns));
        from[i] = to[size_bytes - 1]; // so that every copy is made
    }
    arena_close(&memory);
    return samples_median(samples);
}

// ---------------------------------------------------------------------------------- migrate_run

// A heap as the first layout's game leaves it, a copy of it, and the types of both builds.
typedef struct Moving {
    const MobGame *game;
    MobLayout layout;
    Arena memory, copy, plan;
    Heap *heap;
    MobRoot *root;
    size_t used_bytes;
    Build *builds[2];
    ReflectTable *tables[2];
    Samples *copying, *moving, *planning;
    MigrateReport report;
} Moving;

static void moving_close(Moving *moving)
{
    for (int i = 0; i < 2; i++) {
        reflect_table_close(moving->tables[i]);
        build_close(moving->builds[i]);
    }
    arena_close(&moving->plan);
    arena_close(&moving->copy);
    arena_close(&moving->memory);
}

static bool open_tables(Bench *bench, Moving *moving, Fault *fault)
{
    const MobLayout layouts[2] = {MOB_FIRST, moving->layout};
    for (int i = 0; i < 2; i++) {
        MobGame one = *moving->game;
        one.name = arena_format(&bench->keep, "%s-%d-%d", one.name, (int)moving->layout, i);
        const char *source = bench_mob_source(bench, &one, layouts[i], fault);
        const char *folder = arena_format(&bench->keep, "%s/%s", bench->folder, one.name);
        const char *library = source ? bench_build(bench, folder, &moving->builds[i], fault) : NULL;
        if (!library || !(moving->tables[i] = reflect_table_open(library, 0, fault))) {
            return false;
        }
    }
    return true;
}

static bool fill_heap(Moving *moving, Arena *scratch, Fault *fault)
{
    unsigned count = moving->game->count;
    OldMob **all = ARENA_NEW(scratch, OldMob *, count);
    moving->root = heap_alloc(moving->heap, "Game", sizeof(MobRoot), _Alignof(MobRoot), 1);
    OldMob *array =
        moving->game->is_single ? NULL : heap_alloc(moving->heap, "Mob", sizeof(OldMob), 8, count);
    for (unsigned i = 0; i < count; i++) {
        all[i] = array ? &array[i] : heap_alloc(moving->heap, "Mob", sizeof(OldMob), 8, 1);
        if (!all[i]) {
            return fault_set(fault, FAULT_MEMORY, "the bench's heap is too small");
        }
    }
    for (unsigned i = 0; i < count; i++) {
        OldMob *other = all[i * 2654435761u % count];
        *all[i] = (OldMob){.pos = {(float)i, 1},
                           .kind = i % 4,
                           .hp = (int16_t)(i % 30000),
                           .mood = i % 8,
                           .colour = i % 128,
                           .target = other,
                           .next = i + 1 < count ? all[i + 1] : NULL,
                           .aim = other->vel,
                           .id = i};
    }
    moving->root->mobs = all[0];
    return true;
}

static bool moving_open(Bench *bench, Moving *moving, Fault *fault)
{
    Arena scratch;
    size_t room_bytes = (size_t)moving->game->count * 256 + (8u << 20);
    bool ok = open_tables(bench, moving, fault)
              && arena_open(&moving->memory, ARENA_STATE_ADDRESS, room_bytes, fault)
              && arena_open(&moving->copy, 0, room_bytes, fault)
              && arena_open(&moving->plan, 0, (size_t)1 << 30, fault)
              && arena_open(&scratch, 0, room_bytes, fault);
    if (!ok) {
        return false;
    }
    void *memory = arena_push(&moving->memory, room_bytes, PAGE_BYTES, 1);
    moving->heap = heap_init(memory, room_bytes);
    ok = fill_heap(moving, &scratch, fault);
    arena_close(&scratch);
    moving->used_bytes = heap_used_bytes(moving->heap);
    memcpy(arena_push(&moving->copy, moving->used_bytes, PAGE_BYTES, 1), memory,
           moving->used_bytes);
    moving->copying = bench_samples(bench);
    moving->moving = bench_samples(bench);
    moving->planning = bench_samples(bench);
    return ok;
}

// The values that the new structs must show: a figure of something else is none.
#define IS_MOVED(mob, i)                                                                           \
    ((mob)->pos[0] == (float)(i) && (mob)->pos[1] == 1 && (mob)->stamina == 0                      \
     && (mob)->hp == (int)((i) % 30000) && (mob)->mood == (i) % 8 && (mob)->colour == (i) % 128    \
     && (mob)->id == (i) && (mob)->aim == (mob)->target->vel                                       \
     && (mob)->target->id == (uint32_t)((i)*2654435761u) % count)

static bool is_right(const Moving *moving)
{
    static const uint32_t KINDS[] = {NEW_SLIME, NEW_FROG, NEW_BAT, NEW_GHOST};
    unsigned count = moving->game->count, i = 0;
    if (moving->layout == MOB_INSERTED) {
        for (const InsertedMob *mob = moving->root->mobs; mob; mob = mob->next, i++) {
            if (i >= count || !IS_MOVED(mob, i) || mob->kind != i % 4) {
                return false;
            }
        }
    } else {
        for (const NewMob *mob = moving->root->mobs; mob; mob = mob->next, i++) {
            if (i >= count || !IS_MOVED(mob, i) || mob->kind != KINDS[i % 4]) {
                return false;
            }
        }
    }
    return i == count;
}

static bool move_once(Moving *moving, Fault *fault)
{
    uint8_t *memory = moving->memory.base;
    uint64_t begin_ns = cpu_ns();
    memcpy(memory, moving->copy.base, moving->used_bytes);
    samples_add(moving->copying, (double)(cpu_ns() - begin_ns));
    arena_reset(&moving->plan, 0);
    moving->report =
        (MigrateReport){.items = ARENA_NEW(&moving->plan, MigrateItem, MIGRATE_ITEMS_MAX)};
    begin_ns = cpu_ns();
    ReflectMatch *match =
        reflect_match_open(&moving->plan, moving->tables[0], moving->tables[1], NULL, 0);
    Migrate *migrate = migrate_open(&moving->plan, match, "Game", "Game");
    migrate_plan_for(migrate, "Game", sizeof(MobRoot));
    migrate_plan_for(migrate, "Mob", sizeof(OldMob));
    samples_add(moving->planning, (double)(cpu_ns() - begin_ns));
    MigrateMemory what = {.heap = moving->heap,
                          .old = moving->copy.base,
                          .root = moving->root,
                          .root_align = _Alignof(MobRoot)};
    const MigrateOutside outside = {{0, 0}, {0, 0}, NULL, NULL};
    begin_ns = cpu_ns();
    bool ok = migrate_run(migrate, &what, &outside, &moving->report, fault);
    samples_add(moving->moving, (double)(cpu_ns() - begin_ns));
    moving->root = what.root;
    return ok && (is_right(moving) || fault_set(fault, FAULT_GAME, "values came out wrong"));
}

// `most`: times memcpy; 0: has no budget. `whole_ns`: one migration; 0: none.
typedef struct MoveCase {
    MobGame game;
    MobLayout layout;
    const char *what;
    double most, whole_ns;
} MoveCase;

static void move_rows(Bench *bench, const MoveCase *one, Moving *moving)
{
    double ns = samples_median(moving->moving), copy_ns = samples_median(moving->copying);
    double ratio = ns / copy_ns;
    bench_row(bench, one->what, arena_format(&bench->keep, "%.1f x", ratio),
              arena_format(&bench->keep, "memcpy of %.1f MB %s", (double)moving->used_bytes / 1e6,
                           bench_ns_text(bench, copy_ns)),
              one->most > 0 ? arena_format(&bench->keep, "<= %.0f x", one->most) : "",
              one->most > 0 ? ratio <= one->most : -1);
    bench_row_ns(bench, "    migrate_run", moving->moving, one->whole_ns,
                 arena_format(&bench->keep, "%.0f ns an object, the plan %s",
                              ns / moving->game->count,
                              bench_ns_text(bench, samples_median(moving->planning))));
}

static void one_move(Bench *bench, const MoveCase *one)
{
    Fault fault = {0};
    Moving moving = {.game = &one->game, .layout = one->layout};
    bool ok = moving_open(bench, &moving, &fault);
    MobRoot *root = moving.root;
    int rounds = one->game.count > 500000 ? bench_rounds(bench, 9, 5) : bench_rounds(bench, 40, 15);
    for (int i = 0; i < rounds && ok; i++) {
        moving.root = root;
        ok = move_once(&moving, &fault);
    }
    if (ok) {
        move_rows(bench, one, &moving);
    } else {
        bench_failed(bench, one->what, &fault);
    }
    moving_close(&moving);
}

// ------------------------------------------------------------------------------- reading types

static bool read_twice(Bench *bench, const char *library, Samples *first, Samples *again,
                       Fault *fault)
{
    // A file of another name each round, as each build is: what is known of it goes by its contents
    GameLibConfig config = {.folder = arena_format(&bench->keep, "%s/private", bench->folder)};
    if (!file_make_dirs(config.folder, 0700, fault)) {
        return false;
    }
    for (int i = 0; i < 2; i++) {
        GameLib lib;
        if (!gamelib_open(&lib, library, &config, fault)) {
            return false;
        }
        uint64_t begin_ns = cpu_ns();
        (void)change_read_about(&lib, NULL);
        samples_add(i == 0 ? first : again, (double)(cpu_ns() - begin_ns));
        gamelib_close(&lib);
    }
    return true;
}

static void read_types(Bench *bench, const char *what, unsigned files, double budget_ns)
{
    Fault fault = {0};
    Samples *first = bench_samples(bench), *again = bench_samples(bench);
    const char *name = arena_format(&bench->keep, "types%u", files);
    const char *folder = bench_many_folder(bench, name, files, BENCH_FUNCTIONS, 1);
    const char *source = arena_format(&bench->keep, "%s/file_0.c", folder);
    bool ok = true;
    for (int i = 0; i < bench_rounds(bench, 15, 5) && ok; i++) {
        Build *build = NULL;
        const char *text =
            bench_many_text(&bench->keep, 0, BENCH_FUNCTIONS, (unsigned)i + 2); // another build-id
        const char *library = NULL;
        ok = session_save(source, text, strlen(text), SAVE_RENAME, 0, NULL, &fault)
             && (library = bench_build(bench, folder, &build, &fault)) != NULL
             && read_twice(bench, library, first, again, &fault);
        build_close(build);
    }
    if (!ok) {
        bench_failed(bench, what, &fault);
        return;
    }
    bench_row_ns(bench, what, first, budget_ns, "");
    bench_row_ns(bench, "    the same build again", again, 0, "");
}

void bench_migrate(Bench *bench)
{
    static const MoveCase CASES[] = {
        {{"mobs100k", 100000, false},
         MOB_INSERTED,
         "  100,000 in one array: a field inserted",
         8,
         1e9 / 60},
        {{"singles100k", 100000, true},
         MOB_INSERTED,
         "  100,000 single ones: a field inserted",
         8,
         1e9 / 60},
        {{"many100k", 100000, false},
         MOB_MANY,
         "  100,000 in one array: and enum, wider number, bit-fields",
         8,
         1e9 / 60},
        {{"manysingle100k", 100000, true},
         MOB_MANY,
         "  100,000 single ones: and enum, wider number, bit-fields",
         8,
         1e9 / 60},
        {{"mobs1m", 1000000, false},
         MOB_INSERTED,
         "  1,000,000 in one array: a field inserted",
         5,
         0},
        {{"many1m", 1000000, false},
         MOB_MANY,
         "  1,000,000 in one array: and enum, wider number, bit-fields",
         5,
         0},
        {{"mobs10k", 10000, false}, MOB_MANY, "  10,000 (0.6 MB): all of these edits", 0, 1e9 / 60},
    };
    bench_heading(
        bench, "Objects with pointers between them in other structs: migrate_run, processor time");
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        one_move(bench, &CASES[i]);
    }
    bench_edited(bench);
    bench_heading(bench, "Reading the types of a build, off the main thread, processor time");
    read_types(bench, "  2,500 lines in one file", 1, 0);
    read_types(bench, "  100,000 lines in 40 files", 40, 10e6);
}
