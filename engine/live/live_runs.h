// One tick, run twice: what the second run left differently, in words. Memory holds what the first
// one left. Inside this module only.
#ifndef LIVE_RUNS_H
#define LIVE_RUNS_H
#include "live_internal.h"

// Pages, with what they held at some moment; both in the sync memory.
typedef struct LivePages {
    const uint8_t **pages; // ascending
    uint8_t *bytes;
    size_t count;
} LivePages;

// Opens the sync memory, or empties it. False: there is none.
bool live_runs_begin(Live *live);
// Those that were written since the moment that the timeline stands at, as they are now.
bool live_written_pages(Live *live, LivePages *written, Fault *fault);

// A page of the state, or of the variables of the build that plays: what other builds' variables
// hold does not matter.
bool live_is_the_games(const Live *live, const uint8_t *page);

// The pages that two runs left differently, with what the second one left there.
typedef struct LiveDiffering {
    Live *live;
    const uint8_t **pages; // ascending
    uint8_t *second;
    size_t count;
} LiveDiffering;

// What memory would hold after the second run: the `read` of a FieldView.
bool live_read_second(void *differing, uintptr_t address, void *out, size_t bytes);

typedef struct LiveDifference {
    char name[FIELD_NAME_MAX], first[200], second[200];
    unsigned more;        // fields that differ as well
    const uint8_t *where; // its first byte
} LiveDifference;
// The first field with a name that differs; false: none has one.
bool live_name_difference(Live *live, LiveDiffering *differing, LiveDifference *found);
// The first word that differs, where nothing has a name: as numbers, and `name` what lies there.
void live_find_difference(const Live *live, const LiveDiffering *differing, LiveDifference *found);

#endif
