#include <string.h>

#include "migrate_parts.h"

// Contents: notes, what becomes of them, the summary.

// ------------------------------------------------------------------------------------------- notes

static void count(Notes *notes, MigrateFate fate)
{
    notes->lost += fate == MIGRATE_LOST;
    notes->gone += fate == MIGRATE_GONE;
    notes->refused += fate == MIGRATE_REFUSED;
}

bool migrate_counts(Run *run, Site *site, int slot)
{
    if (run->quiet) {
        run->found++;
        return true;
    }
    Note *note = site ? site->notes[slot] : NULL;
    if (note) {
        note->count++;
        count(run->notes, note->fate);
    }
    return note != NULL;
}

static const char *plain_tag(const char *tag)
{
    return strncmp(tag, "struct ", 7) == 0 ? tag + 7 : tag;
}

// What lies there: of a single object the place in it.
typedef struct Where {
    const Shape *shape;
    uint64_t object, offset; // which of its type it is, bytes from its start
} Where;

static Where where_is(const Run *run, const uint8_t *field)
{
    const Map *map = &run->migrate->map;
    uint64_t offset = (uint64_t)(field - run->old);

    if (run->is_alone) {
        return (Where){NULL, 0, offset};
    }
    const Block *block = migrate_block_at(map, map->first + offset);
    const Shape *shape = &run->migrate->shapes[block->shape];
    offset -= block->from - map->first;
    uint64_t before = migrate_count_before(run->migrate, block);
    return (Where){shape, before + offset / shape->stride, offset % shape->stride};
}

// Members of a union lie over each other: the place does not say which it is.
static void add_member(const Run *run, const Site *site, char *owner, char *inner)
{
    const char *type = reflect_type(migrate_from(run->migrate), site->union_type)->name;
    size_t length = strlen(inner);

    (void)text_format(inner + length, MIGRATE_PATH_MAX - length, ".%s", site->union_member);
    length = strlen(owner);
    if (type[0]) {
        (void)text_format(owner, MIGRATE_PATH_MAX, "%s.%s", type, site->union_member);
    } else {
        (void)text_format(owner + length, MIGRATE_PATH_MAX - length, ".%s", site->union_member);
    }
}

void migrate_name(const Run *run, const uint8_t *field, const Site *site, char *name, char *path)
{
    uint32_t bit = site ? site->from.bit : 0;
    uint32_t last = !site ? 0 : site->union_member ? site->union_type : site->from_type;
    char inner[MIGRATE_PATH_MAX], owner[MIGRATE_PATH_MAX];
    bool is_unnamed = false;
    Where where = where_is(run, field);
    const char *tag = where.shape ? plain_tag(where.shape->tag) : run->name;
    uint32_t type = where.shape ? where.shape->from : run->program->from;

    if (where.shape && where.shape->is_raw) {
        (void)text_format(inner, sizeof inner, "[%llu]", (unsigned long long)where.offset);
        memcpy(owner, inner, sizeof owner);
    } else {
        is_unnamed = migrate_path_text(migrate_from(run->migrate), type, where.offset * 8 + bit,
                                       last, inner, owner);
    }
    if (site && site->union_member) {
        if (is_unnamed) {
            *strrchr(inner, '.') = *strrchr(owner, '.') = '\0';
        }
        add_member(run, site, owner, inner);
    }
    bool is_own = owner[0] == '.' || owner[0] == '[' || owner[0] == '\0' || !where.shape;
    (void)text_format(name, MIGRATE_PATH_MAX, "%s%s", is_own ? tag : "",
                      where.shape ? owner : inner);
    if (!where.shape || where.shape->is_root) {
        (void)text_format(path, MIGRATE_PATH_MAX, "%s%s", tag, inner);
    } else {
        (void)text_format(path, MIGRATE_PATH_MAX, "%s[%llu]%s", tag,
                          (unsigned long long)where.object, inner);
    }
}

// Names of array elements differ by their index only: one of them stands for all.
static size_t common_length(const char *name)
{
    size_t length = strlen(name);
    while (length > 0 && name[length - 1] == ']') {
        const char *open = memrchr(name, '[', length);
        length = open ? (size_t)(open - name) : 0;
    }
    return length;
}

static bool is_about_same(const Note *note, MigrateFate fate, const char *reason, const char *name)
{
    size_t length = common_length(name);
    return note->fate == fate && strcmp(note->reason, reason) == 0
           && common_length(note->name) == length && strncmp(note->name, name, length) == 0;
}

