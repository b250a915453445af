// How a child process begins: as a program that a shell has started, not as something of ours.
#ifndef CHILD_H
#define CHILD_H
#include <spawn.h>

// Initialises `attributes` (posix_spawnattr_destroy ends them): no signal is blocked or ignored,
// and the child is alone. POSIX_SPAWN_SETPGROUP: in a process group of its own, which a kill of
// -pid ends with all that it has started. POSIX_SPAWN_SETSID: in a session of its own, which does
// not hear our terminal's Ctrl-C.
void child_fresh(posix_spawnattr_t *attributes, short alone);
// Nothing above stderr comes along: our window's and sound's descriptors are none of its business.
void child_close_others(posix_spawn_file_actions_t *actions);

#endif
