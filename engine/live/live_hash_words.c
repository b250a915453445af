// Addresses as they count: functions and variables by name, string literals by their text, so that
// neither where things are loaded nor which compiler put them there makes a difference.
#include "live_hash_parts.h"

#include <elf.h>
#include <sys/auxv.h>
#include <sys/uio.h>
#include <unistd.h>

// Shared libraries, and the stack, are mapped above this on x86-64 Linux with 47 address bits.
#define LIBRARIES_BITS 41
#define LIBRARIES_TOP  0x3full // of an address, above those bits
#define SELF_BITS      32

enum { TEXT_MAX = 4096, DEEP_MAX = 4 };

static uint64_t count_word(const HashWords *words, uint64_t word, int depth);

// ------------------------------------------------------------------------------------ which they
// are

// Where this executable is, whose hl_ functions a game may point to. Source: getauxval(3), elf(5).
static void find_executable(HashWords *words)
{
    const Elf64_Phdr *headers = (const Elf64_Phdr *)getauxval(AT_PHDR);
    uint64_t count = getauxval(AT_PHNUM), bias = 0, first = UINT64_MAX, end = 0;
    for (uint64_t i = 0; headers && i < count; i++) {
        const Elf64_Phdr *header = &headers[i];
        if (header->p_type == PT_PHDR) {
            bias = (uint64_t)(uintptr_t)headers - header->p_vaddr;
        } else if (header->p_type == PT_LOAD) {
            first = header->p_vaddr < first ? header->p_vaddr : first;
            end = header->p_vaddr + header->p_memsz > end ? header->p_vaddr + header->p_memsz : end;
        }
    }
    words->self_first = end > first ? bias + first : 0;
    words->self_span = end > first ? end - first : 0;
}

static bool is_address(const HashWords *words, uint64_t word)
{
    return live_is_address(words->view, word) || word - words->self_first < words->self_span;
}

// ----------------------------------------------------------------------------------------- names

static bool is_number(const char *text, size_t length)
{
    return length > 0 && strspn(text, "0123456789") >= length;
}

// What compilers append for themselves.
static bool is_suffix(const char *text, size_t length)
{
    static const char *const SUFFIXES[] = {"lto_priv",  "llvm", "local", "part",
                                           "constprop", "isra", "cold"};
    for (size_t i = 0; i < COUNT_OF(SUFFIXES); i++) {
        if (strlen(SUFFIXES[i]) == length && memcmp(SUFFIXES[i], text, length) == 0) {
            return true;
        }
    }
    return is_number(text, length);
}

// Tables of numbers in expressions, the names of functions as text: each compiler has its own names
// for them, or none.
static bool is_made_up(const char *name, size_t length)
{
    static const char *const NAMES[] = {"__compound_literal", "compoundliteral", "__func__",
                                        "__FUNCTION__", "__PRETTY_FUNCTION__"};
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        if (strlen(NAMES[i]) == length && memcmp(NAMES[i], name, length) == 0) {
            return true;
        }
    }
    return length == 0;
}

bool hash_source_name(const char *symbol, const char **name, size_t *length)
{
    *name = symbol;
    *length = 0;
    for (const char *at = symbol;; at += *at == '.') {
        size_t part = strcspn(at, ".");
        if (part > 0 && is_made_up(at, part)) {
            return false; // "__func__.update"
        }
        if (part > 0 && !is_suffix(at, part)) {
            *name = at;
            *length = part;
        }
        at += part;
        if (!*at) {
            return *length > 0;
        }
    }
}

// --------------------------------------------------------------------------------------- contents

// Of our own memory, which may turn out not to be readable.
static size_t read_some(uintptr_t address, void *out, size_t bytes)
{
    struct iovec to = {out, bytes}, from = {(void *)address, bytes};
    // Instead of reading it directly: a hole between two segments is an error here, not a crash.
    ssize_t got = process_vm_readv(getpid(), &to, 1, &from, 1, 0);
    if (got <= 0) {
        from.iov_len = PAGE_BYTES - address % PAGE_BYTES;
        from.iov_len = from.iov_len < bytes ? from.iov_len : bytes;
        got = process_vm_readv(getpid(), &to, 1, &from, 1, 0);
    }
    return got > 0 ? (size_t)got : 0;
}

