#include <string.h>

#include "migrate_parts.h"

// What allocations of one tag and element size consist of, in the old build and in the new one.
//
// Contents: choosing the old type, the new one, sizes, shapes.

// ------------------------------------------------------------------------------- choosing the type

// Whether an allocation's element of so many bytes is made of things of that type: several, or one
// with a flexible array.
static bool consists_of(const ReflectTable *table, uint32_t type, uint64_t bytes)
{
    uint64_t its = reflect_type(table, type)->bytes, offset;
    uint32_t element;

    return its > 0
           && (bytes % its == 0 || (bytes > its && migrate_tail(table, type, &offset, &element)));
}

// Those that fit best: of just that size, else those that it may consist of.
static Named choose(const ReflectTable *table, const Named *named, uint64_t bytes)
{
    Named exact = {0}, made_of = {0};

    for (uint32_t i = 0; i < named->count; i++) {
        uint32_t type = named->types[i];
        if (reflect_type(table, type)->bytes == bytes) {
            exact.types[exact.count++] = type;
        }
        if (consists_of(table, type, bytes)) {
            made_of.types[made_of.count++] = type;
        }
    }
    return exact.count ? exact : made_of;
}

static bool are_alike(const ReflectTable *table, const Named *named)
{
    for (uint32_t i = 1; i < named->count; i++) {
        if (reflect_type(table, named->types[i])->shape
            != reflect_type(table, named->types[0])->shape) {
            return false;
        }
    }
    return true;
}

static uint32_t of_shape(const ReflectTable *table, const Named *named, uint64_t shape)
{
    for (uint32_t i = 0; i < named->count; i++) {
        if (reflect_type(table, named->types[i])->shape == shape) {
            return named->types[i];
        }
    }
    return 0;
}

// The only one that is not just what another old type of that name was; 0: none, or several.
static uint32_t left_over(const Migrate *migrate, const Named *here, const Named *there)
{
    uint32_t found = 0, count = 0;
    for (uint32_t i = 0; i < there->count; i++) {
        uint64_t shape = reflect_type(migrate_to(migrate), there->types[i])->shape;
        if (!of_shape(migrate_from(migrate), here, shape)) {
            found = there->types[i];
            count++;
        }
    }
    return count == 1 ? found : 0;
}

// Of several types of that name in the new build the one that stands in the old one's place. A
// single old type may be that of two units, so that it is laid out like one of them says nothing.
static uint32_t choose_new(Migrate *migrate, uint32_t from, const char *tag, const Named *there,
                           bool *is_sure)
{
    uint32_t partner = there->count > 1 ? migrate_partner(migrate, from) : 0;

    *is_sure = true;
    for (uint32_t i = 0; i < there->count; i++) {
        if (there->types[i] == partner) {
            return partner;
        }
    }
    Named here = migrate_types_named(migrate_from(migrate), tag);
    uint32_t same =
        of_shape(migrate_to(migrate), there, reflect_type(migrate_from(migrate), from)->shape);
    uint32_t left = left_over(migrate, &here, there);
    *is_sure = there->count == 1 || (here.count > 1 && (same || left));
    return same ? same : left ? left : there->types[0];
}

static void find_new_type(Migrate *migrate, Shape *shape)
{
    if (shape->forced) {
        shape->to = shape->forced;
        reflect_type_text(migrate_to(migrate), shape->to, shape->new_tag, sizeof shape->new_tag);
        return;
    }
    Named there = migrate_types_named(migrate_to(migrate), shape->tag);

    memcpy(shape->new_tag, shape->tag, sizeof shape->new_tag);
    // A tag that the old build does not know says nothing about the new one, either.
    if (there.count > 0 && (!shape->reached || there.count == 1)) {
        bool is_sure;
        shape->to = choose_new(migrate, shape->from, shape->tag, &there, &is_sure);
        shape->is_doubtful = !are_alike(migrate_to(migrate), &there);
        shape->is_unsure = !is_sure;
        return;
    }
    shape->to = migrate_counterpart(migrate, shape->from);
    if (shape->to && there.count == 0 && !shape->reached) {
        char name[HEAP_TYPE_NAME_MAX];
        bool has_keyword = strncmp(shape->tag, "struct ", 7) == 0;
        reflect_type_text(migrate_to(migrate), shape->to, name, sizeof name);
        (void)text_format(shape->new_tag, sizeof shape->new_tag, "%s%s",
                          has_keyword ? "struct " : "", name);
    }
}

// ------------------------------------------------------------------------------------------- sizes