static Note *find_note(Notes *notes, MigrateFate fate, const char *reason, const char *name)
{
    for (uint32_t i = 0; i < notes->count; i++) {
        if (is_about_same(&notes->notes[i], fate, reason, name)) {
            return &notes->notes[i];
        }
    }
    if (notes->count == MIGRATE_ITEMS_MAX) {
        return NULL;
    }
    Note *note = &notes->notes[notes->count++];
    *note = (Note){.fate = fate, .reason = reason};
    return note;
}

void migrate_note(Run *run, Site *site, int slot, MigrateFate fate, const uint8_t *field,
                  const char *text)
{
    static const char *const REASONS[] = {"a", "b", "c", "d"};
    char name[MIGRATE_PATH_MAX], path[MIGRATE_PATH_MAX];
    const char *reason = site && site->why ? site->why : REASONS[slot];

    count(run->notes, fate);
    migrate_name(run, field, site, name, path);
    Note *note = find_note(run->notes, fate, reason, name);
    if (!note) {
        return;
    }
    if (note->count++ == 0) {
        (void)text_format(note->name, sizeof note->name, "%s", name);
        (void)text_format(note->text, sizeof note->text, "%s %s", path, text);
    }
    if (site) {
        site->notes[slot] = note;
    }
}

void migrate_note_named(Notes *notes, MigrateFate fate, const char *name, const char *text)
{
    count(notes, fate);
    Note *note = find_note(notes, fate, text, name);
    if (note && note->count++ == 0) {
        (void)text_format(note->name, sizeof note->name, "%s", name);
        (void)text_format(note->text, sizeof note->text, "%s: %s", name, text);
    }
}

// ---------------------------------------------------------------------------- what becomes of them

static void add_items(const Notes *notes, MigrateFate fate, MigrateReport *report)
{
    for (uint32_t i = 0; i < notes->count && report->item_count < MIGRATE_ITEMS_MAX; i++) {
        const Note *note = &notes->notes[i];
        if (note->fate != fate) {
            continue;
        }
        MigrateItem *item = &report->items[report->item_count++];
        char more[40] = "";
        item->fate = fate;
        (void)text_format(item->name, sizeof item->name, "%s", note->name);
        if (note->count > 1 && fate != MIGRATE_GUESS) {
            (void)text_format(more, sizeof more, " (and %llu more)",
                              (unsigned long long)(note->count - 1));
        }
        size_t room = sizeof item->text - 1 - strlen(more);
        (void)text_format(item->text, sizeof item->text, "%.*s%s", (int)room, note->text, more);
    }
}

void migrate_report_close(Migrate *migrate, Notes *notes, MigrateReport *report, Fault *fault)
{
    static const MigrateFate ORDER[] = {MIGRATE_REFUSED, MIGRATE_LOST, MIGRATE_GONE, MIGRATE_GUESS,
                                        MIGRATE_SAID};

    *report = (MigrateReport){.items = report->items,
                              .lost = (uint32_t)notes->lost,
                              .gone = (uint32_t)notes->gone,
                              .refused = (uint32_t)notes->refused,
                              .objects = notes->objects};
    for (size_t i = 0; i < COUNT_OF(ORDER); i++) {
        add_items(notes, ORDER[i], report);
    }
    migrate_summary(migrate, notes, report->summary, sizeof report->summary);
    if (report->refused > 0) {
        const char *first = report->item_count ? report->items[0].text : "";
        char more[48] = "";
        if (report->refused > 1) {
            (void)text_format(more, sizeof more, ", and %u more", report->refused - 1);
        }
        (void)fault_set(fault, FAULT_LAYOUT, "the state does not fit the new build: %s%s", first,
                        more);
    }
}

// ----------------------------------------------------------------------------------------- summary

typedef struct Summary {
    Migrate *migrate;
    char *out;
    size_t out_bytes;
    bool is_first; // of its type
    const char *type;
} Summary;

