// --on-error: after a failed build, a command that takes an editor to the first error.
#include "app.h"

#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS_MAX = 64, ARENA_BYTES = 1 << 20 };

// What the placeholders stand for.
typedef struct Jump {
    char file[FILE_PATH_MAX], line[16], column[16];
    const char *text;
} Jump;

static const char *value_of(const Jump *jump, const char *at, size_t *length)
{
    const struct {
        const char *name, *value;
    } all[] = {{"{file}", jump->file},
               {"{line}", jump->line},
               {"{column}", jump->column},
               {"{text}", jump->text}};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        if (strncmp(at, all[i].name, strlen(all[i].name)) == 0) {
            *length = strlen(all[i].name);
            return all[i].value;
        }
    }
    return NULL;
}

// One word, its placeholders replaced. What they stand for is never split or read again, so no file
// name and no message can become a word, an option of its own or a command.
static char *fill_word(Arena *arena, const Jump *jump, const char *word, size_t word_bytes)
{
    char *filled = arena_format(arena, "%s", "");
    for (size_t at = 0; at < word_bytes;) {
        size_t length = 1;
        const char *value = value_of(jump, word + at, &length);
        filled = value ? arena_format(arena, "%s%s", filled, value)
                       : arena_format(arena, "%s%c", filled, word[at]);
        at += length;
    }
    return filled;
}

static void fill_words(Arena *arena, const Jump *jump, const char *command, char **words)
{
    size_t count = 0;
    for (const char *at = command; *(at += strspn(at, " \t\n")) && count < WORDS_MAX;) {
        size_t length = strcspn(at, " \t\n");
        words[count++] = fill_word(arena, jump, at, length);
        at += length;
    }
    words[count] = NULL;
}

// The first error that is somewhere, or NULL.
static const BuildDiagnostic *first_placed(const BuildReport *report)
{
    for (uint32_t i = 0; i < report->diagnostic_count; i++) {
        const BuildDiagnostic *one = &report->diagnostics[i];
        if (one->severity == BUILD_ERROR && one->file[0]) {
            return one;
        }
    }
    return NULL;
}

static void set_jump(Jump *jump, const BuildDiagnostic *error)
{
    char *real = realpath(error->file, NULL);
    (void)text_format(jump->file, sizeof(jump->file), "%s", real ? real : error->file);
    free(real);
    (void)text_format(jump->line, sizeof(jump->line), "%d", error->line > 0 ? error->line : 1);
    (void)text_format(jump->column, sizeof(jump->column), "%d",
                      error->column > 0 ? error->column : 1);
    jump->text = error->text;
}

// In a session of its own: what it starts does not hear our Ctrl-C.
static int start(char **words, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    child_close_others(&actions);
    child_fresh(&attributes, POSIX_SPAWN_SETSID);
    int error = posix_spawnp(pid, words[0], &actions, &attributes, words, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

void app_jump_poll(App *app)
{
    for (size_t i = 0; i < COUNT_OF(app->jumps); i++) {
        int status;
        if (app->jumps[i] == 0 || waitpid(app->jumps[i], &status, WNOHANG) == 0) {
            continue;
        }
        app->jumps[i] = 0;
        if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
            app_note(app, LOG_WARNING, "--on-error %s: could not be run", app->options.on_error);
        }
    }
}

void app_jump(App *app, const BuildReport *report)
{
    Arena arena;
    pid_t *slot = NULL;
    char *words[WORDS_MAX + 1];
    const BuildDiagnostic *error = first_placed(report);
    if (!app->options.on_error || !error) {
        return;
    }
    app_jump_poll(app);
    for (size_t i = 0; i < COUNT_OF(app->jumps); i++) {
        slot = app->jumps[i] == 0 ? &app->jumps[i] : slot;
    }
    if (!slot) {
        app_note(app, LOG_WARNING, "--on-error: %zu of its commands still run; not started again",
                 COUNT_OF(app->jumps));
        return;
    }
    if (!arena_open(&arena, 0, ARENA_BYTES, NULL)) {
        return;
    }
    Jump *jump = ARENA_NEW(&arena, Jump, 1);
    set_jump(jump, error);
    fill_words(&arena, jump, app->options.on_error, words);
    int why = words[0] ? start(words, slot) : ENOENT;
    if (why) {
        *slot = 0;
        app_note(app, LOG_WARNING, "--on-error: %s cannot be started: %s",
                 words[0] ? words[0] : "nothing", strerror(why));
    }
    arena_close(&arena);
}
