// The structs of builds that are no more, out of files. Inside this module only.
//
//   live_types.c      packing them, reading them
//   live_files.c      those of the session's own file, and of the build that plays
//   live_state_put.c  a file's state into memory       live_state_old.c  out of other structs
//   live_loads.c      HL_SAVE and HL_LOAD
#ifndef LIVE_TYPES_H
#define LIVE_TYPES_H
#include "live.h"
#include "migrate.h"
#include "reflect_pack.h"

// A symbol of the old build and the variable that it was.
typedef struct LiveSymbol {
    const char *name;
    uint32_t nth, variable;
} LiveSymbol;

typedef struct LiveTypes {
    Arena memory; // of all that is in it
    ReflectTable table;
    LiveSymbol *symbols; // by name and number
    uint32_t symbol_count;
} LiveTypes;

bool live_types_known(const GameLib *lib); // it has debug information
// The build's, for ReplayBuild.types, in `arena`; NULL: not known, or no room. Any thread.
const uint8_t *live_types_pack(const GameLib *lib, Arena *arena, size_t *size_bytes);
// FAULT_FORMAT: these are no such bytes. *types is zeroed then.
bool live_types_open(LiveTypes *types, const uint8_t *bytes, size_t size_bytes, Fault *fault);
void live_types_close(LiveTypes *types); // accepts a zeroed one
// NULL: that symbol was no variable that is known.
const ReflectVariable *live_types_variable(const LiveTypes *types, const char *symbol,
                                           uint32_t nth);
// The variable of today's table that the old one is; NULL: none, or it is not clear which.
const ReflectVariable *live_types_counterpart(const ReflectTable *table,
                                              const ReflectVariable *was);
// The type called so (struct, typedef, as HL_SAVE and hl_new write it) of that size; 0: none, or
// several that differ.
uint32_t live_types_named(const ReflectTable *table, const char *name, uint64_t size_bytes);

// ------------------------------------------------------------------------------------ live_files.c

struct LiveFiles {
    Arena own;
    Arena packed_memory; // the types of the build that plays
    uint64_t packed_build;
    const uint8_t *packed; // NULL: not known
    size_t packed_bytes;
    LiveTypes types; // of the replay's builds: number `number`, read last
    uint32_t number;
    uint64_t read_for; // the generation that it was compared with
    bool is_read;      // there is something in `types`: they are not that generation's
    uint32_t playing;  // number of the types of the build that made the replay's present ticks
    bool is_other;     // what is in the state has come out of other structs
    char other[400];   // what was different, for people
};
bool live_files_open(Live *live, Fault *fault);
void live_files_close(Live *live);
// Of the build that plays, until the next is asked for; NULL: not known.
const uint8_t *live_files_packed(const Live *live, size_t *size_bytes);
// Types number `number` of the replay; NULL: not known, or those of the build that plays. Until
// another number is asked for.
const LiveTypes *live_files_types(const Live *live, uint32_t number);

// ---------------------------------------------------------------------------------
// live_state_put.c

// What a file's state has that this build has not.
enum { LIVE_LOSSES_SAID = 8 };
typedef struct LiveLosses {
    uint32_t count;
    char texts[LIVE_LOSSES_SAID][240];
} LiveLosses;
void live_lose(LiveLosses *losses, const char *format, ...) BASE_PRINTF(2, 3);

// A file's state on its way into memory.
typedef struct LivePutting {
    Live *live;
    const ReplayState *state;
    Arena arena;            // until it is done
    const LiveTypes *types; // NULL: those of the build that plays, or not known
    ReflectMatch *match;    // of them and today's, where they are known
    LiveLosses losses;
    uint8_t **globals; // of the state's: where each lies now; NULL: nowhere
} LivePutting;
// What the word is to be that `pointer` stands for. `want`: what the field points to in today's
// table; 0: not known. What is no more is lost, and cannot be called, or is NULL.
uint64_t live_pointer_word(LivePutting *putting, const ReplayPointer *pointer, uint32_t want);
bool live_put_global(LivePutting *putting, const ReplayGlobal *global, uint8_t **memory);
// From the state's pages, which are in memory, to today's structs; pointers and variables, too.
bool live_put_old(LivePutting *putting, Fault *fault);
// Whether what is alive in the state, or a variable, had other structs in the build that types
// number `number` of the replay are of.
bool live_is_made_otherwise(const Live *live, uint32_t number);

// ------------------------------------------------------------------------------------ live_loads.c

// Bytes of a tick that another build played: what host->feeding is for them.
uint64_t live_feeding_of_file(uint32_t types);
uint64_t live_feeding_of_build(const Live *live, uint64_t generation);
void live_loads_open(Live *live);

#endif
