// Contents: reading the platformer, struct texts, checks and fills of fields, of objects, the file
#include "soak_model.h"

#include "session.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const HOST_NAMES[HOST_OWN] = {"Soak", "Level", "Body", "Hero",
                                                 "Mob",  "Spark", "Game"};
// What the soak keeps in Game; `sum` is of all that the platformer itself has there.
static const char *const SOAK_LINES[] = {"    uint64_t sum, ticks;", "    unsigned build, wrong;"};

// ------------------------------------------------------------------------- reading the platformer

// "typedef struct Mob {" begins the members of Mob.
static int host_of(const char *line)
{
    char name[32];
    if (sscanf(line, "typedef struct %31[A-Za-z] {", name) != 1) {
        return -1;
    }
    for (int i = HOST_LEVEL; i < HOST_OWN; i++) {
        if (strcmp(name, HOST_NAMES[i]) == 0) {
            return i;
        }
    }
    return -1;
}

static bool find_hosts(SoakSource *source, Fault *fault)
{
    int host = -1;
    source->count[HOST_SOAK] = COUNT_OF(SOAK_LINES);
    for (int i = 0; i < source->line_count; i++) {
        const char *line = source->lines[i];
        if (host_of(line) >= 0) {
            host = host_of(line);
            source->first[host] = i + 1;
        } else if (host >= 0 && line[0] == '}') {
            source->count[host] = i - source->first[host];
            host = -1;
        }
    }
    for (int i = HOST_LEVEL; i < HOST_OWN; i++) {
        if (source->count[i] == 0 || source->count[i] > LINES_MAX - 2) {
            return fault_set(fault, FAULT_FORMAT, "platformer.h: struct %s was not found in it",
                             HOST_NAMES[i]);
        }
    }
    return true;
}

static const char RUN_CHECKED[] = "static void soak_init(Game *g, hl_tick *t)\n"
                                  "{\n"
                                  "    init(g, t);\n"
                                  "    soak_end(g, t);\n"
                                  "}\n\n"
                                  "static void soak_update(Game *g, hl_tick *t)\n"
                                  "{\n"
                                  "    soak_begin(g, t);\n"
                                  "    update(g, t);\n"
                                  "    soak_end(g, t);\n"
                                  "}\n\n"
                                  "HL_GAME(Game, soak_init, soak_update, draw";

// The game's functions are called with checks around them.
static const char *with_checks(Arena *arena, const char *text)
{
    static const char CALL[] = "HL_GAME(Game, init, update, draw";
    const char *at = strstr(text, CALL);
    return at ? arena_format(arena, "%.*s%s%s", (int)(at - text), text, RUN_CHECKED,
                             at + sizeof(CALL) - 1)
              : NULL;
}

static bool copy_one(SoakSource *source, Arena *arena, const char *from, const char *to,
                     const char *name, Fault *fault)
{
    char path[FILE_PATH_MAX];
    FileBytes bytes;
    if (!file_join(path, from, name) || !file_read(arena, path, 1u << 20, &bytes, fault)) {
        return false;
    }
    char *text = arena_format(arena, "%.*s", (int)bytes.size_bytes, (const char *)bytes.data);
    if (strcmp(name, "platformer.h") == 0) {
        source->header = text;
        return true;
    }
    const char *out = strcmp(name, "platformer.c") == 0 ? with_checks(arena, text) : text;
    if (!out) {
        return fault_set(fault, FAULT_FORMAT, "platformer.c: there is no HL_GAME to put checks to");
    }
    return file_join(path, to, name) && file_write(path, out, strlen(out), fault);
}

bool soak_source_open(SoakSource *source, Arena *arena, const char *from, const char *to,
                      Fault *fault)
{
    static const char CHECK[] = "// The checks of soak --structs; platformer.h has them.\n"
                                "#define SOAK_CHECK\n"
                                "#include \"platformer.h\"\n";
    char path[FILE_PATH_MAX];
    bool ok = file_make_dirs(to, 0700, fault) && file_join(path, to, "soak_check.c")
              && file_write(path, CHECK, sizeof(CHECK) - 1, fault);
    *source = (SoakSource){0};
    DIR *dir = ok ? opendir(from) : NULL;
    for (struct dirent *entry; ok && dir && (entry = readdir(dir));) {
        ok = entry->d_name[0] == '.' || copy_one(source, arena, from, to, entry->d_name, fault);
    }
    if (dir) {
        closedir(dir);
    }
    if (!ok || !source->header) {
        return !ok ? false : fault_set(fault, FAULT_FILE, "%s: no platformer.h there", from);
    }
    for (char *line, *rest = source->header;
         (line = strsep(&rest, "\n")) != NULL
         && source->line_count < (int)COUNT_OF(source->lines);) {
        source->lines[source->line_count++] = line;
    }
    return find_hosts(source, fault);
}

