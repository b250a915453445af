// Contents: finding programs, words, flags, the link template, the fast compiler, asking, the ready
// commands
#include "build_tools.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PROBE_TIMEOUT_MS = 10000, WORDS_MAX = 512 };

// -------------------------------------------------------------------------------- finding programs

static bool is_program(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISREG(about.st_mode) && access(path, X_OK) == 0;
}

// Looks in "dir:dir:..."; relative and empty entries are left out: what a game's folder holds must
// not become its compiler.
static bool find_in(const char *folders, const char *name, char out[FILE_PATH_MAX])
{
    for (const char *at = folders; at && *at;) {
        size_t length = strcspn(at, ":");
        char folder[FILE_PATH_MAX];
        if (at[0] == '/' && text_format(folder, sizeof(folder), "%.*s", (int)length, at)
            && file_join(out, folder, name) && is_program(out)) {
            return true;
        }
        at += length + (at[length] == ':');
    }
    out[0] = '\0';
    return false;
}

static bool find_program(const char *name, char out[FILE_PATH_MAX])
{
    const char *path = getenv("PATH");
    if (!strchr(name, '/')) {
        return find_in(path && *path ? path : "/usr/local/bin:/usr/bin:/bin", name, out);
    }
    char *real = is_program(name) ? realpath(name, NULL) : NULL;
    bool ok = real && text_format(out, FILE_PATH_MAX, "%s", name[0] == '/' ? name : real);
    free(real);
    return ok;
}

static uint64_t stamp_of(const char *path)
{
    struct stat about;
    if (path[0] == '\0' || stat(path, &about) != 0) {
        return 0;
    }
    uint64_t parts[] = {(uint64_t)about.st_dev, (uint64_t)about.st_ino, (uint64_t)about.st_size,
                        (uint64_t)about.st_mtim.tv_sec, (uint64_t)about.st_mtim.tv_nsec};
    return hash_combine(hash_bytes(path, strlen(path)), hash_bytes(parts, sizeof(parts)));
}

// ------------------------------------------------------------------------------------------- words

// A growing argv.
typedef struct Words {
    char *words[WORDS_MAX];
    uint32_t count;
} Words;

static void add_word(Words *words, char *word)
{
    if (words->count < WORDS_MAX - 1) {
        words->words[words->count++] = word;
        words->words[words->count] = NULL;
    }
}

static void add_texts(Words *words, Arena *arena, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        add_word(words, arena_copy_text(arena, texts[i]));
    }
}

static void add_split(Words *words, Arena *arena, const char *text)
{
    while (text && *(text += strspn(text, " \t\n"))) {
        size_t length = strcspn(text, " \t\n");
        add_word(words, arena_format(arena, "%.*s", (int)length, text));
        text += length;
    }
}

static char **keep_words(const Words *words, Arena *keep)
{
    char **copy = ARENA_NEW(keep, char *, words->count + 1);
    for (uint32_t i = 0; i < words->count; i++) {
        copy[i] = arena_copy_text(keep, words->words[i]);
    }
    return copy;
}

// A borrowed text where argv wants `char *`; nothing writes to it.
static char *as_word(const char *text)
{
    union {
        const char *text;
        char *word;
    } both = {.text = text};
    return both.word;
}

// A command and more words behind it.
static char *const *extended(char *const *command, uint32_t count, const char *const *more,
                             size_t more_count, Arena *scratch)
{
    char **words = ARENA_NEW(scratch, char *, count + more_count + 1);
    if (count > 0) {
        memcpy(words, command, count * sizeof(words[0]));
    }
    for (size_t i = 0; i < more_count; i++) {
        words[count + i] = as_word(more[i]);
    }
    return words;
}

static uint64_t hash_words(uint64_t hash, const Words *words)
{
    for (uint32_t i = 0; i < words->count; i++) {
        hash = hash_combine(hash, hash_bytes(words->words[i], strlen(words->words[i])));
    }
    return hash;
}