// What has no name counts by what it was loaded with: literals, above all.
static uint64_t count_content(const HashWords *words, const GameLib *lib, uint64_t word, int depth)
{
    char text[TEXT_MAX];
    size_t bytes = 0;
    if (word - lib->globals_first < lib->globals_end - lib->globals_first) {
        bytes = lib->globals_end - word < TEXT_MAX ? lib->globals_end - word : TEXT_MAX;
        memcpy(text, lib->globals_initial + (word - lib->globals_first), bytes);
    } else {
        bytes = read_some((uintptr_t)word, text, sizeof(text));
    }
    uint64_t first;
    if (word % 8 == 0 && bytes >= 8 && depth < DEEP_MAX) { // a row of pointers?
        memcpy(&first, text, 8);
        if (is_address(words, first)) {
            return hash_combine(count_word(words, first, depth + 1), 1);
        }
    }
    return hash_bytes(text, strnlen(text, bytes));
}

// ----------------------------------------------------------------------------------------- tokens

// Code, or data that is neither a variable nor read-only: without debug information all of it is
// taken for code.
static bool is_code(const GameLib *lib, uint64_t word)
{
    const ReflectTable *table = lib->about;
    bool is_data = word - lib->globals_first < lib->globals_end - lib->globals_first
                   || word - lib->text_first < lib->text_end - lib->text_first;
    return !is_data && (!table || reflect_function_at(table, (uintptr_t)word));
}

// clang lets a literal lie in a constant array of the same text, so both count by the text.
static bool is_constant_text(const GameLib *lib, const ReflectVariable *variable, uint64_t word)
{
    const ReflectTable *table = lib->about;
    const ReflectType *type = &table->types[variable->type];
    while (type->kind == REFLECT_ARRAY) {
        type = &table->types[type->of];
    }
    return word - lib->text_first < lib->text_end - lib->text_first && type->kind == REFLECT_INTEGER
           && type->is_char;
}

// The variable's name and how far into it; right behind it, too, where nothing else begins. (Behind
// a constant something without a name may begin: a literal.)
static bool count_variable(const GameLib *lib, uint64_t word, uint64_t *counts)
{
    const ReflectTable *table = lib->about;
    uint64_t within = 0;
    for (uint64_t back = 0; table && back < 2; back++) {
        const ReflectVariable *variable =
            reflect_variable_at(table, (uintptr_t)(word - back), &within);
        if (variable && variable->name[0] && !is_constant_text(lib, variable, word)
            && !is_made_up(variable->name, strlen(variable->name))) {
            uint64_t name = hash_bytes(variable->name, strlen(variable->name));
            *counts = hash_combine(name, within + back);
            return true;
        }
        if (variable || word - lib->globals_first >= lib->globals_end - lib->globals_first
            || gamelib_symbol_at(lib, (uintptr_t)word, NULL)) {
            return false;
        }
    }
    return false;
}

// Code counts by its function only: how far it is into it says nothing at another -O level.
static uint64_t count_in_image(const HashWords *words, const GameLib *lib, uint64_t word, int depth)
{
    uint64_t counts;
    uintptr_t offset = 0;
    const char *name;
    size_t length;
    if (count_variable(lib, word, &counts)) {
        return counts;
    }
    const char *symbol = gamelib_symbol_at(lib, (uintptr_t)word, &offset);
    uint64_t within;
    bool is_text = lib->about && reflect_variable_at(lib->about, (uintptr_t)word, &within);
    if (symbol && !is_text && hash_source_name(symbol, &name, &length)) {
        return hash_combine(hash_bytes(name, length), is_code(lib, word) ? 0 : offset);
    }
    return count_content(words, lib, word, depth);
}

