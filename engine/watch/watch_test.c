#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file_testing.h"
#include "watch.h"

// Only a hang reaches it.
#define CAP_NS (10 * NS_PER_S)

typedef struct Place {
    char folder[256];
    Watch *watch;
} Place;

static const char *in_place(const Place *place, const char *name)
{
    return folder_path(place->folder, name);
}

static int setup(void **state)
{
    static Place place;
    place = (Place){.folder = "/tmp/watch_test.XXXXXX"};
    assert_non_null(mkdtemp(place.folder));
    place.watch = watch_open(NULL);
    assert_non_null(place.watch);
    *state = &place;
    return 0;
}

static int teardown(void **state)
{
    Place *place = *state;
    watch_close(place->watch);
    return folder_remove(place->folder);
}

static void write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void make_folder(const char *path)
{
    assert_int_equal(mkdir(path, 0755), 0);
}

static void move(const char *from, const char *to)
{
    assert_int_equal(rename(from, to), 0);
}

static void sleep_until_ready(const Place *place)
{
    struct pollfd fd = {.fd = watch_fd(place->watch), .events = POLLIN};
    int timeout = watch_timeout_ms(place->watch);
    (void)poll(&fd, 1, timeout < 0 || timeout > 100 ? 100 : timeout);
}

// Waits until that very change comes; what comes before it is counted in *others.
static bool comes(const Place *place, WatchKind kind, const char *path, unsigned *others)
{
    uint64_t give_up_ns = mono_ns() + CAP_NS;
    WatchChange change;
    while (mono_ns() < give_up_ns) {
        while (watch_next(place->watch, &change)) {
            if (change.kind == kind && strcmp(change.path, path) == 0) {
                return true;
            }
            if (others) {
                ++*others;
            }
        }
        sleep_until_ready(place);
    }
    return false;
}

static void drain(const Place *place)
{
    WatchChange change;
    while (watch_next(place->watch, &change)) {
    }
}

// How many times the path came until a change of `last` came.
static unsigned count_until(const Place *place, const char *path, const char *last)
{
    uint64_t give_up_ns = mono_ns() + CAP_NS;
    WatchChange change;
    unsigned count = 0;
    bool done = false;
    while (!done) {
        assert_true(mono_ns() < give_up_ns);
        while (watch_next(place->watch, &change)) {
            count += strcmp(change.path, path) == 0;
            done |= strcmp(change.path, last) == 0;
        }
        sleep_until_ready(place);
    }
    return count;
}

static void watch_place(const Place *place)
{
    Fault fault;
    assert_true(watch_folder(place->watch, place->folder, &fault));
}

static void test_write_and_delete(void **state)
{
    // Scenario: a file is written, written again and removed below a watched folder.
    // Expect: WRITTEN with the path as the root was given and a plausible time, then GONE.
    Place *place = *state;
    const char *path = in_place(place, "game.c");
    watch_place(place);
    uint64_t before_ns = mono_ns();
    write_text(path, "1");
    WatchChange change;
    while (!watch_next(place->watch, &change)) {
        sleep_until_ready(place);
    }
    assert_int_equal(change.kind, WATCH_WRITTEN);
    assert_string_equal(change.path, path);
    assert_true(change.noticed_ns >= before_ns && change.noticed_ns <= mono_ns());
    write_text(path, "2");
    assert_true(comes(place, WATCH_WRITTEN, path, NULL));
    assert_int_equal(unlink(path), 0);
    assert_true(comes(place, WATCH_GONE, path, NULL));
}

static void test_each_path_once(void **state)
{
    // Scenario: one file is written a hundred times before anybody drains.
    // Expect: one change.
    Place *place = *state;
    watch_place(place);
    for (int i = 0; i < 100; i++) {
        write_text(in_place(place, "a.c"), "x");
        write_text(in_place(place, "b.c"), "x");
    }
    write_text(in_place(place, "last.c"), "x");
    assert_int_equal(count_until(place, in_place(place, "a.c"), in_place(place, "last.c")), 1);
}

