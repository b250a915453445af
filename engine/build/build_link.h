// What a finished library needs before it is published. Private to build.
#ifndef BUILD_LINK_H
#define BUILD_LINK_H
#include "file.h"

// Takes the entry "needs STUB" out of the library's dynamic section. The stub exists only so that
// the linker can tell a misspelt hl_ name; at run time the executable itself has them. False when
// the file is not what a linker writes; it may be half changed then.
bool build_link_drop_needed(const char *library, const char *stub_path);
// A file that is as long as its ELF header says: nothing else is reused, whatever a crash or a full
// disk left behind.
bool build_link_is_whole(const char *path);

#endif
