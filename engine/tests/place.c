// Contents: the folder, environment, texts, files, programs, small help.
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// ------------------------------------------------------------------------------------ the folder

enum { HELPERS = sizeof(((Place *)NULL)->helpers) / sizeof(pid_t) };
static const char *const HOMES[] = {"HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"};
static const char *const HOME_FOLDERS[] = {"home", "state", "data", "run"};
// What would let a developer's desktop or settings into a case.
static const char *const UNWANTED[] = {
    "DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER", "SDL_AUDIODRIVER", "CC",
    "CFLAGS",  "PULSE_SERVER",    "CPATH",           "LD_LIBRARY_PATH"};

Place *place_open(void)
{
    Place *place = calloc(1, sizeof(*place));
    assert_non_null(place);
    place->output = calloc(1, sizeof(Output));
    assert_non_null(place->output);
    (void)snprintf(place->folder, sizeof(place->folder), "/tmp/hl-test.XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    (void)snprintf(place->game, sizeof(place->game), "%s/game", place->folder);
    assert_int_equal(mkdir(place->game, 0755), 0);
    for (size_t i = 0; i < sizeof(HOMES) / sizeof(HOMES[0]); i++) {
        const char *home = place_path(place, HOME_FOLDERS[i]);
        assert_int_equal(mkdir(home, 0700), 0);
        place_set(place, HOMES[i], home);
    }
    // Without a bus of the session's, libdbus in SDL begins one by fork() and asks for memory in
    // the child. Another thread may have held the allocator's lock: gcc 12's ASan does not give it
    // back.
    place_set(place, "DBUS_SESSION_BUS_ADDRESS", "disabled:");
    return place;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about;
    (void)kind;
    (void)where;
    return remove(path);
}

void place_close(Place *place)
{
    for (size_t i = 0; i < HELPERS; i++) {
        if (place->helpers[i] > 0) {
            kill(place->helpers[i], SIGKILL);
            (void)waitpid(place->helpers[i], NULL, 0);
        }
    }
    (void)nftw(place->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    for (size_t i = 0; i < PLACE_ENV_MAX; i++) {
        free(place->env[i]);
    }
    for (size_t i = 0; i < PLACE_TEXTS_MAX; i++) {
        free(place->texts[i]);
    }
    free(place->output);
    free(place);
}

// ----------------------------------------------------------------------------------- environment

static bool is_named(const char *pair, const char *name)
{
    size_t length = strlen(name);
    return strncmp(pair, name, length) == 0 && (pair[length] == '=' || pair[length] == '\0');
}

void place_set(Place *place, const char *name, const char *value)
{
    size_t at = 0;
    while (at < PLACE_ENV_MAX && place->env[at] && !is_named(place->env[at], name)) {
        at++;
    }
    assert_true(at < PLACE_ENV_MAX);
    free(place->env[at]);
    // Without '=' it is a name that must not be there.
    assert_true(asprintf(&place->env[at], "%s%s%s", name, value ? "=" : "", value ? value : "")
                > 0);
}

static bool is_replaced(const Place *place, const char *pair)
{
    for (size_t i = 0; i < sizeof(UNWANTED) / sizeof(UNWANTED[0]); i++) {
        if (is_named(pair, UNWANTED[i])) {
            return true;
        }
    }
    for (size_t i = 0; i < PLACE_ENV_MAX && place->env[i]; i++) {
        char name[256];
        (void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(place->env[i], "="), place->env[i]);
        if (is_named(pair, name)) {
            return true;
        }
    }
    return false;
}

char **place_environment(const Place *place)
{
    size_t count = PLACE_ENV_MAX + 1;
    for (char **pair = environ; *pair; pair++) {
        count++;
    }
    char **all = calloc(count, sizeof(char *));
    assert_non_null(all);
    size_t used = 0;
    for (char **pair = environ; *pair; pair++) {
        if (!is_replaced(place, *pair)) {
            all[used++] = *pair;
        }
    }
    for (size_t i = 0; i < PLACE_ENV_MAX && place->env[i]; i++) {
        if (strchr(place->env[i], '=')) {
            all[used++] = place->env[i];
        }
    }
    return all;
}

// ----------------------------------------------------------------------------------------- texts

const char *place_text(Place *place, const char *format, ...)
{
    char **text = &place->texts[place->text_count++ % PLACE_TEXTS_MAX];
    char *made = NULL;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&made, format, args);
    va_end(args);
    assert_true(length >= 0);
    free(*text); // only now: it may have been among the arguments
    *text = made;
    return made;
}

const char *place_path(Place *place, const char *name)
{
    return name[0] == '/' ? name : place_text(place, "%s/%s", place->folder, name);
}

// ----------------------------------------------------------------------------------------- files

static void make_folders_above(const char *path)
{
    char folder[4096];
    (void)snprintf(folder, sizeof(folder), "%s", path);
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, 0755) != 0) {
            assert_int_equal(errno, EEXIST);
        }
        *slash = '/';
    }
}

