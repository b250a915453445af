#include "arena.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <fcntl.h>

// A file in memory of `pages` pages, each filled with its number, from 1 on.
static int numbered_file(uint32_t pages)
{
    int fd = memfd_create("arena-test", MFD_CLOEXEC);
    assert_true(fd >= 0);
    for (uint32_t i = 0; i < pages; i++) {
        uint8_t page[PAGE_BYTES];
        memset(page, (int)i + 1, sizeof page);
        assert_int_equal(write(fd, page, sizeof page), PAGE_BYTES);
    }
    return fd;
}

static uint8_t byte_in_file(int fd, uint64_t offset)
{
    uint8_t byte;
    assert_int_equal(pread(fd, &byte, 1, (off_t)offset), 1);
    return byte;
}

static void state_lives_at_its_address(void **state)
{
    (void)state;
    // Scenario: reserve the state range, then the same range again.
    // Expect: exactly the address that was asked for; the second one is refused and zeroed.
    Arena arena, second;
    Fault fault;
    assert_true(arena_open(&arena, ARENA_STATE_ADDRESS, 64u << 20, &fault));
    assert_int_equal((uintptr_t)arena.base, ARENA_STATE_ADDRESS);
    assert_false(arena_open(&second, ARENA_STATE_ADDRESS, 1u << 20, &fault));
    assert_null(second.base);
    assert_int_equal(fault.kind, FAULT_MEMORY);
    arena_close(&arena);
    assert_true(arena_open(&second, ARENA_STATE_ADDRESS, 1u << 20, &fault));
    arena_close(&second);
}

static void pushes_are_zeroed_and_aligned(void **state)
{
    (void)state;
    // Scenario: push, dirty, reset, push again, with odd alignments.
    // Expect: zeroed and aligned memory each time, and nothing moves as the arena grows.
    Arena arena;
    assert_true(arena_open(&arena, 0, 8u << 20, NULL));
    for (size_t round = 0; round < 3; round++) {
        uint8_t *byte = arena_push(&arena, 1, 1, 1);
        uint64_t *words = ARENA_NEW(&arena, uint64_t, 200000);
        uint8_t *page = arena_push(&arena, 5, 4096, 1);
        assert_ptr_equal(byte, arena.base);
        assert_int_equal((uintptr_t)words % 8, 0);
        assert_int_equal((uintptr_t)page % 4096, 0);
        for (size_t i = 0; i < 200000; i++) {
            assert_int_equal(words[i], 0);
        }
        memset(arena.base, 0xAB, arena.used_bytes);
        arena_reset(&arena, 0);
    }
    arena_close(&arena);
}

static void sizes_from_outside_cannot_break_it(void **state)
{
    (void)state;
    // Scenario: sizes that overflow or exceed what is reserved.
    // Expect: NULL, and the arena goes on as before.
    Arena arena;
    assert_true(arena_open(&arena, 0, 1u << 20, NULL));
    assert_null(arena_try_push(&arena, SIZE_MAX, 8, 2));
    assert_null(arena_try_push(&arena, (1u << 20) + 1, 1, 1));
    assert_non_null(arena_try_push(&arena, 1u << 20, 1, 1));
    assert_null(arena_try_push(&arena, 1, 1, 1));
    arena_release(&arena);
    assert_string_equal(arena_format(&arena, "%d of %s", 3, "four"), "3 of four");
    assert_string_equal(arena_copy_text(&arena, "text"), "text");
    arena_close(&arena);
    assert_false(arena_open(&arena, 0, 0, NULL));
    assert_false(arena_open(&arena, 123, 4096, NULL));
    arena_close(&arena);
}

static void files_come_in_and_go_out_of_memory(void **state)
{
    (void)state;
    // Scenario: the middle of an arena becomes a private mapping of a file, is written to, has a
    // page dropped, becomes anonymous again; then the file changes. Expect: the file's contents;
    // writes stay out of the file; a dropped page is the file's again; anonymous memory keeps what
    // it held whatever happens to the file; neighbours are untouched.
    Arena arena;
    int fd = numbered_file(8);
    assert_true(arena_open(&arena, 0, 1u << 20, NULL));
    uint8_t *memory = arena_push(&arena, PAGE_BYTES, PAGE_BYTES, 6);
    memset(memory, 0x77, 6 * PAGE_BYTES);
    assert_true(
        arena_map_file(memory + PAGE_BYTES, 4 * PAGE_BYTES, fd, (uint64_t)2 * PAGE_BYTES, NULL));
    assert_int_equal(memory[0], 0x77);
    assert_int_equal(memory[1 * PAGE_BYTES], 3);
    assert_int_equal(memory[5 * PAGE_BYTES - 1], 6);
    assert_int_equal(memory[5 * PAGE_BYTES], 0x77);
    memory[2 * PAGE_BYTES] = 99;
    memory[3 * PAGE_BYTES] = 98;
    assert_int_equal(byte_in_file(fd, (uint64_t)3 * PAGE_BYTES), 4);
    assert_true(arena_advise(memory + (size_t)3 * PAGE_BYTES, PAGE_BYTES, ARENA_DROP));
    assert_int_equal(memory[3 * PAGE_BYTES], 5);
    memset(memory + (size_t)4 * PAGE_BYTES, 0, PAGE_BYTES);
    assert_true(arena_make_anonymous(memory + PAGE_BYTES, 4 * PAGE_BYTES, NULL));
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_int_equal(memory[1 * PAGE_BYTES], 3);
    assert_int_equal(memory[2 * PAGE_BYTES], 99);
    assert_int_equal(memory[2 * PAGE_BYTES + 1], 4);
    assert_int_equal(memory[3 * PAGE_BYTES], 5);
    assert_int_equal(memory[4 * PAGE_BYTES], 0);
    memset(memory, 1, 6 * PAGE_BYTES);
    assert_true(arena_advise(memory, 6 * PAGE_BYTES, ARENA_DROP));
    assert_int_equal(memory[2 * PAGE_BYTES], 0);
    close(fd);
    arena_close(&arena);
}

