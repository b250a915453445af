#include "build_conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Where the line that is read stands, and what it has to do with.
typedef struct Reader {
    BuildConf *conf;
    BuildReport *report;
    Arena *arena;
    const char *folder, *path;
    int line;
    bool ok;
} Reader;

static void say(Reader *reader, int column, const char *format, ...) BASE_PRINTF(3, 4);
static void say(Reader *reader, int column, const char *format, ...)
{
    char text[512];
    BuildDiagnostic diagnostic = {
        .severity = BUILD_ERROR, .line = reader->line, .column = column + 1};
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    text_clean(diagnostic.text, sizeof(diagnostic.text), text, false);
    text_clean(diagnostic.file, sizeof(diagnostic.file), reader->path, false);
    reader->ok = false;
    if (reader->report) {
        build_report_add(reader->report, &diagnostic);
    }
}

// ------------------------------------------------------------------------------------------ values

static void add(Reader *reader, const char **words, uint32_t *count, const char *word)
{
    if (*count < BUILD_CONF_WORDS_MAX) {
        words[(*count)++] = word;
    } else {
        say(reader, 0, "more than %d words of one kind: is this really a game's settings?",
            BUILD_CONF_WORDS_MAX);
    }
}

// Without "..", where it is there: names that the compiler, the watch and the screen agree on.
static const char *from_folder(const Reader *reader, const char *path)
{
    const char *joined =
        path[0] == '/' ? path : arena_format(reader->arena, "%s/%s", reader->folder, path);
    char *real = realpath(joined, NULL);
    const char *copy = arena_copy_text(reader->arena, real ? real : joined);
    free(real);
    return copy;
}

// The next word of *text, without its quotes; NULL at the end. `column` is where *text stands.
static char *take_word(Reader *reader, const char **text, int column)
{
    const char *at = *text + strspn(*text, " \t");
    if (*at == '\0') {
        return NULL;
    }
    char *word = ARENA_NEW(reader->arena, char, strlen(at) + 1);
    const char *opened = NULL;
    size_t length = 0;
    for (; *at && (opened || !strchr(" \t", *at)); at++) {
        if (*at == '"') {
            opened = opened ? NULL : at;
        } else {
            at += *at == '\\' && at[1] == '"';
            word[length++] = *at;
        }
    }
    if (opened) {
        say(reader, column + (int)(opened - *text), "a \" that is never closed");
    }
    *text = at;
    return word;
}

static void add_flags(Reader *reader, const char *value, int column, const char **words,
                      uint32_t *count)
{
    const char *at = value;
    for (char *word; (word = take_word(reader, &at, column + (int)(at - value)));) {
        bool is_folder = (strncmp(word, "-I", 2) == 0 || strncmp(word, "-L", 2) == 0) && word[2];
        add(reader, words, count,
            is_folder ? arena_format(reader->arena, "%.2s%s", word, from_folder(reader, word + 2))
                      : word);
    }
}

static void set_compiler(Reader *reader, const char *value, int column)
{
    (void)column;
    bool is_relative = value[0] != '/' && memchr(value, '/', strcspn(value, " \t"));
    reader->conf->compiler = is_relative
                                 ? arena_format(reader->arena, "%s/%s", reader->folder, value)
                                 : arena_copy_text(reader->arena, value);
}

static void add_cflags(Reader *reader, const char *value, int column)
{
    add_flags(reader, value, column, reader->conf->compile, &reader->conf->compile_count);
}

static void add_ldflags(Reader *reader, const char *value, int column)
{
    add_flags(reader, value, column, reader->conf->link, &reader->conf->link_count);
}

