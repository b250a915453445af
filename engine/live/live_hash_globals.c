// Variables as they count: by the name that the source gives them and by what of them is not as it
// was loaded, so that one that nobody writes may be missing at another optimisation level, lie in
// read-only memory or be in pieces.
#include "live_hash_parts.h"

#include <stdio.h>
#include <stdlib.h>

#define GLOBALS_MAX ((size_t)1 << 20)

struct HashGlobal {
    uint64_t name, counts; // counts: what it adds to the sum
    uintptr_t address;
    size_t bytes;
    const ReflectVariable *variable; // NULL: known by its symbol only
    HashKind kind;
    uint32_t id; // with LIVE_GLOBAL_BIT
    uint32_t call;
};

// Where it lies. Variables may lie in others (aliases), and in several places.
struct HashSpan {
    uintptr_t first, end;
    uintptr_t reach; // the furthest end of this and all before
    uint32_t global;
};

bool hash_globals_open(HashGlobals *globals, Fault *fault)
{
    size_t bytes = GLOBALS_MAX * (sizeof(HashGlobal) + 2 * sizeof(HashSpan));
    return arena_open(&globals->memory, 0, bytes, fault)
           && arena_open(&globals->scratch, 0, 1ull << 32, fault);
}

void hash_globals_close(HashGlobals *globals)
{
    arena_close(&globals->memory);
    arena_close(&globals->scratch);
}

// ------------------------------------------------------------------------------------------- names

static bool is_live(const GameLib *lib, uintptr_t address)
{
    return address - lib->globals_first < lib->globals_end - lib->globals_first;
}

static const ReflectPiece *piece_of(const ReflectTable *table, const ReflectVariable *variable,
                                    uint32_t i)
{
    return &table->pieces[variable->first_piece + i];
}

static bool is_live_variable(const GameLib *lib, const ReflectVariable *variable)
{
    const ReflectTable *table = lib->about;
    bool live = variable->piece_count == 0 && is_live(lib, variable->address);
    for (uint32_t i = 0; i < variable->piece_count; i++) {
        live |= is_live(lib, piece_of(table, variable, i)->address);
    }
    return live && variable->bytes > 0 && !variable->is_thread_local;
}

static bool is_piece(const ReflectTable *table, uintptr_t address)
{
    for (uint32_t i = 0; i < table->piece_count; i++) {
        if (address == table->pieces[i].address) {
            return true;
        }
    }
    return false;
}

static uint64_t name_hash(const char *name, size_t length)
{
    return hash_bytes(name, length);
}

static uint32_t id_of(uint64_t name)
{
    return LIVE_GLOBAL_BIT | (uint32_t)name;
}

// The variables of a library, one after the other: those of its debug information, then what has a
// symbol only.
typedef struct Roll {
    const GameLib *lib;
    const ReflectTable *table; // NULL: none
    uint32_t variable, cursor;
} Roll;

static Roll roll_of(const GameLib *lib)
{
    return (Roll){.lib = lib, .table = lib->about};
}

static bool is_known(const ReflectTable *table, uintptr_t address)
{
    return table && (reflect_variable_at(table, address, NULL) || is_piece(table, address));
}

// *variable or *symbol; the name, as the source has it.
static bool next_of(Roll *roll, const ReflectVariable **variable, const GameLibSymbol **symbol,
                    const char **name, size_t *length)
{
    while (roll->table && roll->variable < roll->table->variable_count) {
        *variable = &roll->table->variables[roll->variable++];
        if (is_live_variable(roll->lib, *variable)) {
            *name = (*variable)->name;
            *length = strlen(*name);
            return true;
        }
    }
    *variable = NULL;
    uint32_t nth;
    const char *label;
    while (gamelib_next_global(roll->lib, &roll->cursor, symbol, &label, &nth)) {
        if (!is_known(roll->table, (*symbol)->address)) {
            if (!hash_source_name(label, name, length)) {
                *name = "(literal)"; // one that the compiler made up
                *length = strlen(*name);
            }
            return true;
        }
    }
    return false;
}

// -------------------------------------------------------------------------------------------- list

static int by_place(const void *a, const void *b)
{
    const HashSpan *x = a, *y = b;
    return x->first != y->first ? (x->first > y->first) - (x->first < y->first)
                                : (x->end > y->end) - (x->end < y->end);
}

static uint32_t count_spans(const GameLib *lib, uint32_t *globals)
{
    Roll roll = roll_of(lib);
    const ReflectVariable *variable;
    const GameLibSymbol *symbol;
    const char *name;
    size_t length;
    uint32_t spans = 0;
    for (*globals = 0; *globals < GLOBALS_MAX / 2 && spans < GLOBALS_MAX
                       && next_of(&roll, &variable, &symbol, &name, &length);
         (*globals)++) {
        spans += variable && variable->piece_count > 0 ? variable->piece_count : 1;
    }
    return spans;
}

