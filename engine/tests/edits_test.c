// The edit corpus: every folder of engine/tests/edits is a game that is edited while it runs, in
// the real executable, and says what has to become of its variables and pointers. A folder is a
// case of that name; a mistake that somebody reports becomes a folder.
//
// Files of a folder:
//     before.c  after.c  third.c     the game's game.c before the edit, after it, after another one
//     before_NAME  after_NAME  ...   the file NAME of that moment only: it comes, changes and goes
//     NAME                           a file that is there all the time (headers, hotloop.conf)
// In NAME, @ stands for a slash: before_rules@fox.c is rules/fox.c.
//
// Lines in any file of a moment, before.c first, are done in their order once its build plays (the
// first build once it has said "ready", in its fourth tick):
//     // expect: log TEXT        the game's next line is exactly that
//     // expect: carried NAME    the variable went on, and is named so
//     // expect: changed TEXT    its new initialiser won; the item's name or text contains TEXT
//     // expect: lost TEXT       so with what has no counterpart, and with pointers that lost
//     theirs
//     // expect: perhaps lost TEXT   it may be named as lost, and need not be
//     // expect: guessed TEXT    so with what is taken for a new name
//     // expect: migrated TEXT   the line that says what became of the state contains TEXT
//     // expect: fault TEXT      a call was contained, and what is said of it contains TEXT
//     // expect: refused TEXT    instead of all that: the build is not taken, for that reason
//     // expect: refused-or TEXT the build is not taken, for that reason, or all other lines hold
//     // do: WORDS               `hotloop ctl WORDS`
//     // do: hear no more        what the game logs from here on is as it likes
//     // do: replay TICKS        (in before.c) the game plays from a recording of so many ticks
//     // do: options WORDS       (in before.c) more words for `hotloop run`
//
// Every item of "changed", "lost" and "guessed" must be expected by exactly one line, and every
// line that the game logs must be: what is named for nothing is a mistake like what is not named.
// TEXT of several parts with " ... " between them: the item contains each of them.
//
// EDITS_CC and EDITS_CFLAGS in the environment run the folders that have no hotloop.conf with
// another compiler or level; EDITS_FOLDER names another corpus. (With clang -O2 some fail by right:
// it has no room for a number that is only written, and that is named.)
#include "session.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EDITS_MAX = 400, FILES_MAX = 16, LINES_MAX = 64, LINE_BYTES = 256 };

typedef struct Edit {
    SessionCase frame; // first: session.c knows this part
    char name[256];
} Edit;

static const char *const MOMENTS[] = {"before", "after", "third"};
enum { MOMENT_COUNT = sizeof(MOMENTS) / sizeof(MOMENTS[0]) };

// What one moment's files say.
typedef struct Moment {
    const char *word;
    char lines[LINES_MAX][LINE_BYTES]; // from behind "// "
    int line_count;
    bool exists, refused, may_be_refused;
} Moment;

typedef struct Run {
    Place *place;
    Session *session;
    Moment moments[MOMENT_COUNT];
    char recording_ticks[16]; // "": played live
    char options[LINE_BYTES]; // for `hotloop run`
    const json_t *reload;     // the last one
    size_t logs_at;           // the next event that is to be searched for log lines
    bool hears_no_more;
} Run;

// ------------------------------------------------------------------------------------- the folder

static bool is_common(const char *file)
{
    for (size_t i = 0; i < MOMENT_COUNT; i++) {
        if (strncmp(file, MOMENTS[i], strlen(MOMENTS[i])) == 0) {
            return false;
        }
    }
    return true;
}

// The name in the game's folder of a file of that moment; NULL: it belongs to another one.
static const char *name_in_game(Place *place, const char *file, const char *moment)
{
    size_t length = is_common(file) ? 0 : strlen(moment);
    if (strncmp(file, moment, length) != 0) {
        return NULL;
    }
    if (length > 0 && strcmp(file + length, ".c") == 0) {
        return "game.c";
    }
    const char *name = file + length + (length > 0);
    const char *at = strchr(name, '@');
    return at ? place_text(place, "%.*s/%s", (int)(at - name), name, at + 1) : name;
}

