// An hour of play in miniature: `hotloop run --headless --fast` with a small budget of history, and
// at random, until that much game time has passed:
//
//     play on for a while, and note moment and state hash
//     seek a moment noted before, on its branch: its hash must be the same
//     play on from the past (a branch), loop a stretch of it, let go of the loop
//     save the game's source with another number in it (a reload)
//
// A moment that is no longer there - its branch forgotten, its time thinned out - is counted, not
// wrong. After every step history must be within its budget.
#include "soak.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOTES_MAX = 4096, BUDGET_MIB = 24, ERRORS_SHOWN = 10, TICKS_A_MINUTE = 3600 };

// No mutable globals: those begin afresh with each build, and the hash counts them.
static const char GAME[] =
    "#include \"hotloop.h\"\n"
    "enum { STEP = %u };\n"
    "typedef struct Mob { float x, y, vx, vy; int hp, state; const char *word; } Mob;\n"
    "typedef struct Game { hl_rng rng; int count; Mob *mobs; int updates; } Game;\n"
    "static void init(Game *g, hl_tick *t)\n"
    "{ hl_seed(&g->rng, t->seed, 1); g->count = 500; g->mobs = hl_new(t, Mob, 500); }\n"
    "static void update(Game *g, hl_tick *t)\n"
    "{\n"
    "    g->updates++;\n"
    "    for (int i = 0; i < 40; i++) {\n"
    "        Mob *m = &g->mobs[hl_rand(&g->rng) %% 500];\n"
    "        m->vx += (float)(int)(hl_rand(&g->rng) %% 7) - 3; m->x += m->vx * t->dt * STEP;\n"
    "        m->state = (int)(hl_rand(&g->rng) %% 5); m->hp += STEP; m->word = STEP %% 2 ? \"odd\" "
    ": "
    "\"even\";\n"
    "    }\n"
    "}\n"
    "static void draw(const Game *g, hl_canvas *c) { (void)g; (void)c; }\n"
    "HL_GAME(Game, init, update, draw, .width = 320, .height = 180);\n";

typedef struct Note {
    uint64_t branch, moment;
    char hash[20];
} Note;

typedef struct SoakTime {
    Session session;
    char hotloop[FILE_PATH_MAX], folder[FILE_PATH_MAX], game[FILE_PATH_MAX], source[FILE_PATH_MAX];
    Note notes[NOTES_MAX];
    uint32_t note_count;
    uint64_t random, ticks;
    uint32_t edits, seeks, right, gone, thinned, loops, errors;
    uint64_t most_bytes;
} SoakTime;

static uint64_t next_random(SoakTime *soak)
{
    soak->random ^= soak->random << 13;
    soak->random ^= soak->random >> 7;
    soak->random ^= soak->random << 17;
    return soak->random;
}

static void complain(SoakTime *soak, const char *format, ...) BASE_PRINTF(2, 3);
static void complain(SoakTime *soak, const char *format, ...)
{
    va_list args;
    if (soak->errors++ < ERRORS_SHOWN) {
        va_start(args, format);
        printf("  WRONG: ");
        vprintf(format, args);
        putchar('\n');
        va_end(args);
    }
}

static json_t *ask(SoakTime *soak, const char *format, ...) BASE_PRINTF(2, 3);
static json_t *ask(SoakTime *soak, const char *format, ...)
{
    char words[256];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(words, sizeof(words), format, args);
    va_end(args);
    for (json_t *event; (event = session_event(&soak->session, 0)) != NULL;) {
        json_decref(event); // or the session would wait for somebody to read them
    }
    json_t *reply = session_ask(&soak->session, words);
    if (!reply) {
        complain(soak, "no reply to `ctl %s`", words);
    }
    return reply;
}

static bool is_ok(const json_t *reply)
{
    return json_is_true(json_object_get(reply, "ok"));
}

static void say(SoakTime *soak, const char *words)
{
    json_t *reply = ask(soak, "%s", words);
    if (reply && !is_ok(reply)) {
        complain(soak, "ctl %s: %s", words, event_text(reply, "error"));
    }
    json_decref(reply);
}

static bool save_source(SoakTime *soak)
{
    char text[sizeof(GAME) + 16];
    Fault fault;
    int length = snprintf(text, sizeof(text), GAME, ++soak->edits);
    return file_write(soak->source, text, (size_t)length, &fault);
}

// The moment shown is paused at: its place and hash.
static bool look(SoakTime *soak, Note *note)
{
    json_t *history = ask(soak, "history"), *branches = ask(soak, "branches");
    json_t *hash = ask(soak, "hash"), *row;
    size_t i;
    uint64_t used = event_number(history, "used_bytes");
    soak->most_bytes = used > soak->most_bytes ? used : soak->most_bytes;
    if (used > (uint64_t)BUDGET_MIB << 20) {
        complain(soak, "history has %llu bytes, more than %d MiB", (unsigned long long)used,
                 BUDGET_MIB);
    }
    note->moment = event_number(history, "moment");
    json_array_foreach(json_object_get(branches, "branches"), i, row)
    {
        note->branch =
            json_is_true(json_object_get(row, "here")) ? event_number(row, "branch") : note->branch;
    }
    (void)text_format(note->hash, sizeof(note->hash), "%s", event_text(hash, "hash"));
    bool ok = history && branches && hash && note->hash[0];
    json_decref(history);
    json_decref(branches);
    json_decref(hash);
    return ok;
}

