// The games that are measured, made out of text, and built by the runtime's own build module.
#include "bench.h"

#include "session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char EMPTY[] = "#include \"hotloop.h\"\n"
                            "typedef struct Game { int edit; } Game;\n"
                            "static void init(Game *g, hl_tick *t) { (void)g; (void)t; }\n"
                            "static void update(Game *g, hl_tick *t) { (void)g; (void)t; }\n"
                            "static void draw(const Game *g, hl_canvas *c) { (void)g; (void)c; }\n"
                            "int edit_number(void);\n"
                            "int edit_number(void) { return EDIT; }\n"
                            "HL_GAME(Game, init, update, draw);\n";

// How much processor time the main thread used from the beginning of one update to that of the
// next: a whole frame without the time that it sleeps. In the frame of a swap the new code's first
// update comes after the swap, and what is reported about it comes after that, so the two frames
// around it are taken and two plain ones subtracted. Games must not look at clocks; this one is a
// meter.
static const char METER[] =
    "#include \"hotloop.h\"\n"
    "#include <time.h>\n"
    "enum { FRAMES = 63 };\n"
    "typedef struct Game {\n"
    "    uint64_t *memory, words, begun_ns, before_ns, frames[FRAMES], count, swap_tick;\n"
    "} Game;\n"
    "static uint64_t cpu_ns(void)\n"
    "{\n"
    "    struct timespec now;\n"
    "    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);\n"
    "    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;\n"
    "}\n"
    "static uint64_t middle(const Game *g)\n"
    "{\n"
    "    uint64_t sorted[FRAMES];\n"
    "    for (int i = 0; i < FRAMES; i++) {\n"
    "        int at = i;\n"
    "        for (; at > 0 && sorted[at - 1] > g->frames[i]; at--) {\n"
    "            sorted[at] = sorted[at - 1];\n"
    "        }\n"
    "        sorted[at] = g->frames[i];\n"
    "    }\n"
    "    return sorted[FRAMES / 2];\n"
    "}\n"
    "static void init(Game *g, hl_tick *t)\n"
    "{\n"
    "    g->words = MEMORY / 8;\n"
    "    g->memory = g->words ? hl_new(t, uint64_t, g->words) : NULL;\n"
    "    for (uint64_t i = 0; i < g->words; i++) {\n"
    "        g->memory[i] = i * 0x9E3779B97F4A7C15u;\n"
    "    }\n"
    "}\n"
    "static void update(Game *g, hl_tick *t)\n"
    "{\n"
    "    uint64_t now_ns = cpu_ns(), frame_ns = now_ns - g->begun_ns;\n"
    "    if (t->reloaded && t->tick > 1) {\n"
    "        g->swap_tick = t->tick;\n"
    "    } else if (g->swap_tick && t->tick == g->swap_tick + 1) {\n"
    "        if (g->count > FRAMES) {\n"
    "            hl_log(t, \"swap %lld\",\n"
    "                   (long long)(now_ns - g->before_ns) - 2 * (long long)middle(g));\n"
    "        }\n"
    "    } else if (g->begun_ns) {\n"
    "        g->frames[g->count++ % FRAMES] = frame_ns;\n"
    "        if (g->count % FRAMES == 0) {\n"
    "            hl_log(t, \"frame %llu\", (unsigned long long)middle(g));\n"
    "        }\n"
    "    }\n"
    "    if (g->words) {\n"
    "        g->memory[t->tick * 512 % g->words] += EDIT;\n"
    "    }\n"
    "    g->before_ns = g->begun_ns;\n"
    "    g->begun_ns = now_ns;\n"
    "}\n"
    "static void draw(const Game *g, hl_canvas *c) { (void)g; (void)c; }\n"
    "HL_GAME(Game, init, update, draw, .arena = MEMORY + (8u << 20));\n";