static int read_folder(Place *place, const char *folder, char files[FILES_MAX][64])
{
    int count = 0;
    DIR *dir = opendir(place_path(place, folder));
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] != '.') {
            assert_true(count < FILES_MAX);
            assert_true(snprintf(files[count++], 64, "%s", entry->d_name) < 64);
        }
    }
    closedir(dir);
    qsort(files, (size_t)count, sizeof(files[0]), (int (*)(const void *, const void *))strcmp);
    return count;
}

static void read_lines(Run *run, Moment *moment, const char *text)
{
    for (const char *at = text; (at = strstr(at, "// ")); at++) {
        const char *line = at + 3;
        if (strncmp(line, "do: replay ", 11) == 0) {
            (void)sscanf(line + 11, "%15[0-9]", run->recording_ticks);
        } else if (strncmp(line, "do: options ", 12) == 0) {
            (void)sscanf(line + 12, "%255[^\n]", run->options);
        } else if (strncmp(line, "do: ", 4) == 0 || strncmp(line, "expect: ", 8) == 0) {
            assert_true(moment->line_count < LINES_MAX);
            int length = (int)strcspn(line, "\n");
            assert_true(length < LINE_BYTES);
            (void)snprintf(moment->lines[moment->line_count++], LINE_BYTES, "%.*s", length, line);
            moment->refused |= strncmp(line, "expect: refused ", 16) == 0;
            moment->may_be_refused |= strncmp(line, "expect: refused-or ", 19) == 0;
        }
    }
}

static void read_moment(Run *run, Moment *moment)
{
    char files[FILES_MAX][64];
    int count = read_folder(run->place, "edit", files);
    for (int i = 0; i < count; i++) {
        if (!is_common(files[i]) && name_in_game(run->place, files[i], moment->word)) {
            char *text = place_read(run->place, place_text(run->place, "edit/%s", files[i]), NULL);
            read_lines(run, moment, text);
            free(text);
            moment->exists = true;
        }
    }
}

static bool same_text(Place *place, const char *name, const char *text)
{
    char *now = place_exists(place, name) ? place_read(place, name, NULL) : NULL;
    bool same = now && strcmp(now, text) == 0;
    free(now);
    return same;
}

static bool has_file(Place *place, char files[FILES_MAX][64], int count, const char *name,
                     const char *moment)
{
    bool has = false;
    for (int i = 0; i < count && !has; i++) {
        const char *other = name_in_game(place, files[i], moment);
        has = other && strcmp(other, name) == 0;
    }
    return has;
}

// What is new comes first and what is no more goes last, so that a build in between, if there is
// one, cannot be a good one of half of the edit.
static void put_moment(Run *run, const Moment *moment, const Moment *before)
{
    Place *place = run->place;
    char files[FILES_MAX][64];
    int count = read_folder(place, "edit", files);
    for (int i = 0; i < count; i++) {
        const char *name = name_in_game(place, files[i], moment->word);
        if (name) {
            const char *path = place_text(place, "game/%s", name);
            char *text = place_read(place, place_text(place, "edit/%s", files[i]), NULL);
            if (!same_text(place, path, text)) {
                place_write(place, path, text, RENAMED);
            }
            free(text);
        }
    }
    for (int i = 0; i < count && before; i++) {
        const char *name = name_in_game(place, files[i], before->word);
        if (name && !has_file(place, files, count, name, moment->word)) {
            place_remove(place, place_text(place, "game/%s", name));
        }
    }
}

// ---------------------------------------------------------------------------------- what happened

static const json_t *list_of(const Run *run, const char *name)
{
    const json_t *list = json_object_get(run->reload, name);
    assert_true(json_is_array(list));
    return list;
}

static void fail_about(const Run *run, const char *line, const char *said)
{
    char *all = json_dumps(run->reload, JSON_COMPACT);
    fail_msg("%s: %s%s%s", line, said, run->reload ? "; the reload was " : "", all ? all : "");
}

