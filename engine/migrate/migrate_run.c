#include <string.h>

#include "migrate_parts.h"

// Programs carried out, each operation for many elements at a time.
//
// Contents: copies, numbers, enumerators, checks, unions, loops, the operations.

enum { SLOT_CHECK, SLOT_CLAMPED, SLOT_NO_NAME }; // of a site's notes
enum { UNION_BYTES_MAX = 4096, LONG_LOOP = 8 };

// ------------------------------------------------------------------------------------------ copies

#define EACH_LANE(i) for (uint32_t i = 0; i < lanes->count; i++)
#define FROM(i)      (lanes->from[i] + from)
#define TO(i)        (lanes->to[i] + to)

// Two moves of `half` bytes that overlap, instead of a call: most copies are short.
static inline void copy_halves(const Lanes *lanes, uint64_t from, uint64_t to, uint64_t half,
                               uint64_t last)
{
    EACH_LANE(i)
    {
        uint64_t words[8];
        memcpy(words, FROM(i), half);
        memcpy(words + 4, FROM(i) + last, half);
        memcpy(TO(i), words, half);
        memcpy(TO(i) + last, words + 4, half);
    }
}

static void run_copies(const Lanes *lanes, uint64_t from, uint64_t to, uint64_t count)
{
    if (count >= 32 && count <= 64) {
        copy_halves(lanes, from, to, 32, count - 32);
    } else if (count >= 16 && count < 32) {
        copy_halves(lanes, from, to, 16, count - 16);
    } else if (count >= 8 && count < 16) {
        copy_halves(lanes, from, to, 8, count - 8);
    } else if (count >= 4 && count < 8) {
        copy_halves(lanes, from, to, 4, count - 4);
    } else if (count >= 2 && count < 4) {
        copy_halves(lanes, from, to, 2, count - 2);
    } else {
        EACH_LANE(i)
        {
            memcpy(TO(i), FROM(i), count);
        }
    }
}

static inline void zero_halves(const Lanes *lanes, uint64_t to, uint64_t half, uint64_t last)
{
    EACH_LANE(i)
    {
        memset(TO(i), 0, half);
        memset(TO(i) + last, 0, half);
    }
}

static void run_zeros(const Lanes *lanes, uint64_t to, uint64_t count)
{
    if (count >= 16 && count <= 32) {
        zero_halves(lanes, to, 16, count - 16);
    } else if (count >= 8 && count < 16) {
        zero_halves(lanes, to, 8, count - 8);
    } else if (count >= 4 && count < 8) {
        zero_halves(lanes, to, 4, count - 4);
    } else if (count >= 2 && count < 4) {
        zero_halves(lanes, to, 2, count - 2);
    } else if (count == 1) {
        zero_halves(lanes, to, 1, 0);
    } else {
        EACH_LANE(i)
        {
            memset(TO(i), 0, count);
        }
    }
}

// ----------------------------------------------------------------------------------------- numbers

static int64_t load_whole(const uint8_t *bytes, Scalar scalar)
{
    int64_t wide;
    int32_t middle;
    int16_t narrow;
    uint32_t middle_u;
    uint16_t narrow_u;

    switch (scalar) {
    case SCALAR_I8:
        return (int8_t)bytes[0];
    case SCALAR_U8:
        return bytes[0];
    case SCALAR_I16:
        memcpy(&narrow, bytes, sizeof narrow);
        return narrow;
    case SCALAR_U16:
        memcpy(&narrow_u, bytes, sizeof narrow_u);
        return narrow_u;
    case SCALAR_I32:
        memcpy(&middle, bytes, sizeof middle);
        return middle;
    case SCALAR_U32:
        memcpy(&middle_u, bytes, sizeof middle_u);
        return middle_u;
    default:
        memcpy(&wide, bytes, sizeof wide);
        return wide;
    }
}

static void store_whole(uint8_t *bytes, int64_t value, uint64_t count)
{
    int32_t middle = (int32_t)value;
    int16_t narrow = (int16_t)value;

    switch (count) {
    case 1:
        bytes[0] = (uint8_t)value;
        break;
    case 2:
        memcpy(bytes, &narrow, sizeof narrow);
        break;
    case 4:
        memcpy(bytes, &middle, sizeof middle);
        break;
    default:
        memcpy(bytes, &value, sizeof value);
        break;
    }
}

static void widen(const Op *op, const uint8_t *from, uint8_t *to)
{
    if (op->load == SCALAR_F32) {
        float single;
        memcpy(&single, from, sizeof single);
        double twice = (double)single;
        memcpy(to, &twice, sizeof twice);
    } else if (op->store == SCALAR_F32) {
        float single = (float)load_whole(from, (Scalar)op->load);
        memcpy(to, &single, sizeof single);
    } else if (op->store == SCALAR_F64) {
        double twice = (double)load_whole(from, (Scalar)op->load);
        memcpy(to, &twice, sizeof twice);
    } else {
        store_whole(to, load_whole(from, (Scalar)op->load), op->count);
    }
}