static void test_vim_saves(void **state)
{
    // Scenario: what vim does: probe file 4913, rename to a backup, write anew, remove the backup.
    // Expect: one change, of the source; droppings and swap files are not told.
    Place *place = *state;
    const char *path = in_place(place, "game.c"), *backup = in_place(place, "game.c~");
    write_text(path, "old");
    watch_place(place);
    write_text(in_place(place, ".game.c.swp"), "");
    write_text(in_place(place, "4913"), "");
    assert_int_equal(unlink(in_place(place, "4913")), 0);
    move(path, backup);
    write_text(path, "new");
    assert_int_equal(unlink(backup), 0);
    write_text(in_place(place, "#game.c#"), "emacs");
    assert_int_equal(symlink("me@host.1", in_place(place, ".#game.c")), 0);
    write_text(in_place(place, "last.c"), "x");
    unsigned others = 0;
    assert_true(comes(place, WATCH_WRITTEN, path, &others));
    assert_true(comes(place, WATCH_WRITTEN, in_place(place, "last.c"), &others));
    assert_int_equal(others, 0);
}

static void test_sed_saves(void **state)
{
    // Scenario: sed -i: a temporary file beside, renamed over the source.
    // Expect: WRITTEN for the source.
    Place *place = *state;
    write_text(in_place(place, "game.c"), "old");
    watch_place(place);
    write_text(in_place(place, "sedAbC123"), "new");
    move(in_place(place, "sedAbC123"), in_place(place, "game.c"));
    assert_true(comes(place, WATCH_WRITTEN, in_place(place, "game.c"), NULL));
}

static void test_new_folders(void **state)
{
    // Scenario: a sub-folder with a sub-folder appears, filled at once, and is written to later.
    // Expect: both the files found in it and the later ones are told.
    Place *place = *state;
    watch_place(place);
    make_folder(in_place(place, "a"));
    make_folder(in_place(place, "a/b"));
    write_text(in_place(place, "a/b/deep.c"), "1");
    assert_true(comes(place, WATCH_WRITTEN, in_place(place, "a/b/deep.c"), NULL));
    drain(place);
    write_text(in_place(place, "a/b/deep.c"), "2");
    assert_true(comes(place, WATCH_WRITTEN, in_place(place, "a/b/deep.c"), NULL));
}

static void test_renamed_folder(void **state)
{
    // Scenario: a watched sub-folder gets another name and is written to under it; then it is moved
    // out of the tree.
    // Expect: files are told under the new name only; moving out asks for a rescan.
    Place *place = *state;
    char outside[] = "/tmp/watch_test_out.XXXXXX", away[FILE_PATH_MAX];
    assert_non_null(mkdtemp(outside));
    assert_true(file_join(away, outside, "away"));
    make_folder(in_place(place, "old"));
    write_text(in_place(place, "old/unit.c"), "1");
    watch_place(place);
    move(in_place(place, "old"), in_place(place, "new"));
    assert_true(comes(place, WATCH_WRITTEN, in_place(place, "new/unit.c"), NULL));
    drain(place);
    write_text(in_place(place, "new/unit.c"), "2");
    assert_true(comes(place, WATCH_WRITTEN, in_place(place, "new/unit.c"), NULL));
    move(in_place(place, "new"), away);
    assert_true(comes(place, WATCH_RESCAN, place->folder, NULL));
    write_text(in_place(place, "last.c"), "x");
    assert_true(comes(place, WATCH_WRITTEN, in_place(place, "last.c"), NULL));
    assert_int_equal(folder_remove(outside), 0);
}

static void test_hidden_folder(void **state)
{
    // Scenario: git writes below .git, then a source is saved.
    // Expect: only the source is told.
    Place *place = *state;
    make_folder(in_place(place, ".git"));
    watch_place(place);
    write_text(in_place(place, ".git/index.c"), "x");
    write_text(in_place(place, "game.c"), "x");
    unsigned others = 0;
    assert_true(comes(place, WATCH_WRITTEN, in_place(place, "game.c"), &others));
    assert_int_equal(others, 0);
}

