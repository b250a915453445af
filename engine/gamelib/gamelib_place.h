// Loading a library at an address of our choice. Inside the module only.
#ifndef GAMELIB_PLACE_H
#define GAMELIB_PLACE_H
#include "gamelib.h"
#include "gamelib_elf.h"

// dlopen(copy, flags) so that the first byte of the image lies at `at`. NULL: *why says what is in
// the way, or is NULL and dlerror has the loader's reason; nothing is loaded then. Its constructors
// may have run and been undone by its destructors a few times before. Other threads may map memory
// meanwhile; what they take is only ever room at `at` itself.
void *gamelib_place_open(const char *copy, int flags, const GameElf *elf, uintptr_t at,
                         const char **why);
// Reserves the room at `at` for the library at `path` until it is to be loaded, so that nothing
// that is mapped meanwhile comes to lie there. False (*held is zeroed) when that cannot be;
// gamelib_place_open will tell. Give it back with arena_close.
bool gamelib_place_hold(Arena *held, const char *path, uintptr_t at);

#endif
