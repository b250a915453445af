#include <string.h>

#include "carry.h"

// Contents: the graveyard, graves.

// Low enough to be free of everything that state, loader and sanitizers put anywhere, and in a
// place of its own, so that a number that means something else is hardly ever in it.
#define GRAVEYARD_ADDRESS ((uintptr_t)0x54f000000000)

enum {
    GRAVEYARD_BYTES = 64 << 20,
    NAMES_BYTES = 32 << 20, // of these: what is known of the graves
    GRAVE_BYTES = 64,
    GRAVE_COUNT = 1 << 16
};

typedef struct Grave {
    const char *unit, *function; // NULL: free
} Grave;

typedef struct Graveyard {
    Arena arena; // the names below NAMES_BYTES; above, nothing is ever mapped
    Grave *graves;
    bool was_refused;
} Graveyard;

// -------------------------------------------------------------------------------- the graveyard

// One for the process, because the words that point into it outlive every pair of builds.
static Graveyard *graveyard(void)
{
    static Graveyard only;
    return &only;
}

static bool graveyard_open(Graveyard *yard)
{
    if (!yard->arena.base && !yard->was_refused) {
        yard->was_refused = !arena_open(&yard->arena, GRAVEYARD_ADDRESS, GRAVEYARD_BYTES, NULL)
                            && !arena_open(&yard->arena, 0, GRAVEYARD_BYTES, NULL);
        if (!yard->was_refused) {
            yard->graves = ARENA_NEW(&yard->arena, Grave, GRAVE_COUNT);
        }
    }
    return !yard->was_refused;
}

static uint64_t address_of(const Graveyard *yard, uint32_t slot)
{
    return (uintptr_t)yard->arena.base + NAMES_BYTES + (uint64_t)slot * GRAVE_BYTES;
}

static const char *keep_name(Graveyard *yard, const char *name)
{
    size_t bytes = strlen(name) + 1;
    char *kept = NULL;
    if (yard->arena.used_bytes + bytes < NAMES_BYTES / 2) { // the arena gets ready what is ahead
        kept = arena_try_push(&yard->arena, 1, 1, bytes);
    }
    return kept ? memcpy(kept, name, bytes) : NULL;
}

// --------------------------------------------------------------------------------------- graves

uint64_t carry_grave(const char *unit, const char *function)
{
    Graveyard *yard = graveyard();
    if (!graveyard_open(yard)) {
        return 0;
    }
    uint64_t hash =
        hash_combine(hash_bytes(unit, strlen(unit)), hash_bytes(function, strlen(function)));
    for (uint32_t i = 0; i < GRAVE_COUNT; i++) {
        uint32_t slot = (uint32_t)(hash + i) % GRAVE_COUNT;
        Grave *grave = &yard->graves[slot];
        if (!grave->function) {
            const char *kept = keep_name(yard, unit);
            grave->unit = kept ? kept : "";
            grave->function = keep_name(yard, function);
            return address_of(yard, slot);
        }
        if (strcmp(grave->function, function) == 0 && strcmp(grave->unit, unit) == 0) {
            return address_of(yard, slot);
        }
    }
    return address_of(yard, GRAVE_COUNT); // full: still a place that cannot be called
}

void carry_graveyard(uint64_t *first, uint64_t *bytes)
{
    const Graveyard *yard = graveyard();
    *first = yard->arena.base ? address_of(yard, 0) : 0;
    *bytes = yard->arena.base ? (uint64_t)GRAVE_COUNT * GRAVE_BYTES : 0;
}

bool carry_grave_at(uint64_t address, const char **unit, const char **function)
{
    const Graveyard *yard = graveyard();
    uint64_t far = address - address_of(yard, 0);
    if (!yard->arena.base || far >= (uint64_t)GRAVE_COUNT * GRAVE_BYTES) {
        return false;
    }
    const Grave *grave = &yard->graves[far / GRAVE_BYTES];
    if (!grave->function) {
        return false;
    }
    *unit = grave->unit;
    *function = grave->function;
    return true;
}