// Does what the input asks for: mouse.x is a BenchDeed, mouse.y how many random pages it writes
// before, wheel.y what chooses them. The processor time of nothing else is in the way: a crash says
// in register r12 when it happened.
static const char CRASH[] =
    "#include \"hotloop.h\"\n"
    "#include <stdlib.h>\n"
    "#include <time.h>\n"
    "enum { SEGV = 1, FPE, ILL, ABORT, EXIT, DEEP, ASSERT, HEAP };\n"
    "typedef struct Game { uint64_t *memory, words, edit; } Game;\n"
    "static int seven = 7;\n"
    "static uint64_t now_ns(void)\n"
    "{\n"
    "    struct timespec now;\n"
    "    clock_gettime(CLOCK_MONOTONIC, &now);\n"
    "    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;\n"
    "}\n"
    "static __attribute__((noinline)) uint64_t deep(volatile uint64_t *above, uint64_t depth)\n"
    "{\n"
    "    volatile uint64_t here[64];\n"
    "    here[depth % 64] = depth + *above;\n"
    "    return deep(here, depth + 1) + here[(depth + 1) % 64];\n"
    "}\n"
    "static void crash(void)\n"
    "{\n"
    "    register uint64_t at_ns __asm__(\"r12\") = now_ns();\n"
    "    __asm__ volatile(\"movl $1, (%0)\" : : \"r\"(8ul), \"r\"(at_ns) : \"memory\");\n"
    "}\n"
    "static void init(Game *g, hl_tick *t)\n"
    "{\n"
    "    g->words = MEMORY / 8;\n"
    "    g->memory = hl_new(t, uint64_t, g->words);\n"
    "    for (uint64_t i = 0; i < g->words; i++) {\n"
    "        g->memory[i] = i * 0x9E3779B97F4A7C15u;\n"
    "    }\n"
    "}\n"
    "static void update(Game *g, hl_tick *t)\n"
    "{\n"
    "    uint64_t random = 88172645463325252u + (uint64_t)t->in->wheel.y;\n"
    "    volatile uint64_t top = 0;\n"
    "    g->memory[t->tick * 512 % g->words] += EDIT;\n"
    "    for (int i = 0; i < (int)t->in->mouse.y; i++) {\n"
    "        random ^= random << 13;\n"
    "        random ^= random >> 7;\n"
    "        random ^= random << 17;\n"
    "        g->memory[random % g->words] += random;\n"
    "    }\n"
    "    switch ((int)t->in->mouse.x) {\n"
    "    case SEGV: crash(); break;\n"
    "    case FPE: seven /= (int)(t->in->mouse.x - SEGV - 1); break;\n"
    "    case ILL: __asm__ volatile(\"ud2\"); break;\n"
    "    case ABORT: abort();\n"
    "    case EXIT: exit(3);\n"
    "    case DEEP: g->edit = deep(&top, t->tick); break;\n"
    "    case ASSERT: HL_ASSERT(t, g->words == 0); break;\n"
    "    case HEAP: seven++; hl_new(t, uint64_t, 100); *(volatile int *)16 = 1; break;\n"
    "    }\n"
    "}\n"
    "static void draw(const Game *g, hl_canvas *c) { (void)g; (void)c; }\n"
    "HL_GAME(Game, init, update, draw, .arena = MEMORY + (8u << 20));\n";

static const char SPRITES[] =
    "#include \"hotloop.h\"\n"
    "enum { COUNT = 2000 };\n"
    "typedef struct Thing { float x, y, dx, dy, angle; int sheet, frame; } Thing;\n"
    "typedef struct Game { Thing things[COUNT]; } Game;\n"
    "static const char *const SHEETS[] = {\"hero.png\", \"coin.png\", \"slime.png\", "
    "\"bat.png\"};\n"
    "static void init(Game *g, hl_tick *t)\n"
    "{\n"
    "    hl_rng rng;\n"
    "    hl_seed(&rng, t->seed, EDIT);\n"
    "    for (int i = 0; i < COUNT; i++) {\n"
    "        g->things[i] = (Thing){hl_rand_float(&rng, 0, 640), hl_rand_float(&rng, 0, 360),\n"
    "                               hl_rand_float(&rng, -60, 60), hl_rand_float(&rng, -60, 60),\n"
    "                               hl_rand_float(&rng, 0, 6), hl_rand_int(&rng, 0, 3), i % 3};\n"
    "    }\n"
    "}\n"
    "static void update(Game *g, hl_tick *t)\n"
    "{\n"
    "    for (int i = 0; i < COUNT; i++) {\n"
    "        Thing *thing = &g->things[i];\n"
    "        thing->x += thing->dx * t->dt;\n"
    "        thing->y += thing->dy * t->dt;\n"
    "        thing->dx = thing->x < 0 || thing->x > 640 ? -thing->dx : thing->dx;\n"
    "        thing->dy = thing->y < 0 || thing->y > 360 ? -thing->dy : thing->dy;\n"
    "        thing->angle += t->dt;\n"
    "    }\n"
    "}\n"
    "static void draw(const Game *g, hl_canvas *c)\n"
    "{\n"
    "    hl_clear(c, 0x203040ff);\n"
    "    for (int i = 0; i < COUNT; i++) {\n"
    "        const Thing *thing = &g->things[i];\n"
    "        hl_sprite_ex(c, SHEETS[thing->sheet % SHEET_COUNT], thing->x, thing->y,\n"
    "                     (hl_spr){.fw = 16, .fh = 16, .frame = thing->frame, .ox = 8, .oy = 8,\n"
    "                              .angle = i % 4 == 0 ? thing->angle : 0});\n"
    "    }\n"
    "}\n"
    "HL_GAME(Game, init, update, draw, .width = 640, .height = 360);\n";

