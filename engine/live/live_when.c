#include "live_when.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Contents: what is written, what is true, breaks, the search.

static const struct {
    const char *text;
    LiveCompare compare;
} OPERATORS[] = {{"==", LIVE_EQUAL},       {"!=", LIVE_DIFFERENT}, {"<=", LIVE_AT_MOST},
                 {">=", LIVE_AT_LEAST},    {"<", LIVE_LESS},       {">", LIVE_MORE},
                 {"=", LIVE_EQUAL},        {"nan", LIVE_IS_NAN},   {"NaN", LIVE_IS_NAN},
                 {"changes", LIVE_CHANGES}};

// --------------------------------------------------------------------------------- what is written

static bool wants_value(LiveCompare compare)
{
    return compare != LIVE_IS_NAN && compare != LIVE_CHANGES;
}

static const char *operator_text(LiveCompare compare)
{
    size_t at = 0;
    while (OPERATORS[at].compare != compare) {
        at++;
    }
    return OPERATORS[at].text;
}

void live_condition_text(const LiveCondition *condition, char *out, size_t out_bytes)
{
    (void)text_format(out, out_bytes, "%s %s%s%s", condition->path,
                      operator_text(condition->compare), condition->value[0] ? " " : "",
                      condition->value);
}

// The value as a field of that type has it. NaN and infinity are no C, and still values.
static bool number_of(const ReflectLeaf *leaf, const char *text, double *number, const char **why)
{
    uint8_t bytes[LIVE_SAMPLE_BYTES] = {0};
    char *end;
    if (leaf->type->kind == REFLECT_POINTER) {
        *number = strcmp(text, "NULL") == 0 ? 0 : (double)strtoull(text, &end, 0);
        *why = "expected NULL or an address";
        return strcmp(text, "NULL") == 0 || (*text && *end == '\0');
    }
    if (reflect_number_parse(leaf, text, bytes, why)) {
        *number = live_leaf_value(leaf, bytes);
        return true;
    }
    // "< 0.5" of an int, "> 300" of a char: it can be compared with what it cannot be.
    *number = strtod(text, &end);
    return *text && *end == '\0' && !isnan(*number) && leaf->type->kind != REFLECT_ENUM;
}

bool live_condition_of(const Live *live, const char *path, LiveCompare compare, const char *value,
                       LiveCondition *condition, Fault *fault)
{
    LiveWay way;
    const char *why = "";
    *condition = (LiveCondition){.compare = compare};
    if (!text_format(condition->path, sizeof(condition->path), "%s", path)
        || !text_format(condition->value, sizeof(condition->value), "%s", value)) {
        return fault_set(fault, FAULT_USAGE, "a path can have %d letters and a value %d",
                         LIVE_PATH_MAX - 1, LIVE_VALUE_MAX - 1);
    }
    if (!live_way(live, 0, path, &way, fault)) {
        return false;
    }
    if (wants_value(compare) && !number_of(&way.leaf, value, &condition->number, &why)) {
        return fault_set(fault, FAULT_USAGE, "%s cannot be %s: %s", path,
                         value[0] ? value : "nothing", why);
    }
    condition->of = way.leaf.type;
    return true;
}

// The first word that is an operator; its length.
static size_t find_operator(const char *text, size_t *at, LiveCompare *compare)
{
    for (*at = strcspn(text, " "); text[*at]; *at += strcspn(text + *at, " ")) {
        *at += strspn(text + *at, " ");
        size_t length = strcspn(text + *at, " ");
        for (size_t i = 0; i < COUNT_OF(OPERATORS); i++) {
            if (strlen(OPERATORS[i].text) == length
                && strncmp(OPERATORS[i].text, text + *at, length) == 0) {
                *compare = OPERATORS[i].compare;
                return length;
            }
        }
    }
    return 0;
}

static void copy_trimmed(char *out, size_t out_bytes, const char *from, size_t length)
{
    while (length > 0 && from[length - 1] == ' ') {
        length--;
    }
    (void)text_format(out, out_bytes, "%.*s", (int)length, from);
}

