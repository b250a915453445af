// Debug information of a library, read by libdw: addresses to functions, files and lines, inlined
// calls too, and which variable of a function held a pointer. The file is one that we loaded; its
// debug information may still be damaged, which is an error, never a crash.
#ifndef REFLECT_H
#define REFLECT_H
#include "file.h"

enum { REFLECT_INLINE_MAX = 8 };

typedef struct Reflect Reflect;

typedef struct ReflectPlace {
    char function[128];       // "" unknown
    char file[FILE_PATH_MAX]; // as the compiler was given it, made absolute; "" unknown
    int line, column;         // 0 unknown
    bool is_inlined;          // into the place that follows
} ReflectPlace;

// `path`: the file that is loaded at `image_first` (its first mapped byte). Reads nothing yet but
// the file's head. NULL: *fault.
Reflect *reflect_open(const char *path, uintptr_t image_first, Fault *fault);
void reflect_close(Reflect *reflect); // NULL is fine
// Where the instruction at `pc` comes from, innermost inlined call first; returns how many places
// (0: no debug information there). For a return address pass the address - 1.
size_t reflect_places(Reflect *reflect, uintptr_t pc, ReflectPlace *places, size_t max);

// The machine at `pc`, as far as it is known.
typedef struct ReflectMachine {
    uintptr_t pc;
    const uint64_t *registers; // 17, by DWARF numbers
    uintptr_t cfa;             // of the frame; 0: not known
    // Copies memory of the process; false: it cannot be read.
    bool (*read)(void *with, uintptr_t address, void *out, size_t bytes);
    void *with;
} ReflectMachine;
// Which pointer variable in scope, named on `source_line`, would lead to `address`: one that is
// NULL (or as near) and whose type has a member at that offset. Writes its name ("m", "m->next")
// and returns true; false when none or several fit equally well.
bool reflect_suspect(Reflect *reflect, const ReflectMachine *machine, const char *source_line,
                     uintptr_t address, char *name, size_t name_bytes);

#endif
