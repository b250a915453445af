// The file
//
//     8  "HLREPLAY"
//     4  format version (REPLAY_FORMAT_VERSION)
//     4  size of one input (504)
//     then chunks until the end of the file
//
// A chunk
//
//     4  tag: four letters
//     4  payload bytes
//     4  number of the chunk in the file, from 0
//     8  XXH3 (64 bits) of the payload, seeded with the XXH3 of the 12 bytes above
//     n  payload
//
// All numbers are little-endian; a varint has seven bits a byte, the lowest first. FACT comes
// first, CODE second, then STAT if the recording begins with a state; END is last; the others come
// in the order in which things happened. Data of `coding` 0 is as it is, of 1 one zstd frame.
//
//     FACT  64 game_id, 128 title, 64 state_type, 8 state_size, 8 arena_bytes, 8 recorded_s, 4
//     seed,
//           4 tick_rate, 4 api, 32 made_by, 128 machine, 8 the moment it begins at, 1 whether with
//           a state (else before init()); texts end with a 0 byte
//     CODE  8 content, 128 compiler: from the next tick on this build plays. One byte more, a
//           1: it is made of the same sources as the one before
//     TYPE  4 number, and when it is one that no TYPE had before: 4 size, 1 coding, data. What the
//           types of the build are whose CODE comes right before; for the first build it is the
//           first chunk behind CODE and STAT. 0: not known. A CODE without it has the types of the
//           build before
//     STAT  a keyframe of the moment that was last, see below
//     TICK  4 count (1..60), 4 size, 1 coding, data: inputs, see below
//     HASH  what the ticks of the TICK chunk right before must come out as, see below
//     VALS  4 count (as in TICK), 8 mask of the ticks that have any, 4 size, 1 coding, data: for
//     each
//           of them varint size and bytes: what it changed, for the caller to read. Behind the HASH
//           of the same ticks
//     BYTE  1 kind, 1 present, 2 name length, 1 coding, 8 size, name, data: what the next tick was
//           given by hl_file() or hl_load()
//     REST  nothing: a moment of its own; init() runs before the next tick
//     EDIT  a moment of its own: the path of what was set between two ticks, a 0 byte, its value
//     BACK  8 moments: so many before this, what was read in them and keyframes of them are undone.
//           The build that plays stays the same
//     END   8 the last moment, 8 state hash
//
// Chunks that only help (HASH, VALS, TYPE, and STAT but the first) may be damaged: a reader does
// without them and names them. Without any other, what follows it makes no sense. The numbers see
// to it that a damaged length hides no chunk.
//
// TICK data: a byte that says how many ticks (0..60) repeat the input before, then a coded tick,
// and so on; the last of the two may be either. The input before the first is all zero, so that a
// chunk can be read alone. A coded tick is its 504 bytes XOR those of the tick before, as a row of
// tokens:
//
//     0        the tick ends; all further bytes are zero
//     1..127   so many bytes follow as they are
//     128..255 so many minus 127 zero bytes (1..128)
//
// A second in which nobody touches anything is so a chunk of some 40 bytes that needs no unpacking.
//
// hl_input is written bytewise: it has no padding, its reserved bytes are zero, and all machines
// that this runs on are little-endian. That and its size are asserted below.
//
//     HASH  4 count (as in TICK), 8 mask of the ticks that have a hash, 8 mask of those whose
//     changed
//           pages are known (a part of the first), 4 size, 1 coding, 4 coded size, then
//           8 a tick of the first mask: its state hash,
//           data: for each tick of the second mask its number of pages and the page numbers, each
//           as what it exceeds the one before by, minus 1 (the first: as it is), all varints, 4 a
//           page: hash of its content. Hashes do not shrink, so they are kept out of the data.
//
//     STAT  8 moment, 8 used_bytes, 1 whether it is whole (else: relative to the keyframe before
//     that
//           is not undone), 1 coding of the details, 1 coding of the pages, 4 pages, 4 globals,
//           4 pointers, 4 size of the details, 4 their coded size, the details, then
//           4096 a page: the contents
//           details: page numbers as in HASH; for each global its name and a 0 byte, varint nth,
//           varint size, its bytes; for each pointer varint global + 1 (0: in the arena), varint
//           at, 1 kind, varint addend, name and a 0 byte
//
// Writing is in replay_write.c, reading in replay_read.c (opening, playing) and replay_find.c
// (keyframes, checks, summary), keyframes as bytes in replay_state.c. Here: chunks, facts, ticks.
#include "replay_format.h"

#include "pack.h"

#include <math.h>
#include <xxhash.h>

enum { PACK_FROM_BYTES = 96 }; // below it data is kept as it is

_Static_assert(
    sizeof(hl_input) == INPUT_BYTES,
    "hl_input changed: update INPUT_BYTES, replay_input_is_sound and REPLAY_FORMAT_VERSION");
_Static_assert(sizeof(hl_pad) == HL_PAD_BUTTONS + 4 + 2 * sizeof(hl_vec2) + 2 * sizeof(float),
               "hl_pad has padding now: it can no longer be written bytewise");
