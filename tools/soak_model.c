// Contents: numbers, what an edit is told about, single changes, a whole edit, undo
#include "soak_model.h"

#include <stdio.h>
#include <string.h>

enum { VALUE_MAX = 1000000 }; // a float has every whole number up to it

const NumberType soak_numbers[NUMBER_TYPES] = {
    {"signed char", -128, 127, false},
    {"uint8_t", 0, 255, false},
    {"short", -32768, 32767, false},
    {"uint16_t", 0, 65535, false},
    {"int", -VALUE_MAX, VALUE_MAX, false},
    {"unsigned", 0, VALUE_MAX, false},
    {"long", -VALUE_MAX, VALUE_MAX, false},
    {"uint64_t", 0, VALUE_MAX, false},
    {"float", -VALUE_MAX, VALUE_MAX, false},
    {"double", -VALUE_MAX, VALUE_MAX, false},
    {"bool", 0, 1, true},
    {"int64_t", -VALUE_MAX, VALUE_MAX, false},
    {"unsigned char", 0, 255, false},
};

// ----------------------------------------------------------------------------------------- numbers

uint64_t soak_random(uint64_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return *random;
}

static int below(Model *model, int end)
{
    return (int)(soak_random(&model->random) % (uint64_t)end);
}

long soak_value(unsigned id, unsigned edit, int object, int row, int column, long lo, long hi)
{
    uint64_t mixed = id * 0x9E3779B97F4A7C15u + edit * 0xC2B2AE3D27D4EB4Fu
                     + (uint64_t)object * 0x165667B19E3779F9u + (uint64_t)row * 0x27D4EB2F165667C5u
                     + (uint64_t)column * 0x85EBCA77C2B2AE63u;
    mixed = (mixed ^ mixed >> 29) * 0xBF58476D1CE4E5B9u;
    mixed ^= mixed >> 32;
    long value = lo + (long)(mixed % (uint64_t)(hi - lo + 1));
    return value == 0 ? 1 : value; // what is not zero is missed when it is gone
}

static long fit(long value, const Step *step)
{
    return step->is_bool      ? value != 0
           : value < step->lo ? step->lo
           : value > step->hi ? step->hi
                              : value;
}

int soak_host_count(const Model *model, Host host)
{
    return host == HOST_MOB || host == HOST_BODY ? 64
           : host == HOST_SPARK                  ? 160
           : host >= HOST_OWN                    ? model->own[host - HOST_OWN].count
                                                 : 1;
}

static int at_least_1(int count)
{
    return count > 0 ? count : 1;
}

static Step step_of(const Model *model, const Field *field)
{
    Step step = {.edit = model->edit,
                 .rows = at_least_1(field->rows),
                 .columns = at_least_1(field->columns)};
    if (field->kind == FIELD_NUMBER) {
        const NumberType *type = &soak_numbers[field->type];
        step.lo = type->lo;
        step.hi = type->hi;
        step.is_bool = type->is_bool;
    } else if (field->kind == FIELD_BITS) {
        long values = 1l << field->bits;
        step.lo = field->bits_signed ? -values / 2 : 0;
        step.hi = field->bits_signed ? values / 2 - 1 : values - 1;
    } else if (field->kind == FIELD_ENUM) {
        step.lo = 1;
        step.hi = TONES - 1;
    }
    return step;
}

// ------------------------------------------------------------------------------- what is told of

static void say(Model *model, const char *format, ...) BASE_PRINTF(2, 3);
static void say(Model *model, const char *format, ...)
{
    size_t used = strlen(model->words);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(model->words + used, sizeof(model->words) - used, format, args);
    va_end(args);
}

static void expect_lost(Model *model, const char *name)
{
    if (model->lost_count == LOST_MAX) {
        model->lost_unknown = true;
        return;
    }
    (void)text_format(model->lost[model->lost_count++], sizeof(model->lost[0]), "%s", name);
}