static bool has_flag(const BuildTools *tools, const char *start)
{
    const BuildConf *conf = &tools->conf;
    for (uint32_t i = 0; i < conf->compile_count; i++) {
        if (strncmp(conf->compile[i], start, strlen(start)) == 0) {
            return true;
        }
    }
    for (uint32_t i = 0; i < conf->link_count; i++) {
        if (strncmp(conf->link[i], start, strlen(start)) == 0) {
            return true;
        }
    }
    const char *at = tools->user_flags ? strstr(tools->user_flags, start) : NULL;
    while (at && at != tools->user_flags && !strchr(" \t\n", at[-1])) {
        at = strstr(at + 1, start);
    }
    return at != NULL;
}

// ------------------------------------------------------------------------------------------- flags

static const char *const BASE_FLAGS[] = {
    "-std=gnu11",
    "-O1",
    "-g",
    "-pipe",
    "-fPIC",
    "-fvisibility=hidden",
    "-ffp-contract=off",
    "-Wall",
    "-Wextra",
    "-Werror=incompatible-pointer-types",
    "-Werror=implicit-function-declaration",
    "-Werror=int-conversion",
    "-Werror=return-type",
    "-Werror=format", // hl_text("%s", 5) would read wild memory
};

// What only some compilers accept, most wanted first. Zeroed automatic variables: stack garbage in
// the padding of a struct that is copied into state must not make the state's hash differ between
// -O0 and -O2 (gcc 12; clang 8, up to 15 with a second flag). At most 200 errors: gcc looks for a
// similar name for each, and takes half a minute over 10,000. Statics that are written and not read
// yet, or read and not written yet, are variables all the same (gcc): the next edit may want them.
enum { EXTRA_MAX = 6 };
typedef enum FlagChoice { GCC_FLAGS, CLANG_FLAGS, OLD_CLANG_FLAGS, CHOICES } FlagChoice;
static const char *const CHOICE_FLAGS[CHOICES][EXTRA_MAX] = {
    {"-fdiagnostics-format=json", "-fmax-errors=200", "-ftrivial-auto-var-init=zero",
     "-fno-ipa-reference-addressable"},
    {"-fno-caret-diagnostics", "-fno-color-diagnostics", "-ferror-limit=200",
     "-ftrivial-auto-var-init=zero"},
    {"-fno-caret-diagnostics", "-fno-color-diagnostics", "-ferror-limit=200",
     "-ftrivial-auto-var-init=zero",
     "-enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang"},
};
// One by one, when no whole choice is accepted.
static const char *const SINGLE_FLAGS[EXTRA_MAX] = {
    "-fdiagnostics-format=json",    "-fmax-errors=200",
    "-fno-diagnostics-show-caret",  "-fdiagnostics-color=never",
    "-ftrivial-auto-var-init=zero", "-fno-ipa-reference-addressable",
};

static void add_compiler(const BuildTools *tools, Words *words, Arena *arena)
{
    char whole[FILE_PATH_MAX];
    add_word(words, arena_copy_text(arena, tools->compiler));
    if (!find_program(tools->wanted, whole)) { // "ccache gcc", "gcc -m32"
        const char *more = tools->wanted + strspn(tools->wanted, " \t");
        add_split(words, arena, more + strcspn(more, " \t"));
    }
}

static char *const *probe_flags(const BuildTools *tools, const char *const *flags, size_t count,
                                Arena *scratch)
{
    Words words = {.count = 0};
    static const char *const END[] = {"-fsyntax-only", "-x", "c", "/dev/null"};
    add_compiler(tools, &words, scratch);
    for (size_t i = 0; i < count && flags[i]; i++) {
        add_word(&words, arena_copy_text(scratch, flags[i]));
    }
    add_texts(&words, scratch, END, COUNT_OF(END));
    return keep_words(&words, scratch);
}

static void add_unit_flags(BuildTools *tools, Words *words, const char *const *extra, size_t count,
                           Arena *scratch)
{
    add_compiler(tools, words, scratch);
    add_texts(words, scratch, BASE_FLAGS, COUNT_OF(BASE_FLAGS));
    for (size_t i = 0; i < count && extra[i]; i++) {
        add_word(words, arena_copy_text(scratch, extra[i]));
    }
    if (tools->api_folder) {
        add_word(words, arena_format(scratch, "-I%s", tools->api_folder));
    }
    add_word(words, arena_format(scratch, "-I%s", tools->game_folder));
    add_texts(words, scratch, tools->conf.compile, tools->conf.compile_count);
    add_split(words, scratch, tools->user_flags);
}

