// Games for bench_carry.c: one with data of its own, one of many files.
#include "bench.h"

#include "session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// -------------------------------------------------------------------------------- data of its own

enum { FUNCTIONS = 100 };

// Each kind of variable that people have, in turns; each of them is written and read.
static void put_global(FILE *out, unsigned number)
{
    static const char *const KINDS[] = {
        "static int var_%u = %u;\n"
        "static void change_%u(void) { var_%u += 3; }\n"
        "static int read_%u(void) { return var_%u; }\n",
        "float var_%u = %u.5f;\n"
        "static void change_%u(void) { var_%u *= 1.5f; }\n"
        "static int read_%u(void) { return (int)var_%u; }\n",
        "static struct { float x, y; int lives; } var_%u = {%u, 2, 3};\n"
        "static void change_%u(void) { var_%u.y += 4; }\n"
        "static int read_%u(void) { return var_%u.lives + (int)var_%u.y; }\n",
        "short var_%u[4] = {%u, 2, 3, 4};\n"
        "static void change_%u(void) { var_%u[2] ^= 99; }\n"
        "static int read_%u(void) { return var_%u[2] + var_%u[0]; }\n"};
    if (number % 10 == 9) {
        fprintf(out,
                "static int step_%u(int by) { static int calls = %u; calls += by; return calls; }\n"
                "static void change_%u(void) { step_%u(5); }\n"
                "static int read_%u(void) { return step_%u(0); }\n",
                number, number % 7, number, number, number, number);
        return;
    }
    // The second number of a kind is its value.
    const char *line = KINDS[number % COUNT_OF(KINDS)];
    for (unsigned nth = 0; *line; line++) {
        if (line[0] == '%') {
            fprintf(out, "%u", nth++ == 1 ? number % 1000 : number);
            line++;
        } else {
            fputc(*line, out);
        }
    }
}

static void put_calls(FILE *out, const char *call, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const char *mark = strchr(call, '#');
        fprintf(out, "    %.*s%u%s\n", (int)(mark - call), call, i, mark + 1);
    }
}

static void put_functions(FILE *out, unsigned edit)
{
    for (unsigned i = 0; i < FUNCTIONS; i++) {
        fprintf(out,
                "static void act_%u(Mob *mob)\n"
                "{\n"
                "    mob->x += %u.25f; mob->hp += EDIT %% 3 + %u;\n"
                "    if (mob->hp > 1000) { mob->hp -= %u; mob->age++; }\n"
                "%s"
                "}\n",
                i, i, i, 900 + i, edit % 2 ? "    if (mob->age > 500) { mob->y -= 1; }\n" : "");
    }
    fprintf(out, "static Act *const ACTS[] = {");
    for (unsigned i = 0; i < FUNCTIONS; i++) {
        fprintf(out, "act_%u, ", i);
    }
    fprintf(out, "};\n");
}

const char *bench_data_text(Arena *arena, const BenchData *data, unsigned edit)
{
    char *text = NULL;
    size_t size_bytes = 0;
    FILE *out = open_memstream(&text, &size_bytes);
    fprintf(out,
            "#include \"hotloop.h\"\n"
            "enum { EDIT = %u, MOBS = %u };\n"
            "#define MEMORY %lluull\n"
            "typedef struct Mob Mob;\n"
            "typedef void Act(Mob *mob);\n"
            "struct Mob { Act *act; float x, y; int hp, age; uint64_t id; };\n"
            "typedef struct Game { uint64_t *memory; Mob *mobs; int sum; } Game;\n",
            edit, data->pointers, (unsigned long long)data->memory_bytes);
    for (unsigned i = 0; i < data->globals; i++) {
        put_global(out, i);
    }
    put_functions(out, edit);
    fprintf(out, "static void change_all(void)\n{\n");
    put_calls(out, "change_#();", data->globals);
    fprintf(out, "}\nstatic int read_all(void)\n{\n    int sum = 0;\n");
    put_calls(out, "sum += read_#();", data->globals);
    fprintf(out,
            "    return sum;\n"
            "}\n"
            "static void init(Game *g, hl_tick *t)\n"
            "{\n"
            "    uint64_t words = MEMORY / 8;\n"
            "    g->memory = hl_new(t, uint64_t, words);\n"
            "    for (uint64_t i = 0; i < words; i++) {\n"
            "        g->memory[i] = i * 0x9E3779B97F4A7C15u >> 20;\n"
            "    }\n"
            "    g->mobs = MOBS ? hl_new(t, Mob, MOBS + 1) : NULL;\n"
            "    for (unsigned i = 0; i < MOBS; i++) {\n"
            "        g->mobs[i].act = ACTS[i %% %u];\n"
            "        g->mobs[i].id = i;\n"
            "    }\n"
            "}\n"
            "static void update(Game *g, hl_tick *t)\n"
            "{\n"
            "    if (t->tick == 1) {\n"
            "        change_all();\n"
            "    }\n"
            "    if (t->tick %% 64 == 0) {\n"
            "        g->sum += read_all();\n"
            "    }\n"
            "    g->memory[t->tick * 512 %% (MEMORY / 8)] += EDIT;\n"
            "    for (unsigned i = 0; MOBS && i < 8; i++) {\n"
            "        Mob *mob = &g->mobs[(t->tick * 8 + i) %% (MOBS + !MOBS)];\n"
            "        mob->act(mob);\n"
            "    }\n"
            "}\n"
            "static void draw(const Game *g, hl_canvas *c) { (void)g; (void)c; }\n"
            "HL_GAME(Game, init, update, draw, .arena = MEMORY + (16u << 20));\n",
            FUNCTIONS);
    fclose(out);
    const char *kept = arena_copy_text(arena, text);
    free(text);
    return kept;
}