static void add_span(HashGlobals *globals, uintptr_t first, size_t bytes, uint32_t global)
{
    globals->spans[globals->span_count++] =
        (HashSpan){.first = first, .end = first + bytes, .global = global};
}

static void add_global(HashGlobals *globals, const GameLib *lib, const ReflectVariable *variable,
                       const GameLibSymbol *symbol, uint64_t name)
{
    uint32_t index = globals->count++;
    HashGlobal *global = &globals->all[index];
    *global = (HashGlobal){.name = name,
                           .address = variable ? variable->address : symbol->address,
                           .bytes = variable ? variable->bytes : symbol->size_bytes,
                           .variable = variable,
                           .id = id_of(name)};
    if (!variable) {
        add_span(globals, global->address, global->bytes, index);
        return;
    }
    global->kind = (HashKind){.types = {variable->type}, .count = variable->type ? 1 : 0};
    for (uint32_t i = 0; i < variable->piece_count; i++) {
        const ReflectPiece *piece = piece_of(lib->about, variable, i);
        add_span(globals, piece->address, piece->stored_bytes, index);
    }
    if (variable->piece_count == 0) {
        add_span(globals, global->address, global->bytes, index);
    }
}

void hash_globals_list(HashGlobals *globals, const GameLib *lib)
{
    Roll roll = roll_of(lib);
    const ReflectVariable *variable;
    const GameLibSymbol *symbol;
    const char *name;
    size_t length;
    uint32_t count, spans = count_spans(lib, &count);
    arena_reset(&globals->memory, 0);
    globals->all = ARENA_NEW(&globals->memory, HashGlobal, count);
    globals->spans = ARENA_NEW(&globals->memory, HashSpan, spans);
    globals->count = globals->span_count = globals->call = 0;
    globals->sum = 0;
    while (globals->count < count && next_of(&roll, &variable, &symbol, &name, &length)) {
        add_global(globals, lib, variable, symbol, name_hash(name, length));
    }
    if (globals->span_count > 1) {
        qsort(globals->spans, globals->span_count, sizeof(HashSpan), by_place);
    }
    uintptr_t reach = 0;
    for (uint32_t i = 0; i < globals->span_count; i++) {
        HashSpan *span = &globals->spans[i];
        reach = span->end > reach ? span->end : reach;
        span->reach = reach;
    }
}

// ---------------------------------------------------------------------------------------- counting

// A variable's bytes, now and as it was loaded.
typedef struct Source {
    const LiveView *view;
    const HashGlobal *global;
    const uint8_t *whole_now, *whole_first; // put together of its pieces; NULL: it is in one
} Source;

void live_read_global(const LiveView *view, uintptr_t address, uint8_t *out, size_t bytes)
{
    size_t at = address - view->images[0]->globals_first;
    while (bytes > 0) {
        size_t within = at % PAGE_BYTES;
        size_t part = bytes < PAGE_BYTES - within ? bytes : PAGE_BYTES - within;
        memcpy(out,
               view->page(view->with, view->globals_page + (uint32_t)(at / PAGE_BYTES)) + within,
               part);
        out += part;
        at += part;
        bytes -= part;
    }
}

static void read_both(const Source *source, size_t at, size_t bytes, uint8_t *now, uint8_t *first)
{
    const GameLib *lib = source->view->images[0];
    if (source->whole_now) {
        memcpy(now, source->whole_now + at, bytes);
        memcpy(first, source->whole_first + at, bytes);
        return;
    }
    uintptr_t address = source->global->address + at;
    live_read_global(source->view, address, now, bytes);
    memcpy(first, lib->globals_initial + (address - lib->globals_first), bytes);
}

static uint64_t decode(const ReflectPiece *piece, const uint8_t *stored)
{
    uint64_t value = 0;
    memcpy(&value, stored, piece->stored_bytes);
    return (uint64_t)piece->base + (uint64_t)piece->factor * value;
}

// One piece of the variable, where it was before the optimiser came.
static void put_piece(const Source *source, const ReflectPiece *piece, uint8_t *now, uint8_t *first)
{
    const GameLib *lib = source->view->images[0];
    bool is_plain = piece->factor == 1 && piece->base == 0 && piece->stored_bytes == piece->bytes;
    if (!is_live(lib, piece->address) || piece->offset > source->global->bytes
        || piece->bytes > source->global->bytes - piece->offset) {
        return;
    }
    const uint8_t *loaded = lib->globals_initial + (piece->address - lib->globals_first);
    if (is_plain) {
        live_read_global(source->view, piece->address, now + piece->offset, piece->bytes);
        memcpy(first + piece->offset, loaded, piece->bytes);
    } else if (piece->stored_bytes <= 8 && piece->bytes <= 8) {
        uint8_t stored[8];
        live_read_global(source->view, piece->address, stored, piece->stored_bytes);
        uint64_t value = decode(piece, stored), initial = decode(piece, loaded);
        memcpy(now + piece->offset, &value, piece->bytes);
        memcpy(first + piece->offset, &initial, piece->bytes);
    }
}