static void write_all(int fd, const uint8_t *bytes, size_t size_bytes)
{
    assert_true(fd >= 0);
    for (size_t done = 0; done < size_bytes;) {
        ssize_t put = write(fd, bytes + done, size_bytes - done);
        assert_true(put > 0);
        done += (size_t)put;
    }
}

static void write_in_pieces(const char *path, const uint8_t *bytes, size_t size_bytes)
{
    enum { PIECES = 5, PAUSE_MS = 20 };
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    for (size_t i = 0; i < PIECES; i++) {
        size_t from = size_bytes * i / PIECES, to = size_bytes * (i + 1) / PIECES;
        write_all(fd, bytes + from, to - from);
        place_nap_ms(PAUSE_MS);
    }
    close(fd);
}

static void write_plainly(const char *path, int flags, const void *bytes, size_t size_bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0755);
    write_all(fd, bytes, size_bytes);
    assert_int_equal(ftruncate(fd, (off_t)size_bytes), 0);
    close(fd);
}

void place_write_bytes(Place *place, const char *name, const void *bytes, size_t size_bytes,
                       Way way)
{
    const char *path = place_path(place, name);
    // Not in the game's folder: what is beside a source is also the way's business.
    const char *fresh = place_path(place, "fresh"), *beside = place_text(place, "%s.new", path);
    const char *backup = place_text(place, "%s~", path);
    enum { GAP_MS = 3 }; // long enough for the other core to see the folder without the file
    make_folders_above(path);
    switch (way) {
    case IN_PLACE:
        write_plainly(path, O_TRUNC, bytes, size_bytes);
        break;
    case IN_PIECES:
        write_in_pieces(path, bytes, size_bytes);
        break;
    case OVER_BYTES:
        write_plainly(path, 0, bytes, size_bytes);
        break;
    case RENAMED:
        write_plainly(beside, O_EXCL, bytes, size_bytes);
        assert_int_equal(rename(beside, path), 0);
        break;
    case WITH_BACKUP:
        assert_int_equal(rename(path, backup), 0);
        place_nap_ms(GAP_MS);
        write_plainly(path, O_EXCL, bytes, size_bytes);
        assert_int_equal(unlink(backup), 0);
        break;
    case COPIED:
    case MOVED:
        write_plainly(fresh, O_TRUNC, bytes, size_bytes);
        assert_int_equal(PLACE_RUN(place, way == COPIED ? "cp" : "mv", fresh, path)->exit_code, 0);
        break;
    case REMOVED_FIRST:
        assert_int_equal(unlink(path), 0);
        write_plainly(path, O_EXCL, bytes, size_bytes);
        break;
    }
}

void place_write(Place *place, const char *name, const char *text, Way way)
{
    place_write_bytes(place, name, text, strlen(text), way);
}

char *place_read(Place *place, const char *name, size_t *size_bytes)
{
    const char *path = place_path(place, name);
    FILE *file = fopen(path, "re");
    struct stat about;
    if (!file || fstat(fileno(file), &about) != 0) {
        fail_msg("%s: %s", path, strerror(errno));
        return NULL;
    }
    char *text = calloc(1, (size_t)about.st_size + 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, (size_t)about.st_size, file), about.st_size);
    (void)fclose(file);
    if (size_bytes) {
        *size_bytes = (size_t)about.st_size;
    }
    return text;
}

void place_game(Place *place, const char *game, const char *name)
{
    size_t size_bytes;
    char *text = place_read(place, place_text(place, "%s/%s", TEST_GAMES, game), &size_bytes);
    place_write_bytes(place, name, text, size_bytes, IN_PLACE);
    free(text);
}

