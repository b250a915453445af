// `hotloop diff A@T B@T`: two moments of recordings, compared field by field. State has one
// address, so each file has a process of its own, which plays it with the present code up to its
// moment and writes down what every field holds; this one compares by name.
#include "app.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// Contents: words, one moment, lists of fields, comparing, the command.

static const char HELP[] =
    "Usage: hotloop diff A.hlr@T B.hlr@T [--limit N] [--game FOLDER | --so PATH]\n"
    "\n"
    "Plays both recordings (or twice the same) with the present code up to those moments and "
    "prints\n"
    "every field that differs, with both values. Fields are compared by name, so allocations may "
    "lie\n"
    "elsewhere.\n"
    "\n"
    "  T              1200 (moments: ticks, restarts and edits), 20s, 1500ms, -60, -2.5s (from "
    "the\n"
    "                 end), start, end (without @T: end)\n"
    "  --limit N      print so many fields (40; 0: all)\n"
    "  --game FOLDER  the game's sources; without it the game's name is looked for here, in game/\n"
    "                 and where hotloop was built\n"
    "  --so PATH      a library of your own build\n"
    "  --cc COMPILER, --cflags FLAGS, --assets DIR   as for `hotloop run`\n"
    "\n"
    "Exit codes: 0 the same, 1 something differs, 2 they cannot be compared.\n";

enum {
    DIFF_SAME = 0,
    DIFF_OTHER = 1,
    DIFF_CANNOT = 2,
    LIMIT_DEFAULT = 40,
    TICKS_A_LOOK = 4096,
    VALUE_MAX = 400
};
#define LIST_BYTES_MAX (64ull << 30)

// ---------------------------------------------------------------------------------------- words

// The moment that `text` names. False: it names none.
static bool moment_of(const ReplayReader *replay, const char *text, uint64_t *moment)
{
    uint64_t first = replay_first(replay), last = replay_last(replay);
    char *end;
    if (strcmp(text, "start") == 0 || strcmp(text, "end") == 0) {
        *moment = text[0] == 's' ? first : last;
        return true;
    }
    double value = strtod(text, &end);
    bool is_ms = strcmp(end, "ms") == 0, is_s = strcmp(end, "s") == 0;
    if (end == text || !isfinite(value) || fabs(value) > 1e15
        || (!is_ms && !is_s && (*end || value != floor(value)))) {
        return false;
    }
    double rate = replay_facts(replay)->tick_rate > 0 ? replay_facts(replay)->tick_rate : 60;
    bool is_from_end = text[0] == '-';
    value *= is_ms ? rate / 1000 : is_s ? rate : 1;
    // Seconds count from where the file begins, moments as the session counted them.
    value += is_from_end ? (double)last : is_ms || is_s ? (double)first : 0;
    *moment = (uint64_t)llround(value < 0 ? 0 : value);
    return value >= (double)first && value <= (double)last;
}

// "a.hlr@120s" is taken apart; false: there is no such file.
static bool take_apart(const char *word, char path[FILE_PATH_MAX], const char **when)
{
    const char *mark = strrchr(word, '@');
    *when = "end";
    if (mark && mark > word && !file_exists(word)) {
        (void)text_format(path, FILE_PATH_MAX, "%.*s", (int)(mark - word), word);
        *when = mark + 1;
    } else {
        (void)text_format(path, FILE_PATH_MAX, "%s", word);
    }
    return file_exists(path);
}

// ----------------------------------------------------------------------------------- one moment

static int cannot(const char *format, ...) BASE_PRINTF(1, 2);
static int cannot(const char *format, ...)
{
    char text[1600];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    printf("cannot\t%s\n", text);
    return DIFF_CANNOT;
}

static bool wait_for_build(App *app)
{
    while (app->wants_first && !app->quit) {
        app_take_changes(app);
        mono_sleep_until(mono_ns() + NS_PER_MS / 2);
    }
    return !app->quit && live_game(&app->live);
}