bool live_condition(const Live *live, const char *text, LiveCondition *condition, Fault *fault)
{
    char path[LIVE_PATH_MAX], value[LIVE_VALUE_MAX];
    LiveCompare compare = LIVE_EQUAL;
    size_t at;
    text += strspn(text, " ");
    size_t length = find_operator(text, &at, &compare);
    const char *rest = text + at + length + strspn(text + at + length, " ");
    if (length == 0 || (wants_value(compare) ? *rest == '\0' : *rest != '\0')) {
        *condition = (LiveCondition){0};
        return fault_set(fault, FAULT_USAGE,
                         "expected PATH, one of == != < <= > >= and a value, or PATH nan, or PATH "
                         "changes: 'hero.hp <= 0' (in quotes, or the shell takes < and >)");
    }
    copy_trimmed(path, sizeof(path), text, at);
    copy_trimmed(value, sizeof(value), rest, strlen(rest));
    return live_condition_of(live, path, compare, value, condition, fault);
}

// ------------------------------------------------------------------------------------ what is true

// In another build the same name may have another number.
static void turn_number(LiveCondition *condition, const LiveSample *sample)
{
    const char *why;
    if (condition->of != sample->leaf.type && wants_value(condition->compare)) {
        condition->of = sample->leaf.type;
        if (!number_of(&sample->leaf, condition->value, &condition->number, &why)) {
            condition->number = NAN; // nothing there is equal to it
        }
    }
}

bool live_holds(LiveCondition *condition, const LiveSample *before, const LiveSample *sample)
{
    if (condition->compare == LIVE_CHANGES) {
        return before && !live_same_sample(before, sample);
    }
    if (!sample->has) {
        return false;
    }
    turn_number(condition, sample);
    switch (condition->compare) {
    case LIVE_EQUAL:
        return sample->value == condition->number;
    case LIVE_DIFFERENT:
        return sample->value != condition->number;
    case LIVE_LESS:
        return sample->value < condition->number;
    case LIVE_AT_MOST:
        return sample->value <= condition->number;
    case LIVE_MORE:
        return sample->value > condition->number;
    case LIVE_AT_LEAST:
        return sample->value >= condition->number;
    case LIVE_IS_NAN:
        return isnan(sample->value);
    case LIVE_CHANGES:
        break;
    }
    return false;
}

// ------------------------------------------------------------------------------------------ breaks

static void sample_now(const Live *live, LiveBreak *point, LiveSample *sample)
{
    Fault ignored;
    if (point->generation != live->generation || !point->has_way) {
        point->generation = live->generation;
        point->condition.of = NULL; // of a build that may be gone
        point->has_way = live_way(live, 0, point->condition.path, &point->way, &ignored);
    }
    *sample = (LiveSample){.moment = live->moment};
    if (point->has_way) {
        live_sample(live, &point->way, sample);
    }
}

void live_break_before(const Live *live, LiveBreak *point)
{
    sample_now(live, point, &point->before);
    point->held = point->condition.compare != LIVE_CHANGES
                  && live_holds(&point->condition, NULL, &point->before);
}

bool live_break_after(const Live *live, LiveBreak *point)
{
    sample_now(live, point, &point->now);
    bool became = !point->held && live_holds(&point->condition, &point->before, &point->now);
    point->hits += became;
    return became;
}

// -------------------------------------------------------------------------------------- the search

typedef struct Search {
    LiveCondition *condition;
    LiveWhen *when;
    LiveSample later;
    bool later_holds, any_holds;
} Search;

// Backwards: it became true at the later one of two of which the earlier one is not.
static bool look_at(void *with, const LiveSample *sample)
{
    Search *search = with;
    LiveWhen *when = search->when;
    bool is_first = when->moments++ == 0;
    bool looks_at_change = search->condition->compare == LIVE_CHANGES;
    bool holds = !looks_at_change && live_holds(search->condition, NULL, sample);
    if (looks_at_change) {
        when->found = !is_first && live_holds(search->condition, sample, &search->later);
    } else {
        when->found = !is_first && search->later_holds && !holds;
    }
    when->oldest = sample->moment;
    if (when->found) {
        when->after = search->later;
        when->before = *sample;
        return false;
    }
    search->later = *sample;
    search->later_holds = holds;
    search->any_holds |= holds;
    return true;
}

bool live_when(const Live *live, LiveCondition *condition, LivePlace from, LiveWhen *when,
               Fault *fault)
{
    Search search = {.condition = condition, .when = when};
    *when = (LiveWhen){0};
    bool ok = live_trace(live, condition->path, from, 0, look_at, &search, fault);
    when->since_oldest = ok && !when->found && search.any_holds;
    return ok;
}