// Does something in a field that was as `before` says not get through `step`?
static bool loses(const Model *model, const Field *field, const Field *before, const Step *step)
{
    const Step *last = &before->steps[before->step_count - 1];
    for (int i = 0; i < soak_host_count(model, field->host); i++) {
        for (int row = 0; row < at_least_1(before->rows); row++) {
            for (int column = 0; column < at_least_1(before->columns); column++) {
                long value = soak_value(field->id, last->edit, i, row, column, last->lo, last->hi);
                bool cut = row >= step->rows || column >= step->columns;
                if (cut || (!step->is_bool && fit(value, step) != value)) {
                    return true;
                }
            }
        }
    }
    return false;
}

// The field is of another type or size than `before` from now on.
static void add_step(Model *model, Field *field, const Field *before, bool is_loose)
{
    Step step = step_of(model, field);
    step.is_loose = is_loose;
    if (!is_loose && field->kind != FIELD_POINTER && loses(model, field, before, &step)) {
        expect_lost(model, field->name);
    }
    field->touched = model->edit;
    field->steps[field->step_count++] = step;
}

// ---------------------------------------------------------------------------------- single changes

static void put_item(Model *model, Host host, Item item)
{
    Layout *layout = &model->layouts[host];
    int at = below(model, layout->count + 1);
    memmove(&layout->items[at + 1], &layout->items[at],
            (size_t)(layout->count - at) * sizeof(Item));
    layout->items[at] = item;
    layout->count++;
}

static void take_item(Model *model, Host host, ItemKind kind, int which)
{
    Layout *layout = &model->layouts[host];
    for (int i = 0; i < layout->count; i++) {
        if (layout->items[i].kind == kind && layout->items[i].which == which) {
            layout->count--;
            memmove(&layout->items[i], &layout->items[i + 1],
                    (size_t)(layout->count - i) * sizeof(Item));
            return;
        }
    }
}

static bool host_is_used(const Model *model, Host host)
{
    return host < HOST_OWN || model->own[host - HOST_OWN].used;
}

static int field_count(const Model *model)
{
    int count = 0;
    for (int i = 0; i < FIELDS_MAX; i++) {
        count += model->fields[i].used;
    }
    return count;
}

// A field that nothing has happened to in this edit, with room for what will; NULL: none found.
static Field *some_field(Model *model)
{
    for (int i = 0; i < 20; i++) {
        Field *field = &model->fields[below(model, FIELDS_MAX)];
        if (field->used && field->touched != model->edit && field->step_count < STEPS_MAX - 2) {
            return field;
        }
    }
    return NULL;
}

static int some_own(Model *model)
{
    for (int i = 0; i < 10; i++) {
        int own = below(model, OWN_MAX);
        if (model->own[own].used) {
            return own;
        }
    }
    return -1;
}

static void choose_pointer(Model *model, Field *field)
{
    field->type = below(model, TARGETS);
    field->own = some_own(model);
    if ((field->type == TO_OWN || field->type == TO_START) && field->own < 0) {
        field->type = TO_MOB;
    }
}

static void choose_type(Model *model, Field *field)
{
    int luck = below(model, 100);
    field->kind = luck < 55   ? FIELD_NUMBER
                  : luck < 70 ? FIELD_BITS
                  : luck < 80 ? FIELD_ENUM
                              : FIELD_POINTER;
    if (field->kind == FIELD_NUMBER) {
        field->type = below(model, NUMBER_TYPES);
    } else if (field->kind == FIELD_BITS) {
        field->bits_signed = below(model, 2);
        field->bits = 2 + below(model, 16);
    } else if (field->kind == FIELD_POINTER) {
        choose_pointer(model, field);
    }
    bool is_array = field->kind != FIELD_BITS && field->kind != FIELD_POINTER;
    if (is_array && below(model, 3) == 0) {
        field->rows = 1 + below(model, 6);
        field->columns = below(model, 3) == 0 ? 1 + below(model, 4) : 0;
    }
}

static void change_insert(Model *model)
{
    Host host = (Host)below(model, HOSTS);
    int at = 0;
    while (at < FIELDS_MAX && model->fields[at].used) {
        at++;
    }
    if (at == FIELDS_MAX || !host_is_used(model, host)
        || model->layouts[host].closed == model->edit) {
        return;
    }
    Field *field = &model->fields[at];
    *field = (Field){.used = true, .id = model->next_id++, .host = host, .wrap = -1};
    (void)text_format(field->name, sizeof(field->name), "soak_%u", field->id);
    choose_type(model, field);
    field->steps[field->step_count++] = step_of(model, field);
    field->touched = model->edit;
    model->layouts[host].opened = model->edit;
    put_item(model, host, (Item){ITEM_FIELD, at});
    say(model, "+%s ", field->name);
}