// Addresses outside the game are others in each process.
static void print_leaf(const FieldWalk *walk, const Field *leaf)
{
    static const char OUTSIDE[] = " (outside the game)";
    char text[VALUE_MAX], clean[VALUE_MAX];
    uint8_t bytes[4096];
    uint64_t size = field_bytes(walk->view, leaf), hash = 0;
    field_text(walk->view, leaf, text, sizeof(text));
    size_t length = strlen(text), outside = sizeof(OUTSIDE) - 1;
    if (length > outside && strcmp(text + length - outside, OUTSIDE) == 0) {
        (void)text_format(text, sizeof(text), "an address outside the game");
    }
    text_clean(clean, sizeof(clean), text, false);
    // A text may differ where it is not shown: behind its end, or behind what there is room for.
    for (uint64_t at = 0; clean[0] == '"' && at < size; at += sizeof(bytes)) {
        size_t part = size - at < sizeof(bytes) ? (size_t)(size - at) : sizeof(bytes);
        bool is_pointer = size == 8 && walk->view->table->types[leaf->type].kind == REFLECT_POINTER;
        if (!is_pointer && field_read(walk->view, leaf->address + at, bytes, part)) {
            hash = hash_combine(hash, hash_bytes(bytes, part));
        }
    }
    printf("f\t%s\t%016llx\t%s\n", walk->path, (unsigned long long)hash, clean);
}

static bool play_to(App *app, uint64_t moment, Fault *fault)
{
    if (moment > app->live.moment && !live_replay_join(&app->live, moment, fault)) {
        return false;
    }
    while (app->live.moment < moment && !app->live.replay_ended) {
        LiveTick did;
        if (!live_tick(&app->live, NULL, &did, fault)) {
            return false;
        }
        sound_reset(&app->sound);
        app->live.host->wishes = (HostWishes){0};
        app->live.host->line_count = 0;
        if (!did.ran && !app->live.replay_ended) {
            return fault_set(fault, FAULT_GAME, "no tick can run: %s", app->live.stopped.text);
        }
    }
    return true;
}

static int list_fields(App *app, uint64_t moment)
{
    Fault fault;
    FieldView view;
    Arena arena;
    Field leaf;
    if (!play_to(app, moment, &fault)) {
        return cannot("tick %llu: %s", (unsigned long long)app->live.moment, fault.text);
    }
    if (!live_fields(&app->live, &view, &fault) || !arena_open(&arena, 0, LIST_BYTES_MAX, &fault)) {
        return cannot("moment %llu: %s", (unsigned long long)moment, fault.text);
    }
    field_index(&view, &arena);
    printf("at\t%llu\t%llu\n", (unsigned long long)app->live.moment,
           (unsigned long long)live_tick_number(&app->live));
    FieldWalk walk = {.view = &view};
    while (field_walk_next(&walk, &leaf)) {
        print_leaf(&walk, &leaf);
    }
    arena_close(&arena);
    return DIFF_SAME;
}

// The child's side: `hotloop diff --one FILE --at T ...`.
static int list_one(const RunOptions *options, const char *when)
{
    Fault fault;
    uint64_t moment;
    int exit_code;
    App *app = app_open_quiet(options, &fault);
    if (!app) {
        return cannot("%s", fault.text);
    }
    if (!moment_of(app->replay, when, &moment)) {
        exit_code = cannot("%s is no moment of it: it holds %llu to %llu (T is 1200, 20s, 1500ms, "
                           "-60, -2.5s, start or end)",
                           when, (unsigned long long)replay_first(app->replay),
                           (unsigned long long)replay_last(app->replay));
    } else if (!wait_for_build(app)) {
        exit_code =
            cannot("%s", app->refused.kind ? app->refused.text : "the game could not be built");
    } else if (app->live.stopped.kind != FAULT_NONE) {
        exit_code = cannot("%s", app->live.stopped.text);
    } else {
        exit_code = list_fields(app, moment);
    }
    app_close_quiet(app);
    fflush(stdout);
    return exit_code;
}

// ------------------------------------------------------------------------------- lists of fields

typedef struct Line {
    const char *path, *hash, *value;
    bool is_matched;
} Line;

// What one child said.
typedef struct List {
    const char *word; // of the command line
    char path[FILE_PATH_MAX];
    const char *when;
    Arena bytes, arena;
    Line *lines;
    size_t count;
    char at[24], tick[24];
    char cannot[1700]; // why not; "" fine
    uint32_t *slots;   // numbers of lines + 1, by path
    size_t slot_count;
    pid_t pid;
    int fd;
} List;

static void add_option(char **argv, int *argc, const char *name, const char *value)
{
    if (value) {
        argv[(*argc)++] = (char *)(uintptr_t)name;
        argv[(*argc)++] = (char *)(uintptr_t)value;
    }
}