static uint64_t count_foreign(uint64_t word)
{
    char name[1024];
    uintptr_t offset;
    return gamelib_foreign_at((uintptr_t)word, name, sizeof(name), &offset)
               ? hash_combine(hash_bytes(name, strcspn(name, ".")), offset)
               : word;
}

static uint64_t count_word(const HashWords *words, uint64_t word, int depth)
{
    const LiveView *view = words->view;
    for (uint32_t i = 0; i < view->image_count; i++) {
        const GameLib *lib = view->images[i];
        if (word - lib->image_first < lib->image_end - lib->image_first) {
            return count_in_image(words, lib, word, depth);
        }
    }
    bool is_foreign =
        word >> LIBRARIES_BITS == LIBRARIES_TOP || word - words->self_first < words->self_span;
    return is_foreign ? count_foreign(word) : word;
}

// --------------------------------------------------------------------------------------- in a row

void hash_words_look(HashWords *words, const LiveView *view)
{
    uint64_t images = view->image_count;
    for (uint32_t i = 0; i < view->image_count; i++) {
        const GameLib *lib = view->images[i];
        images = (images ^ lib->image_first ^ lib->content) * UINT64_C(0x9e3779b97f4a7c15);
    }
    words->view = view;
    if (!words->self_first) {
        find_executable(words);
    }
    if (words->images != images) { // what was at an address may be something else there now
        memset(words->known, 0, sizeof(words->known));
        words->images = images;
    }
}

static uint64_t known_word(HashWords *words, uint64_t word)
{
    size_t slot = (word * UINT64_C(0x9e3779b97f4a7c15)) >> 54;
    if (words->known[slot].word != word) {
        words->known[slot].word = word;
        words->known[slot].counts = count_word(words, word, 0);
    }
    return words->known[slot].counts;
}

uint64_t hash_word(HashWords *words, uint64_t word)
{
    return is_address(words, word) ? known_word(words, word) : word;
}

// Are all images where libraries are, as the kernel does it unless told otherwise, and this
// executable in one stretch of 4 GiB?
static bool is_usual(const HashWords *words)
{
    const LiveView *view = words->view;
    return view->images_first >> LIBRARIES_BITS == LIBRARIES_TOP
           && (view->images_first + view->images_span) >> LIBRARIES_BITS == LIBRARIES_TOP
           && words->self_first >> SELF_BITS == (words->self_first + words->self_span) >> SELF_BITS;
}

bool hash_words_has(const HashWords *words, const uint8_t *memory, size_t count)
{
    typedef uint32_t Four __attribute__((vector_size(16)));
    const uint32_t self = (uint32_t)(words->self_first >> SELF_BITS);
    const Four libraries = {LIBRARIES_TOP, UINT32_MAX, LIBRARIES_TOP, UINT32_MAX};
    const Four selves = {self, UINT32_MAX, self, UINT32_MAX};
    Four found = {0};
    size_t i = 0;
    if (is_usual(words)) { // no compare of 64 bits is needed then, which plain x86-64 lacks
        for (; i + 2 <= count; i += 2) {
            HashPair two = *(const HashPair *)(const void *)(memory + i * 8);
            found |= (Four)((Four)(two >> LIBRARIES_BITS) == libraries);
            found |= (Four)((Four)(two >> SELF_BITS) == selves);
        }
    }
    uint64_t any = found[0] | found[2];
    for (; i < count; i++) {
        uint64_t word;
        memcpy(&word, memory + i * 8, 8);
        any |= is_address(words, word);
    }
    return any != 0;
}

void hash_words_turn(HashWords *words, uint8_t *memory, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t word;
        memcpy(&word, memory + i * 8, 8);
        if (is_address(words, word)) {
            word = known_word(words, word);
            memcpy(memory + i * 8, &word, 8);
        }
    }
}