static void forget_was(Model *model, int field)
{
    for (int i = 0; i < WAS_MAX; i++) {
        if (model->was[i].field == field) {
            model->was[i].used = false;
        }
    }
}

static int fields_in(const Model *model, int wrap)
{
    int count = 0;
    for (int i = 0; i < FIELDS_MAX; i++) {
        count += model->fields[i].used && model->fields[i].wrap == wrap;
    }
    return count;
}

static void change_remove(Model *model)
{
    Field *field = &model->fields[below(model, FIELDS_MAX)];
    int at = (int)(field - model->fields);
    if (!field->used || field->touched == model->edit || field_count(model) < 8
        || model->layouts[field->host].opened == model->edit
        || (field->wrap >= 0 && fields_in(model, field->wrap) == 1)) {
        return;
    }
    expect_lost(model, field->name);
    model->layouts[field->host].closed = model->edit;
    take_item(model, field->host, ITEM_FIELD, at);
    forget_was(model, at);
    field->used = false;
    say(model, "-%s ", field->name);
}

static void change_type(Model *model)
{
    Field *field = some_field(model);
    if (!field || (field->kind != FIELD_NUMBER && field->kind != FIELD_BITS)) {
        return;
    }
    Field before = *field;
    bool to_bits = field->rows == 0 && below(model, 4) == 0;
    field->kind = to_bits ? FIELD_BITS : FIELD_NUMBER;
    field->type = to_bits ? 0 : below(model, NUMBER_TYPES);
    field->bits = to_bits ? 2 + below(model, 16) : 0;
    field->bits_signed = to_bits && below(model, 2);
    add_step(model, field, &before, false);
    say(model, "%s retyped ", field->name);
}

static void change_size(Model *model)
{
    Field *field = some_field(model);
    if (!field || (field->kind != FIELD_NUMBER && field->kind != FIELD_ENUM)) {
        return;
    }
    Field before = *field;
    if (field->columns > 0) { // two dimensions stay two
        field->rows = 1 + below(model, 6);
        field->columns = 1 + below(model, 4);
    } else {
        field->rows = below(model, 8);
    }
    add_step(model, field, &before, false);
    say(model, "%s[%d]->[%d] ", field->name, before.rows, field->rows);
}

static void rename_field(Model *model, Field *field, char old[24])
{
    (void)text_format(old, 24, "%s", field->name);
    (void)text_format(field->name, sizeof(field->name), "soak_%u_%u", field->id, model->edit);
    field->touched = model->edit;
    say(model, "%s->%s ", old, field->name);
}

static void change_name(Model *model)
{
    Field *field = some_field(model);
    bool has_type = field && (field->wrap < 0 || model->wraps[field->wrap].kind != WRAP_UNTAGGED);
    int at = 0;
    while (at < WAS_MAX && model->was[at].used) {
        at++;
    }
    if (!field || !has_type || at == WAS_MAX) {
        return;
    }
    int which = (int)(field - model->fields);
    forget_was(model, which);
    model->was[at] =
        (Was){.used = true, .field = which, .until = model->edit + 1 + (unsigned)below(model, 6)};
    rename_field(model, field, model->was[at].old);
}

// Without a word about it: a guess may find it, and must say so.
static void change_bare_name(Model *model)
{
    char old[24];
    Field *field = some_field(model);
    Layout *layout = field ? &model->layouts[field->host] : NULL;
    if (!field || layout->opened == model->edit || layout->closed == model->edit) {
        return;
    }
    Field before = *field;
    layout->opened = layout->closed = model->edit;
    forget_was(model, (int)(field - model->fields));
    rename_field(model, field, old);
    add_step(model, field, &before, true);
    model->lost_unknown = true;
    say(model, "(bare) ");
}

