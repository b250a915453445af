#include "file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct Room {
    Arena arena;
    char folder[64];
} Room;

static int enter(void **state)
{
    Room *room = calloc(1, sizeof(*room));
    (void)text_format(room->folder, sizeof(room->folder), "/tmp/hotloop-file-test-XXXXXX");
    *state = room;
    return mkdtemp(room->folder) && arena_open(&room->arena, 0, 8u << 20, NULL) ? 0 : 1;
}

static int leave(void **state)
{
    Room *room = *state;
    char command[128];
    (void)text_format(command, sizeof(command), "rm -rf %s", room->folder);
    arena_close(&room->arena);
    int result = system(command);
    free(room);
    return result;
}

static void written_files_are_whole(void **state)
{
    // Scenario: write, read back, write again, read with a limit that is too small.
    // Expect: exactly what was written, a 0 behind it, nothing else in the folder; the limit holds.
    Room *room = *state;
    char path[FILE_PATH_MAX];
    FileBytes bytes;
    Fault fault;
    assert_true(file_join(path, room->folder, "a file"));
    assert_true(file_write(path, "hello", 5, &fault));
    assert_true(file_write(path, "hello, world", 12, &fault));
    assert_true(file_read(&room->arena, path, 100, &bytes, &fault));
    assert_int_equal(bytes.size_bytes, 12);
    assert_string_equal((const char *)bytes.data, "hello, world");
    assert_false(file_read(&room->arena, path, 11, &bytes, &fault));
    assert_null(bytes.data);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(room->folder), 0);
    assert_int_equal(mkdir(room->folder, 0700), 0);
}

static void odd_files_are_refused_by_name(void **state)
{
    // Scenario: read a folder, a FIFO without a writer and nothing; write where no folder is.
    // Expect: a fault that names the path, at once.
    Room *room = *state;
    char path[FILE_PATH_MAX];
    FileBytes bytes;
    Fault fault;
    assert_true(file_join(path, room->folder, "fifo"));
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_false(file_read(&room->arena, path, 100, &bytes, &fault));
    assert_non_null(strstr(fault.text, path));
    assert_false(file_read(&room->arena, room->folder, 100, &bytes, &fault));
    assert_true(file_join(path, room->folder, "none/such"));
    assert_false(file_read(&room->arena, path, 100, &bytes, &fault));
    assert_false(file_write(path, "x", 1, &fault));
    assert_non_null(strstr(fault.text, "none/such"));
}

static void names_stay_inside(void **state)
{
    (void)state;
    // Scenario: good names, and every way out of a folder.
    // Expect: only the good ones pass.
    assert_true(file_name_is_inside("hero.png"));
    assert_true(file_name_is_inside("levels/1.txt"));
    assert_true(file_name_is_inside("..hidden..png"));
    static const char *const WRONG[] = {"",       "/etc/passwd", "..",  "../x", "a/../b",
                                        "a//b",   "a/",          ".",   "./a",  "a\nb",
                                        "a/\x7f", "a/./b",       "a/.."};
    for (size_t i = 0; i < COUNT_OF(WRONG); i++) {
        assert_false(file_name_is_inside(WRONG[i]));
    }
}

static void paths_are_put_together(void **state)
{
    (void)state;
    // Scenario: join and take apart.
    // Expect: one slash between, absolute names win, too long is said.
    char out[FILE_PATH_MAX], base[8], longer[FILE_PATH_MAX + 8];
    assert_true(file_join(out, "a/", "b"));
    assert_string_equal(out, "a/b");
    assert_true(file_join(out, "a", "/b"));
    assert_string_equal(out, "/b");
    memset(longer, 'x', sizeof(longer));
    longer[sizeof(longer) - 1] = '\0';
    assert_false(file_join(out, "a", longer));
    file_base_name(base, sizeof(base), "game/pong//");
    assert_string_equal(base, "pong");
    file_base_name(base, sizeof(base), "pong");
    assert_string_equal(base, "pong");
}

static void homes_are_private_and_fall_back(void **state)
{
    // Scenario: XDG_STATE_HOME set, then neither it nor HOME usable.
    // Expect: a folder below it; then a private one under /tmp.
    Room *room = *state;
    char out[FILE_PATH_MAX];
    struct stat about;
    setenv("XDG_STATE_HOME", room->folder, 1);
    assert_true(file_home(out, FILE_HOME_STATE, "pong", NULL));
    assert_int_equal(strncmp(out, room->folder, strlen(room->folder)), 0);
    assert_int_equal(stat(out, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0700);
    setenv("XDG_STATE_HOME", "/proc/none", 1);
    assert_true(file_home(out, FILE_HOME_STATE, "pong", NULL));
    assert_int_equal(strncmp(out, "/tmp/hotloop-", 13), 0);
    unsetenv("XDG_STATE_HOME");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(written_files_are_whole, enter, leave),
        cmocka_unit_test_setup_teardown(odd_files_are_refused_by_name, enter, leave),
        cmocka_unit_test(names_stay_inside),
        cmocka_unit_test(paths_are_put_together),
        cmocka_unit_test_setup_teardown(homes_are_private_and_fall_back, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
