// Which bits of a thing count, by its type: padding does not, between members, behind the last one,
// between bit-fields and in a long double. What compilers write there differs. Of a union the bits
// of all its members count, as nobody knows which one is meant.
//
// Small types have a pattern, a bit for each bit, that is laid over any number of them in a row;
// larger ones are taken apart into members until they are small.
#include "live_hash_parts.h"

enum {
    PATTERN_MAX = 4096, // bytes of a type that has one
    DEEP_MAX = 64,
    ODD_MAX = 64 // pointers of a packed struct that are found at odd places
};

typedef enum How {
    HOW_NOT_KNOWN,
    HOW_PLAIN,   // every bit counts
    HOW_PATTERN, // those that the pattern has
    HOW_PARTS    // look at what it consists of
} How;

struct HashNote {
    How how;
    uint8_t *pattern; // of the type's size, and so often again that it covers a page from anywhere
    uint16_t *odd;    // where pointers are in types in which they are not all at multiples of 8
    uint32_t odd_count;
};

bool hash_types_open(HashTypes *types, Fault *fault)
{
    return arena_open(&types->memory, 0, 1ull << 32, fault);
}

void hash_types_close(HashTypes *types)
{
    arena_close(&types->memory);
}

void hash_types_use(HashTypes *types, const ReflectTable *table)
{
    arena_reset(&types->memory, 0);
    types->table = table && !table->is_empty ? table : NULL;
    types->notes =
        types->table ? ARENA_NEW(&types->memory, HashNote, types->table->type_count) : NULL;
}

static const ReflectType *type_at(const HashTypes *types, uint32_t type)
{
    static const ReflectType UNKNOWN = {.name = ""};
    return types->table && type < types->table->type_count ? &types->table->types[type] : &UNKNOWN;
}

static const ReflectMember *member_of(const HashTypes *types, const ReflectType *type, uint32_t i)
{
    return &types->table->members[type->first_member + i];
}

static bool is_flexible(const HashTypes *types, uint32_t type)
{
    const ReflectType *array = type_at(types, type);
    return array->kind == REFLECT_ARRAY && (array->count == 0 || array->bytes == 0);
}

// x87's 80 bits in 16 bytes.
static uint64_t float_bytes(const ReflectType *type)
{
    bool is_long = strcmp(type->name, "long double") == 0 || strcmp(type->name, "_Float64x") == 0;
    return is_long && type->bytes == 16 ? 10 : type->bytes;
}

// --------------------------------------------------------------------------------------- patterns

// A pattern that is being made.
typedef struct Marking {
    const HashTypes *types;
    uint8_t *pattern;
    uint64_t bytes;
    uint16_t odd[ODD_MAX];
    uint32_t pointer_count; // up to ODD_MAX of them are in `odd`
    bool has_odd;
} Marking;

static void mark_bytes(Marking *marking, uint64_t offset, uint64_t bytes)
{
    if (offset < marking->bytes) {
        uint64_t room = marking->bytes - offset;
        memset(marking->pattern + offset, 0xff, bytes < room ? bytes : room);
    }
}

static void mark_bits(Marking *marking, uint64_t first, uint32_t count)
{
    for (uint64_t bit = first; bit < first + count && bit / 8 < marking->bytes; bit++) {
        marking->pattern[bit / 8] |= (uint8_t)(1u << bit % 8);
    }
}

static void mark(Marking *marking, uint32_t index, uint64_t offset, int depth);

static void mark_members(Marking *marking, const ReflectType *type, uint64_t offset, int depth)
{
    for (uint32_t i = 0; i < type->member_count; i++) {
        const ReflectMember *member = member_of(marking->types, type, i);
        uint64_t at = offset + member->offset_bits / 8;
        if (member->bit_size) {
            mark_bits(marking, offset * 8 + member->offset_bits, member->bit_size);
        } else if (is_flexible(marking->types, member->type)) {
            mark_bytes(marking, at, offset + type->bytes > at ? offset + type->bytes - at : 0);
        } else {
            mark(marking, member->type, at, depth + 1);
        }
    }
}

