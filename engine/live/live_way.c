// A path becomes a way by being looked up once in a memory that is made up: each pointer that is
// read leads into a region of its own, so where the next thing is looked for says which pointer it
// hangs on, and how far behind.
#include "live_trace.h"

#include "live_internal.h"

#include <string.h>

// No address of a program lies here (Linux on x86-64 ends at 2^47, or 2^56).
#define MADE_UP      (UINT64_C(1) << 60)
#define REGION_BYTES (UINT64_C(1) << 54)

typedef struct Making {
    const Live *live;
    LiveWay *way;
    bool is_too_long;
} Making;

static uintptr_t region(uint32_t step)
{
    return MADE_UP + step * REGION_BYTES + REGION_BYTES / 2;
}

static LiveReach reach_of(uintptr_t address)
{
    if (address < MADE_UP) {
        return (LiveReach){.from = -1, .offset = address};
    }
    uint64_t step = (address - MADE_UP) / REGION_BYTES;
    return (LiveReach){.from = (int)step, .offset = address - region((uint32_t)step)};
}

static bool read_made_up(void *with, uintptr_t address, void *out, size_t bytes)
{
    Making *making = with;
    LiveWay *way = making->way;
    if (bytes != sizeof(uintptr_t)) {
        return false;
    }
    if (way->step_count == LIVE_WAY_STEPS) {
        making->is_too_long = true;
        return false;
    }
    uintptr_t value = region(way->step_count);
    way->steps[way->step_count++] = reach_of(address);
    memcpy(out, &value, sizeof(value));
    return true;
}

// ------------------------------------------------------------------------------------- allocations

// "Mob#3.hp" as "Mob@0x5500....hp", with the block that it means now. False: it names none.
static bool name_by_address(const Live *live, const ReflectTable *table, const char *path,
                            FieldBlock *block, char *out, size_t out_bytes)
{
    FieldView now;
    Field field;
    Fault ignored;
    char name[FIELD_NAME_MAX];
    size_t length = strcspn(path, ".[-"), tag = strcspn(path, "#@.[-");
    bool ok = text_format(name, sizeof(name), "%.*s", (int)length, path)
              && live_fields((Live *)(uintptr_t)live, &now, &ignored)
              && field_find(&now, name, &field, &ignored)
              && field_block_at(&now, field.address, block);
    if (!ok || strlen(block->tag) != tag || strncmp(block->tag, path, tag) != 0) {
        return false;
    }
    block->type = field_tag_type(table, block->tag, block->element_bytes);
    return block->type != 0
           && text_format(out, out_bytes, "%s@0x%llx%s", block->tag,
                          (unsigned long long)field.address, path + length);
}

static bool find_in_allocation(const Live *live, FieldView *view, Making *making, const char *path,
                               Field *field)
{
    FieldBlock blocks[2];
    char name[LIVE_PATH_MAX];
    Fault ignored;
    if (!name_by_address(live, view->table, path, &blocks[0], name, sizeof(name))) {
        return false;
    }
    blocks[1] = view->blocks[0];
    view->blocks = blocks;
    view->block_count = COUNT_OF(blocks);
    making->way->step_count = 1;
    return field_find(view, name, field, &ignored);
}

// ------------------------------------------------------------------------------------------- ways

static const GameLib *lib_of(const Live *live, uint64_t generation)
{
    int retired = live_retired_of(live, generation);
    // One that was let go has the structs of the one that plays.
    return retired >= 0 ? &live->retired[retired].lib : &live->now;
}

static bool take_field(LiveWay *way, const FieldView *view, const Field *field, const char *path,
                       Fault *fault)
{
    const ReflectType *type = reflect_type(view->table, field->type);
    bool is_address = type->kind == REFLECT_POINTER && type->bytes == sizeof(uintptr_t);
    uint64_t bytes = field_bytes(view, field);
    if (field->count || (!is_address && !reflect_is_number(type)) || bytes > LIVE_SAMPLE_BYTES) {
        char name[200];
        field_type_text(view, field, name, sizeof(name));
        return fault_set(fault, FAULT_USAGE, "%s is %s, which is no number; a part of it can be",
                         path, name);
    }
    way->value = reach_of(field->address);
    way->bytes = (uint32_t)bytes;
    way->leaf = (ReflectLeaf){view->table, type, field->bit, field->bit_size};
    return true;
}