// False: there is no room for it.
static bool put_together(HashGlobals *globals, Source *source)
{
    const ReflectVariable *variable = source->global->variable;
    if (!variable || variable->piece_count == 0) {
        return true;
    }
    arena_reset(&globals->scratch, 0);
    uint8_t *now = arena_try_push(&globals->scratch, 1, 16, source->global->bytes);
    uint8_t *first = arena_try_push(&globals->scratch, 1, 16, source->global->bytes);
    if (!now || !first) {
        return false;
    }
    for (uint32_t i = 0; i < variable->piece_count; i++) {
        put_piece(source, piece_of(source->view->images[0]->about, variable, i), now, first);
    }
    source->whole_now = now;
    source->whole_first = first;
    return true;
}

// `bytes` of it from `at` on, as they count, at `out`.
static void put_fields(HashTypes *types, HashWords *words, const HashGlobal *global,
                       const uint8_t *in, size_t at, size_t bytes, uint8_t *out)
{
    HashWindow window = {.in = in, .out = out, .bytes = bytes, .words = words};
    size_t typed = global->variable && types->table && global->kind.count > 0
                       ? types->table->types[global->kind.types[0]].bytes
                       : 0;
    memset(out, 0, PAGE_BYTES);
    if (typed > 0 && typed <= global->bytes) {
        hash_put(types, &global->kind, typed, 1, &window, -(int64_t)at);
    } else {
        typed = 0;
    }
    // Elements of a flexible array, or all of it.
    hash_put_bytes(&window, (int64_t)typed - (int64_t)at, global->bytes - typed);
    size_t whole = bytes / 8;
    if (hash_words_has(words, out, whole)) {
        hash_words_turn(words, out, whole);
    }
}

// Bits that differ from what they were at first; 0: none of the part does.
static uint64_t count_part(HashTypes *types, HashWords *words, const Source *source, size_t at,
                           size_t bytes)
{
    uint8_t now[PAGE_BYTES], first[PAGE_BYTES], a[PAGE_BYTES], b[PAGE_BYTES], any = 0;
    read_both(source, at, bytes, now, first);
    if (memcmp(now, first, bytes) == 0) {
        return 0;
    }
    put_fields(types, words, source->global, now, at, bytes, a);
    put_fields(types, words, source->global, first, at, bytes, b);
    for (size_t i = 0; i < bytes; i++) {
        a[i] ^= b[i];
        any |= a[i];
    }
    return any ? hash_combine(hash_bytes(a, bytes), at) : 0;
}

static uint64_t count_global(HashGlobals *globals, HashTypes *types, HashWords *words,
                             const HashGlobal *global)
{
    Source source = {.view = words->view, .global = global};
    uint64_t content = 0;
    if (!put_together(globals, &source)) {
        return 0;
    }
    for (size_t at = 0; at < global->bytes; at += PAGE_BYTES) {
        size_t rest = global->bytes - at;
        uint64_t part =
            count_part(types, words, &source, at, rest < PAGE_BYTES ? rest : PAGE_BYTES);
        content = part ? hash_combine(content, part) : content;
    }
    return content ? hash_combine(global->name, content) : 0;
}

void hash_globals_begin(HashGlobals *globals)
{
    globals->call++;
}

void hash_globals_count(HashGlobals *globals, HashTypes *types, HashWords *words, uintptr_t first,
                        uintptr_t end, HashFound *found, void *with)
{
    size_t low = SORTED_UP_TO(globals->spans, globals->span_count, reach, first);
    for (; low < globals->span_count && globals->spans[low].first < end; low++) {
        HashGlobal *global = &globals->all[globals->spans[low].global];
        if (globals->spans[low].end <= first || global->call == globals->call) {
            continue;
        }
        global->call = globals->call;
        uint64_t counts = count_global(globals, types, words, global);
        if (found && counts != global->counts) {
            found(with, global->id, counts);
        }
        globals->sum += counts - global->counts;
        global->counts = counts;
    }
}

// ------------------------------------------------------------------------------------------- words

void hash_globals_explain(const GameLib *lib, uint32_t id, char *out, size_t out_bytes)
{
    Roll roll = roll_of(lib);
    const ReflectVariable *variable;
    const GameLibSymbol *symbol;
    const char *name;
    size_t length, used = 0, more = 0;
    while (next_of(&roll, &variable, &symbol, &name, &length)) {
        if (id_of(name_hash(name, length)) != id) {
            continue;
        }
        const char *function = variable ? variable->function : "";
        if (used == 0) {
            (void)text_format(out, out_bytes, "the variable %s%s%.*s", function,
                              function[0] ? "." : "", (int)length, name);
            used = strlen(out);
        } else {
            more++;
        }
    }
    if (used == 0) {
        (void)text_format(out, out_bytes, "a variable that this build does not have");
    } else if (more > 0) {
        (void)text_format(out + used, out_bytes - used, ", or another of that name");
    }
}
