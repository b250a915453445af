// An object of tcc's, refitted so that everything behind the compiler - linker, gamelib, carry,
// reflect, guard, gdb, perf - takes it for one of gcc's:
//
//   stabs           to DWARF 4: the unit, its functions with their lines, its variables with their
//                   addresses (static ones of functions inside of their function, those of one name
//                   in the order of their declaration). They have no types: those come from
//                   elsewhere, see refit_wrap and reflect. Parameters and automatic variables do
//                   have theirs, for debuggers and for naming a NULL pointer, without typedefs and
//                   qualifiers, which stabs do not have
//   literals        move from .data to read-only memory (texts to .rodata.str1.1, where equal ones
//                   become one; .data.rel.ro what has relocations; .rodata the rest), where a write
//                   to one crashes as it does with gcc. Their symbols are .L4 then, and no objects:
//                   ld -X leaves none of them
//   unwinding       .eh_frame for functions that begin with push %rbp; mov %rsp,%rbp, as all do
//   symbols         the file symbol is the source's name; what is global is hidden, but for
//                   hotloop_game, as with -fvisibility=hidden
//   sections        that attributes name are writable and stay (SHF_GNU_RETAIN), as gcc's are; the
//                   stack is not executable
//
// tcc 0.9.27 writes none of these. Facts about its objects that this rests on: every reference
// goes through a symbol; literals and other nameless things are local symbols L.1, L.2 ...; stabs
// as in tccgen.c, tcc_debug_*, and the stabs manual (sourceware.org/gdb/onlinedocs/stabs.html);
// their lines have 16 bits, and what is beyond is found from the lines around.
//
// What an object does not tell:
//   - A compound literal that lives for ever, `static T *p = &(T){...};`, looks like a string
//     literal, and becomes read-only with them though it may be written. Who calls keeps units with
//     such ones away (scan_text refuses them); tcc takes them also where gcc does not, in the
//     initialisers of static variables in functions.
//   - Constants that have a name (static const) are in .data with the variables, where a write to
//     one does not crash.
//   - Whether attributes were seen at all: glibc's <sys/cdefs.h>, which every header of its
//     includes (stdint.h too), defines __attribute__ as nothing for compilers that are neither gcc
//     nor clang. Sections, packed and aligned are gone then without a word, unless somebody
//     undefines it behind that. A sys/cdefs.h of `#include_next <sys/cdefs.h>` and `#undef
//     __attribute__`, in a folder before the system's, does it and nothing else; reading it before
//     the unit (-include) comes too early for the unit's own `#define _GNU_SOURCE`.
#ifndef REFIT_H
#define REFIT_H
#include "file.h"

typedef struct RefitSource {
    const char *path;   // absolute, of the source
    const char *folder; // the compiler's working folder
} RefitSource;

// Reads the object `from` and writes `to` (a new file). FAULT_FORMAT: it is damaged, or no object
// as tcc -g writes them: it is not to be linked. FAULT_FILE. Nothing is left at `to` on failure.
// Any thread; `to` is not synced to the disk.
bool refit_object(const char *from, const RefitSource *source, const char *to, Fault *fault);
// Writes an object `to` that holds the file `from`, byte for byte, in a section `section` that is
// not loaded: for taking something along in a library.
bool refit_wrap(const char *from, const char *section, const char *to, Fault *fault);

#endif