// ------------------------------------------------------------------------------- the link template

static void add_driver_link(const BuildTools *tools, Words *words, Arena *scratch)
{
    static const char *const FLAGS[] = {"-shared", "-Wl,-Bsymbolic", "-Wl,--build-id",
                                        "-Wl,--eh-frame-hdr", "-Wl,--hash-style=gnu"};
    add_compiler(tools, words, scratch);
    add_texts(words, scratch, FLAGS, COUNT_OF(FLAGS));
    // clang leaves a sanitizer's own names open in a shared library.
    if (tools->stub_path && !has_flag(tools, "-fsanitize")) {
        add_word(words, arena_copy_text(scratch, "-Wl,-z,defs"));
    }
    add_word(words, arena_copy_text(scratch, "-o"));
    add_word(words, arena_copy_text(scratch, BUILD_OUTPUT_WORD));
    add_word(words, arena_copy_text(scratch, BUILD_OBJECTS_WORD));
    if (tools->stub_path) {
        add_word(words, arena_copy_text(scratch, tools->stub_path));
    }
    add_texts(words, scratch, tools->conf.compile, tools->conf.compile_count);
    add_split(words, scratch, tools->user_flags);
    add_texts(words, scratch, tools->conf.link, tools->conf.link_count);
    add_word(words, arena_copy_text(scratch, "-lm"));
}

// Takes one word off a command line as drivers print it: white space between, "..." around odd
// ones, a backslash in front of quotes. NULL at the end.
static char *take_printed_word(const char **line, Arena *scratch)
{
    const char *at = *line + strspn(*line, " \t");
    if (*at == '\0') {
        return NULL;
    }
    char *word = ARENA_NEW(scratch, char, strlen(at) + 1);
    size_t length = 0;
    bool quoted = false;
    for (; *at && (quoted || !strchr(" \t", *at)); at++) {
        if (*at == '"') {
            quoted = !quoted;
        } else {
            at += *at == '\\' && at[1];
            word[length++] = *at;
        }
    }
    *line = at;
    return word;
}

static bool is_linker_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    return strcmp(name, "collect2") == 0 || strcmp(name, "ld") == 0 || strncmp(name, "ld.", 3) == 0;
}

// gcc names its own wrapper, collect2, which looks for ld along COMPILER_PATH and PATH.
// Source: gcc internals, "Collect2".
static bool find_linker(const char *printed, const char *compiler_path, char out[FILE_PATH_MAX])
{
    const char *slash = strrchr(printed, '/');
    if (strcmp(slash ? slash + 1 : printed, "collect2") != 0) {
        return find_program(printed, out);
    }
    return find_in(compiler_path, "ld", out) || find_program("ld", out);
}

// GNU ld: the one that is known to read a script from a pipe.
static bool is_bfd_linker(const char *linker)
{
    char path[PATH_MAX];
    const char *slash = realpath(linker, path) ? strrchr(path, '/') : NULL;
    size_t length = slash ? strlen(slash) : 0;
    return length >= 6 && strcmp(slash + length - 6, "ld.bfd") == 0;
}

// The words behind the linker's name, without the plugin for link-time optimisation: loading it
// costs more than the whole link, and -flto goes through the driver.
static bool read_link_line(const char *line, const char *compiler_path, Words *words, bool *is_bfd,
                           Arena *scratch)
{
    char linker[FILE_PATH_MAX];
    bool has_output = false, has_objects = false;
    const char *first = take_printed_word(&line, scratch);
    if (!first || !is_linker_name(first) || !find_linker(first, compiler_path, linker)) {
        return false;
    }
    add_word(words, arena_copy_text(scratch, linker));
    *is_bfd = is_bfd_linker(linker);
    for (char *word = take_printed_word(&line, scratch); word;
         word = take_printed_word(&line, scratch)) {
        if (strcmp(word, "-plugin") == 0) {
            (void)take_printed_word(&line, scratch);
        } else if (strncmp(word, "-plugin-opt=", 12) != 0) {
            has_output |= strcmp(word, BUILD_OUTPUT_WORD) == 0;
            has_objects |= strcmp(word, BUILD_OBJECTS_WORD) == 0;
            add_word(words, word);
        }
    }
    return has_output && has_objects && words->count < WORDS_MAX - 1;
}

