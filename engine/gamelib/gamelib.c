#include "gamelib.h"
#include <dlfcn.h>
#include <inttypes.h>
#include <link.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gamelib_globals.h"
#include "gamelib_hooks.h"
#include "gamelib_place.h"
#include "gamelib_source.h"
#include "gamelib_trial.h"

// Contents: loading and its messages, the image, the descriptor, tweaks, symbols, opening and
// closing.

// A library on its way in: what the steps below share.
typedef struct Opening {
    GameLib *lib;
    const GameElf *elf;
    const char *path; // the linker's file, for messages
    const GameLibConfig *config;
    uintptr_t bias; // what the loader added to the file's addresses
    Arena held;     // the room that it is to be loaded to
    Fault *fault;
} Opening;

static bool refuse(const Opening *opening, const char *what)
{
    return fault_set(opening->fault, FAULT_LIBRARY, "%s: %s; previous code kept", opening->path,
                     what);
}

// -------------------------------------------------------------------------------------- loading

static bool refuse_undefined(const Opening *opening, const char *name)
{
    char clean[256];
    const char *near = text_nearest(name, GAMELIB_API_NAMES, GAMELIB_API_NAME_COUNT);

    text_clean(clean, sizeof clean, name, false);
    if (near && strcmp(near, name) == 0) {
        return fault_set(opening->fault, FAULT_LIBRARY,
                         "%s: needs %s, which this hotloop does not offer to libraries; previous "
                         "code kept",
                         opening->path, clean);
    }
    if (near) {
        return fault_set(opening->fault, FAULT_LIBRARY,
                         "%s: needs %s, which nobody defines; did you mean %s? Previous code kept",
                         opening->path, clean, near);
    }
    return fault_set(opening->fault, FAULT_LIBRARY,
                     "%s: needs %s, which nobody defines (is a source file or a -l missing?); "
                     "previous code kept",
                     opening->path, clean);
}

// dlerror's texts as glibc words them (elf/dl-lookup.c, elf/dl-load.c); any other one is shown as
// it is, with the file's own name instead of the copy's.
static bool refuse_loader(const Opening *opening, const char *error)
{
    static const char undefined[] = "undefined symbol: ";
    static const char missing[] = ": cannot open shared object file";
    const char *at = strstr(error, undefined);
    size_t copy_length = strlen(opening->lib->path);
    char name[512], clean[1024];

    if (at) {
        at += strlen(undefined);
        text_format(name, sizeof name, "%.*s", (int)strcspn(at, ", \t("), at);
        return refuse_undefined(opening, name);
    }
    at = strstr(error, missing);
    if (at) {
        text_format(name, sizeof name, "%.*s", (int)(at - error), error);
        text_clean(clean, sizeof clean, name, false);
        return fault_set(opening->fault, FAULT_LIBRARY,
                         "%s: needs the library %s, which is not found (install it, or set its "
                         "folder with -Wl,-rpath); previous code kept",
                         opening->path, clean);
    }
    if (strncmp(error, opening->lib->path, copy_length) == 0 && error[copy_length] == ':') {
        error += copy_length + 1 + strspn(error + copy_length + 1, " ");
    }
    text_clean(clean, sizeof clean, error, false);
    return refuse(opening, clean);
}

// A needed library that is not in the process yet will run its constructors, too. RTLD_NOLOAD only
// asks (dlopen(3)).
static bool brings_libraries(const GameElf *elf, const GameElfDynamic *dynamic)
{
    for (uint64_t i = 0; i < dynamic->entry_count; i++) {
        const char *name = gamelib_elf_needed(elf, dynamic, i);
        void *handle = name ? dlopen(name, RTLD_LAZY | RTLD_NOLOAD) : NULL;
        if (handle) {
            dlclose(handle);
        } else if (name) {
            return true;
        }
    }
    return false;
}

