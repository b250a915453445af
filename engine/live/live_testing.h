// The room of live's test programs: games compiled by the real compiler, loaded by gamelib and
// played by live, as the loop does. Included by each of them, nowhere else.
#ifndef LIVE_TESTING_H
#define LIVE_TESTING_H
#include "live.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define QUOTED(...)  #__VA_ARGS__
#define TEXT_OF(...) QUOTED(__VA_ARGS__)

// The state of every game here; as text, it is also the beginning of their source. It holds what is
// hard to carry along: padding, pointers to code, literals, tables, the C library and itself.
#define STATE_TYPES                                                                                \
    typedef struct Mob {                                                                           \
        char kind;                                                                                 \
        double x;                                                                                  \
        short hp;                                                                                  \
    } Mob;                                                                                         \
    typedef struct Game {                                                                          \
        int inits, reloads, count, by_pointer, keys, loads;                                        \
        int (*step)(int);                                                                          \
        int (*of_libc)(int);                                                                       \
        const char *word, *tail;                                                                   \
        const int *row;                                                                            \
        Mob mobs[4];                                                                               \
        Mob *more;                                                                                 \
        struct Game *self;                                                                         \
        hl_rng rng;                                                                                \
    } Game

STATE_TYPES;

// -D options bend it: STEP, WORD, INIT, UPDATE, DRAW, GLOBALS, MORE (fields of the descriptor),
// WIDER.
static const char GAME[] =
    "#include <hotloop.h>\n"
    "#include <stdlib.h>\n"
    "#ifndef STEP\n"
    "#define STEP 1\n"
    "#endif\n"
    "#ifndef WORD\n"
    "#define WORD \"a word of this build\"\n"
    "#endif\n"
    "#ifndef INIT\n"
    "#define INIT\n"
    "#endif\n"
    "#ifndef UPDATE\n"
    "#define UPDATE\n"
    "#endif\n"
    "#ifndef DRAW\n"
    "#define DRAW\n"
    "#endif\n"
    "#ifndef GLOBALS\n"
    "#define GLOBALS\n"
    "#endif\n"
    "#ifndef MORE\n"
    "#define MORE .title = \"Test\"\n"
    "#endif\n" TEXT_OF(
        STATE_TYPES) ";\n"
                     "#ifdef WIDER\n"
                     "typedef struct Wide { Game game; int more[100]; } Wide;\n"
                     "#define ROOT Wide\n"
                     "#else\n"
                     "#define ROOT Game\n"
                     "#endif\n"
                     "GLOBALS;\n"
                     "static const int TABLE[] = {3, 5, 7, 11};\n"
                     "static int step_by(int x) { return x + STEP; }\n"
                     "static void point(Game *s)\n"
                     "{\n"
                     "    s->step = step_by; s->of_libc = abs; s->word = WORD; s->tail = "
                     "&WORD[2];\n"
                     "    s->row = &TABLE[2];\n"
                     "}\n"
                     "static void init(ROOT *root, hl_tick *t)\n"
                     "{\n"
                     "    Game *s = (Game *)root;\n"
                     "    s->inits++;\n"
                     "    INIT;\n"
                     "    point(s);\n"
                     "    s->more = hl_new(t, Mob, 3);\n"
                     "    s->self = s;\n"
                     "    hl_seed(&s->rng, t->seed, 7);\n"
                     "}\n"
                     "static void update(ROOT *root, hl_tick *t)\n"
                     "{\n"
                     "    Game *s = (Game *)root;\n"
                     "    Mob mob = {.kind = (char)t->tick, .x = (double)hl_sin((float)t->time)};\n"
                     "    mob.hp = (short)hl_rand(&s->rng);\n"
                     "    s->mobs[t->tick % 4] = mob;\n"
                     "    s->more[t->tick % 3] = mob;\n"
                     "    s->reloads += t->reloaded;\n"
                     "    s->count += STEP;\n"
                     "    s->by_pointer = s->step(s->by_pointer);\n"
                     "    s->keys += hl_presses(t, HL_KEY_SPACE) * (int)(t->tick % 17);\n"
                     "    hl_new(t, Mob, 1 + t->tick % 3)->hp = mob.hp;\n"
                     "    UPDATE;\n"
                     "}\n"
                     "static void draw(const ROOT *root, hl_canvas *c)\n"
                     "{\n"
                     "    Game *s = (Game *)root;\n"
                     "    (void)s;\n"
                     "    hl_rect(c, 0, 0, STEP, STEP, HL_WHITE);\n"
                     "    DRAW;\n"
                     "}\n"
                     "#define MAKE_GAME(T) HL_GAME(T, init, update, draw, MORE)\n"
                     "MAKE_GAME(ROOT);\n";

typedef struct Room {
    char folder[64], copies[96], source[96], saves[96], replay_path[96];
    Assets *assets;
    SoundList sound;
    GameLibConfig lib_config;
    LiveConfig config;
    Live live;
    LiveTick did;
    Fault fault;
    uint32_t libraries; // built so far, for their names
} Room;