static void mark(Marking *marking, uint32_t index, uint64_t offset, int depth)
{
    const ReflectType *type = type_at(marking->types, index);
    uint64_t element = type->kind == REFLECT_ARRAY ? type_at(marking->types, type->of)->bytes : 0;
    if (depth > DEEP_MAX || offset >= marking->bytes) {
        mark_bytes(marking, offset, type->bytes);
    } else if (type->kind == REFLECT_ARRAY && element > 0 && type->count > 0) {
        for (uint64_t i = 0; i < type->count && offset + i * element < marking->bytes; i++) {
            mark(marking, type->of, offset + i * element, depth + 1);
        }
    } else if ((type->kind == REFLECT_STRUCT || type->kind == REFLECT_UNION)
               && type->member_count > 0) {
        mark_members(marking, type, offset, depth);
    } else {
        mark_bytes(marking, offset, type->kind == REFLECT_FLOAT ? float_bytes(type) : type->bytes);
    }
    if (type->kind == REFLECT_POINTER) {
        marking->has_odd |= offset % 8 != 0;
        if (marking->pointer_count < ODD_MAX) {
            marking->odd[marking->pointer_count] = (uint16_t)offset;
        }
        marking->pointer_count++;
    }
}

static bool is_full(const uint8_t *pattern, uint64_t bytes)
{
    uint8_t all = 0xff;
    for (uint64_t i = 0; i < bytes; i++) {
        all &= pattern[i];
    }
    return all == 0xff;
}

static void keep_odd(HashTypes *types, HashNote *note, const Marking *marking)
{
    bool is_odd = marking->has_odd || marking->bytes % 8 != 0;
    if (is_odd && marking->pointer_count > 0) {
        note->odd_count = marking->pointer_count < ODD_MAX ? marking->pointer_count : ODD_MAX;
        note->odd = ARENA_NEW(&types->memory, uint16_t, note->odd_count);
        memcpy(note->odd, marking->odd, note->odd_count * sizeof(*note->odd));
    }
}

static void make_pattern(HashTypes *types, HashNote *note, uint32_t index)
{
    uint64_t bytes = type_at(types, index)->bytes, room = bytes + PAGE_BYTES;
    size_t used = types->memory.used_bytes;
    uint8_t *pattern = arena_try_push(&types->memory, 1, 16, room + sizeof(HashPair));
    Marking marking = {.types = types, .pattern = pattern, .bytes = bytes};
    note->how = HOW_PLAIN;
    if (!pattern || bytes == 0) {
        return;
    }
    mark(&marking, index, 0, 0);
    if (is_full(pattern, bytes) && !(marking.pointer_count > 0 && (marking.has_odd || bytes % 8))) {
        arena_reset(&types->memory, used);
        return;
    }
    for (uint64_t i = bytes; i < room; i++) {
        pattern[i] = pattern[i - bytes];
    }
    note->how = HOW_PATTERN;
    note->pattern = pattern;
    keep_odd(types, note, &marking);
}

// ------------------------------------------------------------------------------------------ notes

static const HashNote *note_of(HashTypes *types, uint32_t type, int depth);

// Large structs: members without a gap, all of them plain.
static bool is_plain_struct(HashTypes *types, const ReflectType *type, int depth)
{
    uint64_t end = 0; // bits
    for (uint32_t i = 0; i < type->member_count; i++) {
        const ReflectMember *member = member_of(types, type, i);
        uint64_t bits =
            member->bit_size ? member->bit_size : type_at(types, member->type)->bytes * 8;
        if (is_flexible(types, member->type) && member->offset_bits == end) {
            return true;
        }
        if (member->offset_bits != end
            || (!member->bit_size && note_of(types, member->type, depth)->how != HOW_PLAIN)) {
            return false;
        }
        end += bits;
    }
    return end == type->bytes * 8 || type->member_count == 0;
}

static bool is_plain_union(HashTypes *types, const ReflectType *type, int depth)
{
    for (uint32_t i = 0; i < type->member_count; i++) {
        const ReflectMember *member = member_of(types, type, i);
        if (!member->bit_size && type_at(types, member->type)->bytes == type->bytes
            && note_of(types, member->type, depth)->how == HOW_PLAIN) {
            return true;
        }
    }
    return type->member_count == 0;
}