// Looks for the linker's line in what `cc -###` said.
static bool read_link_template(const BuildTools *tools, const char *said, Words *words,
                               bool *is_bfd, Arena *scratch)
{
    const char *compiler_path = "";
    if (has_flag(tools, "-flto") || has_flag(tools, "-fuse-ld")) {
        return false;
    }
    for (const char *at = said; *at; at += strcspn(at, "\n"), at += *at == '\n') {
        char *line = arena_format(scratch, "%.*s", (int)strcspn(at, "\n"), at);
        if (strncmp(line, "COMPILER_PATH=", 14) == 0) {
            compiler_path = line + 14;
        } else if (line[0] == ' ') {
            words->count = 0;
            if (read_link_line(line, compiler_path, words, is_bfd, scratch)) {
                return true;
            }
        }
    }
    return false;
}

// ------------------------------------------------------------------------------- the fast compiler

typedef enum FlagUse { FLAG_PASSED, FLAG_PASSED_WITH_NEXT, FLAG_LEFT_OUT, FLAG_UNKNOWN } FlagUse;

// What tcc does with a flag that was meant for the full compiler. Left out are those that change no
// program that has a meaning; one that is not known may.
static FlagUse flag_use(const char *flag)
{
    static const char *const LEFT_OUT[] = {"-O",
                                           "-W",
                                           "-w",
                                           "-g",
                                           "-std=gnu",
                                           "-std=c",
                                           "-pedantic",
                                           "-pipe",
                                           "-fPIC",
                                           "-fpic",
                                           "-fvisibility=",
                                           "-ffp-contract=off",
                                           "-fwrapv",
                                           "-fdiagnostics",
                                           "-fmax-errors",
                                           "-fno-strict-aliasing",
                                           "-fstrict-aliasing",
                                           "-fno-omit-frame-pointer",
                                           "-fomit-frame-pointer",
                                           "-fno-common",
                                           "-fno-exceptions",
                                           "-fno-inline",
                                           "-finline",
                                           "-ftrivial-auto-var-init=",
                                           "-fno-ipa-reference-addressable",
                                           "-mtune=",
                                           "-fno-math-errno",
                                           "-fstack-protector",
                                           "-fno-stack-protector",
                                           "-fcolor-diagnostics",
                                           "-fno-color-diagnostics"};
    static const char *const WITH_NEXT[] = {"-D", "-U", "-I", "-include", "-isystem", "-iquote"};
    for (size_t i = 0; i < COUNT_OF(WITH_NEXT); i++) {
        if (strcmp(flag, WITH_NEXT[i]) == 0) {
            return FLAG_PASSED_WITH_NEXT;
        }
    }
    if (strncmp(flag, "-D", 2) == 0 || strncmp(flag, "-U", 2) == 0 || strncmp(flag, "-I", 2) == 0) {
        return FLAG_PASSED;
    }
    for (size_t i = 0; i < COUNT_OF(LEFT_OUT); i++) {
        if (strncmp(flag, LEFT_OUT[i], strlen(LEFT_OUT[i])) == 0) {
            return FLAG_LEFT_OUT;
        }
    }
    return FLAG_UNKNOWN;
}

// Adds what tcc takes of these. False: there is one that the game may depend on.
static bool add_fast_flags(BuildTools *tools, const Words *flags, Words *words)
{
    for (uint32_t i = 0; i < flags->count; i++) {
        switch (flag_use(flags->words[i])) {
        case FLAG_PASSED_WITH_NEXT:
            add_word(words, flags->words[i]);
            if (i + 1 < flags->count) {
                add_word(words, flags->words[++i]);
            }
            break;
        case FLAG_PASSED:
            add_word(words, flags->words[i]);
            break;
        case FLAG_LEFT_OUT:
            break;
        case FLAG_UNKNOWN:
            (void)text_format(tools->fast_why_not, sizeof(tools->fast_why_not),
                              "the fast compiler has no %s", flags->words[i]);
            return false;
        }
    }
    return true;
}