// The words of `text` stand in the item, and do not begin or end in the middle of a name.
static bool has_words(const char *item, const char *text, size_t length)
{
    for (const char *at = item; (at = memmem(at, strlen(at), text, length)); at++) {
        bool begins = at == item || !(isalnum((unsigned char)at[-1]) || at[-1] == '_');
        if (begins && !isalnum((unsigned char)at[length]) && at[length] != '_') {
            return true;
        }
    }
    return false;
}

static bool is_about(const char *item, const char *text)
{
    for (const char *end; (end = strstr(text, " ... ")); text = end + 5) {
        if (!has_words(item, text, (size_t)(end - text))) {
            return false;
        }
    }
    return has_words(item, text, strlen(text));
}

static int count_about(const json_t *list, const char *text)
{
    size_t index;
    const json_t *item;
    int count = 0;
    json_array_foreach(list, index, item)
    {
        count += is_about(json_string_value(item), text);
    }
    return count;
}

static void expect_item(const Run *run, const char *line, const char *name, const char *text)
{
    int count = count_about(list_of(run, name), text);
    if (count != 1) {
        fail_about(run, line, count ? "there are several" : "it is not there");
    }
}

static void expect_summary(const Run *run, const char *line, const char *text)
{
    const char *summary = json_string_value(json_object_get(run->reload, "migrated"));
    if (!summary || !is_about(summary, text)) {
        fail_about(run, line, "the line does not say it");
    }
}

static void expect_log(Run *run, const char *line, const char *text)
{
    const char *said;
    do {
        run->session->at = run->logs_at;
        said = session_wait_log(run->session, "");
        run->logs_at = run->session->at;
    } while (strcmp(said, "ready") == 0);
    if (strcmp(said, text) != 0) {
        fail_about(run, line, place_text(run->place, "the game said \"%s\"", said));
    }
}

static const char *behind(const char *line, const char *word)
{
    size_t length = strlen(word);
    return strncmp(line, word, length) == 0 ? line + length : NULL;
}

// At blanks, which become the ends of words; how many there are.
static size_t split(char *text, const char **words, size_t most)
{
    size_t count = 0;
    for (char *word; (word = strsep(&text, " ")) && count < most;) {
        if (*word) {
            words[count++] = word;
        }
    }
    return count;
}

static void tell_words(Run *run, const char *words)
{
    const char *all[PLACE_WORDS_MAX] = {0};
    char *copy = strdup(words);
    (void)split(copy, all, PLACE_WORDS_MAX - 1);
    (void)session_tell(run->session, all);
    free(copy);
}

static void do_line(Run *run, const char *line)
{
    const char *rest;
    if (strcmp(line, "do: hear no more") == 0) {
        run->hears_no_more = true;
    } else if ((rest = behind(line, "do: "))) {
        tell_words(run, rest);
    } else if ((rest = behind(line, "expect: log "))) {
        expect_log(run, line, rest);
    } else if ((rest = behind(line, "expect: carried "))) {
        expect_item(run, line, "carried", rest);
    } else if ((rest = behind(line, "expect: changed "))) {
        expect_item(run, line, "changed", rest);
    } else if ((rest = behind(line, "expect: lost "))) {
        expect_item(run, line, "lost", rest);
    } else if ((rest = behind(line, "expect: guessed "))) {
        expect_item(run, line, "guessed", rest);
    } else if ((rest = behind(line, "expect: migrated "))) {
        expect_summary(run, line, rest);
    } else if ((rest = behind(line, "expect: fault "))) {
        run->session->at = 0;
        (void)session_wait_field(run->session, "fault", "text", rest);
    } else if (!behind(line, "expect: refused ") && !behind(line, "expect: refused-or ")
               && !behind(line, "expect: perhaps lost ")) {
        fail_msg("what is \"%s\"?", line);
    }
}

