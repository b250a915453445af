#include "base.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

bool fault_set(Fault *fault, FaultKind kind, const char *format, ...)
{
    if (!fault) {
        return false;
    }
    char text[sizeof(fault->text)];
    va_list args;
    va_start(args, format);
    // By way of a copy: an argument may be the text of the very fault that is being replaced.
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    *fault = (Fault){.kind = kind};
    memcpy(fault->text, text, sizeof(text));
    return false;
}

void fault_place(const Fault *fault, char *out, size_t out_bytes)
{
    if (fault->file[0] && fault->line > 0) {
        (void)text_format(out, out_bytes, "%s:%d", fault->file, fault->line);
    } else {
        (void)text_format(out, out_bytes, "%s", fault->file);
    }
}

const char *fault_kind_name(FaultKind kind)
{
    switch (kind) {
    case FAULT_NONE:
        return "none";
    case FAULT_USAGE:
        return "usage";
    case FAULT_FILE:
        return "file";
    case FAULT_MEMORY:
        return "memory";
    case FAULT_BUILD:
        return "build";
    case FAULT_LIBRARY:
        return "library";
    case FAULT_INCOMPLETE:
        return "incomplete";
    case FAULT_LAYOUT:
        return "layout";
    case FAULT_GAME:
        return "game";
    case FAULT_CRASH:
        return "crash";
    case FAULT_FORMAT:
        return "format";
    case FAULT_DEVICE:
        return "device";
    }
    return "unknown";
}

uint64_t mono_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

void mono_sleep_until(uint64_t deadline_ns)
{
    struct timespec until = {(time_t)(deadline_ns / NS_PER_S), (long)(deadline_ns % NS_PER_S)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
    }
}

uint64_t hash_bytes(const void *bytes, size_t size_bytes)
{
    return XXH3_64bits(bytes, size_bytes);
}

uint64_t hash_combine(uint64_t hash, uint64_t more)
{
    return XXH3_64bits_withSeed(&more, sizeof(more), hash);
}

bool text_format(char *out, size_t out_bytes, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(out, out_bytes, format, args);
    va_end(args);
    return length >= 0 && (size_t)length < out_bytes;
}

// Length of the well-formed UTF-8 sequence at `s`, 0 for a byte that begins none. Overlong forms
// and surrogates are not well-formed. Source: Unicode 15, table 3-7.
static size_t utf8_length(const unsigned char *s)
{
    if (s[0] < 0x80) {
        return 1;
    }
    size_t length = s[0] >= 0xC2 && s[0] < 0xE0   ? 2
                    : s[0] >= 0xE0 && s[0] < 0xF0 ? 3
                    : s[0] >= 0xF0 && s[0] < 0xF5 ? 4
                                                  : 0;
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    bool second_wrong = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F)
                        || (s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F);
    return second_wrong ? 0 : length;
}

uint32_t text_next(const char **text)
{
    static const unsigned char LEAD_MASK[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    const unsigned char *s = (const unsigned char *)*text;
    size_t length = utf8_length(s);
    if (*s == 0) {
        return 0;
    }
    if (length == 0) {
        (*text)++;
        return 0xFFFD;
    }
    uint32_t code_point = s[0] & LEAD_MASK[length];
    for (size_t i = 1; i < length; i++) {
        code_point = code_point << 6 | (s[i] & 0x3Fu);
    }
    *text += length;
    return code_point;
}

// C0 and C1 controls: a terminal acts on both.
static bool is_control(const unsigned char *s, size_t length)
{
    return s[0] < 0x20 || s[0] == 0x7F || (length == 2 && s[0] == 0xC2 && s[1] < 0xA0);
}

void text_clean(char *out, size_t out_bytes, const char *text, bool keep_newlines)
{
    const unsigned char *in = (const unsigned char *)text;
    size_t used = 0;
    if (out_bytes == 0) {
        return;
    }
    while (*in) {
        size_t length = utf8_length(in);
        bool kept = *in == '\t' || (*in == '\n' && keep_newlines)
                    || (length > 0 && !is_control(in, length));
        size_t add = kept ? length : 1;
        if (used + add >= out_bytes) {
            break;
        }
        if (kept) {
            memcpy(out + used, in, length);
        } else {
            out[used] = '?';
        }
        used += add;
        in += length > 0 ? length : 1;
    }
    out[used] = '\0';
}

enum { NEAREST_WORD_MAX = 64 };

// Edit distance with transpositions (optimal string alignment), case ignored.
static size_t edit_distance(const char *a, const char *b)
{
    size_t rows[3][NEAREST_WORD_MAX + 1];
    size_t a_length = strlen(a), b_length = strlen(b);
    for (size_t j = 0; j <= b_length; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        size_t *now = rows[i % 3], *before = rows[(i + 2) % 3], *two_before = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            bool same = (a[i - 1] | 32) == (b[j - 1] | 32);
            size_t best = before[j - 1] + (same ? 0 : 1);
            best = before[j] + 1 < best ? before[j] + 1 : best;
            best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                best = two_before[j - 2] + 1 < best ? two_before[j - 2] + 1 : best;
            }
            now[j] = best;
        }
    }
    return rows[a_length % 3][b_length];
}