static bool start(List *list, const char *self, const RunOptions *options)
{
    char *argv[20];
    int argc = 0, ends[2];
    posix_spawn_file_actions_t actions;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return false;
    }
    argv[argc++] = (char *)(uintptr_t)self;
    argv[argc++] = (char[]){"diff"};
    add_option(argv, &argc, "--one", list->path);
    add_option(argv, &argc, "--at", list->when);
    add_option(argv, &argc, "--game", options->game);
    add_option(argv, &argc, "--so", options->so);
    add_option(argv, &argc, "--cc", options->compiler);
    add_option(argv, &argc, "--cflags", options->flags);
    add_option(argv, &argc, "--assets", options->assets);
    argv[argc] = NULL;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    int error = posix_spawn(&list->pid, self, &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    list->fd = ends[0];
    return error == 0;
}

static bool read_all(List *list)
{
    enum { PART = 1 << 16 };
    ssize_t got = 1;
    size_t used = 0;
    while (got > 0) {
        uint8_t *room = arena_try_push(&list->bytes, 1, 1, used + PART - list->bytes.used_bytes);
        got = room ? read(list->fd, list->bytes.base + used, PART - 1) : -1;
        got = got < 0 && errno == EINTR ? 1 : got;
        used += got > 0 ? (size_t)got : 0;
    }
    list->bytes.base[used] = '\0';
    close(list->fd);
    return got == 0;
}

// The next field of a line, which ends with `end`; NULL: there is none.
static char *take(char **at, char end)
{
    char *word = *at, *mark = strchr(word, end);
    if (mark) {
        *mark = '\0';
        *at = mark + 1;
    }
    return mark ? word : NULL;
}

static void take_line(List *list, char *line)
{
    char *kind = take(&line, '\t');
    if (kind && strcmp(kind, "cannot") == 0) {
        (void)text_format(list->cannot, sizeof(list->cannot), "%s", line);
    } else if (kind && strcmp(kind, "at") == 0) {
        char *at = take(&line, '\t');
        (void)text_format(list->at, sizeof(list->at), "%s", at ? at : "");
        (void)text_format(list->tick, sizeof(list->tick), "%s", line);
    } else if (kind && strcmp(kind, "f") == 0) {
        char *path = take(&line, '\t'), *hash = take(&line, '\t');
        Line *added = hash ? ARENA_NEW(&list->arena, Line, 1) : NULL;
        if (added) {
            *added = (Line){.path = path, .hash = hash, .value = line};
            list->lines = list->count++ ? list->lines : added;
        }
    }
}

static bool finish(List *list)
{
    int status = 0;
    bool is_whole = read_all(list);
    while (waitpid(list->pid, &status, 0) < 0 && errno == EINTR) {
    }
    char *at = (char *)list->bytes.base, *line;
    while ((line = take(&at, '\n')) != NULL) {
        take_line(list, line);
    }
    if (!list->cannot[0] && (!is_whole || !WIFEXITED(status) || WEXITSTATUS(status) != DIFF_SAME)) {
        (void)text_format(list->cannot, sizeof(list->cannot),
                          WIFSIGNALED(status) ? "the game's code ended the process (%s)"
                                              : "it could not be played%s",
                          WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "");
    }
    if (list->cannot[0]) {
        fprintf(stderr, "hotloop diff: %s: %s\n", list->word, list->cannot);
    }
    return !list->cannot[0];
}

// ------------------------------------------------------------------------------------ comparing

static size_t slot_of(const List *list, const char *path)
{
    size_t at = (size_t)hash_bytes(path, strlen(path)) & (list->slot_count - 1);
    while (list->slots[at] && strcmp(list->lines[list->slots[at] - 1].path, path) != 0) {
        at = (at + 1) & (list->slot_count - 1);
    }
    return at;
}

static void index_paths(List *list)
{
    list->slot_count = 16;
    while (list->slot_count < list->count * 2) {
        list->slot_count *= 2;
    }
    list->slots = ARENA_NEW(&list->arena, uint32_t, list->slot_count);
    for (size_t i = 0; i < list->count; i++) {
        list->slots[slot_of(list, list->lines[i].path)] = (uint32_t)i + 1;
    }
}

static void print_difference(const char *path, const char *a, const char *b, const char *note)
{
    printf("  %-32s  %s -> %s%s\n", path, a, b, note);
}

