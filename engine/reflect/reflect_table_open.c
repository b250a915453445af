#include <elfutils/libdwelf.h>
#include <gelf.h>
#include <pthread.h>
#include <string.h>

#include "reflect_join.h"

// Tables with memory of their own. A build that comes again - put aside and taken back, loaded at
// another place, found in the history - is known by its build-id, and gives the same table without
// reading. What is read once is shared: a table of the same build at another place has variables
// and functions of its own, and the rest is the first one's. So is a table of a library that
// carries its types: it has those of the carried one, which is remembered as well.
//
// Contents: what is remembered, identity, tables at other places, carried types, opening.

#define TABLE_BYTES_MAX ((size_t)4 << 30)
enum { SEEN_MAX = 32, IDLE_MAX = 4 };

typedef struct Kept Kept;
struct Kept {
    ReflectTable table; // first: what is handed out
    Arena memory;
    uintptr_t image_first;
    Kept *shared;        // whose types and texts the table has; NULL: its own
    ReflectKnown *known; // of a carried library; NULL: it is none
    uint64_t id[2];      // of the build; 0: it has none, and is not remembered
    bool is_seen;        // it is remembered
    uint32_t users;      // who has it, and tables that share what it has
    uint64_t touched;    // when it was last opened, or closed
};

// ---------------------------------------------------------------------------- what is remembered

// The only thing in here that outlives a call: a build is opened by one thread, closed by another,
// and nobody above both has a place for it. Nothing is read while the lock is held.
static struct {
    pthread_mutex_t lock;
    Kept *kept[SEEN_MAX];
    uint32_t count;
    uint64_t clock;
} seen = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void forget(uint32_t number)
{
    seen.kept[number]->is_seen = false;
    seen.kept[number] = seen.kept[--seen.count];
}

// The one that was touched longest ago, of all or of those that nobody has; seen.count: none.
static uint32_t find_oldest(bool idle_only)
{
    uint32_t oldest = seen.count;

    for (uint32_t i = 0; i < seen.count; i++) {
        if ((seen.kept[i]->users == 0 || !idle_only)
            && (oldest == seen.count || seen.kept[i]->touched < seen.kept[oldest]->touched)) {
            oldest = i;
        }
    }
    return oldest;
}

static void let_go(Kept *kept);

static void free_kept(Kept *kept)
{
    Arena memory = kept->memory; // the struct lies in it
    Kept *shared = kept->shared;

    arena_close(&memory);
    if (shared) {
        let_go(shared);
    }
}

// Takes out the oldest idle one where there are more than `most`; the caller frees it, without the
// lock.
static Kept *take_idle(uint32_t most)
{
    uint32_t idle = 0, oldest = find_oldest(true);
    Kept *out = oldest < seen.count ? seen.kept[oldest] : NULL;

    for (uint32_t i = 0; i < seen.count; i++) {
        idle += seen.kept[i]->users == 0;
    }
    if (idle <= most) {
        return NULL;
    }
    forget(oldest);
    return out;
}

// The table of that build, with one more user. NULL: it was not seen, or too long ago.
static Kept *find_seen(const uint64_t id[2])
{
    Kept *found = NULL;

    if (id[0] == 0) {
        return NULL;
    }
    (void)pthread_mutex_lock(&seen.lock);
    for (uint32_t i = 0; i < seen.count && !found; i++) {
        if (seen.kept[i]->id[0] == id[0] && seen.kept[i]->id[1] == id[1]) {
            found = seen.kept[i];
            found->users++;
            found->touched = ++seen.clock;
        }
    }
    (void)pthread_mutex_unlock(&seen.lock);
    return found;
}

static void remember(Kept *kept)
{
    Kept *out = NULL;

    if (kept->id[0] == 0) {
        return;
    }
    (void)pthread_mutex_lock(&seen.lock);
    if (seen.count == SEEN_MAX) {
        out = take_idle(0);
    }
    if (seen.count == SEEN_MAX) {
        forget(find_oldest(false)); // those who have it go on with it
    }
    kept->is_seen = true;
    kept->touched = ++seen.clock;
    seen.kept[seen.count++] = kept;
    (void)pthread_mutex_unlock(&seen.lock);
    if (out) {
        free_kept(out);
    }
}

static void let_go(Kept *kept)
{
    Kept *out;

    (void)pthread_mutex_lock(&seen.lock);
    kept->touched = ++seen.clock;
    kept->users--;
    out = kept->is_seen ? take_idle(IDLE_MAX) : kept->users == 0 ? kept : NULL;
    (void)pthread_mutex_unlock(&seen.lock);
    if (out) {
        free_kept(out);
    }
}

// -------------------------------------------------------------------------------------- identity

// A build-id may be given by hand, and a stripped library keeps that of the whole one: where the
// sections lie and how long they are counts, too.
static void identify(const Reflect *reflect, uint64_t id[2])
{
    const void *bytes = NULL;
    ssize_t size_bytes = dwelf_elf_gnu_build_id(reflect->elf, &bytes);
    Elf_Scn *at = NULL;
    GElf_Shdr head;

    id[0] = id[1] = 0;
    if (size_bytes <= 0 || !bytes) {
        return;
    }
    id[0] = hash_bytes(bytes, (size_t)size_bytes) | 1;
    while ((at = elf_nextscn(reflect->elf, at))) {
        if (gelf_getshdr(at, &head)) {
            id[1] = hash_combine(id[1], hash_bytes(&head, sizeof head));
        }
    }
}

// ------------------------------------------------------------------------ tables at other places

