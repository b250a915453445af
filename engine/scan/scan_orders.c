// Where two arguments of one list advance the same state. Effects of functions spread to those that
// call them until nothing changes any more; an effect on what a parameter points to becomes, in the
// caller, one on what is passed for it.
#include "scan_calls.h"
#include <stdlib.h>

// Of an argument with more calls than that only the first are looked at.
enum { EFFECTS_MAX = 8, ARGUMENT_CALLS_MAX = 256, NONE = UINT32_MAX };

typedef struct Effect {
    ScanEffect is;
    uint32_t unit; // of a static variable
} Effect;

typedef struct Node { // a function
    const ScanFunction *function;
    uint32_t unit, next; // the next of the same slot of the table
    Effect effects[EFFECTS_MAX];
    uint32_t effect_count;
} Node;

typedef struct Graph {
    const Scan *const *units;
    uint32_t unit_count;
    Node *nodes;
    uint32_t node_count;
    uint32_t *first_nodes; // by unit
    uint32_t *first_calls; // by unit, into `targets`
    uint32_t *targets;     // by call: a node, or NONE
    uint32_t *slots, slot_count;
} Graph;

static uint32_t slot_of(const Graph *graph, const char *name)
{
    return (uint32_t)hash_bytes(name, strlen(name)) & (graph->slot_count - 1);
}

// A static function is its unit's own; of others the first that there is.
static uint32_t find_node(const Graph *graph, uint32_t unit, const char *name)
{
    uint32_t found = NONE;
    for (uint32_t i = graph->slots[slot_of(graph, name)]; i != NONE; i = graph->nodes[i].next) {
        const Node *node = &graph->nodes[i];
        if (strcmp(node->function->name, name) != 0) {
            continue;
        }
        if (node->unit == unit) {
            return i;
        }
        if (!node->function->is_static) {
            found = i;
        }
    }
    return found;
}

// ----------------------------------------------------------------------------------------- effects

static bool is_same_text(const char *one, const char *other)
{
    return one == other || (one && other && strcmp(one, other) == 0);
}

static bool effects_meet(const Effect *one, const Effect *other)
{
    const ScanPath *path = &one->is.path;
    if (path->root == ROOT_UNKNOWN || other->is.path.root == ROOT_UNKNOWN) {
        return one->is.key && is_same_text(one->is.key, other->is.key);
    }
    bool is_other_unit = path->root == ROOT_VARIABLE && path->is_static && one->unit != other->unit;
    return !is_other_unit && scan_paths_meet(path, &other->is.path);
}

static bool is_same_effect(const Effect *one, const Effect *other)
{
    return is_same_text(one->is.key, other->is.key) && one->is.path.root == other->is.path.root
           && one->is.path.count == other->is.path.count
           && (one->is.path.root == ROOT_UNKNOWN || effects_meet(one, other));
}

static bool add_effect(Node *node, const Effect *effect)
{
    for (uint32_t i = 0; i < node->effect_count; i++) {
        if (is_same_effect(&node->effects[i], effect)) {
            return false;
        }
    }
    if (node->effect_count == EFFECTS_MAX) {
        return false;
    }
    node->effects[node->effect_count++] = *effect;
    return true;
}

// What an effect of a function is where it is called, in `unit`.
static Effect effect_of_call(const Effect *effect, const ScanCall *call, uint32_t unit)
{
    Effect here = *effect;
    if (effect->is.path.root != ROOT_PARAMETER) {
        return here;
    }
    uint32_t parameter = effect->is.path.parameter;
    here.is.path = parameter < call->argument_count ? call->arguments[parameter] : (ScanPath){0};
    here.unit = unit;
    ScanPath *path = &here.is.path;
    for (uint32_t i = 0; i < effect->is.path.count && path->count < PATH_NAMES_MAX; i++) {
        path->names[path->count++] = effect->is.path.names[i];
    }
    return here;
}

// Seen from outside of the function: a variable of its own is nobody's, one that it points with is
// not known.
static bool leaves_function(Effect *effect)
{
    if (effect->is.path.root == ROOT_LOCAL) {
        if (effect->is.path.is_object) {
            return false;
        }
        effect->is.path = (ScanPath){0};
    }
    return true;
}