static bool is_plain(HashTypes *types, const ReflectType *type, int depth)
{
    switch (type->kind) {
    case REFLECT_STRUCT:
        return is_plain_struct(types, type, depth);
    case REFLECT_UNION:
        return is_plain_union(types, type, depth);
    case REFLECT_ARRAY:
        return type_at(types, type->of)->bytes == 0 || type->count == 0
               || note_of(types, type->of, depth)->how == HOW_PLAIN;
    default:
        return true;
    }
}

static const HashNote *note_of(HashTypes *types, uint32_t index, int depth)
{
    static const HashNote plain = {.how = HOW_PLAIN};
    if (!types->table || index >= types->table->type_count || depth > DEEP_MAX) {
        return &plain;
    }
    HashNote *note = &types->notes[index];
    const ReflectType *type = &types->table->types[index];
    if (note->how == HOW_NOT_KNOWN && type->bytes <= PATTERN_MAX) {
        make_pattern(types, note, index);
    } else if (note->how == HOW_NOT_KNOWN) {
        note->how = is_plain(types, type, depth + 1) ? HOW_PLAIN : HOW_PARTS;
    }
    return note;
}

// ------------------------------------------------------------------------------------------- tags

static const char *skip_word(const char *tag, const char *word)
{
    size_t length = strlen(word);
    return strncmp(tag, word, length) == 0 && tag[length] == ' ' ? tag + length + 1 : tag;
}

static void add_type(const HashTypes *types, HashKind *kind, uint32_t index)
{
    for (uint32_t i = 0; i < kind->count && i < HASH_KIND_TYPES; i++) {
        if (kind->types[i] == index
            || type_at(types, kind->types[i])->shape == type_at(types, index)->shape) {
            return;
        }
    }
    if (kind->count < HASH_KIND_TYPES) {
        kind->types[kind->count] = index;
    }
    kind->count++;
}

HashKind hash_kind_of_tag(HashTypes *types, const char *tag, size_t element_bytes)
{
    static const char *const WORDS[] = {"const", "volatile", "struct", "union", "enum"};
    HashKind kind = {.count = 0};
    for (size_t i = 0; i < COUNT_OF(WORDS); i++) {
        tag = skip_word(tag, WORDS[i]);
    }
    for (uint32_t i = 1; types->table && i < types->table->type_count; i++) {
        const ReflectType *type = &types->table->types[i];
        if (type->bytes == element_bytes && strcmp(type->name, tag) == 0) {
            add_type(types, &kind, i);
        }
    }
    for (uint32_t i = 0; types->table && i < types->table->alias_count; i++) {
        const ReflectAlias *alias = &types->table->aliases[i];
        if (type_at(types, alias->type)->bytes == element_bytes && strcmp(alias->name, tag) == 0) {
            add_type(types, &kind, alias->type);
        }
    }
    kind.count = kind.count > HASH_KIND_TYPES ? 0 : kind.count;
    return kind;
}

bool hash_kind_is_plain(HashTypes *types, const HashKind *kind)
{
    bool plain = kind->count == 0;
    for (uint32_t i = 0; i < kind->count; i++) {
        plain |= note_of(types, kind->types[i], 0)->how == HOW_PLAIN;
    }
    return plain;
}

const uint8_t *hash_kind_pattern(HashTypes *types, const HashKind *kind)
{
    const HashNote *note = kind->count == 1 ? note_of(types, kind->types[0], 0) : NULL;
    return note && note->how == HOW_PATTERN && note->odd_count == 0 ? note->pattern : NULL;
}

// ----------------------------------------------------------------------------------------- putting

// The part of [at, at + bytes) that lies in the window. False: none does.
static bool clip(const HashWindow *window, int64_t at, uint64_t bytes, size_t *first, size_t *end)
{
    int64_t stop = bytes > INT64_MAX / 2 ? INT64_MAX / 2 : at + (int64_t)bytes;
    *first = at > 0 ? (size_t)at : 0;
    *end = stop < (int64_t)window->bytes ? (size_t)(stop > 0 ? stop : 0) : window->bytes;
    return at < (int64_t)window->bytes && *first < *end;
}

void hash_put_bytes(const HashWindow *window, int64_t at, size_t bytes)
{
    size_t first, end;
    if (clip(window, at, bytes, &first, &end)) {
        memcpy(window->out + first, window->in + first, end - first);
    }
}