const char *text_nearest(const char *word, const char *const *words, size_t count)
{
    const char *nearest = NULL;
    size_t word_length = strlen(word), best = SIZE_MAX;
    if (word_length == 0 || word_length > NEAREST_WORD_MAX) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(words[i]);
        if (length > NEAREST_WORD_MAX) {
            continue;
        }
        size_t distance = edit_distance(word, words[i]);
        // A beginning of a word is meant as that word: "play" for "playback".
        if (word_length >= 2 && strncmp(word, words[i], word_length) == 0) {
            distance = 1;
        }
        size_t longer = word_length > length ? word_length : length;
        if (distance < best && distance <= (longer + 1) / 3) {
            best = distance;
            nearest = words[i];
        }
    }
    return nearest;
}

bool text_to_u64(const char *text, uint64_t lo, uint64_t hi, uint64_t *value)
{
    uint64_t sum = 0;
    if (!*text) {
        return false;
    }
    for (; *text; text++) {
        if (*text < '0' || *text > '9' || __builtin_mul_overflow(sum, 10u, &sum)
            || __builtin_add_overflow(sum, (uint64_t)(*text - '0'), &sum)) {
            return false;
        }
    }
    *value = sum;
    return sum >= lo && sum <= hi;
}

bool text_to_bytes(const char *text, size_t *bytes)
{
    char digits[24];
    size_t length = strspn(text, "0123456789");
    if (length == 0 || length >= sizeof(digits)) {
        return false;
    }
    memcpy(digits, text, length);
    digits[length] = '\0';
    const char *unit = text + length;
    static const char UNITS[] = "kmgt";
    unsigned shift = 0;
    if (*unit) {
        const char *at = strchr(UNITS, *unit | 32);
        if (!at || (unit[1] && strcmp(unit + 1, "iB") != 0 && strcmp(unit + 1, "B") != 0)) {
            return false;
        }
        shift = 10u * (unsigned)(at - UNITS + 1);
    }
    uint64_t value;
    return text_to_u64(digits, 0, UINT64_MAX, &value)
           && !__builtin_mul_overflow(value, 1ull << shift, bytes);
}

// The one thing base remembers: how much was logged in this second.
enum { LOG_LINES_PER_S = 200 };
static struct {
    pthread_mutex_t lock;
    uint64_t second;
    unsigned lines, held_back;
} log_state = {.lock = PTHREAD_MUTEX_INITIALIZER};

static bool log_may_pass(unsigned *held_back)
{
    uint64_t second = mono_ns() / NS_PER_S;
    pthread_mutex_lock(&log_state.lock);
    *held_back = 0;
    if (second != log_state.second) {
        *held_back = log_state.held_back;
        log_state.second = second;
        log_state.lines = 0;
        log_state.held_back = 0;
    }
    bool pass = log_state.lines++ < LOG_LINES_PER_S;
    log_state.held_back += pass ? 0 : 1;
    pthread_mutex_unlock(&log_state.lock);
    return pass;
}

void log_line(LogLevel level, const char *format, ...)
{
    static const char *const PREFIX[] = {"hotloop: ", "hotloop: warning: ", "hotloop: error: "};
    unsigned held_back;
    if (!log_may_pass(&held_back)) {
        return;
    }
    char raw[4096], clean[4096];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(raw, sizeof(raw), format, args);
    va_end(args);
    text_clean(clean, sizeof(clean), raw, true);
    if (held_back > 0) {
        dprintf(STDERR_FILENO, "hotloop: %u lines were held back in one second\n", held_back);
    }
    dprintf(STDERR_FILENO, "%s%s\n", PREFIX[level], clean);
}
