#include <string.h>

#include "migrate_parts.h"

// Contents: tags, what types hold, alignment, places in a type.

enum { NAME_MAX_BYTES = 128 };

// -------------------------------------------------------------------------------------------- tags

// "const struct mob *[4]" as a tag says it: what it is called, of which kind, how many stars.
typedef struct Tag {
    char name[NAME_MAX_BYTES];
    ReflectKind kind; // REFLECT_UNKNOWN: not said
    int stars;
} Tag;

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

static bool is_word(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && strncmp(text, word, length) == 0;
}

// How C's words for its own types add up.
typedef struct Builtin {
    int shorts, longs;
    bool is_unsigned, is_signed;
    const char *base; // "char", "double" ...; NULL: none said
} Builtin;

static bool take_builtin(Builtin *builtin, const char *word, size_t length)
{
    static const char *const BASES[] = {"char", "int", "float", "double", "_Bool", "bool"};

    builtin->shorts += is_word(word, length, "short");
    builtin->longs += is_word(word, length, "long");
    builtin->is_unsigned |= is_word(word, length, "unsigned");
    builtin->is_signed |= is_word(word, length, "signed");
    for (size_t i = 0; i < COUNT_OF(BASES); i++) {
        if (is_word(word, length, BASES[i])) {
            builtin->base = strcmp(BASES[i], "bool") == 0 ? "_Bool" : BASES[i];
            return true;
        }
    }
    return is_word(word, length, "short") || is_word(word, length, "long")
           || is_word(word, length, "unsigned") || is_word(word, length, "signed");
}

// As the table calls it: "unsigned long", "signed char".
static void builtin_name(const Builtin *builtin, char *out, size_t out_bytes)
{
    bool is_int = !builtin->base || strcmp(builtin->base, "int") == 0;
    const char *sign = builtin->is_unsigned ? "unsigned " : "";

    if (!is_int) {
        bool is_signed_char = builtin->is_signed && strcmp(builtin->base, "char") == 0;
        (void)text_format(out, out_bytes, "%s%s%s",
                          is_signed_char   ? "signed "
                          : builtin->longs ? "long "
                                           : "",
                          sign, builtin->base);
    } else if (builtin->shorts || builtin->longs) {
        (void)text_format(out, out_bytes, "%s%s", sign,
                          builtin->shorts      ? "short"
                          : builtin->longs > 1 ? "long long"
                                               : "long");
    } else {
        (void)text_format(out, out_bytes, "%sint", sign);
    }
}

static bool take_keyword(Tag *tag, const char *word, size_t length)
{
    if (is_word(word, length, "struct")) {
        tag->kind = REFLECT_STRUCT;
    } else if (is_word(word, length, "union")) {
        tag->kind = REFLECT_UNION;
    } else if (is_word(word, length, "enum")) {
        tag->kind = REFLECT_ENUM;
    } else {
        return is_word(word, length, "const") || is_word(word, length, "volatile")
               || is_word(word, length, "restrict") || is_word(word, length, "_Atomic");
    }
    return true;
}

// False: it is nothing that this reads, such as "typeof(x)".
static bool parse_tag(const char *text, Tag *tag, bool *is_builtin)
{
    Builtin builtin = {0};

    *tag = (Tag){.kind = REFLECT_UNKNOWN};
    *is_builtin = false;
    while (*text && *text != '[') {
        size_t length = strcspn(text, " \t\n*[()");
        if (is_space(*text)) {
            text++;
        } else if (*text == '*') {
            tag->stars++;
            text++;
        } else if (length == 0) {
            return false;
        } else {
            if (take_builtin(&builtin, text, length)) {
                *is_builtin = true;
            } else if (!take_keyword(tag, text, length)) {
                (void)text_format(tag->name, sizeof tag->name, "%.*s", (int)length, text);
            }
            text += length;
        }
    }
    if (*is_builtin) {
        builtin_name(&builtin, tag->name, sizeof tag->name);
    }
    return tag->name[0] != '\0';
}

static void add_named(Named *named, uint32_t type)
{
    for (uint32_t i = 0; i < named->count; i++) {
        if (named->types[i] == type) {
            return;
        }
    }
    if (named->count < MIGRATE_NAMED_MAX) {
        named->types[named->count++] = type;
    }
}

static bool has_own_name(const ReflectType *type)
{
    return type->kind != REFLECT_POINTER && type->kind != REFLECT_ARRAY
           && type->kind != REFLECT_FUNCTION;
}