void place_edit(Place *place, const char *name, const char *from, const char *to, Way way)
{
    char *text = place_read(place, name, NULL);
    char *at = strstr(text, from);
    if (!at || strstr(at + 1, from)) {
        fail_msg("%s holds \"%s\" %s", name, from, at ? "more than once" : "nowhere");
    }
    const char *edited =
        place_text(place, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    free(text);
    place_write(place, name, edited, way);
}

bool place_exists(Place *place, const char *name)
{
    struct stat about;
    return lstat(place_path(place, name), &about) == 0;
}

void place_remove(Place *place, const char *name)
{
    assert_int_equal(nftw(place_path(place, name), remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

int place_count_files(Place *place, const char *name)
{
    const char *path = place_path(place, name);
    const Output *found = PLACE_RUN(place, "find", path, "!", "-type", "d");
    assert_int_equal(found->exit_code, 0);
    int count = 0;
    for (const char *at = found->out; (at = strchr(at, '\n')); at++) {
        count++;
    }
    return count;
}

// -------------------------------------------------------------------------------------- programs

pid_t place_spawn(Place *place, const char *cwd, const char *out_path, const char *err_path,
                  const char *const *words)
{
    char *argv[PLACE_WORDS_MAX + 1] = {0};
    size_t count = 0;
    for (; words[count]; count++) {
        assert_true(count < PLACE_WORDS_MAX);
        argv[count] = strdup(words[count]); // posix_spawn wants them writable
    }
    posix_spawn_file_actions_t files;
    assert_int_equal(posix_spawn_file_actions_init(&files), 0);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, out_path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    posix_spawn_file_actions_addopen(&files, 2, err_path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    posix_spawn_file_actions_addchdir_np(&files, cwd);
    char **all = place_environment(place);
    pid_t pid = 0;
    int error = posix_spawnp(&pid, argv[0], &files, NULL, argv, all);
    posix_spawn_file_actions_destroy(&files);
    free((void *)all);
    for (size_t i = 0; i < count; i++) {
        free(argv[i]);
    }
    if (error) {
        fail_msg("%s: %s", words[0], strerror(error));
    }
    return pid;
}

pid_t place_start(Place *place, const char *out, const char *const *words)
{
    size_t at = 0;
    while (at < HELPERS && place->helpers[at] > 0) {
        at++;
    }
    assert_true(at < HELPERS);
    place->helpers[at] =
        place_spawn(place, place->folder, place_path(place, out), "/dev/null", words);
    return place->helpers[at];
}

void place_stop(Place *place, pid_t pid, int signal_number)
{
    for (size_t i = 0; i < HELPERS; i++) {
        if (place->helpers[i] == pid) {
            place->helpers[i] = 0;
        }
    }
    assert_int_equal(kill(pid, signal_number), 0);
    (void)place_wait(pid, "a helper");
}

int place_wait(pid_t pid, const char *what)
{
    struct pollfd ended = {.fd = pidfd_open(pid, 0), .events = POLLIN};
    assert_true(ended.fd >= 0);
    int ready = poll(&ended, 1, PLACE_CAP_MS);
    close(ended.fd);
    if (ready != 1) {
        kill(pid, SIGKILL);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (ready != 1) {
        fail_msg("%s did not end", what);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void take_text(char *text, size_t text_bytes, const char *path)
{
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    text[fread(text, 1, text_bytes - 1, file)] = '\0';
    (void)fclose(file);
}

const Output *place_run(Place *place, const char *const *words)
{
    const char *out = place_path(place, "program.out"), *err = place_path(place, "program.err");
    Output *output = place->output;
    pid_t pid = place_spawn(place, place->folder, out, err, words);
    output->exit_code = place_wait(pid, words[0]);
    take_text(output->out, sizeof(output->out), out);
    take_text(output->err, sizeof(output->err), err);
    return output;
}

void place_library(Place *place, const char *name, const char *source, const char *flags)
{
    const char *words[PLACE_WORDS_MAX] = {COMPILER, "-shared",    "-fPIC", "-std=gnu11",
                                          "-g",     "-I" API_DIR, "-o",    place_path(place, name)};
    size_t count = 8;
    make_folders_above(words[7]);
    char *copy = strdup(flags), *rest = copy;
    for (char *word; (word = strsep(&rest, " "));) {
        if (*word) {
            assert_true(count < PLACE_WORDS_MAX - 2);
            words[count++] = word;
        }
    }
    words[count++] = source[0] == '/' ? source : place_text(place, "%s/%s", TEST_GAMES, source);
    const Output *built = place_run(place, words);
    free(copy);
    if (built->exit_code != 0) {
        fail_msg("%s", built->err);
    }
}

// ------------------------------------------------------------------------------------ small help

long long place_number(const char *text, const char *label)
{
    const char *at = strstr(text, label);
    char *end = NULL;
    long long number = at ? strtoll(at + strlen(label), &end, 10) : 0;
    if (!at || end == at + strlen(label)) {
        fail_msg("\"%s\" has no number behind \"%s\"", text, label);
    }
    return number;
}

void place_nap_ms(int ms)
{
    struct timespec nap = {ms / 1000, ms % 1000 * 1000000L};
    (void)nanosleep(&nap, NULL);
}

bool place_has_program(const char *name)
{
    char path[4096];
    const char *all = getenv("PATH");
    for (const char *at = all ? all : "/usr/bin:/bin"; *at; at += *at == ':') {
        size_t length = strcspn(at, ":");
        (void)snprintf(path, sizeof(path), "%.*s/%s", (int)length, at, name);
        if (access(path, X_OK) == 0) {
            return true;
        }
        at += length;
    }
    return false;
}