static inline int enter(void **state)
{
    Room *room = calloc(1, sizeof(*room));
    *state = room;
    (void)text_format(room->folder, sizeof(room->folder), "/tmp/hotloop-live-test-XXXXXX");
    if (!mkdtemp(room->folder)) {
        return 1;
    }
    (void)text_format(room->copies, sizeof(room->copies), "%s/copies", room->folder);
    (void)text_format(room->source, sizeof(room->source), "%s/game.c", room->folder);
    (void)text_format(room->saves, sizeof(room->saves), "%s/saves", room->folder);
    (void)text_format(room->replay_path, sizeof(room->replay_path), "%s/a.replay", room->folder);
    const char *folders[] = {room->folder};
    room->lib_config = (GameLibConfig){.folder = room->copies};
    room->assets = asset_open(folders, 1, &room->fault);
    room->config = (LiveConfig){.game_id = "test",
                                .save_folder = room->saves,
                                .assets = room->assets,
                                .sound = &room->sound,
                                .seed = 5};
    return mkdir(room->copies, 0700) == 0 && room->assets && sound_open(&room->sound, &room->fault)
                   && file_write(room->source, GAME, strlen(GAME), &room->fault)
                   && live_open(&room->live, &room->config, &room->fault)
               ? 0
               : 1;
}

static inline int leave(void **state)
{
    Room *room = *state;
    char command[128];
    live_close(&room->live);
    sound_close(&room->sound);
    asset_close(room->assets);
    (void)text_format(command, sizeof(command), "rm -rf %s", room->folder);
    int result = system(command);
    free(room);
    return result != 0;
}

// A library of the game above; `a`, `b`, `c`: more options, or NULL.
static inline void build(Room *room, char path[FILE_PATH_MAX], const char *a, const char *b,
                         const char *c)
{
    const char *const arguments[] = {"cc",
                                     "-std=gnu11",
                                     "-w",
                                     "-g",
                                     "-shared",
                                     "-fPIC",
                                     "-fvisibility=hidden",
                                     "-ffp-contract=off",
                                     "-ftrivial-auto-var-init=zero",
                                     "-I" TEST_SOURCE_DIR "/engine/api",
                                     "-o",
                                     path,
                                     room->source,
                                     a,
                                     a ? b : NULL,
                                     b ? c : NULL,
                                     NULL};
    char *copies[COUNT_OF(arguments)] = {0};
    pid_t child;
    int status;
    (void)text_format(path, FILE_PATH_MAX, "%s/game%u.so", room->folder, room->libraries++);
    for (size_t i = 0; arguments[i]; i++) {
        copies[i] = strdup(arguments[i]);
    }
    assert_int_equal(posix_spawnp(&child, "cc", NULL, NULL, copies, environ), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    for (size_t i = 0; copies[i]; i++) {
        free(copies[i]);
    }
}

static inline bool try_swap(Room *room, const char *path)
{
    GameLib lib;
    uint64_t swap_ns;
    if (!gamelib_open(&lib, path, &room->lib_config, &room->fault)) {
        fail_msg("%s", room->fault.text);
    }
    bool swapped = live_swap(&room->live, &lib, &swap_ns, &room->fault);
    assert_null(lib.handle); // taken over or closed, whatever happened
    return swapped;
}

static inline void swap_in(Room *room, const char *a, const char *b, const char *c)
{
    char path[FILE_PATH_MAX];
    build(room, path, a, b, c);
    if (!try_swap(room, path)) {
        fail_msg("%s", room->fault.text);
    }
}

static inline Game *game_of(Room *room)
{
    return room->live.host->state->root;
}

// One tick with Space pressed in it, or not.
static inline bool try_tick(Room *room, bool space)
{
    hl_input input = {0};
    input.key[HL_KEY_SPACE] = (hl_button){.down = space, .changes = space};
    sound_reset(&room->sound);
    return live_tick(&room->live, &input, &room->did, &room->fault);
}

// Ticks whose input differs from tick to tick.
static inline void play(Room *room, int ticks)
{
    for (int i = 0; i < ticks; i++) {
        if (!try_tick(room, live_tick_number(&room->live) % 3 == 0)) {
            fail_msg("%s", room->fault.text);
        }
        assert_true(room->did.ran);
    }
}

// What the loop is now, after its key was pressed once more.
static inline LiveLoop press_loop(Room *room)
{
    LiveLoop now;
    Fault fault;
    if (!live_loop_next(&room->live, &now, &fault)) {
        fail_msg("%s", fault.text);
    }
    return now;
}

// A session of its own from here on, with what room->config says.
static inline void open_again(Room *room)
{
    live_close(&room->live);
    if (!live_open(&room->live, &room->config, &room->fault)) {
        fail_msg("%s", room->fault.text);
    }
}

// The same, with history.
static inline void open_with_history(Room *room)
{
    room->config.history_bytes = 64u << 20;
    open_again(room);
}

#endif