// ------------------------------------------------------------------------------------ struct texts

static const char *host_type(const Model *model, Host host)
{
    return host < HOST_OWN ? HOST_NAMES[host] : model->own[host - HOST_OWN].type;
}

static void put_field(FILE *out, const Model *model, const Field *field)
{
    static const char *const POINTERS[TARGETS] = {"Mob *",   "Body *",    "hl_vec2 *",
                                                  "Spark *", "char *",    "",
                                                  "void *",  "SoakAct *", "const char *"};
    if (field->kind == FIELD_BITS) {
        fprintf(out, "    %s %s : %d;\n", field->bits_signed ? "int" : "unsigned", field->name,
                field->bits);
        return;
    }
    if (field->kind == FIELD_POINTER && field->type == TO_OWN) {
        fprintf(out, "    %s *%s;\n", model->own[field->own].type, field->name);
        return;
    }
    fprintf(out, "    %s %s",
            field->kind == FIELD_NUMBER ? soak_numbers[field->type].name
            : field->kind == FIELD_ENUM ? "SoakTone"
                                        : POINTERS[field->type],
            field->name);
    if (field->rows > 0) {
        fprintf(out, "[%d]", field->rows);
    }
    if (field->columns > 0) {
        fprintf(out, "[%d]", field->columns);
    }
    fprintf(out, ";\n");
}

static void put_wrapped(FILE *out, const Model *model, int wrap)
{
    for (int i = 0; i < FIELDS_MAX; i++) {
        if (model->fields[i].used && model->fields[i].wrap == wrap) {
            put_field(out, model, &model->fields[i]);
        }
    }
}

static void put_wrap_member(FILE *out, const Model *model, int which)
{
    const Wrap *wrap = &model->wraps[which];
    if (wrap->kind == WRAP_NAMED) {
        fprintf(out, "    %s wrap_%u;\n", wrap->type, wrap->id);
        return;
    }
    fprintf(out, "    struct {\n");
    put_wrapped(out, model, which);
    if (wrap->kind == WRAP_UNTAGGED) {
        fprintf(out, "    } wrap_%u;\n", wrap->id);
    } else {
        fprintf(out, "    };\n");
    }
}

static void put_line(FILE *out, const SoakSource *source, const Model *model, Host host, int which)
{
    if (host == HOST_SOAK) {
        fprintf(out, "%s\n", SOAK_LINES[which]);
    } else if (host >= HOST_OWN) {
        const Own *own = &model->own[host - HOST_OWN];
        fprintf(out, "    %s *next;\n", own->type);
    } else {
        fprintf(out, "%s\n", source->lines[source->first[host] + which]);
    }
}

static void put_members(FILE *out, const SoakSource *source, const Model *model, Host host)
{
    const Layout *layout = &model->layouts[host];
    for (int i = 0; i < layout->count; i++) {
        const Item *item = &layout->items[i];
        if (item->kind == ITEM_LINE) {
            put_line(out, source, model, host, item->which);
        } else if (item->kind == ITEM_FIELD) {
            put_field(out, model, &model->fields[item->which]);
        } else if (item->kind == ITEM_WRAP) {
            put_wrap_member(out, model, item->which);
        } else if (item->kind == ITEM_MARK) {
            fprintf(out, "    unsigned soak_k;\n");
        } else {
            const Own *own = &model->own[item->which];
            fprintf(out, "    %s *own_%u;\n", own->type, own->id);
        }
    }
    if (host == HOST_GAME) {
        fprintf(out, "    Soak soak;\n");
    }
}

static void put_named_wraps(FILE *out, const Model *model, Host host)
{
    for (int i = 0; i < WRAPS_MAX; i++) {
        const Wrap *wrap = &model->wraps[i];
        if (wrap->used && wrap->host == host && wrap->kind == WRAP_NAMED) {
            fprintf(out, "typedef struct %s {\n", wrap->type);
            put_wrapped(out, model, i);
            fprintf(out, "} %s;\n", wrap->type);
        }
    }
}