// -Wall, since whatever tcc warns of is not run before the full compiler has seen it. -std=c11:
// else
// __STDC_VERSION__ is that of C99, and headers take other branches than with gcc.
static bool make_fast_words(BuildTools *tools, const char *path, Words *words, Arena *scratch)
{
    static const char *const BASE[] = {"-g", "-Wall", "-std=c11"};
    Words flags = {.count = 0};
    add_compiler(tools, &flags, scratch);
    flags.words[0] = arena_copy_text(scratch, "-O1"); // what follows it may be flags: "gcc -m32"
    if (flags.count > 1 && flags.words[1][0] != '-') {
        flags.words[1] = flags.words[0]; // "ccache gcc"
    }
    add_texts(&flags, scratch, tools->conf.compile, tools->conf.compile_count);
    add_split(&flags, scratch, tools->user_flags);
    add_word(words, arena_copy_text(scratch, path));
    add_texts(words, scratch, BASE, COUNT_OF(BASE));
    add_word(words, arena_format(scratch, "-I%s", tools->prelude_folder));
    if (tools->api_folder) {
        add_word(words, arena_format(scratch, "-I%s", tools->api_folder));
    }
    add_word(words, arena_format(scratch, "-I%s", tools->game_folder));
    return add_fast_flags(tools, &flags, words);
}

// Where `tcc -print-search-dirs` says that tcc lives.
static void find_fast_library(BuildTools *tools, const char *said)
{
    const char *at = strstr(said, "install: ");
    char folder[FILE_PATH_MAX];
    tools->fast_library[0] = '\0';
    if (at) {
        at += strlen("install: ");
        (void)text_format(folder, sizeof(folder), "%.*s", (int)strcspn(at, "\n"), at);
        if (!file_join(tools->fast_library, folder, "libtcc1.a")
            || !file_exists(tools->fast_library)) {
            tools->fast_library[0] = '\0';
        }
    }
}

// `asked`: about tcc; nothing was where there is none.
static void make_fast_command(BuildTools *tools, const BuildJob *asked, Arena *scratch)
{
    Words words = {.count = 0};
    tools->fast_why_not[0] = '\0';
    tools->fast_command = NULL;
    if (!asked->argv) {
        (void)text_format(tools->fast_why_not, sizeof(tools->fast_why_not),
                          "tcc is not installed (apt install tcc)");
        return;
    }
    find_fast_library(tools, asked->output);
    if (make_fast_words(tools, asked->argv[0], &words, scratch)) {
        tools->fast_command = keep_words(&words, tools->keep);
        tools->fast_words = words.count;
        tools->fast_identity = hash_words(stamp_of(words.words[0]), &words);
    }
}

// ------------------------------------------------------------------------------------------ asking

enum { ASK_LINK, ASK_GCC, ASK_CLANG, ASK_OLD_CLANG, ASK_FAST, ASKED };

// "gcc version 12.2.0 (Debian 12.2.0-14)", "Debian clang version 14.0.6"; "" for other compilers.
static const char *version_line(const char *said, Arena *scratch)
{
    for (const char *at = said; *at; at += strcspn(at, "\n"), at += *at == '\n') {
        char *line = arena_format(scratch, "%.*s", (int)strcspn(at, "\n"), at);
        if (strstr(line, " version ")) {
            return line;
        }
    }
    return "";
}