static bool spread(Graph *graph, Node *node)
{
    const ScanCalls *calls = graph->units[node->unit]->calls;
    const ScanFunction *function = node->function;
    bool is_changed = false;
    for (uint32_t i = function->first_call; i < function->first_call + function->call_count; i++) {
        uint32_t target = graph->targets[graph->first_calls[node->unit] + i];
        for (uint32_t k = 0; target != NONE && k < graph->nodes[target].effect_count; k++) {
            Effect effect =
                effect_of_call(&graph->nodes[target].effects[k], &calls->calls[i], node->unit);
            is_changed |= leaves_function(&effect) && add_effect(node, &effect);
        }
    }
    return is_changed;
}

// ------------------------------------------------------------------------------------------- graph

static void add_nodes(Graph *graph, uint32_t unit, const ScanCalls *calls)
{
    for (uint32_t i = 0; i < calls->function_count; i++) {
        Node *node = &graph->nodes[graph->node_count];
        *node = (Node){.function = &calls->functions[i], .unit = unit};
        for (uint32_t k = 0; k < node->function->effect_count; k++) {
            Effect effect = {node->function->effects[k], unit};
            (void)add_effect(node, &effect);
        }
        uint32_t slot = slot_of(graph, node->function->name);
        node->next = graph->slots[slot];
        graph->slots[slot] = graph->node_count++;
    }
}

static void make_graph(Graph *graph, uint32_t function_count, uint32_t call_count, Arena *scratch)
{
    graph->slot_count = 64;
    while (graph->slot_count < function_count * 2) {
        graph->slot_count *= 2;
    }
    graph->nodes = ARENA_NEW(scratch, Node, function_count + 1);
    graph->slots = ARENA_NEW(scratch, uint32_t, graph->slot_count);
    graph->targets = ARENA_NEW(scratch, uint32_t, call_count + 1);
    graph->first_nodes = ARENA_NEW(scratch, uint32_t, graph->unit_count + 1);
    graph->first_calls = ARENA_NEW(scratch, uint32_t, graph->unit_count + 1);
    memset(graph->slots, 0xff, graph->slot_count * sizeof(*graph->slots));
    uint32_t first_call = 0;
    for (uint32_t i = 0; i < graph->unit_count; i++) {
        graph->first_nodes[i] = graph->node_count;
        graph->first_calls[i] = first_call;
        if (graph->units[i]->calls) {
            add_nodes(graph, i, graph->units[i]->calls);
            first_call += graph->units[i]->calls->call_count;
        }
    }
    for (uint32_t i = 0; i < graph->unit_count; i++) {
        const ScanCalls *calls = graph->units[i]->calls;
        for (uint32_t k = 0; calls && k < calls->call_count; k++) {
            graph->targets[graph->first_calls[i] + k] = find_node(graph, i, calls->calls[k].name);
        }
    }
}

static void spread_all(Graph *graph)
{
    for (bool is_changed = true; is_changed;) {
        is_changed = false;
        for (uint32_t i = 0; i < graph->node_count; i++) {
            is_changed |= spread(graph, &graph->nodes[i]);
        }
    }
}

// ------------------------------------------------------------------------------------------ orders

static const char *state_name(const Effect *effect)
{
    const ScanPath *path = &effect->is.path;
    if (effect->is.key && strcmp(effect->is.key, "hl_rng") == 0) {
        return "hl_rand's";
    }
    return path->root == ROOT_VARIABLE || !effect->is.key ? path->names[0] : effect->is.key;
}

// The state that both calls advance; NULL: none.
static const char *common_state(const Graph *graph, uint32_t unit, uint32_t one, uint32_t other)
{
    const ScanCall *calls = graph->units[unit]->calls->calls;
    uint32_t first = graph->targets[graph->first_calls[unit] + one];
    uint32_t second = graph->targets[graph->first_calls[unit] + other];
    for (uint32_t i = 0; first != NONE && i < graph->nodes[first].effect_count; i++) {
        Effect effect = effect_of_call(&graph->nodes[first].effects[i], &calls[one], unit);
        for (uint32_t k = 0; second != NONE && k < graph->nodes[second].effect_count; k++) {
            Effect meets = effect_of_call(&graph->nodes[second].effects[k], &calls[other], unit);
            if (effects_meet(&effect, &meets)) {
                return state_name(&effect);
            }
        }
    }
    return NULL;
}