static bool is_allowed(const Moment *moment, const char *item)
{
    bool is_allowed = false;
    for (int i = 0; i < moment->line_count && !is_allowed; i++) {
        const char *text = behind(moment->lines[i], "expect: perhaps lost ");
        is_allowed = text && is_about(item, text);
    }
    return is_allowed;
}

// That each of these lines finds one item is seen when they are done; so there are no others if
// each item finds one of them.
static void expect_no_others(const Run *run, const Moment *moment)
{
    static const char *const LISTS[] = {"changed", "lost", "guessed"};
    for (size_t i = 0; i < sizeof(LISTS) / sizeof(LISTS[0]); i++) {
        const char *word = place_text(run->place, "expect: %s ", LISTS[i]);
        size_t index;
        const json_t *item;
        json_array_foreach(list_of(run, LISTS[i]), index, item)
        {
            const char *said = json_string_value(item);
            int count = strcmp(LISTS[i], "lost") == 0 && is_allowed(moment, said);
            for (int k = 0; k < moment->line_count; k++) {
                const char *text = behind(moment->lines[k], word);
                count += text && is_about(said, text);
            }
            if (count != 1) {
                fail_about(run, place_text(run->place, "%s: \"%s\"", LISTS[i], said),
                           count ? " is expected by several lines" : " is expected by none");
            }
        }
    }
}

// ------------------------------------------------------------------------------------------ a run

static const json_t *find_event(Run *run, const char *name, const char *or_name)
{
    Session *session = run->session;
    for (size_t i = session->at; i < json_array_size(session->seen); i++) {
        const json_t *event = json_array_get(session->seen, i);
        const char *its = field_text(event, "event");
        if (strcmp(its, name) == 0 || strcmp(its, or_name) == 0) {
            session->at = i + 1;
            return event;
        }
    }
    return NULL;
}

// The next event of one of these names. A build that failed is no reason to wait for the cap, but a
// build of half of the edit, should there be one, may fail.
static const json_t *wait_for(Run *run, const char *name, const char *or_name)
{
    enum { NAP_MS = 5, FAILED_MS = 2000 };
    for (int waited_ms = 0; waited_ms < PLACE_CAP_MS; waited_ms += NAP_MS) {
        bool failed = session_count(run->session, "build_failed") > 0;
        const json_t *event = find_event(run, name, or_name);
        if (event) {
            return event;
        }
        if (!session_is_running(run->session) || (failed && waited_ms >= FAILED_MS)) {
            break;
        }
        place_nap_ms(NAP_MS);
    }
    fail_msg("no %s comes", name);
    return NULL;
}

static void start(Run *run)
{
    Place *place = run->place;
    const char *words[PLACE_WORDS_MAX] = {place->game, "--headless", "--seed", "7"};
    bool has_settings = place_exists(place, "game/hotloop.conf");
    const char *compiler = has_settings ? NULL : getenv("EDITS_CC");
    const char *flags = has_settings ? NULL : getenv("EDITS_CFLAGS");
    size_t count = 4;
    if (compiler) {
        words[count++] = "--cc";
        words[count++] = compiler;
    }
    if (flags) {
        words[count++] = "--cflags";
        words[count++] = flags;
    }
    if (run->recording_ticks[0]) {
        const Output *said =
            PLACE_HOTLOOP(place, "run", place->game, "--headless", "--fast", "--seed", "7",
                          "--ticks", run->recording_ticks, "--record", "game.hlr");
        assert_int_equal(said->exit_code, 0);
        words[count++] = "--replay";
        words[count++] = place_path(place, "game.hlr");
    }
    (void)split(run->options, words + count, PLACE_WORDS_MAX - 8 - count);
    run->session = session_start(place, words);
    (void)wait_for(run, "reload", "reload");
    (void)session_wait_log(run->session, "ready");
    run->logs_at = run->session->at;
}

static void do_moment(Run *run, const Moment *moment)
{
    for (int i = 0; i < moment->line_count; i++) {
        do_line(run, moment->lines[i]);
    }
}