static void set_raw(Shape *shape)
{
    shape->is_raw = shape->is_same = true;
    shape->program = NULL;
    shape->from = shape->to = 0;
    shape->per = 1;
    shape->new_element_bytes = shape->element_bytes;
    shape->stride = shape->new_stride = shape->element_bytes ? shape->element_bytes : 1;
    shape->inverse = migrate_inverse(shape->stride);
    shape->align = 16;
}

// The flexible array behind the struct. False: the new struct has none.
static bool set_tail(Migrate *migrate, Shape *shape)
{
    const ReflectTable *from = migrate_from(migrate), *to = migrate_to(migrate);
    uint64_t bytes = reflect_type(from, shape->from)->bytes, more, align;
    uint32_t element, element_new;

    if (!migrate_tail(from, shape->from, &shape->tail_at, &element)
        || !migrate_tail(to, shape->to, &shape->tail_at_new, &element_new)) {
        return false;
    }
    shape->tail = migrate_program(migrate, element, element_new);
    shape->tail_skip = bytes > shape->tail_at + shape->tail->from_bytes - 1
                           ? (bytes - shape->tail_at) / shape->tail->from_bytes
                           : 0;
    shape->tail_skip = shape->tail_skip > 1 ? 1 : shape->tail_skip;
    shape->tail_count = (shape->element_bytes - shape->tail_at) / shape->tail->from_bytes;
    shape->stride = shape->element_bytes;
    shape->new_element_bytes = shape->tail_at_new + shape->tail_count * shape->tail->to_bytes;
    more = (shape->element_bytes - bytes) / shape->tail->from_bytes * shape->tail->to_bytes
           + shape->program->to_bytes; // how programs count: the struct's size and the elements'
    if (more > shape->new_element_bytes) {
        shape->new_element_bytes = more;
    }
    align = migrate_natural_align(to, shape->to);
    shape->new_element_bytes = (shape->new_element_bytes + align - 1) / align * align;
    if (shape->program->is_same && shape->tail->is_same) {
        shape->new_element_bytes = shape->element_bytes;
    }
    shape->new_stride = shape->new_element_bytes;
    return true;
}

static void set_trouble(Shape *shape, const char *why)
{
    bool matters = !shape->program || !shape->program->is_same;
    set_raw(shape);
    shape->trouble = matters ? why : NULL;
}

static void set_sizes(Migrate *migrate, Shape *shape)
{
    uint64_t bytes = reflect_type(migrate_from(migrate), shape->from)->bytes;
    uint64_t offset, align = migrate_natural_align(migrate_to(migrate), shape->to);
    uint32_t element;

    shape->program = migrate_program(migrate, shape->from, shape->to);
    shape->align = align < 16 ? 16 : align;
    shape->per = 1;
    shape->stride = bytes;
    shape->new_stride = shape->program->to_bytes;
    bool has_tail = migrate_tail(migrate_from(migrate), shape->from, &offset, &element);
    bool is_several = bytes > 0 && shape->element_bytes % bytes == 0
                      && (!has_tail || bytes > offset || shape->element_bytes == bytes);
    if (is_several) {
        shape->per = shape->element_bytes / bytes;
        shape->new_element_bytes = shape->per * shape->new_stride;
    } else if (!has_tail || shape->element_bytes < offset || !set_tail(migrate, shape)) {
        set_trouble(shape, "its allocations are not of its size");
        return;
    }
    if (shape->new_stride == 0) {
        set_trouble(shape, "the new build names no field of it");
        return;
    }
    shape->inverse = migrate_inverse(shape->stride);
    shape->is_same = shape->program->is_same && (!shape->tail || shape->tail->is_same)
                     && shape->new_element_bytes == shape->element_bytes;
}

// ------------------------------------------------------------------------------------------ shapes

static void settle(Migrate *migrate, Shape *shape)
{
    const ReflectTable *from = migrate_from(migrate);

    if (!shape->to) {
        find_new_type(migrate, shape);
    }
    if (!shape->to
        || (migrate_is_byte(reflect_type(from, shape->from))
            && migrate_is_byte(reflect_type(migrate_to(migrate), shape->to)))) {
        set_raw(shape); // nobody knows them any more, or they may hold anything
        return;
    }
    set_sizes(migrate, shape);
}

