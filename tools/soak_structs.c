// `hotloop run` of the platformer while its structs are edited at random: fields come, go, change
// type, size, name and place, move into sub-structs and out again, enums are renumbered, types are
// added and renamed. In between, at random:
//
//     play on, paused or at 60 Hz; edit while it plays, pauses, loops, or shows a moment of the
//     past seek a moment noted before, go back some ticks, play on from there: old structs in new
//     ones loop a stretch of time over an edit; the editor's undo; a restart
//
// The game checks itself (soak_text.c): every field of the soak's in every object holds what it
// must, and all that the platformer keeps is what it was when the last tick ended. What the edit
// loses is foretold (soak_model.c), and the reload must name that and nothing else. Ends with the
// first mistake; its report says how to come there again.
#include "soak.h"

#include "soak_figures.h"
#include "soak_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SESSION_EDITS = 250, // then a fresh one begins
    WARM_EDITS = 60,     // history keeps the last 32 builds: from here on as many as ever
    NEAR_EDITS = 16,     // moments that only so many edits lie behind are there for certain
    NOTES_MAX = 256,
    SCRIPT_TICKS = 60000,
    DID_MAX = 24
};

// What is kept depends on the builds that history keeps, as in soak.c.
static const FigureRule RULES[FIGURES] = {
    {"memory without history, KiB", true, 0, 8192,
     0}, // the state grows, and the types of 32 builds
    {"of it not from files, KiB", true, 0, 8192, 0},
    // Four of its file and four of memory: its variables, and what is known of its types.
    {"mappings", true, 8, 6, 0},
    {"descriptors", true, 0, 0, 0},
    {"threads", true, 0, 0, 0},
    {"loaded builds", true, 0, 0, 40},
    {"files in the runtime folder", true, 1, 0, 0}, // its private copy
    {"files in TMPDIR", true, 0, 0, 0},
    {"libraries in the work folder", true, 0, 0, 17}, // build_work.c, LIBRARIES_KEPT
    // build_work.c, OBJECT_FILES_KEPT, every 64 units: that counts files. Where only a header
    // changes a unit has two of its own, not three (its .dep goes by the source), so more objects
    // are kept than in soak.c: (3 * 512 + 3 * 8) / 2, and those compiled since.
    {"objects in the work folder", true, 0, 0, 852},
    {"entries of /tmp (not judged)", false, 0, 0, 0},
};

typedef struct Note {
    uint64_t branch, moment;
    unsigned edit;
    char shown[400]; // values by name, as text
} Note;

typedef struct SoakStructs {
    Arena keep;
    char hotloop[FILE_PATH_MAX], folder[FILE_PATH_MAX], game[FILE_PATH_MAX];
    char script[FILE_PATH_MAX];
    SoakSource source;
    Model model, before;
    bool can_undo, is_filled; // is_filled: the state shown was made by the build that plays
    Session session;
    uint64_t seed, random;
    unsigned checked; // the last edit whose checks the game said to have run
    unsigned session_count, edits, undos, seeks, gone, loops, restarts, losses, errors;
    Note notes[NOTES_MAX];
    uint32_t note_count;
    char did[DID_MAX][96]; // what was asked of the session last
    uint32_t did_count;
    long first[FIGURES], last[FIGURES];
    bool has_first;
} SoakStructs;

static int below(SoakStructs *soak, int end)
{
    return (int)(soak_random(&soak->random) % (uint64_t)end);
}

static void complain(SoakStructs *soak, const char *format, ...) BASE_PRINTF(2, 3);
static void complain(SoakStructs *soak, const char *format, ...)
{
    va_list args;
    if (soak->errors++ < 10) {
        va_start(args, format);
        printf("  WRONG, seed %llu, edit %u (%s): ", (unsigned long long)soak->seed,
               soak->model.edit, soak->model.words);
        vprintf(format, args);
        putchar('\n');
        va_end(args);
        fflush(stdout);
    }
}

// ------------------------------------------------------------------------------------------ events

static void take_event(SoakStructs *soak, const json_t *event)
{
    const char *text = event_text(event, "text");
    if (event_is(event, "log") && strncmp(text, "soak WRONG", 10) == 0) {
        complain(soak, "%s", text);
    } else if (event_is(event, "log")) {
        (void)sscanf(text, "soak edit %u:", &soak->checked);
    } else if (event_is(event, "build_failed") || event_is(event, "refused")
               || event_is(event, "fault") || event_is(event, "quit")
               || event_is(event, "resumed")) {
        char *words = json_dumps(event, JSON_COMPACT);
        complain(soak, "%.1500s", words);
        free(words);
    }
}