// ------------------------------------------------------------------------------------- large games

// One of many functions that differ in their numbers: arithmetic, a loop, a switch, a structure.
static void put_function(FILE *out, unsigned number)
{
    fprintf(out,
            "static void step_%u(Game *g, hl_tick *t)\n"
            "{\n"
            "    static const float PULL[4] = {%u.5f, %u.25f, 3.0f, %u.0f};\n"
            "    for (int i = %u; i < THINGS; i += 8) {\n"
            "        Thing *thing = &g->things[i];\n"
            "        float dx = g->goal.x - thing->pos.x, dy = g->goal.y - thing->pos.y;\n"
            "        float far = dx * dx + dy * dy + 1.0f;\n"
            "        switch (thing->mood) {\n"
            "        case CALM:\n"
            "            thing->vel.x += PULL[i & 3] * hl_cos(thing->turn) * t->dt;\n"
            "            thing->vel.y += PULL[(i + 1) & 3] * hl_sin(thing->turn) * t->dt;\n"
            "            thing->mood = far < %u.0f ? CURIOUS : CALM;\n"
            "            break;\n"
            "        case CURIOUS:\n"
            "            thing->vel.x += dx / far * %u.0f * t->dt;\n"
            "            thing->vel.y += dy / far * %u.0f * t->dt;\n"
            "            if (far < 90.0f && hl_rand_int(&g->rng, 0, %u) == 0) {\n"
            "                thing->mood = AFRAID;\n"
            "                thing->since = t->tick;\n"
            "            }\n"
            "            break;\n"
            "        case AFRAID:\n"
            "            thing->vel.x -= dx * %u.0f * t->dt / far;\n"
            "            thing->vel.y -= dy * %u.0f * t->dt / far;\n"
            "            thing->mood = t->tick - thing->since > %u ? CALM : AFRAID;\n"
            "            break;\n"
            "        }\n"
            "        thing->pos.x = clamp(thing->pos.x + thing->vel.x * t->dt, 0, 320);\n"
            "        thing->pos.y = clamp(thing->pos.y + thing->vel.y * t->dt, 0, 180);\n"
            "        thing->turn += %u.0f * t->dt;\n"
            "        g->score[%u] += far < 4.0f;\n"
            "    }\n"
            "}\n"
            "\n",
            number, 10 + number, 20 + number, number % 7, number % 8, 900 + number, 50 + number,
            60 + number, 20 + number, 700 + number, 800 + number, 30 + number, 1 + number % 5,
            number);
}

static const char CLOCKS[] =
    "    struct timespec now, used;\n"
    "    clock_gettime(CLOCK_MONOTONIC, &now);\n"
    "    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);\n"
    "    hl_log(t, \"at %llu %llu\",\n"
    "           (unsigned long long)now.tv_sec * 1000000000u + (unsigned long long)now.tv_nsec,\n"
    "           (unsigned long long)used.tv_sec * 1000000000u + (unsigned long "
    "long)used.tv_nsec);\n";

static const char *many_lines(Arena *arena, unsigned functions, const char *meter, unsigned edit)
{
    char *text = NULL;
    size_t size_bytes = 0;
    FILE *out = open_memstream(&text, &size_bytes);
    fprintf(out,
            "#include \"hotloop.h\"\n"
            "#include <time.h>\n"
            "enum { THINGS = 256, STEPS = %u };\n"
            "typedef enum Mood { CALM, CURIOUS, AFRAID } Mood;\n"
            "typedef struct Thing { hl_vec2 pos, vel; float turn; Mood mood; uint64_t since; } "
            "Thing;\n"
            "typedef struct Game { hl_rng rng; hl_vec2 goal; Thing things[THINGS]; int "
            "score[STEPS]; } Game;\n"
            "static float clamp(float v, float lo, float hi) { return v < lo ? lo : v > hi ? hi : "
            "v; }\n"
            "static const int EDIT = %u;\n\n",
            functions, edit);
    for (unsigned i = 0; i < functions; i++) {
        put_function(out, i);
    }
    fprintf(out, "static void init(Game *g, hl_tick *t)\n"
                 "{\n"
                 "    hl_seed(&g->rng, t->seed, 1);\n"
                 "    for (int i = 0; i < THINGS; i++) {\n"
                 "        g->things[i].pos = (hl_vec2){(float)(i %% 16) * 20, (float)(i / 16) * "
                 "11};\n"
                 "    }\n"
                 "}\n"
                 "\n"
                 "static void update(Game *g, hl_tick *t)\n"
                 "{\n");
    fprintf(out, "%s", meter);
    fprintf(out, "    g->goal = (hl_vec2){160 + 100 * hl_cos((float)t->time), (float)(EDIT %% "
                 "180)};\n");
    for (unsigned i = 0; i < functions; i++) {
        fprintf(out, "    step_%u(g, t);\n", i);
    }
    fprintf(out, "}\n"
                 "\n"
                 "static void draw(const Game *g, hl_canvas *c)\n"
                 "{\n"
                 "    hl_clear(c, HL_BLACK);\n"
                 "    for (int i = 0; i < THINGS; i++) {\n"
                 "        hl_circle(c, g->things[i].pos.x, g->things[i].pos.y, 3, HL_YELLOW);\n"
                 "    }\n"
                 "}\n"
                 "HL_GAME(Game, init, update, draw, .title = \"Lines\");\n");
    fclose(out);
    const char *kept = arena_copy_text(arena, text);
    free(text);
    return kept;
}