// All that stands before the game's own structs.
static void put_soak_types(FILE *out, const SoakSource *source, const Model *model)
{
    fprintf(out, "enum { SOAK_EDIT = %u };\n", model->edit);
    fprintf(out, "typedef struct Game Game;\ntypedef struct Mob Mob;\ntypedef struct Body Body;\n"
                 "typedef struct Spark Spark;\ntypedef int SoakAct(int);\n"
                 "typedef enum SoakTone { ");
    for (int i = 0; i < TONES; i++) {
        fprintf(out, "SOAK_TONE_%d%s", model->tones[i], i + 1 < TONES ? ", " : " } SoakTone;\n");
    }
    for (int i = 0; i < OWN_MAX; i++) {
        if (model->own[i].used) {
            fprintf(out, "typedef struct %s %s;\n", model->own[i].type, model->own[i].type);
        }
    }
    for (int i = 0; i < HOSTS; i++) {
        put_named_wraps(out, model, (Host)i);
        if (i == HOST_SOAK || (i >= HOST_OWN && model->own[i - HOST_OWN].used)) {
            const char *type = host_type(model, (Host)i);
            fprintf(out, "typedef struct %s {\n", type);
            put_members(out, source, model, (Host)i);
            fprintf(out, "} %s;\n", type);
        }
    }
    fprintf(out, "void soak_begin(Game *g, hl_tick *t);\nvoid soak_end(Game *g, hl_tick *t);\n");
}

static void put_was(FILE *out, const Model *model)
{
    for (int i = 0; i < WAS_MAX; i++) {
        const Was *was = &model->was[i];
        if (was->used) {
            const Field *field = &model->fields[was->field];
            bool is_inside = field->wrap >= 0 && model->wraps[field->wrap].kind == WRAP_NAMED;
            fprintf(out, "HL_WAS(%s, %s, %s);\n",
                    is_inside ? model->wraps[field->wrap].type : host_type(model, field->host),
                    field->name, was->old);
        }
    }
}

// ------------------------------------------------------------------------- checks of single fields

static void put_steps(FILE *out, const Field *field)
{
    fprintf(out, "static const SoakStep STEPS_%u[] = {", field->id);
    for (int i = 0; i < field->step_count; i++) {
        const Step *step = &field->steps[i];
        fprintf(out, "%s{%u, %ld, %ld, %d, %d, %d, %d}", i > 0 ? ", " : "", step->edit, step->lo,
                step->hi, step->rows, step->columns, step->is_bool, step->is_loose);
    }
    fprintf(out, "};\nstatic const SoakField FIELD_%u = {%u, %d, STEPS_%u};\n", field->id,
            field->id, field->step_count, field->id);
}

// Edits before which zero is right, too.
static unsigned loose_until(const Field *field)
{
    unsigned edit = 0;
    for (int i = 0; i < field->step_count; i++) {
        edit = field->steps[i].is_loose ? field->steps[i].edit : edit;
    }
    return edit;
}

static void put_path(FILE *out, const Model *model, const Field *field)
{
    fprintf(out, "o->");
    if (field->wrap >= 0 && model->wraps[field->wrap].kind != WRAP_ANONYMOUS) {
        fprintf(out, "wrap_%u.", model->wraps[field->wrap].id);
    }
    fprintf(out, "%s%s%s", field->name, field->rows > 0 ? "[r]" : "",
            field->columns > 0 ? "[c]" : "");
}

static void put_loops(FILE *out, const Field *field)
{
    fprintf(out, "    for (int r = 0; r < %d; r++) for (int c = 0; c < %d; c++) ",
            field->rows > 0 ? field->rows : 1, field->columns > 0 ? field->columns : 1);
}

static void put_target(FILE *out, const Model *model, const Field *field)
{
    static const char *const PLACES[TARGETS][3] = {
        {"&g->mobs[", "MOBS_MAX", "]"},
        {"&g->mobs[", "MOBS_MAX", "].body"},
        {"&g->mobs[", "MOBS_MAX", "].body.vel"},
        {"&g->sparks[", "(SPARKS_MAX + 1)", "]"},
        {"&g->level.tile[", "MAP_H", "][(unsigned)i % MAP_W]"},
        {"", "", ""},
        {"", "", ""},
        {"SOAK_ACTS[", "4", "]"},
        {"SOAK_TEXTS[", "4", "]"}};
    const Own *own = &model->own[field->own < 0 ? 0 : field->own];
    if (field->type == TO_START) {
        fprintf(out, "g->own_%u", own->id);
    } else if (field->type == TO_OWN) {
        fprintf(out, "own_at_%u(g, (%u + (unsigned)i) %% %d)", own->id, field->id, own->count);
    } else {
        const char *const *place = PLACES[field->type];
        fprintf(out, "%s(%u + (unsigned)i) %% %s%s", place[0], field->id, place[1], place[2]);
    }
}

