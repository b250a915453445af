// What the files of live's hash share. Inside this module only.
//
//     live_hash.c         the sum, kept up by ticks      live_hash_pages.c    a page as it counts
//     live_hash_fields.c  which bits of a type count     live_hash_globals.c  a variable
//     live_hash_words.c   addresses, by what they point at
#ifndef LIVE_HASH_PARTS_H
#define LIVE_HASH_PARTS_H
#include "live_internal.h"

#include "reflect_table.h"

#include <string.h>

// Two words at once; memory of any kind and alignment is read through it.
typedef uint64_t HashPair __attribute__((vector_size(16), aligned(1), may_alias));

// ----------------------------------------------------------------------------------------- words

enum { HASH_WORDS_KNOWN = 1024 };
typedef struct HashWords {
    const LiveView *view;           // of the present call
    uint64_t images;                // those that `known` is of
    uint64_t self_first, self_span; // where this executable lies
    struct {
        uint64_t word, counts;
    } known[HASH_WORDS_KNOWN]; // what was asked for before
} HashWords;

void hash_words_look(HashWords *words, const LiveView *view);
// Is any of them worth asking for?
bool hash_words_has(const HashWords *words, const uint8_t *memory, size_t count);
// Puts in place of each address what it counts as.
void hash_words_turn(HashWords *words, uint8_t *memory, size_t count);
uint64_t hash_word(HashWords *words, uint64_t word); // one word
// What the source calls a variable or function, of what a compiler calls it: "count" of "count.4"
// (gcc) or "update.count" (clang), "jump" of "jump.constprop.0". False: the compiler made it up.
bool hash_source_name(const char *symbol, const char **name, size_t *length);

// ---------------------------------------------------------------------------------------- fields

typedef struct HashNote HashNote;
typedef struct HashTypes {
    Arena memory;
    const ReflectTable *table; // NULL: nothing is known of any type
    HashNote *notes;           // of each type
} HashTypes;

// What things of one tag and size are: one type, or where two units disagree all that they may be.
enum { HASH_KIND_TYPES = 4 };
typedef struct HashKind {
    uint32_t types[HASH_KIND_TYPES];
    uint32_t count; // 0: not known, every bit counts
} HashKind;

// A part of some memory, as it is and as it counts: `out` begins as zero, and what counts is put
// there.
typedef struct HashWindow {
    const uint8_t *in;
    uint8_t *out;
    size_t bytes;
    HashWords *words;
} HashWindow;

bool hash_types_open(HashTypes *types, Fault *fault);
void hash_types_close(HashTypes *types);
void hash_types_use(HashTypes *types, const ReflectTable *table); // NULL: none
HashKind hash_kind_of_tag(HashTypes *types, const char *tag, size_t element_bytes);
bool hash_kind_is_plain(HashTypes *types, const HashKind *kind); // every bit counts
// What hash_put lays over things of that kind, for up to a page of them from their first byte on;
// NULL: it is not that simple.
const uint8_t *hash_kind_pattern(HashTypes *types, const HashKind *kind);
// `count` things in a row that begin at `at` of the window, or before it.
void hash_put(HashTypes *types, const HashKind *kind, size_t element_bytes, size_t count,
              const HashWindow *window, int64_t at);
void hash_put_bytes(const HashWindow *window, int64_t at, size_t bytes);

// Adds the bits of `in` that the pattern has.
static inline void hash_add_bits(uint8_t *out, const uint8_t *in, const uint8_t *pattern,
                                 size_t count)
{
    size_t i = 0;
    for (; i + sizeof(HashPair) <= count; i += sizeof(HashPair)) {
        HashPair two = *(const HashPair *)(const void *)(in + i);
        *(HashPair *)(void *)(out + i) |= two & *(const HashPair *)(const void *)(pattern + i);
    }
    for (; i + 8 <= count; i += 8) {
        uint64_t a, b, c;
        memcpy(&a, in + i, 8);
        memcpy(&b, pattern + i, 8);
        memcpy(&c, out + i, 8);
        c |= a & b;
        memcpy(out + i, &c, 8);
    }
    for (; i < count; i++) {
        out[i] |= in[i] & pattern[i];
    }
}

// ----------------------------------------------------------------------------------------- pages

typedef struct HashPage {
    uint64_t counts; // what it adds to the sum; 0: not known
    uint32_t cover;  // says what lies across its first byte
    uint32_t before; // see find_cover
} HashPage;

enum { HASH_TAGS_KNOWN = 512 };
typedef struct HashTag {
    uint32_t at; // where its name lies in the state
    size_t element_bytes;
    char name[HEAP_TYPE_NAME_MAX];
    HashKind kind;
    bool is_plain;
    const uint8_t *pattern; // see hash_kind_pattern
} HashTag;

// The heap of a view.
typedef struct HashHeap {
    const uint8_t *memory; // the state from its first byte
    const Heap *heap;
    size_t used_bytes;
    size_t head_end; // the first block's header
    bool is_whole;   // it lies in one piece; else its blocks cannot be followed
} HashHeap;

typedef struct HashBlocks {
    HashHeap heap;
    size_t head_bytes; // of a heap without blocks
    HashTag tags[HASH_TAGS_KNOWN];
} HashBlocks;

bool hash_blocks_open(HashBlocks *blocks, Fault *fault);
void hash_blocks_look(HashBlocks *blocks, const LiveView *view);
void hash_blocks_forget(HashBlocks *blocks); // tags may be of other types now
// The page as it counts, but for addresses: `in` itself, or `out`. Sets the page's cover;
// *next_cover is what its successor's has to be.
const uint8_t *hash_page_fields(HashBlocks *blocks, HashTypes *types, HashPage *pages,
                                uint32_t page, const HashWindow *window, uint32_t *next_cover);

// --------------------------------------------------------------------------------------- globals

typedef struct HashGlobal HashGlobal;
typedef struct HashSpan HashSpan;
typedef struct HashGlobals {
    Arena memory, scratch;
    HashGlobal *all;
    HashSpan *spans; // by address
    uint32_t count, span_count;
    uint32_t call; // of hash_globals_count
    uint64_t sum;
} HashGlobals;

typedef void HashFound(void *with, uint32_t id, uint64_t counts);

bool hash_globals_open(HashGlobals *globals, Fault *fault);
void hash_globals_close(HashGlobals *globals);
void hash_globals_list(HashGlobals *globals, const GameLib *lib);
// Before the pages of one call of hash_globals_count.
void hash_globals_begin(HashGlobals *globals);
// Counts those again that lie in [first, end) of the image; `found` is told which count otherwise
// now.
void hash_globals_count(HashGlobals *globals, HashTypes *types, HashWords *words, uintptr_t first,
                        uintptr_t end, HashFound *found, void *with);
// "the variable update.calls"
void hash_globals_explain(const GameLib *lib, uint32_t id, char *out, size_t out_bytes);

#endif
