// The live state of one build in the structs of the next. Out of two tables comes a plan - for
// every type that lives in the state a small program that makes the new element out of the old one
// - and the plan turns bytes into bytes: fields by name, numbers by value, enums by enumerator,
// arrays by index, pointers to where their target went. What has no counterpart is named if it is
// not zero; what cannot be decided is refused, by name. The rules are carry.h's for state: see
// engine/README.md, "What survives an edit".
//
// Pure: reads two tables and a copy of the old memory, writes the new memory and a report. Knows no
// history, no library and no running game.
//
//   migrate_program.c  programs for pairs of types   migrate_shape.c  what allocations consist of
//   migrate_blocks.c   where blocks go               migrate_map.c    where addresses are now
//   migrate_run.c      programs carried out          migrate_report.c what is said
#ifndef MIGRATE_H
#define MIGRATE_H
#include "heap.h"
#include "reflect_match.h"

typedef enum MigrateFate {
    MIGRATE_LOST,    // no counterpart, or one that cannot take all of it; the values are named
    MIGRATE_GONE,    // a pointer whose target is no more: it is NULL now
    MIGRATE_REFUSED, // cannot be decided
    MIGRATE_GUESS,   // taken for a new name: went on
    MIGRATE_SAID     // went on in a way that is worth a word (a fraction cut off, say)
} MigrateFate;

typedef struct MigrateItem {
    MigrateFate fate;
    char name[160]; // "Mob.hp", "Game.items[3]", "score" of a variable
    char text[240]; // "Mob[17].hp was 300, which does not fit into unsigned char: 255 (and 2 more)"
} MigrateItem;
enum { MIGRATE_ITEMS_MAX = 256 };

// One item a field and reason, with the first value and how many more there are.
typedef struct MigrateReport {
    MigrateItem *items; // room for MIGRATE_ITEMS_MAX; refused and lost ones first
    uint32_t item_count;
    uint32_t lost, gone, refused; // all of them, objects and elements counted
    uint64_t objects;             // elements of allocations that were written anew
    // "Mob: +stamina, hp int -> float; Game: -old; 32 objects moved, 0 lost"; "" nothing changed
    char summary[400];
} MigrateReport;

// Words that point elsewhere than into the state (code, variables, texts): what such a word is in
// the new build. `from`, `to`: what the field points to in each table; 0: not known. `place`: the
// word's new address, for messages. Called for words in [first, first + span) of one of two ranges.
typedef struct MigrateOutside {
    uint64_t first[2], span[2];
    uint64_t (*turn)(void *with, uint64_t word, uint32_t from, uint32_t to, const void *place);
    void *with;
} MigrateOutside;

typedef struct Migrate Migrate;

// A plan: no memory is looked at yet, so this can be done beside the game. `root_from`, `root_to`
// name the state's struct in each build (0 = by pointer only). Everything in `arena`, which must
// outlive it. Programs are made when first needed; migrate_plan_for makes them ahead.
Migrate *migrate_open(Arena *arena, ReflectMatch *match, const char *root_from,
                      const char *root_to);
// Programs for what allocations of that tag and element size consist of, and all they point to.
void migrate_plan_for(Migrate *migrate, const char *tag, size_t element_bytes);
// About how many bytes will be written for allocations of that tag, of so many that are alive.
uint64_t migrate_written_bytes(Migrate *migrate, const char *tag, uint64_t live_bytes);
// True when nothing that a plan has been made for, or that a variable is made of, is laid out
// otherwise: then there is nothing to do.
bool migrate_is_idle(const Migrate *migrate);

// The memory that is migrated. `heap` is at its place (its blocks' addresses are what pointers
// hold) and is written; `old` holds the same bytes as `heap`, from its first byte on, and is only
// read: a copy, or a history's shadow.
typedef struct MigrateMemory {
    Heap *heap;
    const uint8_t *old;
    void *root; // the state's struct in `heap`; becomes its new place
    size_t root_align;
    // Variables that point into the state decide the types of what no tag tells: may be none.
    const uint8_t *const *variables; // their bytes
    const uint32_t *variable_types;  // in the old table
    uint32_t variable_count;
    // Told of stretches of `heap` of which most is about to be written, so that whoever watches
    // what is written need not find out page by page; NULL: nobody wants to know.
    void (*expect)(void *with, void *memory, size_t bytes);
    void *expect_with;
    bool is_decided; // by the game: what nobody else can decide is zero, named, and not refused
} MigrateMemory;

// False: refused, or (FAULT_MEMORY) the arena is too small, which names the types that want more;
// *fault says what stands in the way and what would help, the items name everything. The heap has
// been written to then and is good for nothing: the caller brings its bytes back. Blocks that do
// not grow stay where they are; a block that grows may move. Every write is to memory that changes.
bool migrate_run(Migrate *migrate, MigrateMemory *memory, const MigrateOutside *outside,
                 MigrateReport *report, Fault *fault);
// Where a word that points into the old heap points after that run; any other word as it is.
// `want`, `want_to`: what it points to, in the old table and in the new one; 0: not known. *gone:
// there is no such place, or it is of another type, and it is NULL. For variables, and for whoever
// holds such words.
uint64_t migrate_word(Migrate *migrate, uint64_t word, uint32_t want, uint32_t want_to, bool *gone);

// One object on its own, as a file holds it: `out` (of the new type's bytes) is written whole.
// False: something was refused. `name` begins the items' names. Pointers become NULL, named.
bool migrate_value(Migrate *migrate, uint32_t from, uint32_t to, const uint8_t *old, uint8_t *out,
                   const char *name, MigrateReport *report);

#endif