static void expect_refused(const Moment *moment, const json_t *refused)
{
    const char *word = moment->refused ? "expect: refused " : "expect: refused-or ";
    const char *reason = field_text(refused, "reason");
    for (int i = 0; i < moment->line_count; i++) {
        const char *text = behind(moment->lines[i], word);
        if (text && !is_about(reason, text)) {
            fail_msg("%s: it was refused because: %s", moment->lines[i], reason);
        }
    }
}

static void edit(Run *run, const Moment *moment)
{
    put_moment(run, moment, moment - 1);
    if (moment->refused) {
        run->session->at = run->logs_at;
        expect_refused(moment, wait_for(run, "refused", "refused"));
        do_moment(run, moment);
        return;
    }
    const json_t *event = wait_for(run, "reload", moment->may_be_refused ? "refused" : "reload");
    if (strcmp(field_text(event, "event"), "refused") == 0) {
        expect_refused(moment, event);
        return;
    }
    run->reload = event;
    expect_no_others(run, moment);
    do_moment(run, moment);
}

static void expect_silence(Run *run)
{
    session_quit(run->session);
    for (size_t i = run->logs_at; !run->hears_no_more && i < json_array_size(run->session->seen);
         i++) {
        const json_t *event = json_array_get(run->session->seen, i);
        if (strcmp(field_text(event, "event"), "log") == 0
            && strcmp(field_text(event, "text"), "ready") != 0) {
            fail_about(run, field_text(event, "text"), "the game said that, and nobody expects it");
        }
    }
}

static void run_edit(Place *place)
{
    Run *run = calloc(1, sizeof(*run));
    assert_non_null(run);
    run->place = place;
    for (size_t i = 0; i < MOMENT_COUNT; i++) {
        run->moments[i].word = MOMENTS[i];
        read_moment(run, &run->moments[i]);
    }
    assert_true(run->moments[0].exists && run->moments[1].exists);
    char *common = place_read(place, TEST_EDITS "/edit.h", NULL);
    place_write(place, "game/edit.h", common, IN_PLACE);
    free(common);
    put_moment(run, &run->moments[0], NULL);
    start(run);
    do_moment(run, &run->moments[0]);
    for (size_t i = 1; i < MOMENT_COUNT && run->moments[i].exists; i++) {
        edit(run, &run->moments[i]);
    }
    expect_silence(run);
    free(run);
}

static const char *corpus(void)
{
    const char *folder = getenv("EDITS_FOLDER");
    return folder ? folder : TEST_EDITS;
}

static int begin_edit(void **state)
{
    const Edit *chosen = *state;
    (void)session_case_begin(state);
    Place *place = *state;
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s", corpus(), chosen->name);
    return symlink(path, place_path(place, "edit"));
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const Edit *)a)->name, ((const Edit *)b)->name);
}

// Scenario: a game of the corpus plays, is edited, and plays on.
// Expect: what the lines in its sources say, and nothing else.
int main(int argc, char **argv)
{
    static Edit edits[EDITS_MAX];
    static struct CMUnitTest cases[EDITS_MAX];
    size_t count = 0;
    DIR *dir = opendir(corpus());
    for (struct dirent *entry; dir && (entry = readdir(dir)) && count < EDITS_MAX;) {
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.') {
            edits[count].frame.body = run_edit;
            (void)snprintf(edits[count].name, sizeof(edits[count].name), "%s", entry->d_name);
            count++;
        }
    }
    if (!dir || closedir(dir) != 0 || count == 0) {
        (void)fprintf(stderr, "%s: no edits are there\n", corpus());
        return 1;
    }
    qsort(edits, count, sizeof(edits[0]), by_name);
    for (size_t i = 0; i < count; i++) {
        cases[i] = (struct CMUnitTest){.name = edits[i].name,
                                       .test_func = session_case_run,
                                       .setup_func = begin_edit,
                                       .teardown_func = session_case_end,
                                       .initial_state = &edits[i]};
    }
    session_arguments(argc, argv);
    return _cmocka_run_group_tests("edits", cases, count, NULL, NULL);
}