static void add_define(Reader *reader, const char *value, int column)
{
    char first = value[0];
    bool is_name = first == '_' || (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z');
    if (!is_name) {
        say(reader, column, "expected a macro's name, as in define = CHEAT or define = SPEED=3");
        return;
    }
    add(reader, reader->conf->compile, &reader->conf->compile_count,
        arena_format(reader->arena, "-D%s", value));
}

static void add_include(Reader *reader, const char *value, int column)
{
    const char *folder = from_folder(reader, value);
    if (!file_is_folder(folder)) {
        say(reader, column, "there is no folder %s", folder);
    }
    add(reader, reader->conf->compile, &reader->conf->compile_count,
        arena_format(reader->arena, "-I%s", folder));
}

// A shared library that lies somewhere is also looked for there when the game is loaded.
static void add_library_file(Reader *reader, const char *word, int column)
{
    const char *path = from_folder(reader, word);
    if (!file_exists(path)) {
        say(reader, column, "there is no file %s; a library of the system is named without a slash",
            path);
        return;
    }
    BuildConf *conf = reader->conf;
    add(reader, conf->files, &conf->file_count, path);
    add(reader, conf->link, &conf->link_count, path);
    if (strstr(path, ".so")) {
        add(reader, conf->link, &conf->link_count,
            arena_format(reader->arena, "-Wl,-rpath,%.*s", (int)(strrchr(path, '/') - path), path));
    }
}

static void add_libs(Reader *reader, const char *value, int column)
{
    const char *at = value;
    for (char *word; (word = take_word(reader, &at, column + (int)(at - value)));) {
        int where = column + (int)(at - value) - (int)strlen(word);
        if (strchr(word, '/')) {
            add_library_file(reader, word, where);
        } else if (word[0] == '-') {
            say(reader, where, "expected a library's name, as in libs = z; flags go into ldflags");
        } else {
            add(reader, reader->conf->link, &reader->conf->link_count,
                arena_format(reader->arena, "-l%s", word));
        }
    }
}

// ------------------------------------------------------------------------------------------- lines

typedef struct Key {
    const char *name;
    void (*take)(Reader *reader, const char *value, int column);
} Key;

static const Key KEYS[] = {
    {"cc", set_compiler},     {"cflags", add_cflags}, {"define", add_define},
    {"include", add_include}, {"libs", add_libs},     {"ldflags", add_ldflags},
};

static void read_pair(Reader *reader, const char *name, int name_at, const char *value,
                      int value_at)
{
    const char *names[COUNT_OF(KEYS)];
    for (size_t i = 0; i < COUNT_OF(KEYS); i++) {
        names[i] = KEYS[i].name;
        if (strcmp(name, KEYS[i].name) == 0) {
            if (value[0] == '\0') {
                say(reader, value_at, "%s has no value: leave the line out, or give it one", name);
            } else {
                KEYS[i].take(reader, value, value_at);
            }
            return;
        }
    }
    const char *nearest = text_nearest(name, names, COUNT_OF(names));
    say(reader, name_at,
        "%s is no setting%s%s (there are cc, cflags, define, include, libs and "
        "ldflags)",
        name, nearest ? "; did you mean " : "", nearest ? nearest : "");
}

static void trim_end(char *text)
{
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r", text[length - 1])) {
        text[--length] = '\0';
    }
}

// A remark begins the line or stands behind a blank: "-Wl,#x" is none.
static void cut_remark(char *line)
{
    bool quoted = false;
    for (char *at = line; *at; at++) {
        quoted ^= *at == '"';
        if (*at == '#' && !quoted && (at == line || strchr(" \t", at[-1]))) {
            *at = '\0';
            return;
        }
    }
}

static void read_line(Reader *reader, char *line)
{
    cut_remark(line);
    trim_end(line);
    char *name = line + strspn(line, " \t"), *equals = strchr(name, '=');
    if (name[0] == '\0') {
        return;
    }
    if (!equals) {
        say(reader, (int)(name - line), "expected `key = value`, as in cflags = -O0");
        return;
    }
    *equals = '\0';
    trim_end(name);
    char *value = equals + 1 + strspn(equals + 1, " \t");
    read_pair(reader, name, (int)(name - line), value, (int)(value - line));
}

bool build_conf_read(BuildConf *conf, const char *folder, Arena *arena, BuildReport *report)
{
    char path[FILE_PATH_MAX];
    FileBytes bytes;
    Fault fault;
    Reader reader = {conf, report, arena, folder, path, 0, true};
    *conf = (BuildConf){0};
    if (!file_join(path, folder, BUILD_CONF_NAME) || !file_exists(path)) {
        return true;
    }
    if (!file_read(arena, path, BUILD_CONF_BYTES_MAX, &bytes, &fault)) {
        say(&reader, -1, "cannot be read: %s", fault.text);
        return false;
    }
    conf->hash = hash_combine(1, hash_bytes(bytes.data, bytes.size_bytes));
    if (memchr(bytes.data, 0, bytes.size_bytes)) {
        say(&reader, -1, "is no text: it has zero bytes in it");
        return false;
    }
    for (const char *at = (const char *)bytes.data; *at;) {
        size_t length = strcspn(at, "\n");
        reader.line++;
        read_line(&reader, arena_format(arena, "%.*s", (int)length, at));
        at += length + (at[length] == '\n');
    }
    return reader.ok;
}

void build_conf_copy(BuildConf *to, const BuildConf *from, Arena *arena)
{
    *to = *from;
    to->compiler = from->compiler ? arena_copy_text(arena, from->compiler) : NULL;
    for (uint32_t i = 0; i < from->compile_count; i++) {
        to->compile[i] = arena_copy_text(arena, from->compile[i]);
    }
    for (uint32_t i = 0; i < from->link_count; i++) {
        to->link[i] = arena_copy_text(arena, from->link[i]);
    }
    for (uint32_t i = 0; i < from->file_count; i++) {
        to->files[i] = arena_copy_text(arena, from->files[i]);
    }
}

bool build_conf_is_named(const char *path)
{
    const char *slash = strrchr(path, '/');
    return strcmp(slash ? slash + 1 : path, BUILD_CONF_NAME) == 0;
}
