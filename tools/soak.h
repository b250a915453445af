// What main of soak.c calls.
#ifndef SOAK_H
#define SOAK_H
#include "session.h"

// Plays `minutes` of game time as fast as it goes, with seeks, loops, branches and reloads in
// between. False when a moment came back wrong or history grew over its budget; it is printed.
bool soak_time(uint64_t minutes);
// Edits the platformer's structs at random for `minutes`, while it runs and while it is rewound.
// False with the first mistake, which is printed.
bool soak_structs(uint64_t minutes, uint64_t seed);

#endif