static void put_bits(const HashWindow *window, int64_t at, const ReflectMember *member)
{
    for (uint64_t bit = member->offset_bits; bit < member->offset_bits + member->bit_size; bit++) {
        int64_t byte = at + (int64_t)(bit / 8);
        if (byte >= 0 && byte < (int64_t)window->bytes) {
            window->out[byte] |= (uint8_t)(window->in[byte] & 1u << bit % 8);
        }
    }
}

// A pointer of a packed struct, which those who look at whole words do not see. Where it lies half
// in the next page it does not count: each page is counted alone.
static void put_odd(const HashWindow *window, int64_t at)
{
    size_t first, end;
    uint64_t word;
    if (at % 8 == 0 || !clip(window, at, 8, &first, &end)) {
        return;
    }
    if (end - first < 8) {
        memset(window->out + first, 0, end - first);
        return;
    }
    memcpy(&word, window->in + first, 8);
    word = hash_word(window->words, word);
    memcpy(window->out + first, &word, 8);
}

// Things of one small type in a row.
static void put_pattern(const HashNote *note, uint64_t element, const HashWindow *window,
                        int64_t at, uint64_t bytes)
{
    size_t first, end;
    if (!clip(window, at, bytes, &first, &end)) {
        return;
    }
    const uint8_t *pattern = note->pattern + (uint64_t)((int64_t)first - at) % element;
    hash_add_bits(window->out + first, window->in + first, pattern, end - first);
    if (note->odd_count == 0) {
        return;
    }
    int64_t begin = (int64_t)first - ((int64_t)first - at) % (int64_t)element;
    for (int64_t thing = begin; thing < (int64_t)end; thing += (int64_t)element) {
        for (uint32_t k = 0; k < note->odd_count; k++) {
            put_odd(window, thing + note->odd[k]);
        }
    }
}

static void put_type(HashTypes *types, uint32_t index, const HashWindow *window, int64_t at,
                     uint64_t count, int depth);

static void put_members(HashTypes *types, const ReflectType *type, const HashWindow *window,
                        int64_t at, int depth)
{
    for (uint32_t i = 0; i < type->member_count; i++) {
        const ReflectMember *member = member_of(types, type, i);
        int64_t place = at + (int64_t)(member->offset_bits / 8);
        if (place >= (int64_t)window->bytes && type->kind == REFLECT_STRUCT) {
            return; // they are in the order of their places
        }
        if (member->bit_size) {
            put_bits(window, at, member);
        } else if (is_flexible(types, member->type)) {
            hash_put_bytes(window, place, (uint64_t)(at + (int64_t)type->bytes - place));
        } else {
            put_type(types, member->type, window, place, 1, depth + 1);
        }
    }
}

static void put_type(HashTypes *types, uint32_t index, const HashWindow *window, int64_t at,
                     uint64_t count, int depth)
{
    const ReflectType *type = type_at(types, index);
    const HashNote *note = note_of(types, index, depth);
    size_t first, end;
    if (note->how == HOW_PARTS && type->kind == REFLECT_ARRAY) {
        count *= type->count; // no overflow: they are in memory
        put_type(types, type->of, window, at, count, depth + 1);
    } else if (note->how == HOW_PATTERN) {
        put_pattern(note, type->bytes, window, at, type->bytes * count);
    } else if (note->how == HOW_PLAIN || depth > DEEP_MAX) {
        hash_put_bytes(window, at, type->bytes * count);
        if (type->kind == REFLECT_POINTER && at % 8 != 0) {
            put_odd(window, at);
        }
    } else if (clip(window, at, type->bytes * count, &first, &end)) {
        uint64_t from = ((uint64_t)((int64_t)first - at)) / type->bytes;
        for (uint64_t i = from; i < count && at + (int64_t)(i * type->bytes) < (int64_t)end; i++) {
            put_members(types, type, window, at + (int64_t)(i * type->bytes), depth);
        }
    }
}

void hash_put(HashTypes *types, const HashKind *kind, size_t element_bytes, size_t count,
              const HashWindow *window, int64_t at)
{
    size_t bytes;
    if (__builtin_mul_overflow(element_bytes, count, &bytes)) {
        return;
    }
    if (hash_kind_is_plain(types, kind)) {
        hash_put_bytes(window, at, bytes);
        return;
    }
    for (uint32_t i = 0; i < kind->count; i++) {
        put_type(types, kind->types[i], window, at, count, 0);
    }
}