bool live_way(const Live *live, uint64_t generation, const char *path, LiveWay *way, Fault *fault)
{
    const GameLib *lib = lib_of(live, generation);
    *way = (LiveWay){0};
    if (!lib->game || !lib->about || ((const ReflectTable *)lib->about)->is_empty
        || !live->host->state) {
        return fault_set(fault, FAULT_USAGE,
                         "nothing has a name: no tick has run, or the build "
                         "has no debug information");
    }
    const FieldBlock everything = {
        .address = MADE_UP, .count = MADE_UP, .element_bytes = 1, .tag = ""};
    Making making = {.live = live, .way = way};
    FieldView view = {.table = lib->about,
                      .root = region(0), // behind the pointer that the host keeps
                      .read = read_made_up,
                      .with = &making,
                      .blocks = &everything,
                      .block_count = 1};
    Field field;
    view.root_type = field_tag_type(view.table, lib->game->state_type, lib->game->state_size);
    way->steps[0] = reach_of((uintptr_t)&live->host->state->root);
    way->step_count = 1;
    if (!field_find(&view, path, &field, fault)
        && !find_in_allocation(live, &view, &making, path, &field)) {
        return !making.is_too_long
                   ? false
                   : fault_set(fault, FAULT_USAGE, "%s follows more than %d pointers", path,
                               LIVE_WAY_STEPS - 1);
    }
    return take_field(way, &view, &field, path, fault);
}

// ---------------------------------------------------------------------------------------- samples

static uint64_t word_of(const uint8_t *bytes, uint64_t count)
{
    uint64_t word = 0;
    memcpy(&word, bytes, count < sizeof(word) ? count : sizeof(word));
    return word;
}

static double whole_value(uint64_t word, uint32_t bits, bool is_signed)
{
    word = bits < 64 ? word & ((UINT64_C(1) << bits) - 1) : word;
    if (!is_signed) {
        return (double)word;
    }
    uint64_t sign = UINT64_C(1) << (bits - 1);
    return (double)(int64_t)((word ^ sign) - sign);
}

double live_leaf_value(const ReflectLeaf *leaf, const uint8_t *bytes)
{
    const ReflectType *type = leaf->type;
    if (type->kind == REFLECT_FLOAT) {
        float four;
        double eight;
        long double sixteen;
        memcpy(&four, bytes, sizeof(four));
        memcpy(&eight, bytes, sizeof(eight));
        memcpy(&sixteen, bytes, sizeof(sixteen));
        return type->bytes == 4 ? (double)four : type->bytes == 8 ? eight : (double)sixteen;
    }
    bool is_signed = type->kind == REFLECT_ENUM ? reflect_type(leaf->table, type->of)->is_signed
                                                : type->kind == REFLECT_INTEGER && type->is_signed;
    if (!leaf->bit_size) {
        uint32_t bits = (uint32_t)type->bytes * 8;
        return whole_value(word_of(bytes, type->bytes), bits < 64 ? bits : 64, is_signed);
    }
    uint64_t word = word_of(bytes, 8) >> leaf->bit;
    if (leaf->bit) { // it may end in the ninth byte
        word |= (uint64_t)bytes[8] << (64 - leaf->bit);
    }
    return whole_value(word, leaf->bit_size, is_signed);
}

bool live_same_sample(const LiveSample *a, const LiveSample *b)
{
    if (!a->has || !b->has) {
        return a->has == b->has;
    }
    if (a->leaf.type != b->leaf.type) {
        bool both_nan = a->value != a->value && b->value != b->value;
        return both_nan || memcmp(&a->value, &b->value, sizeof(a->value)) == 0;
    }
    if (a->leaf.type->kind == REFLECT_POINTER) {
        return memcmp(a->bytes, b->bytes, sizeof(uintptr_t)) == 0;
    }
    return reflect_same_bits(&a->leaf, a->bytes, b->bytes);
}

void live_sample_text(const LiveSample *sample, char *out, size_t out_bytes)
{
    if (!sample->has) {
        (void)text_format(out, out_bytes, "nothing");
    } else if (sample->leaf.type->kind == REFLECT_POINTER) {
        uint64_t address = word_of(sample->bytes, 8);
        (void)text_format(out, out_bytes, address ? "0x%llx" : "NULL", (unsigned long long)address);
    } else {
        reflect_number_text(&sample->leaf, sample->bytes, out, out_bytes);
    }
}

void live_sample(const Live *live, const LiveWay *way, LiveSample *sample)
{
    FieldView view;
    Fault ignored;
    uintptr_t values[LIVE_WAY_STEPS];
    *sample = (LiveSample){.moment = live->moment, .leaf = way->leaf, .size_bytes = way->bytes};
    if (!live_fields((Live *)(uintptr_t)live, &view, &ignored)) {
        return;
    }
    for (uint32_t i = 0; i < way->step_count; i++) {
        LiveReach step = way->steps[i];
        uintptr_t base = step.from < 0 ? 0 : values[step.from];
        if ((step.from >= 0 && base == 0)
            || !view.read(view.with, base + step.offset, &values[i], sizeof(values[i]))) {
            return;
        }
    }
    uintptr_t base = way->value.from < 0 ? 0 : values[way->value.from];
    sample->has = (way->value.from < 0 || base != 0)
                  && view.read(view.with, base + way->value.offset, sample->bytes, way->bytes);
    sample->value = sample->has ? live_leaf_value(&way->leaf, sample->bytes) : 0;
}