// Flags outside of any choice, asked for one by one: an old or unknown compiler.
static bool ask_singly(const BuildTools *tools, const char **accepted, const BuildJobLimits *limits,
                       Arena *scratch)
{
    BuildJob jobs[COUNT_OF(SINGLE_FLAGS)];
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(jobs); i++) {
        jobs[i] = (BuildJob){.argv = probe_flags(tools, &SINGLE_FLAGS[i], 1, scratch)};
    }
    if (!build_jobs_run(jobs, COUNT_OF(jobs), limits, scratch)) {
        return false;
    }
    for (size_t i = 0; i < COUNT_OF(jobs); i++) {
        if (build_job_is_ok(&jobs[i])) {
            accepted[count++] = SINGLE_FLAGS[i];
        }
    }
    return true;
}

static void make_commands(BuildTools *tools, const BuildJob *asked, const char *const *extra,
                          Arena *scratch)
{
    static const char *const SEARCH[] = {"CPATH", "C_INCLUDE_PATH", "LIBRARY_PATH", "COMPILER_PATH",
                                         "GCC_EXEC_PREFIX"};
    const BuildJob *link = &asked[ASK_LINK];
    Words unit = {.count = 0}, linker = {.count = 0};
    const char *version = version_line(link->output, scratch);
    add_unit_flags(tools, &unit, extra, EXTRA_MAX, scratch);
    tools->links_directly =
        build_job_is_ok(link)
        && read_link_template(tools, link->output, &linker, &tools->links_by_script, scratch);
    tools->links_by_script &= tools->links_directly;
    if (!tools->links_directly) {
        linker.count = 0;
        add_driver_link(tools, &linker, scratch);
    }
    arena_reset(tools->keep, tools->keep_base);
    tools->unit_command = keep_words(&unit, tools->keep);
    tools->unit_words = unit.count;
    tools->link_command = keep_words(&linker, tools->keep);
    tools->link_words = linker.count;
    tools->identity = hash_combine(tools->compiler_stamp, hash_bytes(version, strlen(version)));
    for (size_t i = 0; i < COUNT_OF(SEARCH); i++) {
        const char *value = getenv(SEARCH[i]);
        tools->identity =
            hash_combine(tools->identity, value ? hash_bytes(value, strlen(value)) : 0);
    }
    tools->identity = hash_words(tools->identity, &unit);
    tools->link_identity = hash_words(stamp_of(linker.words[0]), &linker);
    make_fast_command(tools, &asked[ASK_FAST], scratch);
    size_t used = 0;
    for (uint32_t i = 0; i < unit.count && used < sizeof(tools->command_text) - 1; i++) {
        (void)text_format(tools->command_text + used, sizeof(tools->command_text) - used, "%s%s",
                          i ? " " : "", unit.words[i]);
        used += strlen(tools->command_text + used);
    }
}

// All questions at once: each process takes 3 to 10 ms, and only one of the choices can be right.
static bool ask(BuildTools *tools, const BuildJobLimits *limits, Arena *scratch)
{
    BuildJob jobs[ASKED];
    Words link = {.count = 0};
    const char *accepted[COUNT_OF(SINGLE_FLAGS) + 1] = {NULL};
    const char *const *extra = NULL;
    add_driver_link(tools, &link, scratch);
    add_word(&link, arena_copy_text(scratch, "-###"));
    jobs[ASK_LINK] = (BuildJob){.argv = keep_words(&link, scratch)};
    for (int i = 0; i < CHOICES; i++) {
        jobs[ASK_GCC + i] = (BuildJob){
            .argv = probe_flags(tools, CHOICE_FLAGS[i], COUNT_OF(CHOICE_FLAGS[i]), scratch)};
    }
    char fast[FILE_PATH_MAX];
    const char *fast_words[] = {fast, "-print-search-dirs", NULL};
    bool has_fast = find_program("tcc", fast);
    jobs[ASK_FAST] =
        (BuildJob){.argv = has_fast ? extended(NULL, 0, fast_words, 2, scratch) : NULL};
    if (!build_jobs_run(jobs, has_fast ? ASKED : ASK_FAST, limits, scratch)) {
        return false;
    }
    for (int i = CHOICES - 1; i >= 0; i--) {
        if (build_job_is_ok(&jobs[ASK_GCC + i])) {
            extra = CHOICE_FLAGS[i];
        }
    }
    if (!extra) {
        if (!ask_singly(tools, accepted, limits, scratch)) {
            return false;
        }
        extra = accepted;
    }
    make_commands(tools, jobs, extra, scratch);
    return true;
}