static bool try_constructors(const Opening *opening)
{
    GameElfDynamic dynamic;
    char words[TRIAL_WORDS_MAX];

    if (!opening->config->self_path || !gamelib_elf_dynamic(opening->elf, &dynamic)
        || (!gamelib_elf_runs_code(opening->elf, &dynamic)
            && !brings_libraries(opening->elf, &dynamic))) {
        return true;
    }
    switch (gamelib_trial_run(opening->config->self_path, opening->lib->path, words)) {
    case TRIAL_GOOD:
        return true;
    case TRIAL_REFUSED:
        return refuse_loader(opening, words);
    case TRIAL_DIED:
        return fault_set(opening->fault, FAULT_LIBRARY,
                         "%s: its constructor %s in a trial load; previous code kept",
                         opening->path, words);
    case TRIAL_FAILED:
        break;
    }
    return fault_set(opening->fault, FAULT_LIBRARY,
                     "%s: has constructors, and a trial load could not be run (%s); previous code "
                     "kept",
                     opening->path, words);
}

static int load_flags(const GameLibConfig *config)
{
    int flags = RTLD_NOW | RTLD_LOCAL;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    // The sanitizers refuse it: their own malloc must win.
    if (config->own_names_first) {
        flags |= RTLD_DEEPBIND;
    }
#else
    (void)config;
#endif
    return flags;
}

static bool load(Opening *opening)
{
    GameLib *lib = opening->lib;
    struct link_map *map = NULL;
    int flags = load_flags(opening->config);
    uintptr_t at = opening->config->at;
    const char *why = NULL;

    arena_close(&opening->held);
    lib->handle = at ? gamelib_place_open(lib->path, flags, opening->elf, at, &why)
                     : dlopen(lib->path, flags);
    if (why) {
        return fault_set(opening->fault, FAULT_MEMORY,
                         "%s: cannot be loaded at %#zx again, where the state expects it: %s",
                         opening->path, (size_t)at, why);
    }
    if (!lib->handle) {
        const char *error = dlerror();
        return refuse_loader(opening, error ? error : "the loader gives no reason");
    }
    if (dlinfo(lib->handle, RTLD_DI_LINKMAP, &map) != 0 || !map) {
        return refuse(opening, "the loader does not say where it is");
    }
    opening->bias = map->l_addr;
    return true;
}

// ------------------------------------------------------------------------------------ the image

// The end of the part of the image that `address` lies in, if all of `flags` (PF_R, PF_W, PF_X)
// hold there; else 0.
static uintptr_t image_end_at(const Opening *opening, uintptr_t address, uint32_t flags)
{
    Elf64_Phdr segment;

    for (uint32_t i = 0; gamelib_elf_segment(opening->elf, i, &segment); i++) {
        uintptr_t first = opening->bias + segment.p_vaddr;
        if (segment.p_type == PT_LOAD && (segment.p_flags & flags) == flags && address >= first
            && address - first < segment.p_memsz) {
            return first + segment.p_memsz;
        }
    }
    return 0;
}

static bool image_holds(const Opening *opening, const void *data, size_t size_bytes, uint32_t flags)
{
    uintptr_t address = (uintptr_t)data, end = image_end_at(opening, address, flags);

    return end && size_bytes <= end - address;
}

static bool image_holds_text(const Opening *opening, const char *text)
{
    uintptr_t end = image_end_at(opening, (uintptr_t)text, PF_R);

    return end && memchr(text, 0, end - (uintptr_t)text);
}

static bool place_image(Opening *opening)
{
    GameLib *lib = opening->lib;
    Elf64_Phdr segment;
    const uintptr_t in_page = PAGE_BYTES - 1;

    lib->image_first = UINTPTR_MAX;
    for (uint32_t i = 0; gamelib_elf_segment(opening->elf, i, &segment); i++) {
        uintptr_t first = opening->bias + segment.p_vaddr;
        uintptr_t end = first + segment.p_memsz;
        if (segment.p_type != PT_LOAD) {
            continue;
        }
        first &= ~in_page;
        end = (end + in_page) & ~in_page;
        lib->image_first = first < lib->image_first ? first : lib->image_first;
        lib->image_end = end > lib->image_end ? end : lib->image_end;
    }
    return lib->image_first < lib->image_end || refuse(opening, "it takes no room in memory");
}

// -------------------------------------------------------------------------------- the descriptor