static void take_what_is_there(SoakStructs *soak, int wait_ms)
{
    for (json_t *event; (event = session_event(&soak->session, wait_ms)) != NULL;) {
        take_event(soak, event);
        json_decref(event);
    }
}

static void note_deed(SoakStructs *soak, const char *words)
{
    (void)text_format(soak->did[soak->did_count++ % DID_MAX], sizeof(soak->did[0]), "%s", words);
}

static void print_deeds(const SoakStructs *soak)
{
    uint32_t first = soak->did_count > DID_MAX ? soak->did_count - DID_MAX : 0;
    printf("  before that:");
    for (uint32_t i = first; i < soak->did_count; i++) {
        printf("%s %s", i > first ? ";" : "", soak->did[i % DID_MAX]);
    }
    printf("\n");
}

static json_t *ask(SoakStructs *soak, const char *format, ...) BASE_PRINTF(2, 3);
static json_t *ask(SoakStructs *soak, const char *format, ...)
{
    char words[256];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(words, sizeof(words), format, args);
    va_end(args);
    if (!strstr("history branches status", words) && strncmp(words, "get", 3) != 0) {
        note_deed(soak, words);
    }
    json_t *reply = session_ask(&soak->session, words);
    if (!reply) {
        complain(soak, "no reply to `ctl %s`", words);
    }
    take_what_is_there(soak, 0);
    return reply;
}

static bool is_ok(const json_t *reply)
{
    return json_is_true(json_object_get(reply, "ok"));
}

static void say(SoakStructs *soak, const char *words)
{
    json_t *reply = ask(soak, "%s", words);
    if (reply && !is_ok(reply)) {
        complain(soak, "ctl %s: %s", words, event_text(reply, "error"));
    }
    json_decref(reply);
}

// ------------------------------------------------------------------------------------------ losses

// "Mob.soak_7[2] was 3 ..." is about soak_7, and "Mob.soak_77 ..." is not.
static bool names(const char *text, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = text; (at = strstr(at, name)) != NULL; at += length) {
        bool ends = strchr("_0123456789", at[length]) == NULL || at[length] == '\0';
        if (ends && at > text && (at[-1] == '.' || at[-1] == ' ')) {
            return true;
        }
    }
    return false;
}

// The reload names what is lost, and nothing else.
static void check_losses(SoakStructs *soak, const json_t *reload)
{
    const json_t *lost = json_object_get(reload, "lost"), *item;
    const Model *model = &soak->model;
    size_t at;
    if (!soak->is_filled || model->lost_unknown) {
        return;
    }
    for (int i = 0; i < model->lost_count; i++) {
        bool found = false;
        json_array_foreach(lost, at, item)
        {
            found = found || names(json_string_value(item), model->lost[i]);
        }
        if (!found) {
            complain(soak, "%s has lost something, and the reload does not name it",
                     model->lost[i]);
        }
    }
    json_array_foreach(lost, at, item)
    {
        bool found = false;
        for (int i = 0; i < model->lost_count; i++) {
            found = found || names(json_string_value(item), model->lost[i]);
        }
        if (!found) {
            complain(soak, "the reload says that something is lost, and nothing is: %s",
                     json_string_value(item));
        }
    }
    soak->losses += (unsigned)model->lost_count;
}

// ------------------------------------------------------------------------------------ looking,
// time

// Values by name, as `ctl get` reads them from whatever the structs are now.
static void get_values(SoakStructs *soak, Note *note)
{
    static const char PATHS[] = "hero.body.pos.x hero.body.vel.y lives scene mobs[1].body.pos.x "
                                "mobs[2].kind level.name soak.sum";
    json_t *reply = ask(soak, "get %s", PATHS), *row;
    size_t i, used = 0;
    if (!is_ok(reply)) {
        complain(soak, "ctl get: %s", event_text(reply, "error"));
    }
    json_array_foreach(json_object_get(reply, "fields"), i, row)
    {
        (void)text_format(note->shown + used, sizeof(note->shown) - used, "%s=%s ",
                          event_text(row, "path"), event_text(row, "text"));
        used = strlen(note->shown);
    }
    json_decref(reply);
}

// The moment shown, and what can be seen of it.
static bool look(SoakStructs *soak, Note *note)
{
    json_t *history = ask(soak, "history"), *branches = ask(soak, "branches"), *row;
    size_t i;
    *note = (Note){.moment = event_number(history, "moment"), .edit = soak->model.edit};
    json_array_foreach(json_object_get(branches, "branches"), i, row)
    {
        note->branch =
            json_is_true(json_object_get(row, "here")) ? event_number(row, "branch") : note->branch;
    }
    get_values(soak, note);
    bool ok = history && branches;
    json_decref(history);
    json_decref(branches);
    return ok;
}