void build_tools_configure(BuildTools *tools, const BuildConf *conf)
{
    arena_reset(tools->keep, 0);
    build_conf_copy(&tools->conf, conf, tools->keep);
    tools->keep_base = tools->keep->used_bytes;
    tools->wanted = tools->given           ? tools->given
                    : tools->conf.compiler ? tools->conf.compiler
                                           : tools->fallback;
    tools->compiler[0] = '\0';
    tools->ready = false;
}

static bool find_compiler(BuildTools *tools, BuildReport *report)
{
    char first[256];
    const char *wanted = tools->wanted + strspn(tools->wanted, " \t");
    (void)text_format(first, sizeof(first), "%.*s", (int)strcspn(wanted, " \t"), wanted);
    if (find_program(tools->wanted, tools->compiler) || find_program(first, tools->compiler)) {
        return true;
    }
    tools->compiler[0] = '\0';
    build_report_say(report, BUILD_ERROR,
                     "the compiler `%s` was not found%s: install gcc (apt install gcc), or name "
                     "another one in CC or in the game's hotloop.conf; the code that runs keeps "
                     "running",
                     first, strchr(first, '/') ? "" : " along PATH");
    return false;
}

bool build_tools_prepare(BuildTools *tools, BuildReport *report, Arena *scratch, int cancel_fd,
                         bool *cancelled)
{
    *cancelled = false;
    uint64_t stamp = stamp_of(tools->compiler);
    if (tools->ready && stamp != 0 && stamp == tools->compiler_stamp) {
        return true;
    }
    tools->ready = false;
    if (!find_compiler(tools, report)) {
        return false;
    }
    tools->compiler_stamp = stamp_of(tools->compiler);
    BuildJobLimits limits = {.at_once = ASKED,
                             .timeout_ms = PROBE_TIMEOUT_MS,
                             .cancel_fd = cancel_fd,
                             .environment = tools->environment,
                             .niceness = tools->niceness};
    *cancelled = !ask(tools, &limits, scratch);
    tools->ready = !*cancelled;
    return tools->ready;
}

// ------------------------------------------------------------------------------ the ready commands

char *const *build_tools_unit(const BuildTools *tools, const char *source, const char *object,
                              const char *dependencies, Arena *scratch)
{
    const char *more[] = {"-MMD", "-MT", "o", "-MF", dependencies, "-c", "-o", object, source};
    return extended(tools->unit_command, tools->unit_words, more, COUNT_OF(more), scratch);
}

char *const *build_tools_fast(const BuildTools *tools, const char *source, const char *object,
                              Arena *scratch)
{
    const char *more[] = {"-c", "-o", object, source};
    return extended(tools->fast_command, tools->fast_words, more, COUNT_OF(more), scratch);
}

char *const *build_tools_preprocess(const BuildTools *tools, const char *source, const char *text,
                                    Arena *scratch)
{
    const char *more[] = {"-E", "-o", text, source};
    return tools->fast_command
               ? extended(tools->fast_command, tools->fast_words, more, COUNT_OF(more), scratch)
               : extended(tools->unit_command, tools->unit_words, more, COUNT_OF(more), scratch);
}

static const char *folder_of(const char *path, Arena *scratch)
{
    return arena_format(scratch, "%.*s", (int)(strrchr(path, '/') - path), path);
}

char *const *build_tools_preprocess_stripped(const BuildTools *tools, const char *source,
                                             const char *stripped, bool only_macros,
                                             const char *text, Arena *scratch)
{
    const char *more[] = {"-I",     folder_of(source, scratch), "-E", "-o", text,
                          stripped, only_macros ? "-dM" : "-E"};
    return extended(tools->fast_command, tools->fast_words, more, COUNT_OF(more), scratch);
}