static void put_check(FILE *out, const Model *model, const Field *field)
{
    unsigned loose = loose_until(field), born = field->steps[0].edit;
    const char *type = host_type(model, field->host);
    if (field->kind == FIELD_POINTER) {
        bool is_text = field->type == TO_TEXT, is_code = field->type == TO_CODE;
        fprintf(out, "    soak_points(g, t, \"%s.%s\", i, %s(", type, field->name,
                is_text   ? "soak_same_text"
                : is_code ? "soak_same_act"
                          : "soak_same_place");
        put_path(out, model, field);
        fprintf(out, ", ");
        put_target(out, model, field);
        fprintf(out, "), ");
        put_path(out, model, field);
        fprintf(out, " == NULL, k, %u, %u);\n", born, loose);
        return;
    }
    put_loops(out, field);
    fprintf(out, "\n        soak_is(g, t, \"%s.%s\", (SoakPlace){&FIELD_%u, k, i, r, c}, ", type,
            field->name, field->id);
    if (field->kind == FIELD_ENUM) {
        fprintf(out, "soak_tone((SoakPlace){&FIELD_%u, k, i, r, c}, ", field->id);
        put_path(out, model, field);
        fprintf(out, ", %u)", model->tones_edit);
    } else {
        fprintf(out, "(double)");
        put_path(out, model, field);
    }
    fprintf(out, ");\n");
}

static void put_fill(FILE *out, const Model *model, const Field *field)
{
    if (field->kind != FIELD_POINTER) {
        put_loops(out, field);
    } else {
        fprintf(out, "    ");
    }
    put_path(out, model, field);
    fprintf(out, " = ");
    if (field->kind == FIELD_POINTER) {
        put_target(out, model, field);
    } else if (field->kind == FIELD_ENUM) {
        fprintf(out, "SOAK_TONES[soak_new(&FIELD_%u, i, r, c)]", field->id);
    } else if (field->kind == FIELD_BITS) {
        fprintf(out, "(%s)soak_new(&FIELD_%u, i, r, c)", field->bits_signed ? "int" : "unsigned",
                field->id);
    } else {
        fprintf(out, "(%s)soak_new(&FIELD_%u, i, r, c)", soak_numbers[field->type].name, field->id);
    }
    fprintf(out, ";\n");
}

// ------------------------------------------------------------------------------ checks of objects

static void put_object(FILE *out, const Model *model, Host host)
{
    const char *type = host_type(model, host);
    fprintf(out,
            "static void check_%s(Game *g, hl_tick *t, const %s *o, int i)\n{\n"
            "    unsigned k = o->soak_k;\n    soak_mark(g, t, \"%s\", i, k);\n",
            type, type, type);
    for (int i = 0; i < FIELDS_MAX; i++) {
        if (model->fields[i].used && model->fields[i].host == host) {
            put_check(out, model, &model->fields[i]);
        }
    }
    fprintf(out,
            "}\nstatic void fill_%s(Game *g, %s *o, int i)\n{\n"
            "    (void)g;\n    if (o->soak_k == SOAK_EDIT) { return; }\n",
            type, type);
    for (int i = 0; i < FIELDS_MAX; i++) {
        if (model->fields[i].used && model->fields[i].host == host) {
            put_fill(out, model, &model->fields[i]);
        }
    }
    fprintf(out, "    (void)i;\n    o->soak_k = SOAK_EDIT;\n}\n");
}

// The nth object of each own type; NULL: it is not there.
static void put_own_access(FILE *out, const Model *model)
{
    for (int i = 0; i < OWN_MAX; i++) {
        const Own *own = &model->own[i];
        if (!own->used) {
            continue;
        }
        fprintf(out, "static %s *own_at_%u(const Game *g, unsigned n)\n{\n", own->type, own->id);
        if (own->is_list) {
            fprintf(out,
                    "    %s *at = g->own_%u;\n    for (; at && n > 0; n--) { at = at->next; }\n"
                    "    return at;\n}\n",
                    own->type, own->id);
        } else {
            fprintf(out, "    return g->own_%u ? &g->own_%u[n] : NULL;\n}\n", own->id, own->id);
        }
    }
}

static void put_own_makers(FILE *out, const Model *model)
{
    for (int i = 0; i < OWN_MAX; i++) {
        const Own *own = &model->own[i];
        if (!own->used) {
            continue;
        }
        fprintf(out, "static void make_own_%u(Game *g, hl_tick *t)\n{\n", own->id);
        if (own->is_list) {
            fprintf(out,
                    "    for (int i = 0; i < %d; i++) {\n"
                    "        %s *o = hl_new(t, %s, 1);\n"
                    "        o->next = g->own_%u;\n        g->own_%u = o;\n    }\n}\n",
                    own->count, own->type, own->type, own->id, own->id);
        } else {
            fprintf(out, "    g->own_%u = hl_new(t, %s, %d);\n}\n", own->id, own->type, own->count);
        }
    }
}