static void say(Summary *summary, const char *text)
{
    size_t length = strlen(summary->out);
    const char *glue = summary->is_first ? length ? "; " : "" : ", ";
    char entry[MIGRATE_TEXT_MAX];

    (void)text_format(entry, sizeof entry, "%s%s%s%s", glue, summary->is_first ? summary->type : "",
                      summary->is_first ? ": " : "", text);
    // Room is left for "..." and the counts.
    if (length + strlen(entry) + 64 < summary->out_bytes) {
        memcpy(summary->out + length, entry, strlen(entry) + 1);
        summary->is_first = false;
    } else if (length + 68 < summary->out_bytes && !strstr(summary->out, ", ...")) {
        memcpy(summary->out + length, ", ...", 6);
    }
}

static void type_text(const ReflectTable *table, uint32_t type, uint32_t bit_size, char *out)
{
    reflect_type_text(table, type, out, 64);
    if (bit_size) {
        size_t length = strlen(out);
        (void)text_format(out + length, 64 - length, " : %u", bit_size);
    }
}

// "items [4] -> [8]" where the elements are called the same.
static bool array_text(const ReflectTable *from, const ReflectTable *to, const ReflectPair *pair,
                       char *text, size_t text_bytes)
{
    const ReflectType *a = reflect_type(from, pair->from_type),
                      *b = reflect_type(to, pair->to_type);
    char was[64], is[64];

    reflect_type_text(from, a->of, was, sizeof was);
    reflect_type_text(to, b->of, is, sizeof is);
    if (a->kind != REFLECT_ARRAY || b->kind != REFLECT_ARRAY || strcmp(was, is) != 0
        || a->count == b->count) {
        return false;
    }
    (void)text_format(text, text_bytes, "%s [%llu] -> [%llu]", pair->from_name,
                      (unsigned long long)a->count, (unsigned long long)b->count);
    return true;
}

static void say_pair(Summary *summary, const ReflectPair *pair)
{
    const ReflectTable *from = migrate_from(summary->migrate), *to = migrate_to(summary->migrate);
    char text[MIGRATE_TEXT_MAX], was[64], is[64];

    if (pair->how == REFLECT_GONE || !pair->to_name) {
        (void)text_format(text, sizeof text, "-%s", pair->from_name[0] ? pair->from_name : "union");
        say(summary, text);
        return;
    }
    if (strcmp(pair->from_name, pair->to_name) != 0) {
        (void)text_format(text, sizeof text, "%s -> %s", pair->from_name, pair->to_name);
        say(summary, text);
    }
    type_text(from, pair->from_type, pair->from_bit_size, was);
    type_text(to, pair->to_type, pair->to_bit_size, is);
    if (array_text(from, to, pair, text, sizeof text)) {
        say(summary, text);
    } else if (strcmp(was, is) != 0) {
        (void)text_format(text, sizeof text, "%s %s -> %s", pair->to_name, was, is);
        say(summary, text);
    }
}

static void say_struct(Summary *summary, const Difference *difference)
{
    const ReflectPairing *pairing =
        reflect_pairing(summary->migrate->match, difference->from, difference->to);

    for (uint32_t i = 0; i < pairing->added_count; i++) {
        char text[MIGRATE_TEXT_MAX];
        (void)text_format(text, sizeof text, "+%s", pairing->added[i].to_name);
        say(summary, text);
    }
    for (uint32_t i = 0; i < pairing->pair_count; i++) {
        say_pair(summary, &pairing->pairs[i]);
    }
}

static const ReflectEnumerator *enumerator(const ReflectTable *table, const ReflectType *type,
                                           const char *name)
{
    for (uint32_t i = 0; i < type->enumerator_count; i++) {
        const ReflectEnumerator *one = &table->enumerators[type->first_enumerator + i];
        if (strcmp(one->name, name) == 0) {
            return one;
        }
    }
    return NULL;
}

static void say_enum(Summary *summary, const Difference *difference)
{
    const ReflectTable *from = migrate_from(summary->migrate), *to = migrate_to(summary->migrate);
    const ReflectType *a = reflect_type(from, difference->from);
    const ReflectType *b = reflect_type(to, difference->to);
    char text[MIGRATE_TEXT_MAX];

    for (uint32_t i = 0; i < b->enumerator_count; i++) {
        const ReflectEnumerator *one = &to->enumerators[b->first_enumerator + i];
        if (!enumerator(from, a, one->name)) {
            (void)text_format(text, sizeof text, "+%s", one->name);
            say(summary, text);
        }
    }
    for (uint32_t i = 0; i < a->enumerator_count; i++) {
        const ReflectEnumerator *was = &from->enumerators[a->first_enumerator + i];
        const ReflectEnumerator *is = enumerator(to, b, was->name);
        if (!is) {
            (void)text_format(text, sizeof text, "-%s", was->name);
            say(summary, text);
        }
    }
}