// Also of what nothing refers to any more: what functions do was what referred to it.
char *const *build_tools_types(const BuildTools *tools, const char *source, const char *stripped,
                               const char *object, Arena *scratch)
{
    const char *more[] = {"-O0",
                          "-fkeep-inline-functions",
                          "-fno-eliminate-unused-debug-types",
                          "-w",
                          "-iquote",
                          folder_of(source, scratch),
                          arena_format(scratch, "-fdebug-prefix-map=%s=%s", stripped, source),
                          "-x",
                          "c",
                          "-c",
                          "-o",
                          object,
                          stripped};
    return extended(tools->unit_command, tools->unit_words, more, COUNT_OF(more), scratch);
}

char *const *build_tools_link_types(const BuildTools *tools, const char *const *objects,
                                    uint32_t count, const char *library, Arena *scratch)
{
    static const char *const DIRECT[] = {"-shared", "-Bsymbolic", "--build-id", "-o"};
    static const char *const DRIVER[] = {"-shared", "-nostdlib", "-Wl,-Bsymbolic", "-Wl,--build-id",
                                         "-o"};
    const char *const *flags = tools->links_directly ? DIRECT : DRIVER;
    size_t flag_count = tools->links_directly ? COUNT_OF(DIRECT) : COUNT_OF(DRIVER), used = 0;
    const char **more = ARENA_NEW(scratch, const char *, flag_count + 1 + count);
    for (size_t i = 0; i < flag_count; i++) {
        more[used++] = flags[i];
    }
    more[used++] = library;
    for (uint32_t i = 0; i < count; i++) {
        more[used++] = objects[i];
    }
    return extended(tools->link_command, 1, more, used, scratch);
}

char *const *build_tools_link(const BuildTools *tools, const BuildNames *names,
                              const char *const *objects, uint32_t count, const char *library,
                              Arena *scratch)
{
    char **words = ARENA_NEW(scratch, char *, tools->link_words + count + 3);
    uint32_t used = 0;
    for (uint32_t i = 0; i < tools->link_words; i++) {
        char *word = tools->link_command[i];
        const char *instead = names ? build_names_instead_of(names, word) : NULL;
        if (instead) {
            if (instead[0]) {
                words[used++] = as_word(instead);
            }
        } else if (strcmp(word, BUILD_OBJECTS_WORD) == 0) {
            for (uint32_t k = 0; k < count; k++) {
                words[used++] = as_word(objects[k]);
            }
        } else {
            words[used++] = strcmp(word, BUILD_OUTPUT_WORD) == 0 ? as_word(library) : word;
        }
    }
    if (names) { // a name that is not known yet must not be left open, without its version
        words[used++] = as_word("-z");
        words[used++] = as_word("defs");
    }
    return words;
}

char *const *build_tools_link_waiting(const BuildTools *tools, const BuildNames *names,
                                      uint64_t build_id, const char *library, Arena *scratch)
{
    // Read where it stands, so that what it names keeps its place among all others. The last
    // --build-id counts. Source: ld's documentation, "Command-line Options".
    const char *const inputs[] = {"-T", "/dev/stdin"};
    char *const *words = build_tools_link(tools, names, inputs, COUNT_OF(inputs), library, scratch);
    uint32_t count = 0;
    while (words[count]) {
        count++;
    }
    const char *id = arena_format(scratch, "--build-id=0x%016llx", (unsigned long long)build_id);
    return extended(words, count, &id, 1, scratch);
}

const char *build_tools_link_script(const char *const *objects, uint32_t count, Arena *scratch)
{
    size_t room = 256, used = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (objects[i][0] != '/' || strpbrk(objects[i], "\"\n")) {
            return NULL; // a script has no word for a quote
        }
        room += strlen(objects[i]) + 3;
    }
    char *script = arena_push(scratch, room, 1, 1);
    used += (size_t)snprintf(script, room, "INPUT(");
    for (uint32_t i = 0; i < count; i++) {
        used += (size_t)snprintf(script + used, room - used, " \"%s\"", objects[i]);
    }
    // A script that inserts something leaves ld its own for all else, else it would be instead of
    // that. Source: ld's documentation, "INSERT".
    (void)snprintf(script + used, room - used,
                   " ) SECTIONS { .hotloop_none : { *(.hotloop_none) } } INSERT AFTER .comment;");
    return script;
}