// ------------------------------------------------------------------------------------- many files

enum { FILE_GLOBALS = 25 };

static void put_file_function(FILE *out, unsigned file, unsigned number)
{
    unsigned global = number % FILE_GLOBALS;
    fprintf(out,
            "static void step_%u_%u(World *w, hl_tick *t)\n"
            "{\n"
            "    static int calls;\n"
            "    calls++;\n"
            "    for (int i = %u; i < THINGS; i += 64) {\n"
            "        Thing%u *thing = &things_%u[i];\n"
            "        float dx = w->goal.x - thing->pos.x, dy = w->goal.y - thing->pos.y;\n"
            "        float far = dx * dx + dy * dy + 1.0f;\n"
            "        if (far < %u.0f && calls %% 3) {\n"
            "            thing->vel.x += dx / far * %u.0f * t->dt;\n"
            "            thing->vel.y += dy / far * %u.0f * t->dt;\n"
            "            thing->name = \"hunter %u of file %u\";\n"
            "        } else {\n"
            "            thing->vel.x *= 0.5f;\n"
            "            thing->vel.y *= 0.5f;\n"
            "        }\n"
            "        thing->pos.x += thing->vel.x * t->dt;\n"
            "        thing->pos.y += thing->vel.y * t->dt;\n"
            "        tuning_%u_%u += (far < 4.0f) + EDIT;\n"
            "        w->score += tuning_%u_%u;\n"
            "    }\n"
            "}\n"
            "\n",
            file, number, number % 64, file, file, 100 + number, number, number + 3, number, file,
            file, global, file, global);
}

static const char WORLD[] = "#include \"hotloop.h\"\n"
                            "enum { THINGS = 64 };\n"
                            "typedef struct World { hl_vec2 goal; int score; } World;\n";

const char *bench_many_text(Arena *arena, unsigned file, unsigned functions, unsigned edit)
{
    char *text = NULL;
    size_t size_bytes = 0;
    FILE *out = open_memstream(&text, &size_bytes);
    fprintf(out,
            "%sstatic int EDIT = %u;\n"
            "typedef struct Thing%u { hl_vec2 pos, vel; const char *name; } Thing%u;\n"
            "static Thing%u things_%u[THINGS];\n",
            WORLD, edit, file, file, file, file);
    for (unsigned i = 0; i < FILE_GLOBALS; i++) {
        fprintf(out, "int tuning_%u_%u = %u;\n", file, i, i);
    }
    for (unsigned i = 0; i < functions; i++) {
        put_file_function(out, file, i);
    }
    fprintf(out,
            "void step_file_%u(World *w, hl_tick *t);\n"
            "void step_file_%u(World *w, hl_tick *t)\n"
            "{\n",
            file, file);
    for (unsigned i = 0; i < functions; i++) {
        fprintf(out, "    step_%u_%u(w, t);\n", file, i);
    }
    fprintf(out, "}\n");
    fclose(out);
    const char *kept = arena_copy_text(arena, text);
    free(text);
    return kept;
}

static const char *main_text(Arena *arena, unsigned files)
{
    char *text = NULL;
    size_t size_bytes = 0;
    FILE *out = open_memstream(&text, &size_bytes);
    fprintf(out, "%s", WORLD);
    for (unsigned i = 0; i < files; i++) {
        fprintf(out, "void step_file_%u(World *w, hl_tick *t);\n", i);
    }
    fprintf(out, "static void init(World *w, hl_tick *t) { (void)w; (void)t; }\n"
                 "static void update(World *w, hl_tick *t)\n"
                 "{\n"
                 "    w->goal = (hl_vec2){160 + 100 * hl_cos((float)t->time), 90};\n");
    for (unsigned i = 0; i < files; i++) {
        fprintf(out, "    if (t->tick %% %u == %u) { step_file_%u(w, t); }\n", files, i, i);
    }
    fprintf(out, "}\n"
                 "static void draw(const World *w, hl_canvas *c) { (void)w; (void)c; }\n"
                 "HL_GAME(World, init, update, draw);\n");
    fclose(out);
    const char *kept = arena_copy_text(arena, text);
    free(text);
    return kept;
}

static bool write_source(Bench *bench, const char *folder, const char *name, const char *text,
                         Fault *fault)
{
    const char *path = arena_format(&bench->keep, "%s/%s.c", folder, name);
    return session_save(path, text, strlen(text), SAVE_RENAME, 0, NULL, fault);
}

const char *bench_many_folder(Bench *bench, const char *name, unsigned files, unsigned functions,
                              unsigned edit)
{
    Fault fault;
    const char *folder = arena_format(&bench->keep, "%s/%s", bench->folder, name);
    bool ok = file_make_dirs(folder, 0700, &fault)
              && write_source(bench, folder, "main", main_text(&bench->keep, files), &fault);
    for (unsigned i = 0; i < files && ok; i++) {
        const char *text = bench_many_text(&bench->keep, i, functions, i == 0 ? edit : 1);
        ok = write_source(bench, folder, arena_format(&bench->keep, "file_%u", i), text, &fault);
    }
    if (!ok) {
        bench_failed(bench, name, &fault);
    }
    return folder;
}