static void add_called(const ReflectTable *table, const Tag *tag, Named *named)
{
    for (uint32_t i = 1; i < table->type_count; i++) {
        const ReflectType *type = &table->types[i];
        if (has_own_name(type) && (tag->kind == REFLECT_UNKNOWN || type->kind == tag->kind)
            && type->bytes > 0 && strcmp(type->name, tag->name) == 0) {
            add_named(named, i);
        }
    }
    for (uint32_t i = 0; tag->kind == REFLECT_UNKNOWN && i < table->alias_count; i++) {
        const ReflectAlias *alias = &table->aliases[i];
        if (strcmp(alias->name, tag->name) == 0
            && (reflect_type(table, alias->type)->bytes > 0 || tag->stars > 0)) {
            add_named(named, alias->type);
        }
    }
}

// Those that point to one of these.
static Named pointers_to(const ReflectTable *table, const Named *targets)
{
    Named named = {.is_plain = targets->is_plain};

    for (uint32_t i = 1; i < table->type_count; i++) {
        for (uint32_t k = 0; k < targets->count; k++) {
            if (table->types[i].kind == REFLECT_POINTER
                && table->types[i].of == targets->types[k]) {
                add_named(&named, i);
            }
        }
    }
    return named;
}

Named migrate_types_named(const ReflectTable *table, const char *text)
{
    Named named = {0};
    Tag tag;
    bool is_builtin;

    if (!parse_tag(text, &tag, &is_builtin)) {
        return named;
    }
    named.is_plain = is_builtin && tag.stars == 0;
    add_called(table, &tag, &named);
    for (int i = 0; i < tag.stars; i++) {
        named = pointers_to(table, &named);
    }
    return named;
}

// --------------------------------------------------------------------------------- what types hold

bool migrate_is_byte(const ReflectType *type)
{
    return type->kind == REFLECT_INTEGER && type->bytes == 1 && !type->is_bool;
}

enum { TRAIT_KNOWN = 1, TRAIT_WORDS = 2 };

static bool find_words(Migrate *migrate, uint32_t index, int depth)
{
    const ReflectTable *table = migrate_from(migrate);
    const ReflectType *type = reflect_type(table, index);
    bool has = false;

    if (index >= table->type_count || depth > MIGRATE_DEPTH_MAX) {
        return true;
    }
    if (migrate->traits[index] & TRAIT_KNOWN) {
        return migrate->traits[index] & TRAIT_WORDS;
    }
    switch (type->kind) {
    case REFLECT_POINTER:
        has = true;
        break;
    case REFLECT_INTEGER:
    case REFLECT_UNION:
    case REFLECT_UNKNOWN:
        has = type->bytes >= MIGRATE_WORD_BYTES;
        break;
    case REFLECT_ARRAY:
        has = (migrate_is_byte(reflect_type(table, type->of)) && type->bytes >= MIGRATE_WORD_BYTES)
              || find_words(migrate, type->of, depth + 1);
        break;
    case REFLECT_STRUCT:
        for (uint32_t i = 0; i < type->member_count && !has; i++) {
            const ReflectMember *member = &table->members[type->first_member + i];
            has = !member->bit_size && find_words(migrate, member->type, depth + 1);
        }
        break;
    default:
        break;
    }
    migrate->traits[index] = (uint8_t)(TRAIT_KNOWN | (has ? TRAIT_WORDS : 0));
    return has;
}

bool migrate_has_words(Migrate *migrate, uint32_t type)
{
    return find_words(migrate, type, 0);
}

bool migrate_tail(const ReflectTable *table, uint32_t index, uint64_t *offset, uint32_t *element)
{
    const ReflectType *type = reflect_type(table, index);

    if (type->kind != REFLECT_STRUCT || type->member_count == 0) {
        return false;
    }
    const ReflectMember *last = &table->members[type->first_member + type->member_count - 1];
    const ReflectType *array = reflect_type(table, last->type);
    if (array->kind != REFLECT_ARRAY || array->count > 1
        || reflect_type(table, array->of)->bytes == 0) {
        return false;
    }
    *offset = last->offset_bits / 8;
    *element = array->of;
    return true;
}

// --------------------------------------------------------------------------------------- alignment

static uint64_t find_align(const ReflectTable *table, uint32_t index, int depth)
{
    const ReflectType *type = reflect_type(table, index);
    uint64_t align = 1;

    if (depth > MIGRATE_DEPTH_MAX || type->bytes == 0) {
        return 1;
    }
    if (type->align > 1) {
        return type->align;
    }
    switch (type->kind) {
    case REFLECT_STRUCT:
    case REFLECT_UNION:
        for (uint32_t i = 0; i < type->member_count; i++) {
            const ReflectMember *member = &table->members[type->first_member + i];
            uint64_t its = find_align(table, member->type, depth + 1);
            if (!member->bit_size && member->offset_bits / 8 % its != 0) {
                return 1; // packed
            }
            align = its > align ? its : align;
        }
        return type->bytes % align == 0 ? align : 1;
    case REFLECT_ARRAY:
        return find_align(table, type->of, depth + 1);
    default:
        return type->bytes & (~type->bytes + 1);
    }
}

