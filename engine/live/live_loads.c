// HL_SAVE and HL_LOAD: what a save's type consists of goes into its file, and what another build
// saved, or was given when it played, becomes today's struct.
#include "live_internal.h"

#include "live_types.h"

#include <string.h>

#define CONVERT_BYTES_MAX ((size_t)8 << 30)

// Numbers that the host hands back: those of the replay's types and those of the session's builds.
static const uint64_t OF_BUILD = 1ull << 63;

uint64_t live_feeding_of_file(uint32_t types)
{
    return types;
}

static const GameLib *lib_of(const Live *live, uint64_t generation)
{
    for (uint32_t i = 0; i < live->retired_count; i++) {
        if (live->retired[i].generation == generation) {
            return &live->retired[i].lib;
        }
    }
    return NULL;
}

uint64_t live_feeding_of_build(const Live *live, uint64_t generation)
{
    return generation != live->generation && lib_of(live, generation) ? OF_BUILD | generation : 0;
}

// ----------------------------------------------------------------------------------------- saving

static const uint8_t *pack_type(void *with, const char *type, size_t size_bytes, Arena *arena,
                                size_t *packed_bytes)
{
    const Live *live = with;
    if (!live_types_known(&live->now)) {
        return NULL;
    }
    uint32_t number = live_types_named(live->now.about, type, size_bytes);
    if (number == 0) {
        return NULL;
    }
    ReflectPacked packed = reflect_pack(live->now.about, &number, 1, false, arena);
    *packed_bytes = packed.size_bytes;
    return packed.bytes;
}

// ---------------------------------------------------------------------------------------- loading

// A thing on its way from one build's struct to the next's.
typedef struct Loading {
    Live *live;
    const HostOld *old;
    Arena arena;
    const ReflectTable *from, *to; // from NULL: not known
    uint32_t from_type, to_type;
    MigrateReport report;
} Loading;

static bool find_types(Loading *loading, ReflectTable *unpacked, Fault *why)
{
    const HostOld *old = loading->old;
    if (old->types) {
        if (!reflect_unpack(old->types, old->types_bytes, &loading->arena, unpacked, why)) {
            return false;
        }
        loading->from = unpacked;
        loading->from_type = unpacked->type_count > 1; // the first is the one that was wanted
        return true;
    }
    if (old->fed_build & OF_BUILD) {
        const GameLib *lib = lib_of(loading->live, old->fed_build & ~OF_BUILD);
        loading->from = lib && live_types_known(lib) ? lib->about : NULL;
    } else {
        const LiveTypes *types = live_files_types(loading->live, (uint32_t)old->fed_build);
        loading->from = types ? &types->table : NULL;
    }
    if (loading->from) {
        loading->from_type = live_types_named(loading->from, old->type, old->size_bytes);
    }
    return true;
}

static void say_what_changed(const Loading *loading)
{
    Host *host = loading->live->host;
    const MigrateReport *report = &loading->report;
    host_say(host, LOG_INFO, "save \"%s\" was made with another %s than this build's: carried over",
             loading->old->slot, loading->old->type);
    for (uint32_t i = 0; i < report->item_count; i++) {
        bool is_loss = report->items[i].fate != MIGRATE_SAID;
        host_say(host, is_loss ? LOG_WARNING : LOG_INFO, "save \"%s\": %s", loading->old->slot,
                 report->items[i].text);
    }
}

static HostFit convert(Loading *loading, uint8_t *out, Fault *why)
{
    const HostOld *old = loading->old;
    ReflectMatch *match = reflect_match_open(&loading->arena, loading->from, loading->to, NULL, 0);
    if (reflect_same_type(match, loading->from_type, loading->to_type)) {
        return HOST_AS_IT_IS;
    }
    if (loading->from->types[loading->from_type].bytes != old->size_bytes) {
        (void)fault_set(why, FAULT_FORMAT, "it is of another size than its type");
        return HOST_REFUSED;
    }
    Migrate *migrate = migrate_open(&loading->arena, match, NULL, NULL);
    loading->report.items = arena_push(&loading->arena, sizeof(MigrateItem), 8, MIGRATE_ITEMS_MAX);
    if (!migrate_value(migrate, loading->from_type, loading->to_type, old->data, out, old->type,
                       &loading->report)) {
        (void)fault_set(why, FAULT_LAYOUT, "%s",
                        loading->report.item_count > 0 ? loading->report.items[0].text
                                                       : "its types are too different");
        return HOST_REFUSED;
    }
    say_what_changed(loading);
    return HOST_CONVERTED;
}

static HostFit convert_save(void *with, const HostOld *old, void *out, size_t out_bytes, Fault *why)
{
    Live *live = with;
    Loading loading = {.live = live, .old = old, .to = live->now.about};
    ReflectTable unpacked;
    if (!live_types_known(&live->now)
        || !(loading.to_type = live_types_named(loading.to, old->type, out_bytes))) {
        return HOST_AS_IT_IS; // its size decides
    }
    if (!arena_open(&loading.arena, 0, CONVERT_BYTES_MAX, why)) {
        return HOST_REFUSED;
    }
    HostFit fit = HOST_REFUSED;
    if (find_types(&loading, &unpacked, why)) {
        fit = loading.from && loading.from_type ? convert(&loading, out, why) : HOST_AS_IT_IS;
    }
    arena_close(&loading.arena);
    return fit;
}

void live_loads_open(Live *live)
{
    live->host->types = (HostTypes){live, pack_type, convert_save};
}