// Then the state shown is one of the build that plays, and its checks have run.
static void play(SoakStructs *soak)
{
    Note note;
    char words[32];
    (void)text_format(words, sizeof(words), "step %d", 1 + below(soak, 90));
    say(soak, words);
    soak->is_filled = true;
    uint64_t give_up_ns = mono_ns() + SESSION_WAIT_MS * NS_PER_MS; // a busy machine steps slowly
    while (soak->checked != soak->model.edit && soak->errors == 0 && mono_ns() < give_up_ns) {
        take_what_is_there(soak, 50);
    }
    if (soak->checked != soak->model.edit && soak->errors == 0) {
        complain(soak, "its checks have not run; those of edit %u have", soak->checked);
    }
    if (soak->errors == 0 && look(soak, &note)) {
        soak->notes[soak->note_count++ % NOTES_MAX] = note;
    }
}

static void expect_no_fault(SoakStructs *soak, const char *what)
{
    json_t *status = ask(soak, "status");
    if (json_is_string(json_object_get(status, "fault"))) {
        complain(soak, "%s: %s", what, event_text(status, "fault"));
    }
    json_decref(status);
}

static void seek(SoakStructs *soak)
{
    uint32_t count = soak->note_count < NOTES_MAX ? soak->note_count : NOTES_MAX;
    if (count == 0) {
        return;
    }
    uint64_t nth = soak->note_count - 1 - (uint64_t)below(soak, (int)(count < 24 ? count : 24));
    const Note *note = &soak->notes[nth % NOTES_MAX];
    Note there;
    json_t *reply = ask(soak, "seek %llu %llu", (unsigned long long)note->moment,
                        (unsigned long long)note->branch);
    soak->seeks++;
    soak->is_filled = false;
    if (!is_ok(reply) || event_number(reply, "moment") != note->moment) {
        soak->gone++;
        if (note->edit + NEAR_EDITS > soak->model.edit) {
            complain(soak, "moment %llu of branch %llu, of edit %u, could not be shown: %s",
                     (unsigned long long)note->moment, (unsigned long long)note->branch, note->edit,
                     event_text(reply, "error"));
        }
    } else if (look(soak, &there) && strcmp(there.shown, note->shown) != 0) {
        complain(soak, "moment %llu of branch %llu shows %s and was noted by edit %u with %s",
                 (unsigned long long)note->moment, (unsigned long long)note->branch, there.shown,
                 note->edit, note->shown);
    }
    json_decref(reply);
    expect_no_fault(soak, "after a seek");
}

static void go_back(SoakStructs *soak)
{
    json_t *reply = ask(soak, "back %d", 1 + below(soak, 200));
    soak->seeks++;
    soak->is_filled = false;
    json_decref(reply);
    expect_no_fault(soak, "after `ctl back`");
}

// ------------------------------------------------------------------------------------------- edits

static bool write_source(SoakStructs *soak)
{
    Fault fault;
    if (!soak_source_write(&soak->source, &soak->model, soak->game, &fault)) {
        complain(soak, "%s", fault.text);
        return false;
    }
    return true;
}

static bool has_room_for_undo(const Model *model)
{
    for (int i = 0; i < FIELDS_MAX; i++) {
        if (model->fields[i].used && model->fields[i].step_count >= STEPS_MAX - 1) {
            return false;
        }
    }
    return true;
}

static void next_model(SoakStructs *soak)
{
    Model now = soak->model;
    if (soak->can_undo && below(soak, 12) == 0 && has_room_for_undo(&soak->before)
        && has_room_for_undo(&now)) {
        soak_model_undo(&soak->model, &soak->before);
        soak->undos++;
        soak->can_undo = false;
    } else {
        soak_model_edit(&soak->model);
        soak->can_undo = true;
    }
    soak->before = now;
    soak->edits++;
}

static void wait_for_reload(SoakStructs *soak)
{
    uint64_t give_up_ns = mono_ns() + 2 * SESSION_WAIT_MS * NS_PER_MS;
    while (soak->errors == 0) {
        json_t *event = session_event(&soak->session, 1000);
        if (!event && mono_ns() > give_up_ns) {
            complain(soak, "it was not reloaded");
        }
        if (event) {
            bool is_reload = event_is(event, "reload");
            take_event(soak, event);
            if (is_reload) {
                check_losses(soak, event);
            }
            json_decref(event);
            if (is_reload) {
                return;
            }
        }
    }
}