// Both in order: those of `a` with what `b` has, then what only `b` has. Returns how many.
static size_t compare(List *a, List *b, size_t limit)
{
    static const char NOTHING[] = "(nothing)";
    size_t count = 0;
    index_paths(b);
    for (size_t i = 0; i < a->count; i++) {
        const Line *line = &a->lines[i];
        uint32_t number = b->slots[slot_of(b, line->path)];
        Line *other = number ? &b->lines[number - 1] : NULL;
        bool is_hidden = other && strcmp(line->value, other->value) == 0;
        if (other) {
            other->is_matched = true;
        }
        if (is_hidden && strcmp(line->hash, other->hash) == 0) {
            continue;
        }
        if (count++ < limit) {
            print_difference(line->path, line->value, other ? other->value : NOTHING,
                             is_hidden ? " (behind what is shown)" : "");
        }
    }
    for (size_t i = 0; i < b->count; i++) {
        if (!b->lines[i].is_matched && count++ < limit) {
            print_difference(b->lines[i].path, NOTHING, b->lines[i].value, "");
        }
    }
    return count;
}

static int print_result(List *a, List *b, size_t limit)
{
    char said[200];
    (void)text_format(said, sizeof(said), "moment %s (tick %s) and moment %s (tick %s)", a->at,
                      a->tick, b->at, b->tick);
    size_t count = compare(a, b, limit);
    size_t shown = count < limit ? count : limit;
    if (count > shown) {
        printf("  ... and %zu more (--limit 0 prints all)\n", count - shown);
    }
    if (count == 0) {
        printf("the same: %zu fields at %s\n", a->count, said);
        return DIFF_SAME;
    }
    printf("%zu of %zu fields differ between %s\n", count,
           a->count > b->count ? a->count : b->count, said);
    return DIFF_OTHER;
}

static int diff(List *a, List *b, const RunOptions *options, size_t limit)
{
    char self[FILE_PATH_MAX];
    Fault fault;
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    self[length > 0 ? length : 0] = '\0';
    List *both[] = {a, b};
    for (size_t i = 0; i < COUNT_OF(both); i++) {
        if (!arena_open(&both[i]->bytes, 0, LIST_BYTES_MAX, &fault)
            || !arena_open(&both[i]->arena, 0, LIST_BYTES_MAX, &fault)
            || !start(both[i], self, options)) {
            fprintf(stderr, "hotloop diff: %s cannot be played: %s\n", both[i]->word,
                    strerror(errno));
            return DIFF_CANNOT;
        }
    }
    bool ok = finish(a);
    return finish(b) && ok ? print_result(a, b, limit) : DIFF_CANNOT;
}

// ---------------------------------------------------------------------------------- the command

static int wrong(const char *word, const char *why)
{
    fprintf(stderr, "hotloop diff: %s: %s (hotloop diff --help)\n", word, why);
    return EXIT_USAGE;
}

static bool open_list(List *list, const char *word)
{
    list->word = word;
    return take_apart(word, list->path, &list->when);
}

int app_diff(int argc, char **argv)
{
    enum { OPT_ONE = 256, OPT_AT, OPT_LIMIT };
    static const struct option OPTIONS[] = {{"one", required_argument, NULL, OPT_ONE},
                                            {"at", required_argument, NULL, OPT_AT},
                                            {"limit", required_argument, NULL, OPT_LIMIT},
                                            APP_GAME_OPTIONS,
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    static List a, b;
    RunOptions options = {0};
    const char *one = NULL, *when = "end";
    uint64_t limit = LIMIT_DEFAULT;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "h", OPTIONS, NULL)) != -1;) {
        switch (option) {
        case 'h':
            fputs(HELP, stdout);
            return EXIT_OK;
        case OPT_ONE:
            one = optarg;
            break;
        case OPT_AT:
            when = optarg;
            break;
        case OPT_LIMIT:
            if (!text_to_u64(optarg, 0, UINT32_MAX, &limit)) {
                return wrong(optarg, "--limit: expected a whole number");
            }
            break;
        default:
            if (app_take_game_option(option, optarg, &options)) {
                break;
            }
            return wrong(argv[optind - 1], "no such option, or its value is missing");
        }
    }
    if (one) {
        options.replay = one;
        return app_find_game(&options) ? list_one(&options, when) : DIFF_CANNOT;
    }
    if (optind + 2 != argc) {
        return wrong(argc > optind ? argv[argc - 1] : "diff",
                     "expected two moments: A.hlr@1200 B.hlr@1200");
    }
    for (int i = 0; i < 2; i++) {
        if (!open_list(i == 0 ? &a : &b, argv[optind + i])) {
            return wrong(argv[optind + i], "there is no such file");
        }
    }
    return diff(&a, &b, &options, limit ? (size_t)limit : SIZE_MAX);
}
