#include <signal.h>
#include <string.h>

#include "crash_parts.h"

// What an address looks like that nobody may use: the game's own memory first, then the patterns
// that pointers get when something else is written over them.

enum { NULL_BYTES = 65536, WORD_BYTES = 8, TEXT_LEAST = 4, QUOTE_BYTES = 28 };

bool crash_is_null(uintptr_t address)
{
    return address < NULL_BYTES;
}

// Source: Intel SDM volume 1, 3.3.7.1: bits 63 to 47 are the same.
bool crash_is_canonical(uintptr_t address)
{
    uint64_t top = (uint64_t)address >> 47;

    return top == 0 || top == 0x1ffff;
}

// -------------------------------------------------------------------------------------- patterns

// The word as text, when it is some: its bytes in memory, zeroes only at the end.
static bool is_text(uint64_t word, char text[WORD_BYTES + 1])
{
    size_t length = 0;

    memset(text, 0, WORD_BYTES + 1);
    for (; length < WORD_BYTES && word != 0; length++, word >>= 8) {
        uint8_t byte = word & 0xff;
        if (byte < 0x20 || byte > 0x7e) {
            return false;
        }
        text[length] = (char)byte;
    }
    return length >= TEXT_LEAST;
}

static bool is_pattern(uint64_t word)
{
    return word == (word & 0xff) * UINT64_C(0x0101010101010101);
}

static bool is_plain_float(uint32_t bits)
{
    uint32_t exponent = (bits >> 23) & 0xff;

    return bits == 0 || (exponent > 127 - 17 && exponent < 127 + 20);
}

static bool are_floats(uint64_t word, float numbers[2])
{
    uint32_t low = (uint32_t)word, high = (uint32_t)(word >> 32);

    memcpy(numbers, &word, sizeof word);
    return low != 0 && high != 0 && is_plain_float(low) && is_plain_float(high);
}

static bool tell_pattern(uint64_t word, char *out, size_t out_bytes)
{
    char text[WORD_BYTES + 1];
    float numbers[2];

    if (is_text(word, text)) {
        return text_format(out, out_bytes,
                           "that is the text \"%s\", written over a pointer or used as one", text);
    }
    if (crash_is_canonical(word)) {
        return false;
    }
    if (is_pattern(word)) {
        return text_format(out, out_bytes,
                           "the byte 0x%02x over and over: memory that was never set, or freed",
                           (unsigned)(word & 0xff));
    }
    if (are_floats(word, numbers)) {
        return text_format(out, out_bytes,
                           "no pointer: as floats it is %g and %g, written over a pointer",
                           (double)numbers[0], (double)numbers[1]);
    }
    return text_format(out, out_bytes,
                       "no such address can exist: a pointer that was never set or "
                       "is overwritten");
}

// --------------------------------------------------------------------------------- the game's own

// What stands in the library's read-only data.
static void tell_constant(const GameLib *lib, uintptr_t address, char *out, size_t out_bytes)
{
    char text[QUOTE_BYTES] = "";
    size_t room =
        lib->text_end - address < sizeof text - 1 ? lib->text_end - address : sizeof text - 1;
    size_t length = 0;

    if (crash_read_memory(NULL, address, text, room)) {
        while (length < room && text[length] >= 0x20 && text[length] <= 0x7e) {
            length++;
        }
    }
    bool is_string = length >= 2 && (length == room || text[length] == 0);
    text[length] = 0;
    if (is_string) {
        (void)text_format(out, out_bytes, "the string literal \"%s\"%s is read-only", text,
                          length == sizeof text - 1 ? "..." : "");
    } else {
        (void)text_format(out, out_bytes, "a const or a string literal, which are read-only");
    }
}

static bool tell_image(const Teller *teller, const CrashWant *want, char *out, size_t out_bytes)
{
    int image = crash_image_at(teller, want->address);

    if (image < 0 || want->access == GUARD_READ) {
        return false;
    }
    const GameLib *lib = teller->context->images[image];
    bool is_constant = want->address >= lib->text_first && want->address < lib->text_end;
    const char *name = gamelib_symbol_at(lib, want->address, NULL);
    if (want->access == GUARD_EXECUTE) {
        (void)text_format(out, out_bytes, "%s%s%s is data and no function", name ? "`" : "",
                          name ? name : "that", name ? "`" : "");
    } else if (name && *name != '.') {
        (void)text_format(out, out_bytes, "%s `%s` is read-only",
                          is_constant ? "the const" : "the game's own code, in", name);
    } else {
        tell_constant(lib, want->address, out, out_bytes);
    }
    return true;
}

static bool is_gone(const Teller *teller, uintptr_t address)
{
    char name[160] = "";
    if (teller->context->gone) {
        teller->context->gone(teller->context->with, address, name, sizeof name);
    }
    return name[0] != 0;
}