static void change_wrap(Model *model)
{
    Host host = (Host)below(model, HOSTS);
    int at = 0, moved = 0;
    while (at < WRAPS_MAX && model->wraps[at].used) {
        at++;
    }
    for (int i = 0; i < FIELDS_MAX && at < WRAPS_MAX && moved < 3; i++) {
        Field *field = &model->fields[i];
        if (field->used && field->host == host && field->wrap < 0 && field->touched != model->edit
            && below(model, 2)) {
            field->wrap = at;
            field->touched = model->edit;
            forget_was(model, i);
            take_item(model, host, ITEM_FIELD, i);
            moved++;
        }
    }
    if (moved > 0) {
        Wrap *wrap = &model->wraps[at];
        *wrap = (Wrap){
            .used = true, .id = model->next_id++, .host = host, .kind = (WrapKind)below(model, 3)};
        (void)text_format(wrap->type, sizeof(wrap->type), "SoakWrap%u", wrap->id);
        put_item(model, host, (Item){ITEM_WRAP, at});
        say(model, "wrap_%u of %d ", wrap->id, moved);
    }
}

static bool has_touched(const Model *model, int wrap)
{
    for (int i = 0; i < FIELDS_MAX; i++) {
        const Field *field = &model->fields[i];
        if (field->used && field->wrap == wrap && field->touched == model->edit) {
            return true;
        }
    }
    return false;
}

static void change_unwrap(Model *model)
{
    int at = below(model, WRAPS_MAX);
    Wrap *wrap = &model->wraps[at];
    if (!wrap->used || has_touched(model, at)) {
        return;
    }
    for (int i = 0; i < FIELDS_MAX; i++) {
        Field *field = &model->fields[i];
        if (field->used && field->wrap == at) {
            field->wrap = -1;
            field->touched = model->edit;
            forget_was(model, i);
            put_item(model, wrap->host, (Item){ITEM_FIELD, i});
        }
    }
    take_item(model, wrap->host, ITEM_WRAP, at);
    wrap->used = false;
    say(model, "wrap_%u dissolved ", wrap->id);
}

static void shuffle(Model *model, int *numbers, int count)
{
    for (int i = count - 1; i > 0; i--) {
        int other = below(model, i + 1), kept = numbers[i];
        numbers[i] = numbers[other];
        numbers[other] = kept;
    }
}

static void change_order(Model *model)
{
    Host host = (Host)below(model, HOSTS);
    Layout *layout = &model->layouts[host];
    for (int i = layout->count - 1; i > 0; i--) {
        int other = below(model, i + 1);
        Item kept = layout->items[i];
        layout->items[i] = layout->items[other];
        layout->items[other] = kept;
    }
    say(model, "order of %d ", (int)host);
}

static void change_enum(Model *model)
{
    int which = below(model, 3);
    if (which == 0) {
        shuffle(model, model->tones, TONES);
        model->tones_edit = model->edit;
    } else if (which == 1) {
        shuffle(model, model->scenes, SCENES);
    } else {
        shuffle(model, model->mob_kinds, MOB_KINDS);
    }
    say(model, "enum %d ", which);
}

static void change_new_own(Model *model)
{
    int at = 0;
    while (at < OWN_MAX && model->own[at].used) {
        at++;
    }
    if (at == OWN_MAX || model->layouts[HOST_GAME].closed == model->edit) {
        return;
    }
    Own *own = &model->own[at];
    *own = (Own){.used = true,
                 .is_list = below(model, 2),
                 .id = model->next_id++,
                 .born = model->edit,
                 .count = 2 + below(model, 40)};
    (void)text_format(own->type, sizeof(own->type), "SoakOwn%u", own->id);
    model->layouts[HOST_OWN + at] = (Layout){.opened = model->edit};
    put_item(model, (Host)(HOST_OWN + at), (Item){ITEM_MARK, 0});
    put_item(model, (Host)(HOST_OWN + at), (Item){ITEM_LINE, 0});
    put_item(model, HOST_GAME, (Item){ITEM_ROOT, at});
    model->layouts[HOST_GAME].opened = model->edit;
    say(model, "+%s x %d ", own->type, own->count);
}