static bool find_descriptor(Opening *opening)
{
    const hl_game *game = dlsym(opening->lib->handle, "hotloop_game");

    if (!game) {
        return refuse(opening, "exports no hotloop_game (is HL_GAME in it?)");
    }
    // First the two numbers alone: a descriptor of another version may be shorter.
    if ((uintptr_t)game % _Alignof(hl_game) != 0
        || !image_holds(opening, game, offsetof(hl_game, state_type), PF_R)) {
        return refuse(opening, "its hotloop_game is no descriptor (HL_GAME makes one)");
    }
    if (game->api != HL_API_VERSION) {
        return fault_set(opening->fault, FAULT_LIBRARY,
                         "%s: built for API %u, this hotloop speaks %u: rebuild the game with its "
                         "hotloop.h; previous code kept",
                         opening->path, game->api, HL_API_VERSION);
    }
    if (game->size != sizeof(hl_game)) {
        return fault_set(opening->fault, FAULT_LIBRARY,
                         "%s: its hl_game has %u bytes, this hotloop's has %zu: rebuild the game "
                         "with its hotloop.h; previous code kept",
                         opening->path, game->size, sizeof(hl_game));
    }
    if (!image_holds(opening, game, sizeof *game, PF_R)) {
        return refuse(opening, "its hotloop_game is no descriptor (HL_GAME makes one)");
    }
    opening->lib->game = game;
    return true;
}