static void save_and_wait(SoakStructs *soak)
{
    next_model(soak);
    note_deed(soak, soak->model.words);
    if (write_source(soak)) {
        wait_for_reload(soak);
        note_deed(soak, "(runs)");
    }
}

static void nap(SoakStructs *soak, int longest_ms)
{
    mono_sleep_until(mono_ns() + (uint64_t)(1 + below(soak, longest_ms)) * NS_PER_MS);
}

static void edit_playing(SoakStructs *soak)
{
    say(soak, "resume");
    nap(soak, 60); // plays at least a tick of the build before, when it was in the past
    soak->is_filled = false;
    save_and_wait(soak);
    nap(soak, 120);
    say(soak, "pause");
}

static void edit_looping(SoakStructs *soak)
{
    json_t *reply = ask(soak, "loop -%d +0", 5 + below(soak, 60));
    if (is_ok(reply)) {
        soak->loops++;
        soak->is_filled = false;
        nap(soak, 200);
        save_and_wait(soak);
        nap(soak, 900); // some passes
        say(soak, "loop off");
        say(soak, "pause");
        expect_no_fault(soak, "after a loop");
    }
    json_decref(reply);
}

static void edit(SoakStructs *soak)
{
    int luck = below(soak, 100);
    if (luck < 60) {
        save_and_wait(soak);
    } else if (luck < 75) {
        edit_playing(soak);
    } else if (luck < 90) {
        edit_looping(soak);
    } else {
        seek(soak);
        save_and_wait(soak);
    }
    play(soak);
}

static void restart(SoakStructs *soak)
{
    say(soak, "restart");
    soak->restarts++;
    play(soak);
}

static void one_step(SoakStructs *soak)
{
    int luck = below(soak, 100);
    if (luck < 60) {
        edit(soak);
    } else if (luck < 80) {
        seek(soak);
    } else if (luck < 88) {
        go_back(soak);
    } else if (luck < 98) {
        play(soak);
    } else {
        restart(soak);
    }
}

// ---------------------------------------------------------------------------------------- sessions

// Somebody who plays: runs, mostly to the right, hops, starts again when it is over.
static bool write_script(SoakStructs *soak)
{
    char *text = NULL;
    size_t size_bytes = 0;
    Fault fault;
    FILE *out = open_memstream(&text, &size_bytes);
    if (!out) {
        return false;
    }
    for (int tick = 40; tick < SCRIPT_TICKS;) {
        int length = 8 + below(soak, 50);
        fprintf(out, "%d tap %s %d\n", tick, below(soak, 4) ? "RIGHT" : "LEFT", length);
        fprintf(out, "%d tap SPACE %d\n", tick + below(soak, length), 1 + below(soak, 20));
        tick += length + 20;
    }
    fclose(out);
    bool ok = file_join(soak->script, soak->folder, "play.txt")
              && file_write(soak->script, text, size_bytes, &fault);
    free(text);
    return ok;
}

static bool begin(SoakStructs *soak)
{
    char seed[24];
    Fault fault = {0};
    (void)text_format(seed, sizeof(seed), "%u", (unsigned)(soak->seed % 1000000));
    const char *args[] = {
        soak->game, "--headless", "--cflags",   "-O0",      "--seed",
        seed,       "--script",   soak->script, "--assets", SOAK_SOURCE_DIR "/assets/platformer",
        NULL};
    if (!file_join(soak->game, soak->folder, "platformer")
        || !soak_source_open(&soak->source, &soak->keep, SOAK_SOURCE_DIR "/game/platformer",
                             soak->game, &fault)
        || !write_script(soak)) {
        complain(soak, "%s", fault.text);
        return false;
    }
    soak_model_begin(&soak->model, soak->seed, soak->source.count);
    if (!write_source(soak)
        || !session_start(&soak->session, soak->hotloop, soak->folder, args, &fault)) {
        complain(soak, "the session did not begin: %s", fault.text);
        return false;
    }
    soak->can_undo = soak->is_filled = soak->has_first = false;
    soak->note_count = soak->checked = 0;
    wait_for_reload(soak);
    say(soak, "pause");
    play(soak);
    return soak->errors == 0;
}

static void take_figures(SoakStructs *soak, long figures[FIGURES])
{
    take_what_is_there(soak, 1500); // compilers end, old builds are unloaded
    json_t *status = ask(soak, "status");
    take_what_is_there(soak, 200); // time to close the connection that asked
    figures_take(figures, soak->session.game_pid, soak->folder);
    figures[IMAGES] = status ? (long)event_number(status, "images") : -1;
    json_decref(status);
}