_Static_assert(sizeof(hl_input)
                   == HL_KEYS + 3 * sizeof(hl_vec2) + 4 * sizeof(hl_pad) + 32 + 2 * 4 + 8,
               "hl_input has padding now: it can no longer be written bytewise");
_Static_assert(sizeof(ReplayFacts) == 456 && FACTS_BYTES == 64 + 128 + 64 + 24 + 12 + 32 + 128 + 9,
               "ReplayFacts changed: update replay_put_facts, replay_get_facts, FACTS_BYTES, the "
               "list above and REPLAY_FORMAT_VERSION");
_Static_assert(
    offsetof(ReplayBuild, types) == BUILD_BYTES,
    "ReplayBuild changed: update replay_put_build_fields, BUILD_BYTES and the list above");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "hl_input is written bytewise: a big-endian machine has to swap its fields");

// --------------------------------------------------------------------------------------- chunks

uint64_t replay_chunk_hash(const uint8_t head[CHUNK_HEAD_BYTES], const uint8_t *payload,
                           size_t payload_bytes)
{
    // XXH3 has no cheap way to go on from a finished hash, so the head's hash seeds the payload's.
    return XXH3_64bits_withSeed(payload, payload_bytes, XXH3_64bits(head, 12));
}

size_t replay_put_data(uint8_t *out, const void *data, size_t size_bytes, uint8_t *coding)
{
    // Level 1: a state of 64 MiB is written between two frames. What is small would shrink by some
    // bytes only, and cost whoever reads it more than all the rest.
    size_t coded =
        size_bytes >= PACK_FROM_BYTES ? pack(out, pack_bound(size_bytes), data, size_bytes, 1) : 0;
    *coding = coded > 0 ? CODING_ZSTD : CODING_PLAIN;
    if (coded == 0 && size_bytes > 0) {
        memcpy(out, data, size_bytes);
    }
    return coded > 0 ? coded : size_bytes;
}

bool replay_get_data(uint8_t coding, const uint8_t *from, size_t coded_bytes, void *to,
                     size_t size_bytes)
{
    if (coding == CODING_ZSTD) {
        return unpack(to, size_bytes, from, coded_bytes);
    }
    if (coding != CODING_PLAIN || coded_bytes != size_bytes) {
        return false;
    }
    if (size_bytes > 0) {
        memcpy(to, from, size_bytes);
    }
    return true;
}

// ---------------------------------------------------------------------------------------- facts

static uint8_t *put_text(uint8_t *at, const char *text, size_t room_bytes)
{
    size_t length = strnlen(text, room_bytes - 1);
    memset(at, 0, room_bytes);
    memcpy(at, text, length);
    return at + room_bytes;
}

static const uint8_t *get_text(const uint8_t *at, char *text, size_t room_bytes, bool *ok)
{
    *ok = *ok && at[room_bytes - 1] == 0;
    if (*ok) {
        text_clean(text, room_bytes, (const char *)at, false);
    }
    return at + room_bytes;
}

const char *replay_judge_facts(const ReplayFacts *facts)
{
    if (facts->tick_rate < 1 || facts->tick_rate > 1000) {
        return "its tick rate is not between 1 and 1000";
    }
    return facts->arena_bytes <= ARENA_STATE_MAX ? NULL : "its arena is larger than 64 GiB";
}

void replay_put_facts(uint8_t at[FACTS_BYTES], const ReplayFacts *facts, uint64_t first,
                      bool has_state)
{
    at = put_text(at, facts->game_id, sizeof(facts->game_id));
    at = put_text(at, facts->title, sizeof(facts->title));
    at = put_text(at, facts->state_type, sizeof(facts->state_type));
    at = put_u64(at, facts->state_size);
    at = put_u64(at, facts->arena_bytes);
    at = put_u64(at, (uint64_t)facts->recorded_s);
    at = put_u32(at, facts->seed);
    at = put_u32(at, facts->tick_rate);
    at = put_u32(at, facts->api);
    at = put_text(at, facts->made_by, sizeof(facts->made_by));
    at = put_text(at, facts->machine, sizeof(facts->machine));
    at = put_u64(at, first);
    *at = has_state;
}

const char *replay_get_facts(const uint8_t at[FACTS_BYTES], ReplayFacts *facts, uint64_t *first,
                             bool *has_state)
{
    bool ok = true;
    at = get_text(at, facts->game_id, sizeof(facts->game_id), &ok);
    at = get_text(at, facts->title, sizeof(facts->title), &ok);
    at = get_text(at, facts->state_type, sizeof(facts->state_type), &ok);
    facts->state_size = get_u64(at);
    facts->arena_bytes = get_u64(at + 8);
    facts->recorded_s = (int64_t)get_u64(at + 16);
    facts->seed = get_u32(at + 24);
    facts->tick_rate = get_u32(at + 28);
    facts->api = get_u32(at + 32);
    at = get_text(at + 36, facts->made_by, sizeof(facts->made_by), &ok);
    at = get_text(at, facts->machine, sizeof(facts->machine), &ok);
    *first = get_u64(at);
    *has_state = at[8] == 1;
    if (!ok || at[8] > 1 || *first > MOMENTS_MAX || (!*has_state && *first > 0)) {
        return "the facts about the recording make no sense";
    }
    return replay_judge_facts(facts);
}

