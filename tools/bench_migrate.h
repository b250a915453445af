// A game of many objects with pointers between them, in three layouts: what bench_migrate.c and
// bench_edited.c share.
#ifndef BENCH_MIGRATE_H
#define BENCH_MIGRATE_H
#include "bench.h"

// What an edit makes of struct Mob.
typedef enum MobLayout {
    MOB_FIRST,
    MOB_INSERTED, // a field in its middle
    MOB_MANY,     // and an enum renumbered, a number widened, bit-fields wider and elsewhere
    MOB_LAYOUTS
} MobLayout;

typedef struct MobGame {
    const char *name; // of its folder
    unsigned count;
    bool is_single; // each one an allocation of its own; else one hl_new of all
} MobGame;

enum { MOB_BYTES = 56 }; // of the first layout

const char *bench_mob_text(Arena *arena, const MobGame *game, MobLayout layout);
// The only source of a folder of its own; its path.
const char *bench_mob_source(Bench *bench, const MobGame *game, MobLayout layout, Fault *fault);
// Median time of copying so many bytes that are in no cache, to memory that was written before.
double bench_copy_ns(Bench *bench, size_t size_bytes);

// --- bench_edited.c: the same in a running session, and loops; adds rows
void bench_edited(Bench *bench);

#endif