static void change_type_name(Model *model)
{
    int own = some_own(model), wrap = below(model, WRAPS_MAX);
    if (below(model, 2) && own >= 0 && model->own[own].born != model->edit) {
        (void)text_format(model->own[own].type, sizeof(model->own[own].type), "SoakOwn%u_%u",
                          model->own[own].id, model->edit);
        say(model, "type %s ", model->own[own].type);
    } else if (model->wraps[wrap].used) {
        (void)text_format(model->wraps[wrap].type, sizeof(model->wraps[wrap].type), "SoakWrap%u_%u",
                          model->wraps[wrap].id, model->edit);
        say(model, "type %s ", model->wraps[wrap].type);
    }
}

// ------------------------------------------------------------------------------------ a whole edit

static void change_one(Model *model)
{
    static const struct {
        void (*change)(Model *model);
        int weight;
    } CHANGES[] = {{change_insert, 26}, {change_remove, 11}, {change_type, 18},
                   {change_size, 12},   {change_name, 8},    {change_bare_name, 2},
                   {change_wrap, 6},    {change_unwrap, 4},  {change_order, 8},
                   {change_enum, 4},    {change_new_own, 3}, {change_type_name, 3}};
    int luck = below(model, 105), at = 0;
    while (at + 1 < (int)COUNT_OF(CHANGES) && luck >= CHANGES[at].weight) {
        luck -= CHANGES[at++].weight;
    }
    CHANGES[at].change(model);
}

static void begin_edit(Model *model)
{
    model->edit++;
    model->lost_count = 0;
    model->lost_unknown = false;
    model->words[0] = '\0';
    for (int i = 0; i < WAS_MAX; i++) {
        model->was[i].used &= model->was[i].until > model->edit;
    }
}

void soak_model_edit(Model *model)
{
    begin_edit(model);
    for (int i = 1 + below(model, 6); i > 0 || model->words[0] == '\0'; i--) {
        change_one(model);
    }
}

void soak_model_begin(Model *model, uint64_t seed, const int lines[HOSTS])
{
    *model = (Model){.random = seed * 0x9E3779B97F4A7C15u + 88172645463325252u, .next_id = 1};
    for (int i = 0; i < HOST_OWN; i++) {
        Layout *layout = &model->layouts[i];
        for (int k = 0; k < lines[i]; k++) {
            layout->items[layout->count++] = (Item){ITEM_LINE, k};
        }
        put_item(model, (Host)i, (Item){ITEM_MARK, 0});
    }
    for (int i = 0; i < TONES; i++) {
        model->tones[i] = i;
    }
    for (int i = 0; i < SCENES; i++) {
        model->scenes[i] = i;
    }
    for (int i = 0; i < MOB_KINDS; i++) {
        model->mob_kinds[i] = i;
    }
    begin_edit(model);
    model->tones_edit = model->edit;
    for (int i = 0; i < 6; i++) {
        change_insert(model);
    }
}

// -------------------------------------------------------------------------------------------- undo

static bool is_same_type(const Field *a, const Field *b)
{
    return a->kind == b->kind && a->type == b->type && a->bits == b->bits
           && a->bits_signed == b->bits_signed && a->rows == b->rows && a->columns == b->columns;
}

static void undo_field(Model *model, Field *field, const Field *now)
{
    bool is_same = now->used && field->used && now->id == field->id;
    if (now->used && !is_same) {
        expect_lost(model, now->name); // it was new
    }
    if (!field->used) {
        return;
    }
    Field before = is_same ? *now : *field;
    bool was_renamed = is_same && strcmp(now->name, field->name) != 0;
    memcpy(field->steps, before.steps, sizeof(field->steps));
    field->step_count = before.step_count;
    if (!is_same || was_renamed || !is_same_type(field, now)) {
        add_step(model, field, &before, !is_same || was_renamed);
    }
    model->lost_unknown |= was_renamed;
}

void soak_model_undo(Model *model, const Model *before)
{
    Model now = *model;
    *model = *before;
    model->edit = now.edit;
    model->next_id = now.next_id;
    model->random = now.random;
    begin_edit(model);
    for (int i = 0; i < FIELDS_MAX; i++) {
        undo_field(model, &model->fields[i], &now.fields[i]);
    }
    model->lost_unknown |= memcmp(model->own, now.own, sizeof(now.own)) != 0;
    if (memcmp(model->tones, now.tones, sizeof(now.tones)) != 0) {
        model->tones_edit = model->edit;
    }
    say(model, "undo");
}