static uint32_t innermost(const ReflectTable *table, uint32_t type)
{
    while (reflect_type(table, type)->kind == REFLECT_ARRAY) {
        type = reflect_type(table, type)->of;
    }
    return type;
}

// Nothing was done to it but to what it consists of, which is said of that.
static bool is_others_work(const Summary *summary, const Difference *difference)
{
    ReflectMatch *match = summary->migrate->match;
    const ReflectTable *from = migrate_from(summary->migrate), *to = migrate_to(summary->migrate);
    const ReflectPairing *pairing = reflect_pairing(match, difference->from, difference->to);
    bool has_other = false;

    for (uint32_t i = 0; i < pairing->pair_count; i++) {
        const ReflectPair *pair = &pairing->pairs[i];
        if (i > 0 && pair->to_bits < pairing->pairs[i - 1].to_bits) {
            return false;
        }
        uint32_t was = innermost(from, pair->from_type), is = innermost(to, pair->to_type);
        ReflectKind kind = reflect_type(from, was)->kind;
        has_other |= (kind == REFLECT_STRUCT || kind == REFLECT_UNION || kind == REFLECT_ENUM)
                     && !reflect_same_type(match, was, is);
    }
    return has_other;
}

static void say_difference(Summary *summary, const Difference *difference)
{
    const ReflectType *type = reflect_type(migrate_from(summary->migrate), difference->from);
    const ReflectType *new_ = reflect_type(migrate_to(summary->migrate), difference->to);
    char name[MIGRATE_PATH_MAX], renamed[MIGRATE_PATH_MAX];

    (void)text_format(name, sizeof name, "%s",
                      type->name[0]                  ? type->name
                      : type->kind == REFLECT_ENUM   ? "enum"
                      : type->kind == REFLECT_STRUCT ? "struct"
                                                     : "union");
    summary->type = name;
    summary->is_first = true;
    if (type->name[0] && new_->name[0] && strcmp(type->name, new_->name) != 0) {
        (void)text_format(renamed, sizeof renamed, "%s now", new_->name);
        say(summary, renamed);
    }
    if (type->kind == REFLECT_STRUCT) {
        say_struct(summary, difference);
    } else if (type->kind == REFLECT_ENUM) {
        say_enum(summary, difference);
    }
    bool has_fields = type->kind == REFLECT_STRUCT || type->kind == REFLECT_UNION;
    if (summary->is_first && !(has_fields && is_others_work(summary, difference))) {
        say(summary, "laid out otherwise");
    }
}

static bool was_said(const Difference *said, uint32_t count, const Difference *difference)
{
    for (uint32_t i = 0; i < count; i++) {
        if (said[i].from == difference->from && said[i].to == difference->to) {
            return true;
        }
    }
    return false;
}

static void say_program(Summary *summary, const Program *program, Difference *said,
                        uint32_t *said_count)
{
    for (uint32_t i = 0; program && i < program->difference_count; i++) {
        const Difference *difference = &program->differences[i];
        if (!was_said(said, *said_count, difference) && *said_count < MIGRATE_ITEMS_MAX) {
            said[(*said_count)++] = *difference;
            say_difference(summary, difference);
        }
    }
}

void migrate_summary(Migrate *migrate, const Notes *notes, char *out, size_t out_bytes)
{
    Difference said[MIGRATE_ITEMS_MAX];
    uint32_t said_count = 0;
    Summary summary = {.migrate = migrate, .out = out, .out_bytes = out_bytes};

    out[0] = '\0';
    for (uint32_t i = 0; i < migrate->shape_count; i++) {
        const Shape *shape = &migrate->shapes[i];
        if (shape->blocks > 0) {
            say_program(&summary, shape->program, said, &said_count);
            say_program(&summary, shape->tail, said, &said_count);
        }
    }
    if (out[0] || notes->objects > 0) {
        size_t length = strlen(out);
        (void)text_format(out + length, out_bytes - length, "%s%llu object%s moved, %llu lost",
                          length ? "; " : "", (unsigned long long)notes->objects,
                          notes->objects == 1 ? "" : "s",
                          (unsigned long long)(notes->lost + notes->gone));
    }
}