static void note_number(Run *run, Site *site, ReflectFit fit, const uint8_t *from,
                        const uint8_t *to)
{
    char text[MIGRATE_TEXT_MAX], was[64], is[64], type[64], bits[16] = "";
    int slot = fit == REFLECT_NO_NAME ? SLOT_NO_NAME : SLOT_CLAMPED;

    if (migrate_counts(run, site, slot)) {
        return;
    }
    reflect_number_text(&site->from, from, was, sizeof was);
    reflect_number_text(&site->to, to, is, sizeof is);
    reflect_type_text(migrate_to(run->migrate), site->to_type, type, sizeof type);
    if (site->to_bits) {
        (void)text_format(bits, sizeof bits, " : %u", site->to_bits);
    }
    if (fit == REFLECT_NO_NAME) {
        (void)text_format(text, sizeof text, "was %s, which %s has no more: %s", was, type, is);
    } else {
        (void)text_format(text, sizeof text, "was %s, which does not fit into %s%s: %s", was, type,
                          bits, is);
    }
    migrate_note(run, site, slot, MIGRATE_LOST, from, text);
}

static void convert(Run *run, Site *site, const uint8_t *from, uint8_t *to)
{
    ReflectFit fit = reflect_convert(&site->from, from, &site->to, to);
    if (fit != REFLECT_FITS) {
        note_number(run, site, fit, from, to);
    }
}

// Integers and floats into each other, where nothing is lost.
static bool convert_quickly(const Op *op, const Site *site, const uint8_t *from, uint8_t *to)
{
    const int64_t exact = 1 << 24; // float has that many whole numbers
    double twice = 0;
    float single = 0;

    if (op->store == SCALAR_F32 && op->load < SCALAR_F32) {
        int64_t value = load_whole(from, (Scalar)op->load);
        single = (float)value;
        memcpy(to, &single, sizeof single);
        return value >= (op->load == SCALAR_U64 ? 0 : -exact) && value <= exact;
    }
    if (op->store >= SCALAR_F32 || (op->load != SCALAR_F32 && op->load != SCALAR_F64)) {
        return false;
    }
    if (op->load == SCALAR_F32) {
        memcpy(&single, from, sizeof single);
        twice = (double)single;
    } else {
        memcpy(&twice, from, sizeof twice);
    }
    if (!(twice > -1e9 && twice < 1e9)) {
        return false;
    }
    int64_t value = (int64_t)twice;
    store_whole(to, value, op->count);
    return (value >= 0 || op->store < SCALAR_U8)
           && (uint64_t)value - (uint64_t)site->low <= site->span;
}

static void convert_enum(Run *run, const Op *op, Site *site, const uint8_t *from, uint8_t *to)
{
    uint64_t index = (uint64_t)load_whole(from, (Scalar)op->load) - (uint64_t)site->enum_first;
    if (index < site->enum_count && site->enum_fits[index] == REFLECT_FITS) {
        store_whole(to, site->enum_values[index], op->count);
    } else {
        convert(run, site, from, to);
    }
}

// ------------------------------------------------------------------------------------------ checks

static bool is_zero(const uint8_t *bytes, uint64_t count)
{
    return count == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, count - 1) == 0);
}

static void note_value(Run *run, Site *site, const uint8_t *from)
{
    char path[MIGRATE_PATH_MAX] = "", value[MIGRATE_TEXT_MAX / 2] = "", text[MIGRATE_TEXT_MAX];
    const ReflectLeaf *bits = site->from.bit_size ? &site->from : NULL;

    if (!migrate_value_text(migrate_from(run->migrate), site->from_type, bits, from, path, value,
                            sizeof value)
        || migrate_counts(run, site, SLOT_CHECK)) {
        return;
    }
    if (site->fate == MIGRATE_GUESS) {
        char name[MIGRATE_PATH_MAX], whole[MIGRATE_PATH_MAX];
        migrate_name(run, from, site, name, whole);
        const char *field = strrchr(name, '.');
        (void)text_format(
            text, sizeof text, "is taken to be %.*s.%s now; HL_WAS(%.*s, %s, %s) makes it certain",
            field ? (int)(field - name) : 0, name, site->to_name, field ? (int)(field - name) : 0,
            name, site->to_name, field ? field + 1 : name);
    } else if (path[0]) {
        (void)text_format(text, sizeof text, "was not zero (%s %s); %s", path, value, site->why);
    } else {
        (void)text_format(text, sizeof text, "was %s; %s", value, site->why);
    }
    migrate_note(run, site, SLOT_CHECK, site->fate, from, text);
}