static void test_symlink_loop(void **state)
{
    // Scenario: a folder holds a symlink to its parent and one to a folder elsewhere.
    // Expect: opening ends; the folder elsewhere is watched too; a file is told once.
    Place *place = *state;
    char outside[] = "/tmp/watch_test_out.XXXXXX", path[FILE_PATH_MAX];
    assert_non_null(mkdtemp(outside));
    make_folder(in_place(place, "sub"));
    assert_int_equal(symlink("..", in_place(place, "sub/up")), 0);
    assert_int_equal(symlink(outside, in_place(place, "linked")), 0);
    watch_place(place);
    write_text(in_place(place, "sub/unit.c"), "x");
    assert_true(file_join(path, outside, "far.c"));
    write_text(path, "x");
    assert_int_equal(
        count_until(place, in_place(place, "sub/unit.c"), in_place(place, "linked/far.c")), 1);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(outside), 0);
}

static void test_links_count(void **state)
{
    // Scenario: a source appears as a symlink, another as a hard link: nobody writes and closes.
    // Expect: both are told.
    Place *place = *state;
    make_folder(in_place(place, ".away"));
    write_text(in_place(place, ".away/x"), "x");
    watch_place(place);
    assert_int_equal(symlink(".away/x", in_place(place, "soft.c")), 0);
    assert_true(comes(place, WATCH_WRITTEN, in_place(place, "soft.c"), NULL));
    assert_int_equal(link(in_place(place, ".away/x"), in_place(place, "hard.c")), 0);
    assert_true(comes(place, WATCH_WRITTEN, in_place(place, "hard.c"), NULL));
}

static void test_odd_names(void **state)
{
    // Scenario: names with spaces, quotes, a line break, and bytes that are not UTF-8.
    // Expect: told byte for byte.
    Place *place = *state;
    static const char *const NAMES[] = {"two words.c", "it's \"x\".c", "line\nbreak.c", "b\xff.c"};
    watch_place(place);
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        write_text(in_place(place, NAMES[i]), "x");
        assert_true(comes(place, WATCH_WRITTEN, in_place(place, NAMES[i]), NULL));
    }
}

static void test_many_files(void **state)
{
    // Scenario: git checkout: 1,000 files in 20 new folders at once.
    // Expect: every one is told.
    Place *place = *state;
    watch_place(place);
    for (int i = 0; i < 1000; i++) {
        char name[64];
        (void)text_format(name, sizeof(name), "f%d", i % 20);
        (void)mkdir(in_place(place, name), 0755);
        (void)text_format(name, sizeof(name), "f%d/u%d.c", i % 20, i);
        write_text(in_place(place, name), "x");
    }
    write_text(in_place(place, "last.c"), "x");
    unsigned others = 0;
    assert_true(comes(place, WATCH_WRITTEN, in_place(place, "last.c"), &others));
    drain(place);
    assert_true(others >= 900); // the few folders read late are told after last.c
}

static void test_queue_overflow(void **state)
{
    // Scenario: more events than the kernel keeps, with a new folder among what was lost.
    // Expect: a rescan of the root; the folder is watched afterwards.
    Place *place = *state;
    watch_place(place);
    for (int i = 0; i < 9000; i++) {
        write_text(in_place(place, "a.c"), "x");
        write_text(in_place(place, "b.c"), "x");
    }
    make_folder(in_place(place, "late"));
    assert_true(comes(place, WATCH_RESCAN, place->folder, NULL));
    drain(place);
    write_text(in_place(place, "late/unit.c"), "x");
    assert_true(comes(place, WATCH_WRITTEN, in_place(place, "late/unit.c"), NULL));
}

static void test_root_comes_back(void **state)
{
    // Scenario: the watched folder itself is removed and made again.
    // Expect: rescans, and files in the new folder are told.
    Place *place = *state;
    Fault fault;
    make_folder(in_place(place, "game"));
    assert_true(watch_folder(place->watch, in_place(place, "game"), &fault));
    assert_int_equal(rmdir(in_place(place, "game")), 0);
    assert_true(comes(place, WATCH_RESCAN, in_place(place, "game"), NULL));
    make_folder(in_place(place, "game"));
    assert_true(comes(place, WATCH_RESCAN, in_place(place, "game"), NULL));
    write_text(in_place(place, "game/unit.c"), "x");
    assert_true(comes(place, WATCH_WRITTEN, in_place(place, "game/unit.c"), NULL));
}

