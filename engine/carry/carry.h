// What of a build's own data goes on in the next build: globals and statics by unit, function and
// name, and where the words of the state that point into the old image point in the new one. The
// rules are the house's: an unchanged initialiser leaves the live value, a changed one wins over
// it, field by field and element by element; functions and variables go by name; string literals by
// their text. Nothing is lost without being named.
//
// Pure: reads two builds (libraries that are loaded, their tables and bytes), writes the new one's
// variables and a report. Knows no history and no running game.
#ifndef CARRY_H
#define CARRY_H
#include "gamelib.h"
#include "reflect_table.h"

// One build. Without a table (no debug information) variables go by symbol and size.
typedef struct CarryBuild {
    const GameLib *lib;
    const ReflectTable *table; // NULL or empty: none
} CarryBuild;

typedef enum CarryFate {
    CARRIED,       // the live value went on
    CARRY_CHANGED, // the initialiser was changed, so the new one is there now
    CARRY_LOST,    // no counterpart, or one that cannot take it
    CARRY_GONE,    // a pointer whose target is no more
    CARRY_GUESSED  // a member that was taken for another under a new name: it went on
} CarryFate;

typedef struct CarryItem {
    CarryFate fate;
    char name[160]; // "score", "update.calls", "table[3].speed"
    char text[240]; // "count (file a.c) is not in the new build; it was 12"
} CarryItem;

typedef struct CarryReport {
    CarryItem *items; // LOST, GONE, CHANGED and GUESSED first; room for CARRY_ITEMS_MAX in all
    uint32_t item_count;
    // All of them, also those that are no items. Variables that went on, wholly or in part, changed
    // or not; of the others variables, elements or members.
    uint32_t carried, changed, lost, gone;
} CarryReport;
enum { CARRY_ITEMS_MAX = 256 };

typedef struct Carry Carry;

// Prepares going from one build to another: finds counterparts and compares initialisers, which is
// most of the work, so it is best done off the frame thread. In `arena`, which must outlive it and
// has room for some MiB: about 200 bytes for each variable and function, and up to 2 MiB for texts.
// One thread at a time may use a Carry. The live values are read by carry_globals only.
Carry *carry_open(Arena *arena, const CarryBuild *from, const CarryBuild *to);
// Writes the variables of `to` (its live memory, which holds what it was loaded with, or left when
// it played): values of `from`'s live memory as the rules say, pointers re-bound. What is not
// carried is not written. Of those that went on, the items name what was not at its initialiser.
void carry_globals(Carry *carry, CarryReport *report, Arena *arena);
// Words of variables that do not point into the old image are given to `forward` on their way,
// those of unions, integers and untyped bytes that go as they are too: they may point into the
// state, which has moved. `want`, `want_to`: what the field points to in the old table and in the
// new one; 0: not known. *gone: it points to nothing any more, and is what is returned then. NULL:
// they stay as they are.
typedef uint64_t (*CarryForward)(void *with, uint64_t word, uint32_t want, uint32_t want_to,
                                 bool *gone);
void carry_forward(Carry *carry, CarryForward forward, void *with);
// What a word that points into from's image is to be in the new build. *gone: there is no
// counterpart: a function that is no more, or is called in another way now, becomes a place that
// cannot be called (carry_grave), a variable that is no more NULL, a constant that is no more stays
// where it is. A string literal whose text is no more stays as well, and so does what is not known;
// neither is gone. Any other word is returned as it is, but for graves: a function that is there
// again takes the place of its grave. Frame thread only, for the graves.
uint64_t carry_word(Carry *carry, uint64_t word, bool *gone);
// Whether the pointer's type can tell more than carry_word does, which knows the address alone: two
// variables meet there, or a function that is called otherwise now.
bool carry_needs_type(Carry *carry, uint64_t word);
// The same as carry_word for a word in a field that points to a thing of type `from` in the old
// build and `to` in the new one; 0: not known.
uint64_t carry_typed_word(Carry *carry, uint64_t word, uint32_t from, uint32_t to, bool *gone);
// The type called so, of that size in the old build, and of that size or the only one called so in
// the new one; 0: none, or several that differ.
typedef struct CarryHolder {
    uint32_t from, to;
} CarryHolder;
CarryHolder carry_holder(const Carry *carry, const char *type, uint64_t bytes);
// The same as carry_word for a word at `offset` of such a thing, as the old build lays it out.
uint64_t carry_held_word(Carry *carry, uint64_t word, CarryHolder holder, uint64_t offset,
                         bool *gone);
// Pointers of packed structs may stand at any byte. Whether the old build has such types at all,
// whether this is one of them, and the next pointer of it at *offset or behind.
bool carry_has_odd_words(const Carry *carry);
bool carry_is_odd(Carry *carry, CarryHolder holder);
bool carry_next_pointer(const Carry *carry, CarryHolder holder, uint64_t *offset);
// Name of what `address` in from's image is, for messages: "jump()", "table[3]", "\"text\"".
void carry_name(const Carry *carry, uint64_t address, char *out, size_t out_bytes);

// Functions that are no more: addresses at which nothing is mapped, one for each name, so that a
// call of one is a crash that can say which it was. The same for the process's life.
uint64_t carry_grave(const char *unit, const char *function);
// Where all of them lie; nothing before the first.
void carry_graveyard(uint64_t *first, uint64_t *bytes);
// True when `address` is one; its names.
bool carry_grave_at(uint64_t address, const char **unit, const char **function);

#endif