static void put_each(FILE *out, const Model *model, const char *what, const char *tick)
{
    fprintf(out, "    %s_Soak(g, %s&g->soak, 0);\n    %s_Level(g, %s&g->level, 0);\n", what, tick,
            what, tick);
    fprintf(out, "    %s_Hero(g, %s&g->hero, 0);\n    %s_Body(g, %s&g->hero.body, 1000);\n", what,
            tick, what, tick);
    fprintf(out, "    for (int i = 0; i < MOBS_MAX; i++) {\n        %s_Mob(g, %s&g->mobs[i], i);\n",
            what, tick);
    fprintf(out, "        %s_Body(g, %s&g->mobs[i].body, i);\n    }\n", what, tick);
    fprintf(out, "    for (int i = 0; i < SPARKS_MAX; i++) { %s_Spark(g, %s&g->sparks[i], i); }\n",
            what, tick);
    for (int i = 0; i < OWN_MAX; i++) {
        const Own *own = &model->own[i];
        if (own->used) {
            fprintf(
                out,
                "    for (unsigned i = 0; i < %d && g->soak_k >= %u; i++) {\n"
                "        %s *o = own_at_%u(g, i);\n"
                "        if (o) { %s_%s(g, %so, (int)i); } else { soak_missing(g, t, \"%s\", i); "
                "}\n    }\n",
                own->count, own->born, own->type, own->id, what, own->type, tick, own->type);
        }
    }
}

// ---------------------------------------------------------------------------------------- the file

