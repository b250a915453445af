// A library's variables: where they are, memory of our own for them, and their names. Inside the
// module only.
#ifndef GAMELIB_GLOBALS_H
#define GAMELIB_GLOBALS_H
#include "gamelib.h"
#include "gamelib_elf.h"

// Sets where the globals and the read-only data of the loaded library are. `bias` is what the
// loader added to the file's addresses.
void gamelib_globals_place(GameLib *lib, const GameElf *elf, uintptr_t bias, const char *path);
// What gamelib_globals_take will push to lib->memory, at most.
size_t gamelib_globals_bytes(const GameLib *lib, const GameElf *elf);
// After the symbols are read: puts anonymous memory in place of the globals, keeps a copy of what
// they hold and lists the symbols by name. Fails FAULT_MEMORY; lib is then still good to be closed.
bool gamelib_globals_take(GameLib *lib, const GameElf *elf, uintptr_t bias, const char *path,
                          Fault *fault);

#endif