static void test_folder_missing(void **state)
{
    // Scenario: a folder that does not exist, a file in one, and a file as a folder.
    // Expect: refused by name.
    Place *place = *state;
    Fault fault;
    assert_false(watch_folder(place->watch, in_place(place, "none"), &fault));
    assert_int_equal(fault.kind, FAULT_FILE);
    assert_non_null(strstr(fault.text, "none"));
    assert_false(watch_file(place->watch, in_place(place, "none/game.so"), &fault));
    assert_non_null(strstr(fault.text, "none"));
    assert_false(watch_file(place->watch, in_place(place, "dir/"), &fault));
    write_text(in_place(place, "file"), "x");
    assert_false(watch_folder(place->watch, in_place(place, "file"), &fault));
}

static void test_file_life(void **state)
{
    // Scenario: one file that does not exist yet is written, replaced by a rename, overwritten in
    // place, deleted, and written again; other files beside it change too.
    // Expect: each of it is told, and nothing of the others.
    Place *place = *state;
    Fault fault;
    const char *path = in_place(place, "game.so");
    assert_true(watch_file(place->watch, path, &fault));
    unsigned others = 0;
    write_text(path, "1");
    assert_true(comes(place, WATCH_WRITTEN, path, &others));
    write_text(in_place(place, "game.so.tmp"), "2");
    move(in_place(place, "game.so.tmp"), in_place(place, "game.so"));
    assert_true(comes(place, WATCH_WRITTEN, path, &others));
    write_text(path, "3");
    assert_true(comes(place, WATCH_WRITTEN, path, &others));
    assert_int_equal(unlink(path), 0);
    assert_true(comes(place, WATCH_GONE, path, &others));
    write_text(path, "4");
    assert_true(comes(place, WATCH_WRITTEN, path, &others));
    assert_int_equal(others, 0);
}

static void test_file_behind_symlinks(void **state)
{
    // Scenario: the path leads over a folder link and a file link to a file elsewhere. The file is
    // written; the file link is turned; the folder link is turned.
    // Expect: told each time under the path that was given.
    Place *place = *state;
    Fault fault;
    make_folder(in_place(place, "build1"));
    make_folder(in_place(place, "build2"));
    write_text(in_place(place, "build1/real.so"), "1");
    write_text(in_place(place, "build1/other.so"), "1");
    write_text(in_place(place, "build2/game.so"), "1");
    assert_int_equal(symlink("build1", in_place(place, "current")), 0);
    assert_int_equal(symlink("real.so", in_place(place, "build1/game.so")), 0);
    const char *path = in_place(place, "current/game.so");
    char given[FILE_PATH_MAX];
    (void)text_format(given, sizeof(given), "%s", path);
    assert_true(watch_file(place->watch, given, &fault));
    write_text(in_place(place, "build1/real.so"), "2");
    assert_true(comes(place, WATCH_WRITTEN, given, NULL));
    assert_int_equal(symlink("other.so", in_place(place, "build1/tmp")), 0);
    move(in_place(place, "build1/tmp"), in_place(place, "build1/game.so"));
    assert_true(comes(place, WATCH_WRITTEN, given, NULL));
    drain(place);
    write_text(in_place(place, "build1/other.so"), "2");
    assert_true(comes(place, WATCH_WRITTEN, given, NULL));
    assert_int_equal(symlink("build2", in_place(place, "tmp")), 0);
    move(in_place(place, "tmp"), in_place(place, "current"));
    assert_true(comes(place, WATCH_WRITTEN, given, NULL));
    drain(place);
    write_text(in_place(place, "build2/game.so"), "2");
    assert_true(comes(place, WATCH_WRITTEN, given, NULL));
}

static void test_file_folder_made_again(void **state)
{
    // Scenario: the folder of the file is removed (a clean build) and made again with the file.
    // Expect: GONE, then WRITTEN.
    Place *place = *state;
    Fault fault;
    char path[FILE_PATH_MAX];
    make_folder(in_place(place, "build"));
    (void)text_format(path, sizeof(path), "%s", in_place(place, "build/game.so"));
    write_text(path, "1");
    assert_true(watch_file(place->watch, path, &fault));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(in_place(place, "build")), 0);
    assert_true(comes(place, WATCH_GONE, path, NULL));
    drain(place);
    make_folder(in_place(place, "build"));
    drain(place);
    write_text(path, "2");
    assert_true(comes(place, WATCH_WRITTEN, path, NULL));
}