static const char HELPERS[] =
    "#include <string.h>\n"
    "static void soak_wrong(Game *g, hl_tick *t, const char *name, int i, int r, int c, double "
    "is,\n"
    "                       double want, unsigned k)\n"
    "{\n"
    "    if (g->soak.wrong++ < 4) {\n"
    "        hl_log(t, \"soak WRONG %s of %d [%d][%d] is %.9g, expected %.9g; filled by edit %u, "
    "\"\n"
    "               \"edit %d plays\", name, i, r, c, is, want, k, SOAK_EDIT);\n"
    "    }\n"
    "}\n"
    "static void soak_mark(Game *g, hl_tick *t, const char *name, int i, unsigned k)\n"
    "{\n"
    "    if (k == 0 || k > SOAK_EDIT) { soak_wrong(g, t, name, i, 0, 0, k, SOAK_EDIT, k); }\n"
    "}\n"
    "static inline void soak_missing(Game *g, hl_tick *t, const char *name, unsigned i)\n"
    "{\n"
    "    soak_wrong(g, t, name, (int)i, 0, 0, 0, 1, 0);\n"
    "}\n"
    "static inline void soak_points(Game *g, hl_tick *t, const char *name, int i, bool is_right,\n"
    "                               bool is_null, unsigned k, unsigned born, unsigned loose)\n"
    "{\n"
    "    bool fine = k < born ? is_null : is_right || (k < loose && is_null);\n"
    "    if (!fine) { soak_wrong(g, t, name, i, 0, 0, is_null ? 0 : 1, -1, k); }\n"
    "}\n"
    "static inline bool soak_same_place(const void *a, const void *b) { return a == b; }\n"
    "static inline bool soak_same_act(SoakAct *a, SoakAct *b) { return a == b; }\n"
    "static inline bool soak_same_text(const char *a, const char *b)\n"
    "{ return a && strcmp(a, b) == 0; }\n"
    "static int act_0(int x) { return x + 1; }\n"
    "static int act_1(int x) { return x + SOAK_EDIT; }\n"
    "static int act_2(int x) { return x * 3; }\n"
    "static int act_3(int x) { return x - 7; }\n"
    "static SoakAct *const SOAK_ACTS[4] __attribute__((unused)) = {act_0, act_1, act_2, act_3};\n"
    "static const char *const SOAK_TEXTS[4] __attribute__((unused)) = {\"a\", \"of two\", "
    "\"three\", "
    "\"and four\"};\n"
    "static const SoakTone SOAK_TONES[] __attribute__((unused)) = {SOAK_TONE_0, SOAK_TONE_1, "
    "SOAK_TONE_2, SOAK_TONE_3, SOAK_TONE_4, SOAK_TONE_5, SOAK_TONE_6};\n"
    "static inline long soak_value(unsigned id, unsigned edit, int i, int r, int c, long lo, long "
    "hi)\n"
    "{\n"
    "    uint64_t mixed = id * 0x9E3779B97F4A7C15u + edit * 0xC2B2AE3D27D4EB4Fu\n"
    "                     + (uint64_t)i * 0x165667B19E3779F9u + (uint64_t)r * 0x27D4EB2F165667C5u\n"
    "                     + (uint64_t)c * 0x85EBCA77C2B2AE63u;\n"
    "    mixed = (mixed ^ mixed >> 29) * 0xBF58476D1CE4E5B9u;\n"
    "    mixed ^= mixed >> 32;\n"
    "    long value = lo + (long)(mixed % (uint64_t)(hi - lo + 1));\n"
    "    return value == 0 ? 1 : value;\n"
    "}\n"
    "typedef struct SoakStep { unsigned edit; long lo, hi; int rows, columns, is_bool, is_loose; } "
    "SoakStep;\n"
    "typedef struct SoakField { unsigned id; int count; const SoakStep *steps; } SoakField;\n"
    "typedef struct SoakPlace { const SoakField *field; unsigned k; int i, r, c; } SoakPlace;\n"
    "static inline long soak_fit(const SoakStep *step, SoakPlace at, long v)\n"
    "{\n"
    "    if (v == 0 || at.r >= step->rows || at.c >= step->columns) { return 0; }\n"
    "    return step->is_bool ? v != 0 : v < step->lo ? step->lo : v > step->hi ? step->hi : v;\n"
    "}\n"
    "static inline long soak_of(const SoakField *field, int step, int i, int r, int c)\n"
    "{\n"
    "    const SoakStep *at = &field->steps[step];\n"
    "    bool inside = r < at->rows && c < at->columns;\n"
    "    return inside ? soak_value(field->id, at->edit, i, r, c, at->lo, at->hi) : 0;\n"
    "}\n"
    "static inline long soak_new(const SoakField *field, int i, int r, int c)\n"
    "{\n"
    "    return soak_of(field, field->count - 1, i, r, c);\n"
    "}\n"
    // All that it may be: each build on the way may have had it or not, the last one has.
    "static inline bool soak_may(SoakPlace at, double is, long *want)\n"
    "{\n"
    "    long all[256];\n"
    "    const SoakStep *steps = at.field->steps;\n"
    "    int count = 1, from = at.field->count - 1, last = from;\n"
    "    *want = 0;\n"
    "    if (at.k < steps[0].edit) { return is == 0; }\n"
    "    while (steps[from].edit > at.k) { from--; }\n"
    "    all[0] = soak_of(at.field, from, at.i, at.r, at.c);\n"
    "    for (int s = from + 1; s <= last; s++) {\n"
    "        for (int n = count - 1; n >= 0; n--) {\n"
    "            long v = soak_fit(&steps[s], at, all[n]);\n"
    "            if (s == last || v == all[n]) { all[n] = v; }\n"
    "            else if (count < 250) { all[count++] = v; }\n"
    "        }\n"
    "        if (steps[s].is_loose && count < 250) { all[count++] = 0; }\n"
    "    }\n"
    "    *want = all[0];\n"
    "    for (int n = 0; n < count; n++) {\n"
    "        if (is == (double)all[n]) { return true; }\n"
    "    }\n"
    "    return false;\n"
    "}\n"
    "static inline void soak_is(Game *g, hl_tick *t, const char *name, SoakPlace at, double is)\n"
    "{\n"
    "    long want;\n"
    "    if (!soak_may(at, is, &want)) {\n"
    "        soak_wrong(g, t, name, at.i, at.r, at.c, is, (double)want, at.k);\n"
    "    }\n"
    "}\n"
    // What was never filled, or cut, is the number 0, whichever name that had.
    "static inline double soak_tone(SoakPlace at, SoakTone is, unsigned shuffled)\n"
    "{\n"
    "    long want;\n"
    "    if (soak_may(at, 0, &want) && (is == 0 || at.k < shuffled)) { return 0; }\n"
    "    for (int n = 1; n < 7; n++) {\n"
    "        if (SOAK_TONES[n] == is) { return n; }\n"
    "    }\n"
    "    return -1;\n"
    "}\n"
    "static uint64_t sum_of(uint64_t sum, double value)\n"
    "{\n"
    "    uint64_t bits;\n"
    "    memcpy(&bits, &value, sizeof bits);\n"
    "    sum = (sum ^ bits) * 0x9E3779B97F4A7C15u;\n"
    "    return sum ^ sum >> 31;\n"
    "}\n"
    "static uint64_t sum_vec(uint64_t sum, hl_vec2 v) { return sum_of(sum_of(sum, v.x), v.y); }\n"
    "static uint64_t sum_body(uint64_t sum, const Body *b)\n"
    "{\n"
    "    sum = sum_vec(sum_vec(sum_vec(sum, b->pos), b->before), b->vel);\n"
    "    return sum_of(sum_of(sum, b->w + 2 * b->h), b->on_ground + 2 * b->hit_wall + 4 * "
    "b->drops);\n"
    "}\n"
    "static uint64_t sum_hero(uint64_t sum, const Hero *h)\n"
    "{\n"
    "    sum = sum_body(sum, &h->body);\n"
    "    const double values[] = {h->facing, h->coyote, h->buffer, h->stretch, h->stride,\n"
    "                             h->sprung, h->combo,  h->combo_for};\n"
    "    for (int i = 0; i < 8; i++) { sum = sum_of(sum, values[i]); }\n"
    "    return sum;\n"
    "}\n"
    "static uint64_t sum_mob(uint64_t sum, const Mob *m)\n"
    "{\n"
    "    int kind = m->kind == SLIME ? 1 : m->kind == FROG ? 2 : m->kind == BAT ? 3 : 99;\n"
    "    sum = sum_vec(sum_body(sum, &m->body), m->home);\n"
    "    const double values[] = {kind, m->dir, m->timer, m->flat_for, m->alive};\n"
    "    for (int i = 0; i < 5; i++) { sum = sum_of(sum, values[i]); }\n"
    "    return sum;\n"
    "}\n"
    "static uint64_t sum_spark(uint64_t sum, const Spark *s)\n"
    "{\n"
    "    sum = sum_vec(sum_vec(sum, s->pos), s->vel);\n"
    "    const double values[] = {s->life, s->full_life, s->size, s->fall, s->color};\n"
    "    for (int i = 0; i < 5; i++) { sum = sum_of(sum, values[i]); }\n"
    "    return sum;\n"
    "}\n"
    "static uint64_t sum_level(uint64_t sum, const Level *l)\n"
    "{\n"
    "    for (int y = 0; y < MAP_H; y++) {\n"
    "        for (int x = 0; x < MAP_W; x += 8) {\n"
    "            uint64_t tiles;\n"
    "            memcpy(&tiles, &l->tile[y][x], sizeof tiles);\n"
    "            sum = (sum ^ tiles) * 0x9E3779B97F4A7C15u;\n"
    "            sum ^= sum >> 31;\n"
    "        }\n"
    "    }\n"
    "    for (int i = 0; i < (int)sizeof l->name; i++) { sum = sum_of(sum, l->name[i]); }\n"
    "    sum = sum_of(sum_of(sum, l->w), l->h);\n"
    "    return sum_of(sum_of(sum_vec(sum, l->start), l->coins), l->sky);\n"
    "}\n"
    "static int scene_number(Scene scene)\n"
    "{\n"
    "    const Scene SCENES_BY_NAME[] = {TITLE, PLAYING, DYING, LEVEL_DONE, GAME_OVER, THE_END};\n"
    "    for (int i = 0; i < 6; i++) {\n"
    "        if (SCENES_BY_NAME[i] == scene) { return i; }\n"
    "    }\n"
    "    return 99;\n"
    "}\n"
    // Of all that the platformer itself keeps.
    "static uint64_t soak_sum(const Game *g)\n"
    "{\n"
    "    uint64_t sum = sum_hero(sum_level(1, &g->level), &g->hero);\n"
    "    for (int i = 0; i < MOBS_MAX; i++) { sum = sum_mob(sum, &g->mobs[i]); }\n"
    "    for (int i = 0; i < SPARKS_MAX; i++) { sum = sum_spark(sum, &g->sparks[i]); }\n"
    "    for (int i = 0; i < LEVELS; i++) { sum = sum_of(sum, g->records.best_s[i]); }\n"
    "    sum = sum_vec(sum_vec(sum_vec(sum_vec(sum, g->spawn), g->sprung_tile), g->cam), "
    "g->cam_before);\n"
    "    const double values[] = {scene_number(g->scene), g->scene_s, g->level_number, "
    "g->level_s,\n"
    "        g->total_s, g->new_best, g->sprung_for, g->mob_count, g->lives, g->coins,\n"
    "        g->next_spark, g->look, g->shake, g->show_boxes};\n"
    "    for (int i = 0; i < 14; i++) { sum = sum_of(sum, values[i]); }\n"
    "    return (sum ^ g->effects_rng.state) * 0x9E3779B97F4A7C15u ^ g->effects_rng.inc;\n"
    "}\n";