const char *bench_game_text(Arena *arena, BenchGame game, unsigned edit)
{
    enum {
        HUGE_FUNCTIONS = 2700,
        LARGE_FUNCTIONS = 66,
        SMALL_FUNCTIONS = 3
    }; // 100,000; 2,500; 150
    switch (game) {
    case GAME_EMPTY:
        return arena_format(arena, "#define EDIT %u\n%s", edit, EMPTY);
    case GAME_METER:
        return arena_format(arena, "#define EDIT %u\n#define MEMORY 0u\n%s", edit, METER);
    case GAME_METER64:
        return arena_format(arena, "#define EDIT %u\n#define MEMORY (64u << 20)\n%s", edit, METER);
    case GAME_SMALL:
        return many_lines(arena, SMALL_FUNCTIONS, "", edit);
    case GAME_LARGE:
        return many_lines(arena, LARGE_FUNCTIONS, "", edit);
    case GAME_HUGE:
        return many_lines(arena, HUGE_FUNCTIONS, "", edit);
    case GAME_PACED:
        return many_lines(arena, LARGE_FUNCTIONS, CLOCKS, edit);
    case GAME_CRASH:
        return arena_format(arena, "#define EDIT %u\n#define MEMORY (64u << 20)\n%s", edit, CRASH);
    case GAME_SPRITES1:
        return arena_format(arena, "#define EDIT %u\n#define SHEET_COUNT 1\n%s", edit, SPRITES);
    case GAME_SPRITES4:
        return arena_format(arena, "#define EDIT %u\n#define SHEET_COUNT 4\n%s", edit, SPRITES);
    }
    return "";
}

const char *bench_game_folder(Bench *bench, const char *name, BenchGame game, unsigned edit)
{
    Fault fault;
    const char *folder = arena_format(&bench->keep, "%s/%s", bench->folder, name);
    const char *source = arena_format(&bench->keep, "%s/%s.c", folder, name);
    const char *text = bench_game_text(&bench->keep, game, edit);
    if (!file_make_dirs(folder, 0700, &fault)
        || !session_save(source, text, strlen(text), SAVE_RENAME, 0, NULL, &fault)) {
        bench_failed(bench, name, &fault);
    }
    return folder;
}

const char *bench_build(Bench *bench, const char *game_folder, Build **build, Fault *fault)
{
    return bench_build_by(bench, game_folder, NULL, build, fault);
}

static const char *open_and_build(Bench *bench, const char *game_folder, const char *compiler,
                                  BuildTiers tiers, Build **build, Fault *fault)
{
    char name[256];
    file_base_name(name, sizeof(name), game_folder);
    const char *work = arena_format(&bench->keep, "%s/work-%s", bench->folder, name);
    BuildConfig config = {.game_folder = game_folder,
                          .api_folder = BENCH_API_DIR,
                          .stub_path = bench->stub,
                          .work_folder = work,
                          .compiler = compiler,
                          .tiers = tiers};
    *build = file_make_dirs(work, 0700, fault) ? build_open(&config, fault) : NULL;
    if (!*build) {
        return NULL;
    }
    BuildReport *report = ARENA_NEW(&bench->keep, BuildReport, 1);
    if (!build_run(*build, -1, report) || !report->ok) {
        const BuildDiagnostic *first = &report->diagnostics[0];
        (void)fault_set(fault, FAULT_BUILD, "%s:%d: %s", first->file, first->line, first->text);
        return NULL;
    }
    return report->library_path;
}

const char *bench_build_by(Bench *bench, const char *game_folder, const char *compiler,
                           Build **build, Fault *fault)
{
    return open_and_build(bench, game_folder, compiler, BUILD_TIERS_FULL, build, fault);
}

bool bench_build_both(Bench *bench, const char *game_folder, Build **build, Fault *fault)
{
    return open_and_build(bench, game_folder, "gcc", BUILD_TIERS_BOTH, build, fault) != NULL;
}