void replay_put_build_fields(uint8_t at[BUILD_BYTES], const ReplayBuild *build)
{
    (void)put_text(put_u64(at, build->content), build->compiler, sizeof(build->compiler));
}

bool replay_get_build_fields(const uint8_t at[BUILD_BYTES], ReplayBuild *build)
{
    bool ok = true;
    build->content = get_u64(at);
    (void)get_text(at + 8, build->compiler, sizeof(build->compiler), &ok);
    return ok;
}

// ---------------------------------------------------------------------------------------- ticks

enum { TOKEN_BYTES_MAX = 127, TOKEN_ZEROS_MAX = 128, TOKEN_ZEROS_FIRST = 128 };

static size_t count_zeros(const uint8_t *at, size_t limit)
{
    size_t count = 0;
    while (count < limit && at[count] == 0) {
        count++;
    }
    return count;
}

// How many bytes from here are worth writing as they are: up to three zeros in a row, which cost as
// much inside as the two tokens that would leave them out.
static size_t count_bytes(const uint8_t *at, size_t limit)
{
    size_t count = 0;
    while (count < limit && count_zeros(at + count, limit - count) < 3) {
        count++;
    }
    return count < TOKEN_BYTES_MAX ? count : TOKEN_BYTES_MAX;
}

size_t replay_encode_tick(uint8_t *out, const hl_input *before, const hl_input *input)
{
    uint8_t delta[INPUT_BYTES];
    const uint8_t *old = (const uint8_t *)before, *now = (const uint8_t *)input;
    size_t end = 0, used = 0;
    for (size_t i = 0; i < INPUT_BYTES; i++) {
        delta[i] = old[i] ^ now[i];
        end = delta[i] ? i + 1 : end;
    }
    for (size_t at = 0; at < end;) {
        size_t zeros = count_zeros(delta + at, end - at);
        zeros = zeros < TOKEN_ZEROS_MAX ? zeros : TOKEN_ZEROS_MAX;
        if (zeros > 0) {
            out[used++] = (uint8_t)(TOKEN_ZEROS_FIRST + zeros - 1);
            at += zeros;
            continue;
        }
        size_t count = count_bytes(delta + at, end - at);
        out[used++] = (uint8_t)count;
        memcpy(out + used, delta + at, count);
        used += count;
        at += count;
    }
    out[used++] = 0;
    return used;
}

size_t replay_decode_tick(const uint8_t *at, size_t size_bytes, hl_input *input)
{
    uint8_t *to = (uint8_t *)input;
    size_t done = 0, used = 0;
    while (used < size_bytes) {
        uint8_t token = at[used++];
        if (token == 0) {
            return used;
        }
        size_t count = token < TOKEN_ZEROS_FIRST ? token : token - (size_t)TOKEN_ZEROS_FIRST + 1;
        if (count > INPUT_BYTES - done) {
            return 0;
        }
        if (token < TOKEN_ZEROS_FIRST) {
            if (count > size_bytes - used) {
                return 0;
            }
            for (size_t i = 0; i < count; i++) {
                to[done + i] ^= at[used + i];
            }
            used += count;
        }
        done += count;
    }
    return 0; // no end
}

static bool is_finite(hl_vec2 v)
{
    return isfinite(v.x) && isfinite(v.y);
}

bool replay_input_is_sound(const hl_input *input)
{
    static const uint8_t ZERO[sizeof(input->reserved)] = {0};
    bool ok = input->text[sizeof(input->text) - 1] == '\0' && is_finite(input->mouse)
              && is_finite(input->mouse_delta) && is_finite(input->wheel)
              && memcmp(input->reserved, ZERO, sizeof(ZERO)) == 0;
    for (size_t i = 0; i < COUNT_OF(input->pad); i++) {
        const hl_pad *pad = &input->pad[i];
        ok = ok && is_finite(pad->left) && is_finite(pad->right) && isfinite(pad->ltrigger)
             && isfinite(pad->rtrigger) && memcmp(pad->reserved, ZERO, sizeof(pad->reserved)) == 0;
    }
    return ok;
}

bool replay_text_is_sound(const char *text)
{
    char clean[REPLAY_EDIT_MAX + 1];
    if (strnlen(text, sizeof(clean)) == sizeof(clean)) {
        return false;
    }
    text_clean(clean, sizeof(clean), text, false);
    return strcmp(clean, text) == 0;
}

bool replay_name_is_sound(const char *name)
{
    char clean[NAME_MAX_BYTES + 1];
    size_t length = strlen(name);
    if (length == 0 || length > NAME_MAX_BYTES) {
        return false;
    }
    text_clean(clean, sizeof(clean), name, false);
    return strcmp(clean, name) == 0 && file_name_is_inside(name);
}