static const char ENTRIES[] =
    "void soak_begin(Game *g, hl_tick *t)\n"
    "{\n"
    "    if (soak_sum(g) != g->soak.sum) {\n"
    "        soak_wrong(g, t, \"the sum of the platformer's own fields\", 0, 0, 0, 0, 1, "
    "g->soak_k);\n"
    "    }\n"
    "    if (g->soak.ticks + 1 != t->tick) {\n"
    "        soak_wrong(g, t, \"the number of ticks\", 0, 0, 0, (double)g->soak.ticks,\n"
    "                   (double)t->tick - 1, g->soak_k);\n"
    "    }\n"
    "    if (t->reloaded || g->soak.build != SOAK_EDIT || t->tick % 32 == 0) { check_all(g, t); }\n"
    "    if (t->reloaded) {\n"
    "        hl_log(t, \"soak edit %d: filled by %u; fox %.9g %.9g, lives %d, coins %d\", "
    "SOAK_EDIT,\n"
    "               g->soak_k, (double)g->hero.body.pos.x, (double)g->hero.body.pos.y, g->lives,\n"
    "               g->coins);\n"
    "    }\n"
    "}\n"
    "void soak_end(Game *g, hl_tick *t)\n"
    "{\n"
    "    fill_all(g, t);\n"
    "    g->soak.build = SOAK_EDIT;\n"
    "    g->soak.ticks = t->tick;\n"
    "    g->soak.sum = soak_sum(g);\n"
    "}\n";