uint64_t migrate_natural_align(const ReflectTable *table, uint32_t type)
{
    uint64_t align = find_align(table, type, 0);
    return align > PAGE_BYTES ? PAGE_BYTES : align;
}

// -------------------------------------------------------------------------------- places in a type

// What one pointer to either would mean: a pointer's pointers count as well, all the way.
static bool is_what_is_wanted(const ReflectTable *table, uint32_t a, uint32_t b)
{
    for (int depth = 0; a != b && depth < MIGRATE_DEPTH_MAX; depth++) {
        const ReflectType *x = reflect_type(table, a), *y = reflect_type(table, b);
        if (x->kind != y->kind || x->bytes != y->bytes || strcmp(x->name, y->name) != 0) {
            return false;
        }
        if (x->kind != REFLECT_POINTER && x->kind != REFLECT_ARRAY) {
            return true;
        }
        a = x->of;
        b = y->of;
    }
    return true;
}

static bool find_thing(const ReflectTable *table, uint32_t index, uint64_t offset, uint32_t want,
                       int depth)
{
    const ReflectType *type = reflect_type(table, index);

    if (depth > MIGRATE_DEPTH_MAX) {
        return false;
    }
    if (offset == 0 && is_what_is_wanted(table, index, want)) {
        return true;
    }
    if (type->kind == REFLECT_ARRAY) {
        uint64_t bytes = reflect_type(table, type->of)->bytes;
        return bytes > 0 && (offset < type->bytes || type->count == 0)
               && find_thing(table, type->of, offset % bytes, want, depth + 1);
    }
    if (type->kind != REFLECT_STRUCT && type->kind != REFLECT_UNION) {
        return false;
    }
    for (uint32_t i = 0; i < type->member_count; i++) {
        const ReflectMember *member = &table->members[type->first_member + i];
        const ReflectType *its = reflect_type(table, member->type);
        uint64_t first = member->offset_bits / 8;
        if (!member->bit_size && offset >= first
            && (offset - first < its->bytes || (its->kind == REFLECT_ARRAY && its->count == 0))
            && find_thing(table, member->type, offset - first, want, depth + 1)) {
            return true;
        }
    }
    return false;
}

bool migrate_thing_at(const ReflectTable *table, uint32_t type, uint64_t offset, uint32_t want)
{
    return find_thing(table, type, offset, want, 0);
}

// One level down to what lies at *offset, which becomes one inside of it; 0: there is nothing more.
static uint32_t step_in(const ReflectTable *table, const ReflectType *type, uint64_t *offset)
{
    if (type->kind == REFLECT_ARRAY && reflect_type(table, type->of)->bytes > 0) {
        *offset %= reflect_type(table, type->of)->bytes;
        return type->of;
    }
    for (uint32_t i = 0; type->kind == REFLECT_STRUCT && i < type->member_count; i++) {
        const ReflectMember *member = &table->members[type->first_member + i];
        uint64_t first = member->offset_bits / 8;
        if (!member->bit_size && *offset >= first
            && *offset - first < reflect_type(table, member->type)->bytes) {
            *offset -= first;
            return member->type;
        }
    }
    return 0;
}

bool migrate_is_raw_at(const ReflectTable *table, uint32_t index, uint64_t offset)
{
    for (int depth = 0; depth < MIGRATE_DEPTH_MAX; depth++) {
        const ReflectType *type = reflect_type(table, index);
        if (type->kind == REFLECT_UNKNOWN || migrate_is_byte(type)) {
            return true;
        }
        index = step_in(table, type, &offset);
        if (!index) {
            return false;
        }
    }
    return false;
}

bool migrate_is_in_leaf(const ReflectTable *table, uint32_t index, uint64_t offset)
{
    for (int depth = 0; depth < MIGRATE_DEPTH_MAX; depth++) {
        const ReflectType *type = reflect_type(table, index);
        uint32_t next = step_in(table, type, &offset);
        if (!next) {
            return offset > 0 && offset < type->bytes && type->kind != REFLECT_STRUCT
                   && type->kind != REFLECT_UNION;
        }
        index = next;
    }
    return false;
}
