// Other functions in place of those that a loaded library imports. Inside the module only.
#ifndef GAMELIB_HOOKS_H
#define GAMELIB_HOOKS_H
#include "gamelib.h"
#include "gamelib_elf.h"

// Puts `hooks` (NULL: none), and the program's own hl_ functions, where the library at `bias` keeps
// the addresses of functions of these names: its import table, whichever way the linker laid it
// out, and pointers to them among its data. A function of such a name that the library defines
// itself stays its own, and no other library is touched. Fails FAULT_MEMORY when the import table
// cannot be made writable.
bool gamelib_hooks_put(const GameElf *elf, void *handle, uintptr_t bias, const NamedFunction *hooks,
                       Fault *fault);
// Fills lib->imports.
void gamelib_imports_find(const GameElf *elf, uintptr_t bias, GameLib *lib);

#endif