static void test_polls_without_inotify(void **state)
{
    // Scenario: the system gives no inotify descriptor (here: no descriptor at all is left).
    // Expect: a note that names the sysctl; changes, new folders and removals are found by looking,
    // nothing that was there before is told, and symlink loops end.
    Place *place = *state;
    char note[1024];
    struct rlimit limit, none;
    write_text(in_place(place, "before.c"), "x");
    assert_int_equal(symlink(".", in_place(place, "loop")), 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = limit;
    none.rlim_cur = 0;
    watch_close(place->watch);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    place->watch = watch_open(NULL);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_non_null(place->watch);
    watch_place(place);
    assert_int_equal(watch_fd(place->watch), -1);
    assert_true(watch_timeout_ms(place->watch) >= 0 && watch_timeout_ms(place->watch) <= 250);
    assert_true(watch_take_note(place->watch, note, sizeof(note)));
    assert_non_null(strstr(note, "fs.inotify.max_user_instances"));
    assert_false(watch_take_note(place->watch, note, sizeof(note)));
    drain(place);
    make_folder(in_place(place, "sub"));
    write_text(in_place(place, "sub/unit.c"), "1");
    unsigned others = 0;
    assert_true(comes(place, WATCH_WRITTEN, in_place(place, "sub/unit.c"), &others));
    write_text(in_place(place, "sub/unit.c"), "two");
    assert_true(comes(place, WATCH_WRITTEN, in_place(place, "sub/unit.c"), &others));
    assert_int_equal(unlink(in_place(place, "before.c")), 0);
    assert_true(comes(place, WATCH_GONE, in_place(place, "before.c"), &others));
    assert_int_equal(others, 0);
}

static void test_watch_limit(void **state)
{
    // Scenario: the limit of watches is reached while a folder with many sub-folders is opened. The
    // limit is one of a user namespace of its own, in a child; where that is forbidden: skipped.
    // Expect: a note that names fs.inotify.max_user_watches, and changes are found by looking.
    Place *place = *state;
    for (int i = 0; i < 20; i++) {
        char name[16];
        (void)text_format(name, sizeof(name), "f%d", i);
        make_folder(in_place(place, name));
    }
    pid_t child = fork();
    if (child == 0) {
        char note[1024] = "";
        if (unshare(CLONE_NEWUSER) != 0) {
            _exit(2);
        }
        int fd = open("/proc/sys/user/max_inotify_watches", O_WRONLY | O_CLOEXEC);
        if (fd < 0 || write(fd, "8", 1) != 1) {
            _exit(2);
        }
        close(fd);
        Place inner = *place;
        inner.watch = watch_open(NULL);
        bool ok = inner.watch && watch_folder(inner.watch, inner.folder, NULL)
                  && watch_take_note(inner.watch, note, sizeof(note))
                  && strstr(note, "fs.inotify.max_user_watches") && watch_fd(inner.watch) == -1;
        drain(&inner);
        write_text(in_place(&inner, "f19/unit.c"), "x");
        ok = ok && comes(&inner, WATCH_WRITTEN, in_place(&inner, "f19/unit.c"), NULL);
        watch_close(inner.watch);
        _exit(ok ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 2) {
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_close_nothing(void **state)
{
    // Scenario: watch_close of NULL.
    // Expect: nothing.
    (void)state;
    watch_close(NULL);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_write_and_delete),
        CASE(test_each_path_once),
        CASE(test_vim_saves),
        CASE(test_sed_saves),
        CASE(test_new_folders),
        CASE(test_renamed_folder),
        CASE(test_hidden_folder),
        CASE(test_symlink_loop),
        CASE(test_links_count),
        CASE(test_odd_names),
        CASE(test_many_files),
        CASE(test_queue_overflow),
        CASE(test_root_comes_back),
        CASE(test_folder_missing),
        CASE(test_file_life),
        CASE(test_file_behind_symlinks),
        CASE(test_file_folder_made_again),
        CASE(test_polls_without_inotify),
        CASE(test_watch_limit),
        cmocka_unit_test(test_close_nothing),
    };
    return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