// By its tag alone, unless it is known what a pointer to it points to.
static void decide(Migrate *migrate, Shape *shape)
{
    const ReflectTable *from = migrate_from(migrate);
    Named named = migrate_types_named(from, shape->tag);
    Named fitting = choose(from, &named, shape->element_bytes);

    if (fitting.count > 0 && reflect_is_number(reflect_type(from, fitting.types[0]))) {
        shape->number = fitting.types[0];
    }
    if (shape->reached) {
        shape->from = shape->reached;
    } else if (fitting.count > 0 && are_alike(from, &fitting)) {
        shape->from = fitting.types[0];
    }
    if (shape->from) {
        settle(migrate, shape);
        return;
    }
    memcpy(shape->new_tag, shape->tag, sizeof shape->new_tag);
    shape->is_open = !named.is_plain;
    for (uint32_t i = 0; i < named.count; i++) {
        Program *program =
            migrate_program(migrate, named.types[i], migrate_counterpart(migrate, named.types[i]));
        if (!program->is_same) {
            shape->trouble = fitting.count > 0 ? "there are several types of that name"
                                               : "its allocations are not of its size";
        }
    }
    const char *trouble = shape->trouble;
    set_raw(shape);
    shape->trouble = trouble;
}

static uint32_t add_shape(Migrate *migrate, const char *tag, uint64_t element_bytes)
{
    migrate->shapes = migrate_grow(migrate->arena, migrate->shapes, migrate->shape_count,
                                   &migrate->shape_room, sizeof(Shape));
    Shape *shape = &migrate->shapes[migrate->shape_count];
    *shape = (Shape){.element_bytes = element_bytes};
    (void)text_format(shape->tag, sizeof shape->tag, "%s", tag);
    return migrate->shape_count++;
}

static void set_retyped(Shape *shape)
{
    shape->is_retyped =
        shape->new_element_bytes != shape->element_bytes || strcmp(shape->new_tag, shape->tag) != 0;
}

static uint32_t find_shape(Migrate *migrate, const char *tag, uint64_t element_bytes,
                           uint32_t reached, uint32_t forced)
{
    for (uint32_t i = 0; i < migrate->shape_count; i++) {
        const Shape *shape = &migrate->shapes[i];
        if (shape->element_bytes == element_bytes && shape->reached == reached && !shape->is_root
            && shape->forced == forced && strcmp(shape->tag, tag) == 0) {
            return i;
        }
    }
    uint32_t index = add_shape(migrate, tag, element_bytes);
    migrate->shapes[index].reached = reached;
    migrate->shapes[index].forced = forced;
    decide(migrate, &migrate->shapes[index]);
    set_retyped(&migrate->shapes[index]);
    return index;
}

uint32_t migrate_shape(Migrate *migrate, const char *tag, uint64_t element_bytes, uint32_t reached)
{
    return find_shape(migrate, tag, element_bytes, reached, 0);
}

uint32_t migrate_shape_into(Migrate *migrate, uint32_t index, uint32_t to)
{
    Shape shape = migrate->shapes[index];
    return find_shape(migrate, shape.tag, shape.element_bytes, shape.reached, to);
}

uint32_t migrate_open_shape(Migrate *migrate, uint32_t index, uint32_t reached)
{
    const ReflectTable *from = migrate_from(migrate);
    Shape shape = migrate->shapes[index];
    Named named = migrate_types_named(from, shape.tag);
    bool is_one_of = named.count == 0;

    for (uint32_t i = 0; i < named.count; i++) {
        is_one_of |= named.types[i] == reached;
    }
    return is_one_of && consists_of(from, reached, shape.element_bytes)
               ? migrate_shape(migrate, shape.tag, shape.element_bytes, reached)
               : index;
}

uint32_t migrate_root_shape(Migrate *migrate, const char *tag, uint64_t element_bytes)
{
    for (uint32_t i = 0; i < migrate->shape_count; i++) {
        if (migrate->shapes[i].is_root && migrate->shapes[i].element_bytes == element_bytes) {
            return i;
        }
    }
    Named a = migrate_types_named(migrate_from(migrate), migrate->root_from);
    Named b = migrate_types_named(migrate_to(migrate), migrate->root_to);
    a = choose(migrate_from(migrate), &a, element_bytes);
    if (a.count == 0 || b.count == 0) {
        return migrate_shape(migrate, tag, element_bytes, 0);
    }
    uint32_t index = add_shape(migrate, tag, element_bytes);
    Shape *shape = &migrate->shapes[index];
    shape->is_root = true;
    shape->from = a.types[0];
    bool is_sure;
    shape->to = choose_new(migrate, shape->from, migrate->root_from, &b, &is_sure);
    bool is_called_so = strcmp(tag, migrate->root_from) == 0;
    (void)text_format(shape->new_tag, sizeof shape->new_tag, "%s",
                      is_called_so ? migrate->root_to : tag);
    set_sizes(migrate, shape);
    set_retyped(shape);
    return index;
}
