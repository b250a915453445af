// The memory is always in terms of one build (live->fitted): its structs, its functions' addresses,
// its variables' memory. After a swap, and after going back to a moment that another build made, it
// is put into the terms of the build that plays: live_fit.c does it in order, live_migrate.c the
// structs, live_carry.c the words that point into images. What they share.
#ifndef LIVE_FIT_H
#define LIVE_FIT_H
#include "live_internal.h"

enum { STATE_ITEMS_MAX = CARRY_ITEMS_MAX / 2 }; // the rest is for the variables

// Where words may point that have to be looked at: from here on, so many bytes.
typedef struct Hull {
    uint64_t first, span;
} Hull;

// Ten thousand words point to a hundred functions: a word that was turned before, and to what.
enum { TURNED_COUNT = 1024 };
typedef struct Turned {
    uint64_t word, to;
} Turned;

// Words with one target that is gone, in one member of one struct: an item of the report.
enum { GONE_GROUPS = 64 };
typedef struct GoneGroup {
    uint64_t word;
    const char *tag; // the allocation's that one of them lies in, and where in an element of it
    size_t within;
    uint32_t item, more;
} GoneGroup;

// One way from an old image to the one that plays, opened when a word needs it.
typedef struct LiveFit Ways;
struct LiveFit {
    Live *live;
    Carry *of[LIVE_RETIRED_MAX];
    Turned turned[TURNED_COUNT]; // by hash of the word; only what has a counterpart
    Hull images, graves;
    const GameLib *from; // that made the memory; NULL: it is not known any more
    LiveRoute route;
    MigrateOutside outside;
    HeapBlock block; // that was looked at last, and what `held_by` makes of its type
    Carry *held_by;
    CarryHolder holder;
    CarryReport *report;
    GoneGroup gone[GONE_GROUPS];
    uint32_t gone_count;
};

// live_carry.c
void live_count_hull(Ways *ways);
Carry *live_way_from(Ways *ways, uint32_t retired);
// For a field that is being migrated: what it points to is known in both builds.
uint64_t live_turn_outside(void *ways, uint64_t word, uint32_t from, uint32_t to,
                           const void *place);
// The state's words. With history only the pages that ever held an address of an image are looked
// at.
void live_turn_state(Ways *ways);
void live_turn_odd_words(Ways *ways, Carry *carry); // pointers of packed structs
// After them: says with each target that is gone how often it was one's.
void live_count_gone(Ways *ways);

#endif