static bool is_id(const char *id)
{
    return id[0] && id[strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789_-")] == 0;
}

static bool check_texts(const Opening *opening)
{
    const hl_game *game = opening->lib->game;
    char clean[128];

    if (!game->state_type || !image_holds_text(opening, game->state_type)) {
        return refuse(opening, "the name of its state type is not in the library");
    }
    if (game->title && !image_holds_text(opening, game->title)) {
        return refuse(opening, "its .title is not a string of the library");
    }
    if (game->id && !image_holds_text(opening, game->id)) {
        return refuse(opening, "its .id is not a string of the library");
    }
    if (game->id && !is_id(game->id)) {
        text_clean(clean, sizeof clean, game->id, false);
        return fault_set(opening->fault, FAULT_LIBRARY,
                         "%s: its .id \"%s\" must be of a-z, 0-9, _ and -; previous code kept",
                         opening->path, clean);
    }
    return true;
}

static bool check_number(const Opening *opening, const char *name, int64_t value, int64_t hi)
{
    if (value < 0 || value > hi) {
        return fault_set(opening->fault, FAULT_LIBRARY,
                         "%s: its .%s is %" PRId64 ", allowed are 1..%" PRId64
                         " or 0 for the default; previous code kept",
                         opening->path, name, value, hi);
    }
    return true;
}

static bool check_sizes(const Opening *opening)
{
    const hl_game *game = opening->lib->game;

    if (game->state_size == 0 || game->state_size > ARENA_STATE_MAX) {
        return fault_set(opening->fault, FAULT_LIBRARY,
                         "%s: its state has %zu bytes, allowed are 1 byte to %llu GiB; previous "
                         "code kept",
                         opening->path, game->state_size, ARENA_STATE_MAX >> 30);
    }
    if (game->state_align == 0 || game->state_align > PAGE_BYTES
        || (game->state_align & (game->state_align - 1)) != 0) {
        return fault_set(opening->fault, FAULT_LIBRARY,
                         "%s: its state is aligned to %zu bytes, allowed are powers of two up to "
                         "%u; previous code kept",
                         opening->path, game->state_align, PAGE_BYTES);
    }
    if (game->arena > ARENA_STATE_MAX) {
        return fault_set(opening->fault, FAULT_LIBRARY,
                         "%s: its .arena is %zu bytes, at most %llu GiB are possible; previous "
                         "code kept",
                         opening->path, game->arena, ARENA_STATE_MAX >> 30);
    }
    return check_number(opening, "width", game->width, 4096)
           && check_number(opening, "height", game->height, 4096)
           && check_number(opening, "tick_rate", game->tick_rate, 1000);
}

static bool check_functions(const Opening *opening)
{
    const hl_game *game = opening->lib->game;
    const struct {
        const char *name;
        uintptr_t address;
    } functions[] = {{"init", (uintptr_t)game->init},
                     {"update", (uintptr_t)game->update},
                     {"draw", (uintptr_t)game->draw}};

    for (size_t i = 0; i < COUNT_OF(functions); i++) {
        if (!image_end_at(opening, functions[i].address, PF_X)) {
            return fault_set(opening->fault, FAULT_LIBRARY,
                             "%s: its %s is %s (HL_GAME sets it); previous code kept",
                             opening->path, functions[i].name,
                             functions[i].address ? "no function of the library" : "missing");
        }
    }
    return true;
}

static bool read_descriptor(Opening *opening)
{
    return find_descriptor(opening) && check_sizes(opening) && check_functions(opening)
           && check_texts(opening);
}

// --------------------------------------------------------------------------------------- tweaks

static bool tweak_is_good(const Opening *opening, const hl_tweak *tweak)
{
    return image_holds_text(opening, tweak->name) && image_holds_text(opening, tweak->file)
           && (uintptr_t)tweak->value % _Alignof(float) == 0
           && image_holds(opening, tweak->value, sizeof(float), PF_R | PF_W)
           && isfinite(tweak->initial) && isfinite(tweak->min) && isfinite(tweak->max)
           && tweak->min <= tweak->max;
}

// As they stand in the source: gcc -O2 lays them out backwards.
static int by_line(const void *left, const void *right)
{
    const hl_tweak *a = left, *b = right;
    int file = strcmp(a->file, b->file);

    return file ? file : (a->line > b->line) - (a->line < b->line);
}

// Compilers may align each entry to more than its size is a multiple of (gcc rounds structs of 32
// bytes up to 32), so the section is an array with gaps of zeros: step by pointers over what is no
// entry. The good ones are copied out, back to back.
static void read_tweaks(Opening *opening)
{
    GameLib *lib = opening->lib;
    Elf64_Shdr section;
    size_t at = 0, room;
    hl_tweak *tweaks;

    if (!gamelib_elf_find(opening->elf, "hl_tweaks", &section)
        || section.sh_addr % _Alignof(hl_tweak) != 0 || section.sh_size > UINT32_MAX) {
        return;
    }
    const uint8_t *bytes = (const uint8_t *)(opening->bias + section.sh_addr);
    if (!image_holds(opening, bytes, section.sh_size, PF_R)) {
        return;
    }
    room = section.sh_size / sizeof(hl_tweak);
    tweaks = ARENA_NEW(&lib->memory, hl_tweak, room);
    while (lib->tweak_count < room && at + sizeof(hl_tweak) <= section.sh_size) {
        hl_tweak tweak;
        memcpy(&tweak, bytes + at, sizeof tweak);
        if (tweak_is_good(opening, &tweak)) {
            tweaks[lib->tweak_count++] = tweak;
            at += sizeof tweak;
        } else {
            at += sizeof(void *);
        }
    }
    if (lib->tweak_count > 0) {
        qsort(tweaks, lib->tweak_count, sizeof *tweaks, by_line);
    }
    lib->tweaks = tweaks;
}

// -------------------------------------------------------------------------------------- symbols

static int by_address(const void *left, const void *right)
{
    const GameLibSymbol *a = left, *b = right;

    if (a->address != b->address) {
        return a->address < b->address ? -1 : 1;
    }
    if (a->size_bytes != b->size_bytes) {
        return a->size_bytes < b->size_bytes ? -1 : 1;
    }
    return a->name < b->name ? -1 : a->name > b->name;
}

static bool is_in_image(const Opening *opening, const Elf64_Sym *symbol)
{
    unsigned type = ELF64_ST_TYPE(symbol->st_info);

    return (type == STT_FUNC || type == STT_OBJECT || type == STT_GNU_IFUNC)
           && symbol->st_shndx != SHN_UNDEF && symbol->st_shndx != SHN_ABS
           && image_end_at(opening, opening->bias + symbol->st_value, 0);
}

static void read_symbols(Opening *opening)
{
    GameLib *lib = opening->lib;
    Elf64_Shdr table, strings;
    size_t count;
    char *names;

    if (!gamelib_elf_symbols(opening->elf, &table, &strings)) {
        return;
    }
    const uint8_t *from = gamelib_elf_contents(opening->elf, &table);
    count = table.sh_size / sizeof(Elf64_Sym);
    names = arena_push(&lib->memory, 1, 1, strings.sh_size + 1);
    memcpy(names, gamelib_elf_contents(opening->elf, &strings), strings.sh_size);
    lib->symbol_names = names;
    lib->symbols = ARENA_NEW(&lib->memory, GameLibSymbol, count);
    for (size_t i = 0; i < count; i++) {
        Elf64_Sym symbol;
        memcpy(&symbol, from + i * sizeof symbol, sizeof symbol);
        if (is_in_image(opening, &symbol) && symbol.st_name < strings.sh_size) {
            lib->symbols[lib->symbol_count++] =
                (GameLibSymbol){opening->bias + symbol.st_value,
                                symbol.st_size < UINT32_MAX ? (uint32_t)symbol.st_size : UINT32_MAX,
                                symbol.st_name};
        }
    }
    if (lib->symbol_count > 0) {
        qsort(lib->symbols, lib->symbol_count, sizeof *lib->symbols, by_address);
    }
}

// Room for tweaks, symbols, their names and the globals, all bounded by what the file says.
static size_t tables_bytes(const GameLib *lib, const GameElf *elf)
{
    Elf64_Shdr table, strings, tweaks;
    size_t size_bytes = PAGE_BYTES + gamelib_globals_bytes(lib, elf);

    if (gamelib_elf_symbols(elf, &table, &strings)) {
        size_bytes += table.sh_size / sizeof(Elf64_Sym) * sizeof(GameLibSymbol) + strings.sh_size;
    }
    if (gamelib_elf_find(elf, "hl_tweaks", &tweaks) && tweaks.sh_size <= UINT32_MAX) {
        size_bytes += tweaks.sh_size;
    }
    return size_bytes;
}

static bool read_tables(Opening *opening)
{
    GameLib *lib = opening->lib;
    Elf64_Shdr debug;

    gamelib_globals_place(lib, opening->elf, opening->bias, opening->path);
    if (!arena_open(&lib->memory, 0, tables_bytes(lib, opening->elf), opening->fault)) {
        return false;
    }
    lib->build_id_hash = gamelib_elf_build_id(opening->elf);
    lib->has_debug_info = (gamelib_elf_find(opening->elf, ".debug_info", &debug)
                           || gamelib_elf_find(opening->elf, ".zdebug_info", &debug))
                          && gamelib_elf_contents(opening->elf, &debug) && debug.sh_size > 0;
    read_tweaks(opening);
    read_symbols(opening);
    return gamelib_globals_take(lib, opening->elf, opening->bias, opening->path, opening->fault);
}

const char *gamelib_symbol_at(const GameLib *lib, uintptr_t address, uintptr_t *offset)
{
    size_t low = SORTED_UP_TO(lib->symbols, lib->symbol_count, address, address);

    // Symbols may lie inside another (aliases, parts of a table): look a few back.
    for (size_t i = low; i > 0 && low - i < 16; i--) {
        const GameLibSymbol *symbol = &lib->symbols[i - 1];
        uintptr_t far = address - symbol->address;
        if (far < symbol->size_bytes || far == 0) {
            if (offset) {
                *offset = far;
            }
            return lib->symbol_names + symbol->name;
        }
    }
    return NULL;
}

bool gamelib_foreign_at(uintptr_t address, char *name, size_t name_bytes, uintptr_t *offset)
{
    Dl_info info;
    if (!dladdr((void *)address, &info) || !info.dli_fname) {
        return false;
    }
    if (info.dli_sname) {
        (void)text_format(name, name_bytes, "%s", info.dli_sname);
        *offset = address - (uintptr_t)info.dli_saddr;
    } else {
        file_base_name(name, name_bytes, info.dli_fname);
        *offset = address - (uintptr_t)info.dli_fbase;
    }
    return true;
}

// -------------------------------------------------------------------------- opening and closing

bool gamelib_check(const char *path, uint64_t *content, Fault *fault)
{
    GameSource source;

    if (!gamelib_source_open(&source, path, fault)) {
        return false;
    }
    if (content) {
        *content = source.content;
    }
    gamelib_source_close(&source);
    return true;
}

// Defined STB_GNU_UNIQUE symbols (C++ inline statics) are one per process: a new build would go on
// using the first build's. Source: glibc, elf/dl-lookup.c, do_lookup_unique.
static void warn_unique(const Opening *opening)
{
    Elf64_Shdr table, strings;
    size_t count = 0;

    if (!gamelib_elf_symbols(opening->elf, &table, &strings)) {
        return;
    }
    const uint8_t *from = gamelib_elf_contents(opening->elf, &table);
    for (size_t i = 0; i < table.sh_size / sizeof(Elf64_Sym); i++) {
        Elf64_Sym symbol;
        memcpy(&symbol, from + i * sizeof symbol, sizeof symbol);
        count += ELF64_ST_BIND(symbol.st_info) == STB_GNU_UNIQUE && symbol.st_shndx != SHN_UNDEF;
    }
    if (count > 0) {
        log_line(LOG_WARNING,
                 "%s: %zu C++ symbols are unique in the process and keep the values of the first "
                 "build; compile with -fno-gnu-unique",
                 opening->path, count);
    }
}

static bool is_mapped(const char *path)
{
    void *handle = dlopen(path, RTLD_LAZY | RTLD_NOLOAD);

    if (handle) {
        dlclose(handle);
    }
    return handle != NULL;
}

static bool close_library(GameLib *lib, bool keeps_file)
{
    bool gone = true;

    if (lib->let_go) {
        lib->let_go(lib->about);
    }
    if (lib->handle) {
        dlclose(lib->handle);
        gone = !is_mapped(lib->path);
    }
    if (lib->path[0] && !keeps_file) {
        gamelib_copy_remove(lib->path, gone);
    }
    arena_close(&lib->memory);
    *lib = (GameLib){0};
    return gone;
}

// A private copy of our own, or the one that another process of ours left to us.
static bool take_copy(Opening *opening, const GameSource *source)
{
    GameLib *lib = opening->lib;

    if (!opening->config->is_copy) {
        return gamelib_copy_make(lib->path, opening->config->folder, source, opening->path,
                                 opening->fault)
               && gamelib_source_same(source, opening->path, opening->fault);
    }
    if (is_mapped(opening->path)) {
        return refuse(opening, "loaded already");
    }
    return text_format(lib->path, sizeof lib->path, "%s", opening->path)
           || refuse(opening, "its path is too long");
}

static bool put_hooks(const Opening *opening)
{
    const NamedFunction *hooks = opening->config->hooks;

    return gamelib_hooks_put(opening->elf, opening->lib->handle, opening->bias, hooks,
                             opening->fault);
}

static bool open_source(Opening *opening, const GameSource *source)
{
    GameLib *lib = opening->lib;

    lib->content = source->content;
    if (!take_copy(opening, source) || !try_constructors(opening) || !load(opening)
        || !place_image(opening) || !read_descriptor(opening) || !put_hooks(opening)
        || !read_tables(opening)) {
        return false;
    }
    gamelib_imports_find(opening->elf, opening->bias, lib);
    warn_unique(opening);
    lib->ready_ns = mono_ns();
    return true;
}

bool gamelib_open(GameLib *lib, const char *path, const GameLibConfig *config, Fault *fault)
{
    GameSource source;
    Opening opening = {.lib = lib, .path = path, .config = config, .fault = fault};
    bool opened = false;

    *lib = (GameLib){0};
    if (config->at) {
        (void)gamelib_place_hold(&opening.held, path, config->at);
    }
    if (gamelib_source_open(&source, path, fault)) {
        opening.elf = &source.elf;
        opened = open_source(&opening, &source);
        gamelib_source_close(&source);
    }
    arena_close(&opening.held);
    if (!opened) {
        close_library(lib, config->is_copy);
    }
    return opened;
}

bool gamelib_close(GameLib *lib)
{
    return close_library(lib, false);
}