static bool tell_state(const Teller *teller, const CrashWant *want, char *out, size_t out_bytes)
{
    const CrashContext *context = teller->context;
    char where[160] = "", clean[160];

    if (context->gone && want->access == GUARD_EXECUTE) {
        context->gone(context->with, want->address, where, sizeof where);
        text_clean(clean, sizeof clean, where, false);
        if (clean[0]) {
            (void)text_format(out, out_bytes, "that was %s, which this build does not have", clean);
            return true;
        }
    }
    if (context->explain) {
        context->explain(context->with, want->address, where, sizeof where);
    }
    text_clean(clean, sizeof clean, where, false);
    if (clean[0] && want->access == GUARD_EXECUTE) {
        (void)text_format(out, out_bytes, "that is no function but %s", clean);
    } else if (clean[0]) {
        (void)text_format(out, out_bytes, "%s", clean);
    } else if (want->address - ARENA_STATE_ADDRESS < ARENA_STATE_MAX) {
        (void)text_format(out, out_bytes, "beyond all that is allocated in the state");
    }
    return out[0] != 0;
}

static void tell_other(const Teller *teller, const CrashWant *want, char *out, size_t out_bytes)
{
    bool is_mapped = teller->report->signal == SIGSEGV && teller->report->code == SEGV_ACCERR;

    if (want->access == GUARD_EXECUTE) {
        (void)text_format(out, out_bytes,
                          is_mapped ? "that is data and no function"
                                    : "no code is there (any more): a function pointer that is "
                                      "overwritten, or of a build that was unloaded");
    } else if (is_mapped) {
        (void)text_format(out, out_bytes, "that memory may not be %s",
                          want->access == GUARD_WRITE ? "written" : "read");
    } else {
        (void)text_format(out, out_bytes,
                          "nothing is there: a pointer to freed memory, or a wild one");
    }
}

// ------------------------------------------------------------------------------------- the words

static bool tell_null(const CrashWant *want, char *out, size_t out_bytes)
{
    if (crash_is_null(want->address)) {
        return text_format(out, out_bytes,
                           want->access == GUARD_EXECUTE ? "a null function pointer"
                                                         : "a null pointer");
    }
    return want->address >= (uintptr_t)-NULL_BYTES
           && text_format(out, out_bytes,
                          "just below 0: a null pointer with a negative index, or -1 as a pointer");
}

void crash_tell_address(const Teller *teller, const CrashWant *want, char *out, size_t out_bytes)
{
    out[0] = 0;
    if (!want->has_address) {
        (void)text_format(out, out_bytes,
                          "no such address can exist: a pointer that was never set "
                          "or is overwritten");
    } else if (!tell_null(want, out, out_bytes) && !tell_image(teller, want, out, out_bytes)
               && !tell_state(teller, want, out, out_bytes)
               && !tell_pattern(want->address, out, out_bytes)) {
        tell_other(teller, want, out, out_bytes);
    }
    if (teller->suspect[0]) {
        size_t used = strlen(out);
        (void)text_format(out + used, out_bytes - used, ", likely `%s`", teller->suspect);
    }
}

static void hint_null(const Teller *teller, const CrashWant *want, char *out, size_t out_bytes)
{
    const char *name = teller->suspect;
    char distance[120] = "";

    if (want->address > 0 && crash_is_null(want->address) && want->access != GUARD_EXECUTE) {
        (void)text_format(distance, sizeof distance,
                          " (%#zx is how far from its start the member or element lies)",
                          (size_t)want->address);
    }
    if (name[0]) {
        (void)text_format(out, out_bytes,
                          "`%s` is NULL there%s. Where is it set, and may it be missing? "
                          "HL_ASSERT(t, %s) says so earlier.",
                          name, distance, name);
    } else {
        (void)text_format(out, out_bytes, "Something that the line goes through is NULL%s.",
                          distance);
    }
}

void crash_hint_address(const Teller *teller, const CrashWant *want, char *out, size_t out_bytes)
{
    char text[WORD_BYTES + 1];

    if (want->has_address && crash_is_null(want->address)) {
        hint_null(teller, want, out, out_bytes);
    } else if (want->has_address && crash_image_at(teller, want->address) >= 0
               && want->access == GUARD_WRITE) {
        (void)text_format(out, out_bytes,
                          "Write to a copy: `char text[] = \"...\"` is an array of "
                          "your own, `char *text = \"...\"` points at the literal.");
    } else if (want->has_address && want->access == GUARD_EXECUTE
               && is_gone(teller, want->address)) {
        (void)text_format(out, out_bytes,
                          "State still points at it. Put the function back, or set the pointer "
                          "anew when t->reloaded is true; F9 begins afresh.");
    } else if (want->has_address && want->access == GUARD_EXECUTE) {
        (void)text_format(out, out_bytes,
                          "Where was that function pointer set, and what was "
                          "written over it since?");
    } else if (want->has_address && is_text(want->address, text)) {
        (void)text_format(out, out_bytes,
                          "Which text of the game has \"%s\" in it, and which array "
                          "before the pointer is too short for it?",
                          text);
    } else {
        (void)text_format(
            out, out_bytes,
            "Mostly an index beyond an array's end, a pointer kept after hl_free() or "
            "hl_resize(), or a variable that was never set.");
    }
}