static void judge(SoakStructs *soak)
{
#ifdef __SANITIZE_ADDRESS__
    soak->last[RSS_KIB] = soak->first[RSS_KIB]; // what was freed is held back for a while
    soak->last[ANON_KIB] = soak->first[ANON_KIB];
#endif
    if (figures_judge(RULES, soak->first, soak->last) > 0) {
        complain(soak, "the session has grown");
    }
}

// What a sanitizer says goes there.
static void read_log(SoakStructs *soak)
{
    static const char *const WORDS[] = {"Sanitizer", "runtime error:", "Assertion"};
    char line[1024];
    FILE *file = fopen(soak->session.log, "re");
    while (file && fgets(line, sizeof(line), file)) {
        for (size_t i = 0; i < COUNT_OF(WORDS); i++) {
            if (strstr(line, WORDS[i])) {
                complain(soak, "in its log: %s", line);
            }
        }
    }
    if (file) {
        fclose(file);
    }
}

static void run_session(SoakStructs *soak, uint64_t end_ns)
{
    if (begin(soak)) {
        while (soak->model.edit < SESSION_EDITS && mono_ns() < end_ns && soak->errors == 0) {
            one_step(soak);
            if (!soak->has_first && soak->model.edit >= WARM_EDITS && soak->errors == 0) {
                take_figures(soak, soak->first);
                soak->has_first = true;
            }
        }
    }
    if (soak->has_first && soak->model.edit >= SESSION_EDITS && soak->errors == 0) {
        take_figures(soak, soak->last);
        judge(soak);
    }
    int exit_code = soak->session.pid ? session_stop(&soak->session) : EXIT_GAME;
    if (exit_code != EXIT_OK) {
        complain(soak, "the session ended with exit code %d", exit_code);
    }
    read_log(soak);
    if (soak->errors > 0) {
        session_print_log(&soak->session);
        print_deeds(soak);
    }
}

// So that it can be looked at, the text before the edit as well.
static void keep_for_a_look(SoakStructs *soak)
{
    char folder[FILE_PATH_MAX];
    Fault fault;
    bool ok = file_join(folder, soak->folder, "before") && file_make_dirs(folder, 0700, &fault)
              && soak_source_write(&soak->source, &soak->before, folder, &fault);
    printf("  kept for a look: %s/platformer, %s/log%s\n  again: tools/soak --structs 60 --seed "
           "%llu\n",
           soak->folder, soak->folder, ok ? ", before/platformer.h" : "",
           (unsigned long long)soak->seed);
}

bool soak_structs(uint64_t minutes, uint64_t seed)
{
    static SoakStructs soak; // large
    Fault fault;
    uint64_t begin_ns = mono_ns(), end_ns = begin_ns + minutes * 60000 * NS_PER_MS;
    if (!arena_open(&soak.keep, 0, 64u << 20, &fault)
        || !session_find_hotloop(soak.hotloop, &fault)) {
        fprintf(stderr, "soak: %s\n", fault.text);
        return false;
    }
    printf("%llu minutes of edits of the platformer's structs\n", (unsigned long long)minutes);
    for (soak.seed = seed; mono_ns() < end_ns && soak.errors == 0; soak.seed++) {
        arena_reset(&soak.keep, 0);
        soak.random = soak.seed * 0x9E3779B97F4A7C15u + 1;
        soak.session_count++;
        if (!session_folder_open(soak.folder, "structs", &fault)) {
            complain(&soak, "%s", fault.text);
            break;
        }
        run_session(&soak, end_ns);
        if (soak.errors > 0) {
            keep_for_a_look(&soak);
            break;
        }
        session_folder_close(soak.folder);
        printf("  session %u, seed %llu: %u edits so far, %u undone, %u losses named, %u seeks (%u "
               "gone), %u loops, %u restarts, %.0f s\n",
               soak.session_count, (unsigned long long)soak.seed, soak.edits, soak.undos,
               soak.losses, soak.seeks, soak.gone, soak.loops, soak.restarts,
               (double)(mono_ns() - begin_ns) / 1e9);
        fflush(stdout);
    }
    printf("  %u edits in %u sessions, %u wrong, %.0f s\n", soak.edits, soak.session_count,
           soak.errors, (double)(mono_ns() - begin_ns) / 1e9);
    arena_close(&soak.keep);
    return soak.errors == 0;
}