static void check(Run *run, const Op *op, Site *site, const uint8_t *bytes)
{
    if (site->from.bit_size) {
        static const uint8_t ZERO[16];
        if (!reflect_same_bits(&site->from, bytes, ZERO)) {
            note_value(run, site, bytes);
        }
        return;
    }
    if (is_zero(bytes, op->count)) {
        return;
    }
    uint64_t stride = op->from_stride ? op->from_stride : op->count;
    for (uint64_t at = 0; at + stride <= op->count; at += stride) {
        if (!is_zero(bytes + at, stride)) {
            note_value(run, site, bytes + at);
        }
    }
}

static void check_text(Run *run, const Op *op, Site *site, const uint8_t *from)
{
    size_t length = strnlen((const char *)from, op->count);
    if (length == op->body) { // a longer one is named by the elements that it loses
        note_value(run, site, from);
    }
}

// ------------------------------------------------------------------------------------------ unions

// Every member is tried. They agree where it does not matter which of them it is.
static bool try_members(Run *run, const Site *site, const uint8_t *from, uint8_t *to,
                        uint64_t bytes)
{
    uint8_t first[UNION_BYTES_MAX], other[UNION_BYTES_MAX];
    Run trial = *run;

    if (site->member_count == 0 || bytes > UNION_BYTES_MAX) {
        return false;
    }
    trial.quiet++;
    trial.in_place = false;
    for (uint32_t i = 0; i < site->member_count; i++) {
        const Program *member = site->members[i];
        uint8_t *out = i ? other : first;
        memset(out, 0, bytes);
        trial.found = 0;
        Lanes one = {.count = 1, .from = {from}, .to = {out}};
        migrate_run_ops(&trial, member, member->ops, member->op_count, &one, 0, 0);
        // What lies behind a short member is another's, or nothing.
        bool is_whole =
            is_zero(from + member->from_bytes, site->from.type->bytes - member->from_bytes);
        if (trial.found > 0 || !is_whole || (i && memcmp(first, other, bytes) != 0)) {
            return false;
        }
    }
    memcpy(to, first, bytes);
    return true;
}

static void run_union(Run *run, const Op *op, Site *site, const uint8_t *from, uint8_t *to)
{
    if (is_zero(from, op->count)) {
        return;
    }
    if (try_members(run, site, from, to, site->to.type->bytes)) {
        return;
    }
    memset(to, 0, site->to.type->bytes);
    if (!migrate_counts(run, site, SLOT_CHECK)) {
        char text[MIGRATE_TEXT_MAX];
        (void)text_format(text, sizeof text,
                          "is not zero; %s: leave the members as they were, or start afresh",
                          site->why);
        migrate_note(run, site, SLOT_CHECK, MIGRATE_REFUSED, from, text);
    }
}

// ------------------------------------------------------------------------------------------- loops

// The elements of an array become lanes themselves.
static void run_long_loop(Run *run, const Program *program, const Op *op, const uint8_t *from,
                          uint8_t *to)
{
    Lanes lanes;

    for (uint64_t done = 0; done < op->count; done += lanes.count) {
        lanes.count = 0;
        while (lanes.count < LANES_MAX && done + lanes.count < op->count) {
            lanes.from[lanes.count] = from + (done + lanes.count) * op->from_stride;
            lanes.to[lanes.count] = to + (done + lanes.count) * op->to_stride;
            lanes.count++;
        }
        migrate_run_ops(run, program, op + 1, op->body, &lanes, 0, 0);
    }
}

static void run_loop(Run *run, const Program *program, const Op *op, const Lanes *lanes,
                     uint64_t from, uint64_t to)
{
    if (op->count >= LONG_LOOP && lanes->count < op->count) {
        for (uint32_t i = 0; i < lanes->count; i++) {
            run_long_loop(run, program, op, lanes->from[i] + from, lanes->to[i] + to);
        }
        return;
    }
    for (uint64_t k = 0; k < op->count; k++) {
        migrate_run_ops(run, program, op + 1, op->body, lanes, from + k * op->from_stride,
                        to + k * op->to_stride);
    }
}

// -------------------------------------------------------------------------------------- operations

static void run_bits(const Op *op, const Lanes *lanes, uint64_t from, uint64_t to)
{
    uint64_t ones = op->count < 64 ? (UINT64_C(1) << op->count) - 1 : UINT64_MAX;
    uint64_t mask = ones << op->store;
    uint8_t load = op->load,
            store = op->store; // what is stored to might be the op, for all it knows

    EACH_LANE(i)
    {
        uint64_t old, new_;
        memcpy(&old, FROM(i), sizeof old);
        memcpy(&new_, TO(i), sizeof new_);
        new_ = (new_ & ~mask) | ((old >> load & ones) << store);
        memcpy(TO(i), &new_, sizeof new_);
    }
}

