#include <gelf.h>
#include <string.h>

#include "reflect_variables.h"

// What the symbols say of data: how large it is. A type tells that, too, but for what an
// initialiser makes longer, and but for a type that is another build's.
//
// Contents: reading, asking.

// -------------------------------------------------------------------------------------- reading

static void read_symbols_in(Symbols *symbols, Elf *elf, size_t texts, Elf_Data *data, uint32_t room)
{
    GElf_Sym symbol;

    for (int i = 0; gelf_getsym(data, i, &symbol) && symbols->count < room; i++) {
        if (GELF_ST_TYPE(symbol.st_info) == STT_OBJECT && symbol.st_size > 0) {
            const char *name = symbols->names ? elf_strptr(elf, texts, symbol.st_name) : NULL;
            symbols->keys[symbols->count] = (SortKey){symbol.st_value, symbols->count};
            if (symbols->names) {
                symbols->names[symbols->count] = name ? name : "";
            }
            symbols->bytes[symbols->count++] = symbol.st_size;
        }
    }
}

void reflect_read_symbols(Symbols *symbols, const Found *found, bool with_names)
{
    Arena *scratch = found->types->scratch;
    Elf *elf = found->dies->reflect->elf;
    Elf_Scn *at = NULL;

    symbols->are_read = true;
    while ((at = elf_nextscn(elf, at))) {
        GElf_Shdr head;
        Elf_Data *data;
        if (!gelf_getshdr(at, &head) || head.sh_type != SHT_SYMTAB
            || !(data = elf_getdata(at, NULL))) {
            continue;
        }
        uint64_t room = data->d_size / sizeof(Elf64_Sym);
        SortKey *other = arena_try_push(scratch, sizeof *other, _Alignof(SortKey), room);
        symbols->keys = arena_try_push(scratch, sizeof *other, _Alignof(SortKey), room);
        symbols->bytes = arena_try_push(scratch, sizeof(uint64_t), _Alignof(uint64_t), room);
        symbols->names =
            with_names ? arena_try_push(scratch, sizeof(char *), _Alignof(char *), room) : NULL;
        if (other && symbols->keys && symbols->bytes && room <= UINT32_MAX) {
            read_symbols_in(symbols, elf, head.sh_link, data, (uint32_t)room);
            reflect_sort(symbols->keys, other, symbols->count);
        }
        return; // a library has one
    }
}

// --------------------------------------------------------------------------------------- asking

uint64_t reflect_symbol_bytes(const Symbols *symbols, uint64_t address, uint64_t at_least)
{
    size_t low = SORTED_BELOW(symbols->keys, symbols->count, key, address);

    for (; low < symbols->count && symbols->keys[low].key == address; low++) {
        uint64_t bytes = symbols->bytes[symbols->keys[low].index];
        at_least = bytes > at_least ? bytes : at_least;
    }
    return at_least;
}

// tcc calls a function's static "calls", gcc "calls.3", clang "update.calls.1".
static bool has_part(const char *symbol, const char *name)
{
    size_t length = strlen(name);

    for (const char *at = symbol; at; at = strchr(at, '.')) {
        at += *at == '.';
        if (strncmp(at, name, length) == 0 && (at[length] == 0 || at[length] == '.')) {
            return true;
        }
    }
    return false;
}

bool reflect_symbol_fits(const Symbols *symbols, const ReflectVariable *variable, uint64_t bytes)
{
    size_t low = SORTED_BELOW(symbols->keys, symbols->count, key, variable->address);
    bool is_named = false;

    for (; low < symbols->count && symbols->keys[low].key == variable->address; low++) {
        uint32_t symbol = symbols->keys[low].index;
        if (symbols->names && has_part(symbols->names[symbol], variable->name)) {
            if (symbols->bytes[symbol] == bytes) {
                return true;
            }
            is_named = true;
        }
    }
    return !is_named;
}
