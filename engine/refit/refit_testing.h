// Units that tcc compiles, refitted, linked by ld, and opened with what reads such libraries: libdw
// and the loader.
#ifndef REFIT_TESTING_H
#define REFIT_TESTING_H
#include <dlfcn.h>
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <gelf.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "file_testing.h"
#include "refit.h"

// --------------------------------------------------------------------------------------- making

typedef struct Place {
    char folder[64];
} Place;

static inline void make_place(Place *place)
{
    strcpy(place->folder, "/tmp/refit_test.XXXXXX");
    assert_non_null(mkdtemp(place->folder));
}

static inline void drop_place(Place *place)
{
    assert_int_equal(folder_remove(place->folder), 0);
}

// Runs a program in the folder; whether it ended well.
static inline bool run(const Place *place, char *const *words)
{
    posix_spawn_file_actions_t actions;
    int status = -1;
    pid_t pid;

    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    assert_int_equal(posix_spawn_file_actions_addchdir_np(&actions, place->folder), 0);
    assert_int_equal(posix_spawnp(&pid, words[0], &actions, NULL, words, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
#define RUN(place, ...) run((place), (char *[]){__VA_ARGS__, NULL})

#define API_FLAG "-I" TEST_SOURCE_DIR "/engine/api"

static inline const char *path_in(const Place *place, const char *name)
{
    return folder_path(place->folder, name);
}

static inline void write_source(const Place *place, const char *name, const char *text)
{
    folder_write(path_in(place, name), text, strlen(text));
}

static inline bool refit_in(const Place *place, const char *from, const char *source,
                            const char *to, Fault *fault)
{
    RefitSource about = {path_in(place, source), place->folder};

    return refit_object(path_in(place, from), &about, path_in(place, to), fault);
}

// NAME.c to NAME.o, refitted.
static inline void compile(const Place *place, const char *name)
{
    char source[64], raw[64], object[64];
    Fault fault = {0};

    (void)text_format(source, sizeof source, "%s.c", name);
    (void)text_format(raw, sizeof raw, "%s.tcc.o", name);
    (void)text_format(object, sizeof object, "%s.o", name);
    assert_true(RUN(place, "tcc", "-g", "-c", API_FLAG, source, "-o", raw));
    if (!refit_in(place, raw, source, object, &fault)) {
        fail_msg("%s", fault.text);
    }
}

static inline void link_one(const Place *place)
{
    assert_true(RUN(place, "ld", "-shared", "-Bsymbolic", "--eh-frame-hdr", "--fatal-warnings",
                    "-o", "lib.so", "one.o"));
}

// The text as a library lib.so of one unit one.c.
static inline void make_library(const Place *place, const char *text)
{
    write_source(place, "one.c", text);
    compile(place, "one");
    link_one(place);
}

// -------------------------------------------------------------------------------------- reading

typedef struct Reading {
    int fd;
    Dwarf *dwarf;
    Dwarf_CFI *frames; // NULL: not asked for yet
    void *library;
    uintptr_t base;
} Reading;

static inline void open_debug(Reading *reading, const Place *place)
{
    *reading = (Reading){.fd = open(path_in(place, "lib.so"), O_RDONLY | O_CLOEXEC)};
    assert_true(reading->fd >= 0);
    reading->dwarf = dwarf_begin(reading->fd, DWARF_C_READ);
    assert_non_null(reading->dwarf);
}

static inline void open_library(Reading *reading, const Place *place)
{
    Dl_info about;

    open_debug(reading, place);
    reading->library = dlopen(path_in(place, "lib.so"), RTLD_LAZY | RTLD_LOCAL);
    if (!reading->library) {
        fail_msg("%s", dlerror());
    }
    assert_true(dladdr(dlsym(reading->library, "hotloop_game"), &about) != 0);
    reading->base = (uintptr_t)about.dli_fbase;
}

static inline void close_library(Reading *reading)
{
    dwarf_cfi_end(reading->frames);
    dwarf_end(reading->dwarf);
    if (reading->library) {
        dlclose(reading->library);
    }
    close(reading->fd);
}

static inline void *game_of(const Reading *reading)
{
    return *(void **)dlsym(reading->library, "hotloop_game");
}

static inline bool first_unit(Dwarf *dwarf, Dwarf_Die *unit)
{
    Dwarf_Off next;
    size_t head;

    return dwarf_nextcu(dwarf, 0, &next, &head, NULL, NULL, NULL) == 0
           && dwarf_offdie(dwarf, head, unit);
}

// The `number`th child of that tag and name; NULL: without one.
static inline bool find_child(Dwarf_Die *parent, int tag, const char *name, int number,
                              Dwarf_Die *found)
{
    if (dwarf_child(parent, found) != 0) {
        return false;
    }
    do {
        const char *is = dwarf_diename(found);
        bool is_it = is && name ? strcmp(is, name) == 0 : is == name;
        if (dwarf_tag(found) == tag && is_it && number-- == 0) {
            return true;
        }
    } while (dwarf_siblingof(found, found) == 0);
    return false;
}

static inline uint64_t place_of(Dwarf_Die *variable)
{
    Dwarf_Attribute attribute;
    Dwarf_Op *ops;
    size_t count;

    assert_non_null(dwarf_attr(variable, DW_AT_location, &attribute));
    assert_int_equal(dwarf_getlocation(&attribute, &ops, &count), 0);
    assert_int_equal(count, 1);
    assert_int_equal(ops[0].atom, DW_OP_addr);
    return ops[0].number;
}

static inline void *loaded_place(const Reading *reading, Dwarf_Die *variable)
{
    return (void *)(reading->base + place_of(variable)); // NOLINT: an address of the library's
}

// The line of a function's code.
static inline int line_of(const Reading *reading, const void *address, const char **file)
{
    Dwarf_Addr at = (uintptr_t)address - reading->base;
    Dwarf_Die unit;
    Dwarf_Line *line;
    int number = 0;

    assert_non_null(dwarf_addrdie(reading->dwarf, at, &unit)); // by .debug_aranges
    line = dwarf_getsrc_die(&unit, at);
    assert_non_null(line);
    assert_int_equal(dwarf_lineno(line, &number), 0);
    *file = dwarf_linesrc(line, NULL, NULL);
    return number;
}

// ----------------------------------------------------------------------------- sections, symbols

typedef struct Sections {
    int fd;
    Elf *elf;
} Sections;

static inline void open_sections(Sections *sections, const char *path)
{
    (void)elf_version(EV_CURRENT);
    sections->fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(sections->fd >= 0);
    sections->elf = elf_begin(sections->fd, ELF_C_READ, NULL);
    assert_non_null(sections->elf);
}

static inline void close_sections(Sections *sections)
{
    elf_end(sections->elf);
    close(sections->fd);
}

static inline Elf_Scn *find_section(const Sections *sections, const char *name, GElf_Shdr *head)
{
    size_t names;

    assert_int_equal(elf_getshdrstrndx(sections->elf, &names), 0);
    for (Elf_Scn *at = NULL; (at = elf_nextscn(sections->elf, at)) != NULL;) {
        if (gelf_getshdr(at, head)
            && strcmp(elf_strptr(sections->elf, names, head->sh_name), name) == 0) {
            return at;
        }
    }
    return NULL;
}

static inline bool find_symbol(const Sections *sections, const char *name, GElf_Sym *symbol,
                               int *number)
{
    GElf_Shdr head;
    Elf_Scn *section = find_section(sections, ".symtab", &head);
    Elf_Data *data = elf_getdata(section, NULL);

    for (int i = 0; gelf_getsym(data, i, symbol); i++) {
        if (strcmp(elf_strptr(sections->elf, head.sh_link, symbol->st_name), name) == 0) {
            *number = i;
            return true;
        }
    }
    return false;
}

// --------------------------------------------------------------------------------- what is made

// What keeps __attribute__ for tcc; see refit.h.
static inline void write_cdefs(const Place *place)
{
    Fault fault;

    assert_true(file_make_dirs(path_in(place, "keep/sys"), 0755, &fault));
    write_source(place, "keep/sys/cdefs.h", "#include_next <sys/cdefs.h>\n#undef __attribute__\n");
}

static const char UNIT[] = "#include \"part.h\"\n"
                           "static int score = 3;\n"
                           "int shown, *ahead;\n"
                           "static int count(int by)\n"
                           "{\n"
                           "    static int calls = 5;\n"
                           "    for (int i = 0; i < by; i++) { static int calls; calls++; }\n"
                           "    { static int calls = 9; calls++; }\n"
                           "    calls += by;\n"
                           "    return calls + half(by);\n"
                           "}\n"
                           "static int here(int what)\n"
                           "{\n"
                           "    return what ? score : shown;\n"
                           "}\n"
                           "__attribute__((visibility(\"default\")))\n"
                           "void *const hotloop_game[] = {&score, &shown, count, half, here};\n";
static const char PART[] = "static inline int half(int of)\n"
                           "{\n"
                           "    static int halves = 1;\n"
                           "\n"
                           "    return of / 2 + halves++;\n"
                           "}\n";

static const char LITERALS[] =
    "typedef struct Pair { const char *name; double value; } Pair;\n"
    "static char may_change[] = \"array\";\n"
    "static int number = 7;\n"
    "static const char *first = \"equal\", *second = \"equal\", *empty = \"\";\n"
    "static const int *wide = (const int *)L\"wide\";\n"
    "static const char *holes = \"a\\0b\";\n"
    "static const Pair *pair = &(const Pair){\"named\", 2.5};\n"
    "static int last = 9;\n"
    "double sum(double by) { return by * 3.25 + 0.5f; }\n"
    "long double longer(void) { return 1.25L; }\n"
    "const char *said(void) { return \"said in code\"; }\n"
    "__attribute__((visibility(\"default\"))) void *const hotloop_game[] = {may_change, &number,\n"
    "    &first, &second, &empty, &wide, &holes, &pair, &last, sum, longer, said};\n";

#endif
