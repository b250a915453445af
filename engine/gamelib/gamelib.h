// One generation of the game: a private copy of a library file, checked, loaded, with what the rest
// needs to know about it. The file that the linker wrote is only read, and only once it is
// complete; whatever happens to it later does not touch the copy.
#ifndef GAMELIB_H
#define GAMELIB_H
#include "file.h"
#include "hotloop.h"

typedef struct GameLib {
    void *handle;             // dlopen's
    const hl_game *game;      // checked: api, size, sizes and ranges of the descriptor
    char path[FILE_PATH_MAX]; // the private copy; unlinked by gamelib_close, not before (gdb)
    uint64_t content;         // hash of the file's bytes
    // Whoever had it built says of what, and how; gamelib_open leaves both zero. Two libraries of
    // equal `sources` are the same program from different compilers: the second is no edit.
    uint64_t sources; // what was compiled: files, settings; 0: not known
    bool is_fast;     // some of it by the fast compiler, until the other one is ready
    uintptr_t image_first, image_end; // all its loaded segments
    uint64_t build_id_hash;           // 0: the file has no build-id
    bool has_debug_info;
    const hl_tweak *tweaks; // the sound entries of the section hl_tweaks, by file and line
    uint32_t tweak_count;
    struct GameLibSymbol *symbols; // by address, functions and objects, static ones too
    uint32_t symbol_count;
    const char *symbol_names;
    const uint32_t *symbols_by_name; // their indices by name, equal ones by address
    // Its variables: the writable pages after RELRO, anonymous memory of our own by now, so that
    // they can be followed like the state. Equal when it has none.
    uintptr_t globals_first, globals_end;
    const uint8_t *globals_initial; // what they held once loaded, after relocation and constructors
    const struct GameLibGlobal *globals; // for gamelib_next_global
    uint32_t global_count;
    // Words among the variables that the loader filled with addresses of other libraries: of the
    // import table where that is no part of RELRO, and of initialised pointers.
    const struct GameLibImport *imports;
    uint32_t import_count;
    uintptr_t text_first, text_end; // its read-only data, string literals among them
    // What somebody else keeps about it (its debug information): gamelib_close gives it to let_go.
    void *about;
    void (*let_go)(void *about);
    Arena memory;      // all of the tables above; a copy of the struct shares it
    uint64_t ready_ns; // mono_ns when it was ready to be called
} GameLib;

typedef struct GameLibSymbol {
    uintptr_t address;
    uint32_t size_bytes, name; // name: offset in symbol_names; suffixes (".part.0") are kept
} GameLibSymbol;

typedef struct GameLibImport {
    uintptr_t address; // of the word
    bool is_variable;  // the game may have put something else there; else nobody but the loader
} GameLibImport;

typedef struct GameLibConfig {
    const char *folder;    // where private copies go, ours alone (mode 0700); when it is full,
                           // missing or noexec they go to $XDG_RUNTIME_DIR, /tmp, /var/tmp or
                           // memory, whichever works
    const char *self_path; // this executable: run as `self_path --trial-load COPY` for libraries
                           // with constructors, so that one that crashes, hangs or exits dies
                           // alone. NULL: no trial.
    bool own_names_first;  // a foreign library: RTLD_DEEPBIND (where the sanitizer allows it)
    // What its calls of these functions go to instead, once it is loaded; its constructors still
    // get the real ones, the libraries that it brings along always do. NULL: none.
    const NamedFunction *hooks;
    uintptr_t at; // loaded with its first byte here, or not at all: for going on where another
                  // process ended, whose state points into it. 0: anywhere.
    bool is_copy; // `path` is a private copy already, made by another process: it is taken over,
                  // and gamelib_close removes it. Where it cannot be loaded it stays where it is.
} GameLibConfig;

// Is the file at `path` complete? Fails FAULT_INCOMPLETE (wait for it: truncated, empty, zero tail,
// still open for writing by somebody), FAULT_LIBRARY (never will be one: not ELF, other machine,
// directory, FIFO ...) or FAULT_FILE. *content receives the hash of its bytes (may be NULL).
bool gamelib_check(const char *path, uint64_t *content, Fault *fault);
// Checks, copies, checks the copy, tries constructors, loads RTLD_NOW | RTLD_LOCAL and reads the
// descriptor and symbols. Takes no lock and may run on any thread. On failure nothing is left
// behind - no file, no mapping - and the message says which promise the library broke and, for an
// undefined symbol, which name is near.
bool gamelib_open(GameLib *lib, const char *path, const GameLibConfig *config, Fault *fault);
// Unloads and removes the private copy. Accepts a zeroed struct. False when the image stays mapped
// all the same (thread-local destructors and the like keep it): the caller counts and says it.
bool gamelib_close(GameLib *lib);
// The symbol that `address` lies in, and how far; NULL when there is none.
const char *gamelib_symbol_at(const GameLib *lib, uintptr_t address, uintptr_t *offset);
// The same for any other library of this process: the symbol, or the file's base name where the
// library has none there. False when `address` lies in no library.
bool gamelib_foreign_at(uintptr_t address, char *name, size_t name_bytes, uintptr_t *offset);
// The nth (from 0, by address) symbol of exactly that name, static ones too; 0: there is none.
// *size_bytes (may be NULL) is set when there is one.
uintptr_t gamelib_symbol(const GameLib *lib, const char *name, uint32_t nth, size_t *size_bytes);
// An address in [text_first, text_end) at which this text stands, with its NUL; 0: nowhere.
uintptr_t gamelib_text(const GameLib *lib, const char *text);
// The variables by address: all that lie in [globals_first, globals_end) and have a name and a
// size, without those of linker and start-up code. Start with *cursor = 0; false at the end. *nth
// is how many symbols of that name come before it: gamelib_symbol(lib, *name, *nth) finds it again.
bool gamelib_next_global(const GameLib *lib, uint32_t *cursor, const GameLibSymbol **symbol,
                         const char **name, uint32_t *nth);
// Entry of `hotloop --trial-load PATH`: loads it, reports on descriptor 3 and returns the exit
// code.
int gamelib_trial_main(const char *path);
// The names that a game may call, for messages about misspelt ones.
extern const char *const GAMELIB_API_NAMES[];
extern const size_t GAMELIB_API_NAME_COUNT;

#endif