static void a_refused_change_changes_nothing(void **state)
{
    (void)state;
    // Scenario: map a descriptor that is not open.
    // Expect: FAULT_MEMORY that says why; the memory holds what it held.
    Arena arena;
    Fault fault;
    assert_true(arena_open(&arena, 0, 1u << 20, NULL));
    uint8_t *memory = arena_push(&arena, PAGE_BYTES, PAGE_BYTES, 2);
    memory[PAGE_BYTES] = 5;
    assert_false(arena_map_file(memory, 2 * PAGE_BYTES, -1, 0, &fault));
    assert_int_equal(fault.kind, FAULT_MEMORY);
    assert_non_null(strstr(fault.text, "stays as it is: Bad file descriptor"));
    assert_int_equal(memory[PAGE_BYTES], 5);
    arena_close(&arena);
}

static void shared_pages_are_those_of_the_file(void **state)
{
    (void)state;
    // Scenario: a shared arena is written, mapped a second time for reading only, dropped in part,
    // released; its file is cut short.
    // Expect: both see the same; what is dropped is zero and takes no memory, in the file as well;
    // the file keeps its size.
    Arena arena, other;
    Fault fault;
    struct stat about;
    int fd;
    assert_true(arena_open_shared(&arena, "arena-test", 1u << 30, &fd, &fault));
    uint8_t *pages = arena_push(&arena, 1, PAGE_BYTES, 8 * PAGE_BYTES);
    memset(pages, 5, 8 * PAGE_BYTES);
    assert_true(arena_open_file(&other, fd, false, &fault));
    assert_memory_equal(other.base, pages, 8 * PAGE_BYTES);
    assert_true(arena_advise(pages + 2 * PAGE_BYTES, PAGE_BYTES, ARENA_DROP_SHARED));
    assert_int_equal(fstat(fd, &about), 0);
    assert_int_equal(about.st_blocks, 7 * PAGE_BYTES / 512);
    assert_int_equal(other.base[2 * PAGE_BYTES], 0);
    arena_release(&arena);
    assert_int_equal(fstat(fd, &about), 0);
    assert_int_equal(about.st_blocks, 0);
    assert_int_equal(ftruncate(fd, PAGE_BYTES), -1);
    arena_close(&other);
    arena_close(&arena);
    close(fd);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    assert_false(arena_open_file(&other, fd, false, &fault));
    assert_null(other.base);
}

static void memory_is_read_only_and_writable_again(void **state)
{
    (void)state;
    // Scenario: a page is made read-only; the kernel is asked to write to it; it is made writable;
    // a page that is not mapped is asked for. Expect: refused with EFAULT and unchanged, then
    // written; FAULT_MEMORY for the last.
    Arena arena;
    Fault fault;
    int fd = numbered_file(1);
    assert_true(arena_open(&arena, 0, 1u << 20, NULL));
    uint8_t *memory = arena_push(&arena, PAGE_BYTES, PAGE_BYTES, 2);
    memory[0] = 9;
    assert_true(arena_set_writable(memory, PAGE_BYTES, false, &fault));
    assert_int_equal(pread(fd, memory, 1, 0), -1);
    assert_int_equal(errno, EFAULT);
    assert_int_equal(memory[0], 9);
    assert_int_equal(pread(fd, memory + PAGE_BYTES, 1, 0), 1);
    assert_true(arena_set_writable(memory, PAGE_BYTES, true, &fault));
    assert_int_equal(pread(fd, memory, 1, 0), 1);
    assert_int_equal(memory[0], 1);
    close(fd);
    arena_close(&arena);
    assert_false(arena_set_writable(memory, PAGE_BYTES, true, &fault));
    assert_int_equal(fault.kind, FAULT_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(state_lives_at_its_address),
        cmocka_unit_test(pushes_are_zeroed_and_aligned),
        cmocka_unit_test(sizes_from_outside_cannot_break_it),
        cmocka_unit_test(files_come_in_and_go_out_of_memory),
        cmocka_unit_test(a_refused_change_changes_nothing),
        cmocka_unit_test(memory_is_read_only_and_writable_again),
        cmocka_unit_test(shared_pages_are_those_of_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