static void put_checks(FILE *out, const Model *model)
{
    fprintf(out, "#ifdef SOAK_CHECK\n%s", HELPERS);
    for (int i = 0; i < FIELDS_MAX; i++) {
        if (model->fields[i].used && model->fields[i].kind != FIELD_POINTER) {
            put_steps(out, &model->fields[i]);
        }
    }
    put_own_access(out, model);
    put_own_makers(out, model);
    for (int i = 0; i < HOSTS; i++) {
        if (i < HOST_OWN || model->own[i - HOST_OWN].used) {
            put_object(out, model, (Host)i);
        }
    }
    fprintf(out, "static void check_all(Game *g, hl_tick *t)\n{\n    check_Game(g, t, g, 0);\n");
    put_each(out, model, "check", "t, ");
    fprintf(out, "}\nstatic void fill_all(Game *g, hl_tick *t)\n{\n    (void)t;\n");
    for (int i = 0; i < OWN_MAX; i++) {
        if (model->own[i].used) {
            fprintf(out, "    if (g->soak_k < %u) { make_own_%u(g, t); }\n", model->own[i].born,
                    model->own[i].id);
        }
    }
    fprintf(out, "    fill_Game(g, g, 0);\n");
    put_each(out, model, "fill", "");
    fprintf(out, "}\n%s#endif\n", ENTRIES);
}

// The platformer's own enums, in another order.
static bool put_enum(FILE *out, const Model *model, const char *line)
{
    static const char *const SCENE_NAMES[SCENES] = {"TITLE",      "PLAYING",   "DYING",
                                                    "LEVEL_DONE", "GAME_OVER", "THE_END"};
    static const char *const KIND_NAMES[MOB_KINDS] = {"SLIME", "FROG", "BAT"};
    bool is_scene = strncmp(line, "typedef enum Scene {", 20) == 0;
    bool is_kind = strncmp(line, "typedef enum MobKind {", 22) == 0;
    if (!is_scene && !is_kind) {
        return false;
    }
    fprintf(out, "typedef enum %s { ", is_scene ? "Scene" : "MobKind");
    for (int i = 0; i < (is_scene ? SCENES : MOB_KINDS); i++) {
        fprintf(out, "%s%s", i > 0 ? ", " : "",
                is_scene ? SCENE_NAMES[model->scenes[i]] : KIND_NAMES[model->mob_kinds[i]]);
    }
    fprintf(out, " } %s;\n", is_scene ? "Scene" : "MobKind");
    return true;
}

static void put_header(FILE *out, const SoakSource *source, const Model *model)
{
    for (int i = 0; i < source->line_count; i++) {
        const char *line = source->lines[i];
        int host = host_of(line);
        if (strncmp(line, "#endif", 6) == 0) {
            put_was(out, model);
            put_checks(out, model);
        }
        if (put_enum(out, model, line)) {
            continue;
        }
        fprintf(out, "%s\n", line);
        if (strcmp(line, "#include \"hotloop.h\"") == 0) {
            put_soak_types(out, source, model);
        }
        if (host >= 0) {
            put_members(out, source, model, (Host)host);
            i += source->count[host];
        }
    }
}

bool soak_source_write(const SoakSource *source, const Model *model, const char *to, Fault *fault)
{
    char path[FILE_PATH_MAX], *text = NULL;
    size_t size_bytes = 0;
    FILE *out = open_memstream(&text, &size_bytes);
    if (!out || !file_join(path, to, "platformer.h")) {
        return fault_set(fault, FAULT_MEMORY, "platformer.h could not be put together");
    }
    put_header(out, source, model);
    fclose(out);
    bool ok = session_save(path, text, size_bytes, SAVE_RENAME, 0, NULL, fault);
    free(text);
    return ok;
}