static void run_wholes(Run *run, const Op *op, Site *site, const Lanes *lanes, uint64_t from,
                       uint64_t to)
{
    uint64_t ones = op->to_stride < 64 ? (UINT64_C(1) << op->to_stride) - 1 : UINT64_MAX;
    uint64_t mask = ones << op->store, left = 64 - op->load - op->count, right = 64 - op->count;
    bool is_signed = site->from.type->is_signed, is_word = op->count == 64 && op->to_stride == 64;
    uint64_t low = (uint64_t)site->low, span = site->span;
    uint8_t store = op->store;

    EACH_LANE(i)
    {
        uint64_t value, new_;
        memcpy(&value, FROM(i), sizeof value);
        memcpy(&new_, TO(i), sizeof new_);
        value <<= left;
        value = is_signed ? (uint64_t)((int64_t)value >> right) : value >> right;
        if (value - low > span) {
            convert(run, site, FROM(i), TO(i));
            continue;
        }
        value = is_word ? migrate_run_word(run, value, FROM(i)) : value;
        new_ = (new_ & ~mask) | (value & ones) << store;
        memcpy(TO(i), &new_, sizeof new_);
    }
}

static void run_checks(Run *run, const Op *op, Site *site, const Lanes *lanes, uint64_t from)
{
    EACH_LANE(i)
    {
        if (op->kind == OP_CHECK) {
            check(run, op, site, FROM(i));
        } else {
            check_text(run, op, site, FROM(i));
        }
    }
}

// Of four bytes in both, as most are.
static void run_plain_enums(Run *run, const Op *op, Site *site, const Lanes *lanes, uint64_t from,
                            uint64_t to)
{
    const int64_t *values = site->enum_values;
    const uint8_t *fits = site->enum_fits;
    uint32_t first = (uint32_t)site->enum_first, count = site->enum_count;

    EACH_LANE(i)
    {
        uint32_t value;
        memcpy(&value, FROM(i), sizeof value);
        if (value - first < count && fits[value - first] == REFLECT_FITS) {
            int32_t made = (int32_t)values[value - first];
            memcpy(TO(i), &made, sizeof made);
        } else {
            convert_enum(run, op, site, FROM(i), TO(i));
        }
    }
}

static void run_numbers(Run *run, const Op *op, Site *site, const Lanes *lanes, uint64_t from,
                        uint64_t to)
{
    EACH_LANE(i)
    {
        if (op->kind == OP_WIDEN) {
            widen(op, FROM(i), TO(i));
        } else if (op->kind == OP_ENUM) {
            convert_enum(run, op, site, FROM(i), TO(i));
        } else if (!convert_quickly(op, site, FROM(i), TO(i))) {
            convert(run, site, FROM(i), TO(i));
        }
    }
}

void migrate_run_ops(Run *run, const Program *program, const Op *op, uint32_t count,
                     const Lanes *lanes, uint64_t from_base, uint64_t to_base)
{
    for (const Op *end = op + count; op < end; op++) {
        Site *site = &program->sites[op->site];
        uint64_t from = from_base + op->from, to = to_base + op->to;
        switch ((OpKind)op->kind) {
        case OP_ZERO:
            run_zeros(lanes, to, op->count);
            break;
        case OP_COPY:
            run_copies(lanes, from, to, op->count);
            break;
        case OP_BITS:
            run_bits(op, lanes, from, to);
            break;
        case OP_WORDS:
        case OP_BYTES:
            migrate_run_words(run, op->kind == OP_BYTES, op->count, lanes, from, to);
            break;
        case OP_WHOLE:
            run_wholes(run, op, site, lanes, from, to);
            break;
        case OP_ENUM:
            if (op->load % 4 == 2 && op->count == 4) {
                run_plain_enums(run, op, site, lanes, from, to);
                break;
            }
            run_numbers(run, op, site, lanes, from, to);
            break;
        case OP_WIDEN:
        case OP_NUMBER:
            run_numbers(run, op, site, lanes, from, to);
            break;
        case OP_POINTER:
            migrate_run_pointers(run, site, lanes, from, to);
            break;
        case OP_LOOP:
            run_loop(run, program, op, lanes, from, to);
            op += op->body;
            break;
        case OP_CHECK:
        case OP_TEXT:
            run_checks(run, op, site, lanes, from);
            break;
        case OP_UNION:
            EACH_LANE(i)
            {
                run_union(run, op, site, FROM(i), TO(i));
            }
            break;
        }
    }
}