static uint32_t end_of_calls(uint32_t first, uint32_t end)
{
    return end - first > ARGUMENT_CALLS_MAX ? first + ARGUMENT_CALLS_MAX : end;
}

// A call of a later argument that advances what the call `one` does; NONE: there is none.
static uint32_t find_partner(const Graph *graph, uint32_t unit, const ScanList *list,
                             uint32_t argument, uint32_t one, const char **state)
{
    uint32_t target = graph->targets[graph->first_calls[unit] + one];
    if (target == NONE || graph->nodes[target].effect_count == 0) {
        return NONE;
    }
    // All calls of later arguments are behind those of this one.
    uint32_t first = list->calls[argument + 1];
    uint32_t end = end_of_calls(first, list->calls[list->argument_count]);
    for (uint32_t k = first; k < end; k++) {
        *state = common_state(graph, unit, one, k);
        if (*state) {
            return k;
        }
    }
    return NONE;
}

// Fills in *order when there is anything to say about the list.
static bool check_list(const Graph *graph, uint32_t unit, const ScanList *list, ScanOrder *order)
{
    const ScanCall *calls = graph->units[unit]->calls->calls;
    for (uint32_t argument = 0; argument + 1 < list->argument_count; argument++) {
        uint32_t first = list->calls[argument];
        uint32_t end = end_of_calls(first, list->calls[argument + 1]);
        for (uint32_t i = first; i < end; i++) {
            const char *state = NULL;
            uint32_t k = find_partner(graph, unit, list, argument, i, &state);
            if (k != NONE) {
                *order = (ScanOrder){list->place, list->call, calls[i].name, calls[k].name, state};
                return true;
            }
        }
    }
    return false;
}

static int compare_orders(const void *one, const void *other)
{
    const ScanOrder *left = one, *right = other;
    int by_file = strcmp(left->place.file, right->place.file);
    return by_file ? by_file : left->place.line - right->place.line;
}

static uint32_t sort_once(ScanOrder *orders, uint32_t count)
{
    uint32_t kept = 0;
    if (count > 0) {
        qsort(orders, count, sizeof(*orders), compare_orders);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (kept == 0 || compare_orders(&orders[kept - 1], &orders[i]) != 0) {
            orders[kept++] = orders[i];
        }
    }
    return kept;
}

static void find_orders(const Graph *graph, Arena *arena, uint32_t list_count,
                        const ScanOrder **orders, uint32_t *order_count)
{
    ScanOrder *found = ARENA_NEW(arena, ScanOrder, list_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < graph->unit_count; i++) {
        const ScanCalls *calls = graph->units[i]->calls;
        for (uint32_t k = 0; calls && k < calls->list_count; k++) {
            count += check_list(graph, i, &calls->lists[k], &found[count]);
        }
    }
    *orders = found;
    *order_count = sort_once(found, count);
}

bool scan_orders(const Scan *const *units, uint32_t unit_count, Arena *arena,
                 const ScanOrder **orders, uint32_t *order_count, Fault *fault)
{
    Graph graph = {.units = units, .unit_count = unit_count};
    uint32_t functions = 0, calls = 0, lists = 0;
    Arena scratch = {0};
    *orders = NULL;
    *order_count = 0;
    for (uint32_t i = 0; i < unit_count; i++) {
        if (units[i]->calls) {
            functions += units[i]->calls->function_count;
            calls += units[i]->calls->call_count;
            lists += units[i]->calls->list_count;
        }
    }
    size_t room_bytes = (size_t)functions * (sizeof(Node) + 32) + (size_t)calls * 8
                        + (size_t)unit_count * 16 + 64 * PAGE_BYTES;
    if (!arena_open(&scratch, 0, room_bytes, fault)) {
        return false;
    }
    make_graph(&graph, functions, calls, &scratch);
    spread_all(&graph);
    find_orders(&graph, arena, lists, orders, order_count);
    arena_close(&scratch);
    return true;
}
