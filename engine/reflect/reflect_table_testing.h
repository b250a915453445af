// What the tests of tables share: small libraries that compilers make in a folder, their tables
// beside the libraries themselves, and finding things in a table by name.
#ifndef REFLECT_TABLE_TESTING_H
#define REFLECT_TABLE_TESTING_H
#include "reflect_parts.h"
#include "reflect_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <link.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGUMENTS_MAX = 24 };

typedef struct Fixture {
    char folder[64];
    Arena memory;
} Fixture;

typedef struct Lib {
    const char *path;
    void *handle;
    Reflect *reflect;
    ReflectTable table;
    size_t memory_used; // before it
    Fixture *fixture;
} Lib;

// -------------------------------------------------------------------------------------- building

static inline const char *in_folder(Fixture *fixture, const char *name)
{
    return arena_format(&fixture->memory, "%s/%s", fixture->folder, name);
}

static inline void write_file(const char *path, const void *bytes, size_t size_bytes)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size_bytes, file), size_bytes);
    assert_int_equal(fclose(file), 0);
}

static inline void write_text(Fixture *fixture, const char *name, const char *text)
{
    write_file(in_folder(fixture, name), text, strlen(text));
}

// Runs a command in `folder` (below the fixture's); words are split at blanks. False: it failed.
static inline bool can_run(Fixture *fixture, const char *folder, const char *command)
{
    char *arguments[ARGUMENTS_MAX] = {0};
    size_t count = 0;
    char *words = arena_copy_text(&fixture->memory, command), *rest = NULL;
    pid_t child;
    int status;
    posix_spawn_file_actions_t actions;

    for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        assert_true(count < ARGUMENTS_MAX - 1);
        arguments[count++] = word;
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, in_folder(fixture, folder));
    assert_int_equal(posix_spawnp(&child, arguments[0], &actions, NULL, arguments, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static inline void run(Fixture *fixture, const char *folder, const char *command)
{
    if (!can_run(fixture, folder, command)) {
        fail_msg("%s", command);
    }
}

static inline void build(Fixture *fixture, const char *name, const char *options,
                         const char *sources)
{
    run(fixture, ".",
        arena_format(&fixture->memory, "%s -std=gnu11 -w -shared -fPIC %s -o %s", options, sources,
                     name));
}

static inline void open_fixture(Fixture *fixture)
{
    Fault fault = {0};

    snprintf(fixture->folder, sizeof fixture->folder, "/tmp/reflect_table_test_XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    assert_true(arena_open(&fixture->memory, 0, (size_t)1 << 30, &fault));
}

static inline int close_fixture(void **state)
{
    Fixture *fixture = *state;

    run(fixture, ".", arena_format(&fixture->memory, "rm -rf %s", fixture->folder));
    arena_close(&fixture->memory);
    return 0;
}

typedef Reflect *Opener(const char *path, uintptr_t image_first, Fault *fault);
static inline void load_by(Opener *opener, Fixture *fixture, Lib *lib, const char *name)
{
    struct link_map *map;
    Fault fault = {0};

    *lib = (Lib){.fixture = fixture, .memory_used = fixture->memory.used_bytes};
    lib->path = in_folder(fixture, name);
    lib->handle = dlopen(lib->path, RTLD_NOW | RTLD_LOCAL);
    if (!lib->handle) {
        fail_msg("%s", dlerror());
    }
    assert_int_equal(dlinfo(lib->handle, RTLD_DI_LINKMAP, &map), 0);
    lib->reflect = opener(lib->path, map->l_addr, &fault);
    if (!lib->reflect || !reflect_table(lib->reflect, &fixture->memory, &lib->table, &fault)) {
        fail_msg("%s", fault.text);
    }
}

static inline void load(Fixture *fixture, Lib *lib, const char *name)
{
    load_by(reflect_open_sections, fixture, lib, name);
}

static inline void unload(Lib *lib)
{
    reflect_close(lib->reflect);
    dlclose(lib->handle);
    arena_reset(&lib->fixture->memory, lib->memory_used);
}

static inline void *symbol(const Lib *lib, const char *name)
{
    void *address = dlsym(lib->handle, name);

    if (!address) {
        fail_msg("%s has no %s", lib->path, name);
    }
    return address;
}

typedef void *Getter(int k);
static inline uintptr_t ask(const Lib *lib, const char *function, int k)
{
    return (uintptr_t)((Getter *)symbol(lib, function))(k);
}

// --------------------------------------------------------------------------------------- finding

static inline bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);

    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

static inline const ReflectVariable *find(const Lib *lib, const char *unit, const char *function,
                                          const char *name, uint32_t block)
{
    const ReflectVariable *found = NULL;

    for (uint32_t i = 0; i < lib->table.variable_count; i++) {
        const ReflectVariable *variable = &lib->table.variables[i];
        if (strcmp(variable->name, name) == 0 && strcmp(variable->function, function) == 0
            && ends_with(variable->unit, unit) && variable->block == block) {
            if (found) {
                fail_msg("%s: %s.%s is there twice", lib->path, function, name);
            }
            found = variable;
        }
    }
    return found;
}

static inline const ReflectVariable *get(const Lib *lib, const char *unit, const char *function,
                                         const char *name, uint32_t block)
{
    const ReflectVariable *found = find(lib, unit, function, name, block);

    if (!found) {
        fail_msg("%s: no %s %s.%s", lib->path, unit, function, name);
    }
    return found;
}

static inline const ReflectType *type_of(const Lib *lib, const char *unit, const char *name)
{
    return &lib->table.types[get(lib, unit, "", name, 0)->type];
}

static inline const ReflectType *target_of(const Lib *lib, const char *unit, const char *name)
{
    const ReflectType *type = type_of(lib, unit, name);

    assert_int_equal(type->kind, REFLECT_POINTER);
    return &lib->table.types[type->of];
}

static inline const ReflectType *tagged(const Lib *lib, ReflectKind kind, const char *name)
{
    const ReflectType *found = NULL;

    for (uint32_t i = 0; i < lib->table.type_count; i++) {
        const ReflectType *type = &lib->table.types[i];
        if (type->kind == kind && strcmp(type->name, name) == 0) {
            if (found) {
                fail_msg("%s: two types %s", lib->path, name);
            }
            found = type;
        }
    }
    if (!found) {
        fail_msg("%s: no type %s", lib->path, name);
    }
    return found;
}

static inline const ReflectMember *member_of(const Lib *lib, const ReflectType *type,
                                             const char *name)
{
    for (uint32_t i = 0; i < type->member_count; i++) {
        const ReflectMember *member = &lib->table.members[type->first_member + i];
        if (strcmp(member->name, name) == 0) {
            return member;
        }
    }
    fail_msg("%s: %s has no %s", lib->path, type->name, name);
    return NULL;
}

static inline const ReflectType *type_in(const Lib *lib, const ReflectType *type, const char *name)
{
    return &lib->table.types[member_of(lib, type, name)->type];
}

#endif