static void play(SoakTime *soak)
{
    uint64_t ticks = 1 + next_random(soak) % 400;
    json_t *reply = ask(soak, "step %llu", (unsigned long long)ticks);
    soak->ticks += ticks;
    Note note = {0};
    if (reply && is_ok(reply) && look(soak, &note)) {
        soak->notes[soak->note_count++ % NOTES_MAX] = note;
    }
    json_decref(reply);
}

static void go_back(SoakTime *soak)
{
    uint32_t count = soak->note_count < NOTES_MAX ? soak->note_count : NOTES_MAX;
    if (count == 0) {
        return;
    }
    // Mostly what was not long ago: branches that were left long ago are soon forgotten.
    uint32_t near = next_random(soak) % 4 ? (count < 12 ? count : 12) : count;
    uint64_t nth = soak->note_count - 1 - next_random(soak) % near;
    const Note *note = &soak->notes[nth % NOTES_MAX];
    json_t *reply = ask(soak, "seek %llu %llu", (unsigned long long)note->moment,
                        (unsigned long long)note->branch);
    Note there = {0};
    soak->seeks++;
    if (!reply || !is_ok(reply)) {
        soak->gone++;
    } else if (event_number(reply, "moment") != note->moment) {
        soak->thinned++;
    } else if (look(soak, &there) && strcmp(there.hash, note->hash) != 0) {
        complain(soak, "moment %llu of branch %llu has hash %s, and had %s",
                 (unsigned long long)note->moment, (unsigned long long)note->branch, there.hash,
                 note->hash);
    } else {
        soak->right++;
    }
    json_decref(reply);
}

static void loop(SoakTime *soak)
{
    json_t *reply = ask(soak, "loop -%llu +0", (unsigned long long)(1 + next_random(soak) % 200));
    if (reply && is_ok(reply)) {
        mono_sleep_until(mono_ns() + 20 * NS_PER_MS); // some passes
        soak->loops++;
        say(soak, "loop off");
        say(soak, "pause");
    }
    json_decref(reply);
}

static void edit(SoakTime *soak)
{
    if (!save_source(soak)) {
        complain(soak, "the source could not be saved");
        return;
    }
    json_t *event = session_wait(&soak->session, "reload", SESSION_WAIT_MS);
    if (!event) {
        complain(soak, "edit %u was not reloaded", soak->edits);
    }
    json_decref(event);
}

static void soak_it(SoakTime *soak, uint64_t minutes)
{
    char budget[16];
    Fault fault;
    (void)text_format(budget, sizeof(budget), "%dM", BUDGET_MIB);
    const char *args[] = {soak->game, "--headless", "--fast", "--history",
                          budget,     "--seed",     "5",      NULL};
    (void)file_join(soak->game, soak->folder, "game");
    (void)file_join(soak->source, soak->game, "game.c");
    if (!file_make_dirs(soak->game, 0700, &fault) || !save_source(soak)
        || !session_start(&soak->session, soak->hotloop, soak->folder, args, &fault)) {
        complain(soak, "%s", fault.text);
        return;
    }
    json_decref(session_wait(&soak->session, "reload", SESSION_WAIT_MS));
    say(soak, "pause");
    while (soak->ticks < minutes * TICKS_A_MINUTE && soak->errors < ERRORS_SHOWN) {
        uint64_t what = next_random(soak) % 100;
        if (what < 50) {
            play(soak);
        } else if (what < 85) {
            go_back(soak);
        } else if (what < 95) {
            loop(soak);
        } else {
            edit(soak);
        }
    }
}

bool soak_time(uint64_t minutes)
{
    static SoakTime soak; // large
    Fault fault;
    soak.random = 88172645463325252ull;
    uint64_t begin_ns = mono_ns();
    printf("%llu minutes of play, looked at again from all sides\n", (unsigned long long)minutes);
    fflush(stdout);
    if (!session_find_hotloop(soak.hotloop, &fault)
        || !session_folder_open(soak.folder, "soak", &fault)) {
        fprintf(stderr, "soak: %s\n", fault.text);
        return false;
    }
    soak_it(&soak, minutes);
    int exit_code = soak.session.pid ? session_stop(&soak.session) : EXIT_GAME;
    if (exit_code != EXIT_OK) {
        complain(&soak, "the session ended with exit code %d", exit_code);
        session_print_log(&soak.session);
    }
    session_folder_close(soak.folder);
    printf(
        "  %llu ticks, %u seeks: %u right, %u thinned out, %u of forgotten branches; %u loops, %u "
        "reloads\n  history at most %.2f of %d MiB; %u wrong, %.0f s\n",
        (unsigned long long)soak.ticks, soak.seeks, soak.right, soak.thinned, soak.gone, soak.loops,
        soak.edits - 1, (double)soak.most_bytes / (1 << 20), BUDGET_MIB, soak.errors,
        (double)(mono_ns() - begin_ns) / 1e9);
    return soak.errors == 0;
}