// The same build `by` bytes further on, in memory of `kept`. False: no room.
static bool write_moved(Kept *kept, uintptr_t by)
{
    const ReflectTable *from = &kept->shared->table;
    ReflectVariable *variables =
        arena_try_push(&kept->memory, sizeof *variables, 8, from->variable_count);
    ReflectPiece *pieces = arena_try_push(&kept->memory, sizeof *pieces, 8, from->piece_count);
    ReflectFunction *functions =
        arena_try_push(&kept->memory, sizeof *functions, 8, from->function_count);

    if (!variables || !pieces || !functions) {
        return false;
    }
    kept->table = *from;
    kept->table.variables = variables;
    kept->table.pieces = pieces;
    kept->table.functions = functions;
    for (uint32_t i = 0; i < from->variable_count; i++) {
        variables[i] = from->variables[i];
        variables[i].address += variables[i].address ? by : 0;
    }
    for (uint32_t i = 0; i < from->piece_count; i++) {
        pieces[i] = from->pieces[i];
        pieces[i].address += by;
    }
    for (uint32_t i = 0; i < from->function_count; i++) {
        functions[i] = from->functions[i];
        functions[i].address += by;
    }
    return true;
}

static Kept *new_kept(uintptr_t image_first, Fault *fault)
{
    Arena memory;
    Kept *kept;

    if (!arena_open(&memory, 0, TABLE_BYTES_MAX, fault)) {
        return NULL;
    }
    kept = ARENA_NEW(&memory, Kept, 1);
    kept->memory = memory;
    kept->image_first = image_first;
    kept->users = 1;
    return kept;
}

// Takes over the one user that `shared` has for it.
static Kept *move(Kept *shared, uintptr_t image_first, Fault *fault)
{
    Kept *kept = new_kept(image_first, fault);
    bool ok;

    if (!kept) {
        let_go(shared);
        return NULL;
    }
    kept->shared = shared;
    ok = write_moved(kept, image_first - shared->image_first);
    if (!ok) {
        (void)fault_set(fault, FAULT_MEMORY, "its types find no room once more");
        reflect_table_close(&kept->table);
        return NULL;
    }
    return kept;
}

// --------------------------------------------------------------------------------- carried types

// A library and the one whose types it carries.
typedef struct Opened {
    Reflect *library, *carried; // NULL: it carries none
    uintptr_t image_first;
    uint64_t id[2], carried_id[2];
} Opened;

// The carried library's, with one more user.
static Kept *open_types(const Opened *opened, Fault *fault)
{
    Kept *kept = find_seen(opened->carried_id);

    if (kept) {
        return kept;
    }
    if (!reflect_read_carried(opened->library, opened->carried, fault)
        || !(kept = new_kept(0, fault))) {
        return NULL;
    }
    kept->known = ARENA_NEW(&kept->memory, ReflectKnown, 1);
    if (!reflect_table_wide(opened->carried, &kept->memory, &kept->table, kept->known, fault)) {
        free_kept(kept);
        return NULL;
    }
    memcpy(kept->id, opened->carried_id, sizeof kept->id);
    remember(kept);
    return kept;
}

// False: there are types, and they cannot be used.
static bool open_both(Opened *opened, Fault *fault)
{
    identify(opened->library, opened->id);
    if (!reflect_open_carried(opened->library, &opened->carried, fault)) {
        return false;
    }
    if (!opened->carried) {
        return true;
    }
    identify(opened->carried, opened->carried_id);
    if (opened->carried_id[0] == 0) {
        return fault_set(fault, FAULT_FORMAT,
                         "%s: have no build-id, by which they are known again; it is not used, and "
                         "the full build takes its place",
                         opened->carried->path);
    }
    // What is read of a library depends on whether it is a carried one, and on what it carries.
    opened->carried_id[1] = hash_combine(opened->carried_id[1], FOUND_WIDE);
    opened->id[1] = hash_combine(opened->id[1], opened->carried_id[0]);
    opened->id[1] = hash_combine(opened->id[1], opened->carried_id[1]);
    return true;
}

// --------------------------------------------------------------------------------------- opening

static bool read_into(Kept *kept, const Opened *opened, Fault *fault)
{
    if (!opened->carried) {
        return reflect_table(opened->library, &kept->memory, &kept->table, fault);
    }
    kept->shared = open_types(opened, fault);
    return kept->shared
           && reflect_table_joined(opened->library, &kept->shared->table, kept->shared->known,
                                   &kept->memory, &kept->table, fault);
}

static Kept *read_new(const Opened *opened, Fault *fault)
{
    Kept *kept = new_kept(opened->image_first, fault);

    if (!kept) {
        return NULL;
    }
    if (!read_into(kept, opened, fault)) {
        free_kept(kept);
        return NULL;
    }
    memcpy(kept->id, opened->id, sizeof kept->id);
    remember(kept);
    return kept;
}

static Kept *open_kept(Opened *opened, Fault *fault)
{
    Kept *kept;

    if (!open_both(opened, fault)) {
        return NULL;
    }
    kept = find_seen(opened->id);
    if (!kept) {
        return read_new(opened, fault);
    }
    return kept->image_first == opened->image_first ? kept : move(kept, opened->image_first, fault);
}

ReflectTable *reflect_table_open(const char *path, uintptr_t image_first, Fault *fault)
{
    Opened opened = {.library = reflect_open_sections(path, image_first, fault),
                     .image_first = image_first};
    Kept *kept;

    if (!opened.library) {
        return NULL;
    }
    kept = open_kept(&opened, fault);
    reflect_close(opened.carried);
    reflect_close(opened.library);
    return kept ? &kept->table : NULL;
}

void reflect_table_close(ReflectTable *table)
{
    if (table) {
        let_go((Kept *)(void *)table);
    }
}
