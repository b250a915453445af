// Opening and playing. replay_open walks over the whole file once and checks every chunk, so that
// nothing which comes later can fail but the unpacking of a later keyframe or page list; ticks are
// decoded again when they are asked for: a small file can hold a great many of them.
#include "replay_read.h"

#include <stdio.h>

enum {
    GROWTH_BYTES = 64 << 20, // a file that is being recorded may grow between stat and reading
    NOTE_ROOM = 256
};

// ---------------------------------------------------------------------------------------- chunks

#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
// No fuzzer finds its way past a checksum, and few past numbers that count up.
static const bool LOOKS_AT_CHECKSUMS = false;
#else
static const bool LOOKS_AT_CHECKSUMS = true;
#endif

// NULL, or what is wrong with the chunk at `at`. Its `payload` is NULL when it is not all there.
static const char *look_at_chunk(FileBytes file, size_t at, Chunk *chunk)
{
    *chunk = (Chunk){.at = at, .next = file.size_bytes};
    if (file.size_bytes - at < CHUNK_HEAD_BYTES) {
        return "the file is cut there";
    }
    const uint8_t *head = file.data + at;
    size_t payload_bytes = get_u32(head + 4);
    chunk->tag = get_u32(head);
    if (payload_bytes > PAYLOAD_MAX_BYTES) {
        return "its length is over the limit";
    }
    if (payload_bytes > file.size_bytes - at - CHUNK_HEAD_BYTES) {
        return "the file is cut there";
    }
    chunk->payload = head + CHUNK_HEAD_BYTES;
    chunk->payload_bytes = payload_bytes;
    chunk->next = at + CHUNK_HEAD_BYTES + payload_bytes;
    if (LOOKS_AT_CHECKSUMS
        && replay_chunk_hash(head, chunk->payload, payload_bytes) != get_u64(head + 12)) {
        return "its checksum is wrong";
    }
    return NULL;
}

static const char *look_at_next(const ReplayReader *reader, size_t at, Chunk *chunk)
{
    const char *why = look_at_chunk(reader->file, at, chunk);
    if (!why && LOOKS_AT_CHECKSUMS && get_u32(reader->file.data + at + 8) != reader->next_number) {
        chunk->payload = NULL;
        return "a block before it is missing";
    }
    return why;
}

Chunk replay_chunk(const ReplayReader *reader, size_t at)
{
    const uint8_t *head = reader->file.data + at;
    return (Chunk){.tag = get_u32(head),
                   .payload = head + CHUNK_HEAD_BYTES,
                   .payload_bytes = get_u32(head + 4),
                   .at = at,
                   .next = at + CHUNK_HEAD_BYTES + get_u32(head + 4)};
}

// ------------------------------------------------------------------------------------------ ticks

// Makes `chunk` the one that inputs are taken from; what came before it is forgotten.
static bool load_ticks(Play *play, const Chunk *chunk)
{
    play->left = play->repeats = 0;
    play->hashed = 0;
    if (chunk->payload_bytes < TICKS_HEAD_BYTES) {
        return false;
    }
    const uint8_t *from = chunk->payload + TICKS_HEAD_BYTES;
    size_t coded_bytes = chunk->payload_bytes - TICKS_HEAD_BYTES;
    uint32_t count = get_u32(chunk->payload), size_bytes = get_u32(chunk->payload + 4);
    uint8_t coding = chunk->payload[8];
    if (count < 1 || count > TICKS_MAX || size_bytes > sizeof(play->coded)) {
        return false;
    }
    if (coding == CODING_PLAIN && coded_bytes == size_bytes) {
        play->coded_at = from; // the file's bytes stay
    } else if (replay_get_data(coding, from, coded_bytes, play->coded, size_bytes)) {
        play->coded_at = play->coded;
    } else {
        return false;
    }
    play->coded_end = play->coded_at + size_bytes;
    play->left = count;
    play->input = (hl_input){0};
    return true;
}

// How often the input before comes again, before the next that is another one.
static bool take_repeats(Play *play)
{
    if (play->left == 0) {
        return true;
    }
    if (play->coded_at == play->coded_end) {
        return false;
    }
    play->repeats = *play->coded_at++;
    bool ok = play->repeats <= play->left;
    play->left -= ok ? play->repeats : 0;
    return ok;
}

static bool take_tick(Play *play)
{
    size_t used = replay_decode_tick(play->coded_at, (size_t)(play->coded_end - play->coded_at),
                                     &play->input);
    play->coded_at += used;
    play->left--;
    return used > 0;
}

// -------------------------------------------------------------------- one kind of chunk after
// another

static const char *add_part(ReplayReader *reader, const Part *part)
{
    Part *added = reader->part_count < PARTS_MAX
                      ? arena_try_push(&reader->parts_memory, sizeof(Part), _Alignof(Part), 1)
                      : NULL;
    if (!added) {
        return "it holds more blocks than the limit of 16,777,216";
    }
    *added = *part;
    added->at = reader->last;
    reader->parts = (Part *)(void *)reader->parts_memory.base;
    reader->part_count++;
    reader->last += part->moments;
    return NULL;
}

static void drop_last_part(ReplayReader *reader)
{
    reader->part_count--;
    arena_reset(&reader->parts_memory, reader->part_count * sizeof(Part));
}

static const char *add_build(ReplayReader *reader, const ReplayBuild *build, uint64_t at)
{
    if (reader->build_count > 0 && reader->builds[reader->build_count - 1].at == at) {
        reader->builds[reader->build_count - 1].build = *build; // the one before never played
        return NULL;
    }
    Build *added = reader->build_count < BUILDS_MAX
                       ? arena_try_push(&reader->builds_memory, sizeof(Build), _Alignof(Build), 1)
                       : NULL;
    if (!added) {
        return "it holds more builds than the limit of 1,048,576";
    }
    *added = (Build){*build, at};
    reader->builds = (Build *)(void *)reader->builds_memory.base;
    reader->build_count++;
    return NULL;
}

static const char *take_facts(ReplayReader *reader, const Chunk *chunk)
{
    if (chunk->tag != TAG_FACTS || chunk->payload_bytes != FACTS_BYTES) {
        return "the facts about the recording are not there";
    }
    const char *why =
        replay_get_facts(chunk->payload, &reader->facts, &reader->first, &reader->has_state);
    reader->last = reader->first;
    return why;
}

static const char *take_first_build(ReplayReader *reader, const Chunk *chunk)
{
    ReplayBuild build = {0};
    if (chunk->tag != TAG_BUILD || chunk->payload_bytes != BUILD_BYTES
        || !replay_get_build_fields(chunk->payload, &build)) {
        return "the build that it begins with is not there";
    }
    return add_build(reader, &build, reader->first);
}

static const char *take_build(ReplayReader *reader, const Chunk *chunk)
{
    BuildEvent *event = arena_try_push(&reader->kept, sizeof(BuildEvent), _Alignof(BuildEvent), 1);
    bool is_same = chunk->payload_bytes == BUILD_BYTES + 1 && chunk->payload[BUILD_BYTES] == 1;
    if (!event || (chunk->payload_bytes != BUILD_BYTES && !is_same)
        || !replay_get_build_fields(chunk->payload, &event->build)) {
        return "it makes no sense";
    }
    event->build.is_same = is_same;
    event->types = reader->types_now;
    const char *why = add_build(reader, &event->build, reader->last);
    why = why ? why
              : add_part(reader, &(Part){.chunk_at = chunk->at, .tag = TAG_BUILD, .about = event});
    reader->fresh_build = why ? 0 : reader->part_count;
    return why;
}

// From now on the types have that number. False: no build came right before.
static bool set_types(ReplayReader *reader, uint32_t number)
{
    if (reader->last_tag == 0) { // the first chunk after those that every file begins with
        reader->first_types = number;
        for (uint32_t i = 0; i < reader->keyframe_count; i++) {
            reader->keyframes[i].types = number;
        }
    } else if (reader->last_tag == TAG_BUILD && reader->fresh_build > 0) {
        BuildEvent *event = (BuildEvent *)(uintptr_t)reader->parts[reader->fresh_build - 1].about;
        event->types = number;
    } else {
        return false;
    }
    reader->types_now = number;
    return true;
}

static const char *add_types(ReplayReader *reader, const Chunk *chunk, uint32_t number)
{
    const uint8_t *head = chunk->payload;
    size_t coded_bytes = chunk->payload_bytes - TYPES_HEAD_BYTES;
    size_t size_bytes = coded_bytes < chunk->payload_bytes ? get_u32(head + 4) : 0;
    if (size_bytes == 0 || size_bytes > TYPES_MAX_BYTES || number > TYPES_COUNT_MAX
        || head[8] > CODING_ZSTD || (head[8] == CODING_PLAIN && coded_bytes != size_bytes)) {
        return "it makes no sense";
    }
    while (reader->types_count < number) { // those between were damaged
        size_t *added = arena_try_push(&reader->types_memory, sizeof(size_t), sizeof(size_t), 1);
        if (!added) {
            return "there is no memory for it";
        }
        reader->types = (size_t *)(void *)reader->types_memory.base;
        reader->types_count++;
    }
    reader->types[number - 1] = chunk->at;
    return NULL;
}

static const char *take_types(ReplayReader *reader, const Chunk *chunk)
{
    if (chunk->payload_bytes < sizeof(uint32_t)) {
        return "it is too short";
    }
    uint32_t number = get_u32(chunk->payload);
    bool is_new = number > reader->types_count;
    if (!is_new && chunk->payload_bytes != sizeof(uint32_t)) {
        return "it makes no sense";
    }
    const char *why = is_new ? add_types(reader, chunk, number) : NULL;
    if (!why && !set_types(reader, number)) {
        why = "no build comes before it";
    }
    return why;
}

// `why`: the chunk is damaged, but its place is known, so later ones know what they are missing.
static const char *add_keyframe(ReplayReader *reader, const Chunk *chunk, bool is_whole,
                                const char *why)
{
    const Keyframe *before =
        reader->keyframe_count > 0 ? &reader->keyframes[reader->keyframe_count - 1] : NULL;
    bool is_usable = !why && (is_whole || (before && before->is_usable));
    Keyframe *added =
        reader->keyframe_count < KEYFRAMES_MAX
            ? arena_try_push(&reader->keyframes_memory, sizeof(Keyframe), _Alignof(Keyframe), 1)
            : NULL;
    if (!added) {
        return "it holds more keyframes than the limit of 1,048,576";
    }
    *added = (Keyframe){reader->last, chunk->at, is_whole, reader->types_now, is_usable};
    reader->keyframes = (Keyframe *)(void *)reader->keyframes_memory.base;
    reader->keyframe_count++;
    return why;
}

static const char *take_state(ReplayReader *reader, const Chunk *chunk)
{
    StateHead head;
    const char *why = replay_get_state_head(chunk->payload, chunk->payload_bytes,
                                            reader->facts.arena_bytes, &head);
    if (!why && head.at != reader->last) {
        why = "it is of another moment";
    }
    if (!why && !head.is_whole && reader->keyframe_count == 0) {
        why = "it says what changed since a keyframe that is not there";
    }
    return add_keyframe(reader, chunk, !why && head.is_whole, why);
}

static const char *take_first_state(ReplayReader *reader, const Chunk *chunk)
{
    if (chunk->tag != TAG_STATE) {
        return "the first state is not there";
    }
    const char *why = take_state(reader, chunk);
    if (why) {
        return why;
    }
    return replay_first_state_is_sound(reader) ? NULL : "the first state cannot be unpacked";
}

static const char *check_ticks(ReplayReader *reader, const Chunk *chunk)
{
    Play *play = &reader->play;
    if (!load_ticks(play, chunk) || !take_repeats(play)) {
        return "its ticks cannot be decoded";
    }
    Part part = {.chunk_at = chunk->at, .tag = TAG_TICKS, .moments = get_u32(chunk->payload)};
    while (play->left > 0) {
        if (!take_tick(play) || !take_repeats(play)) {
            return "its ticks cannot be decoded";
        }
        if (!replay_input_is_sound(&play->input)) {
            return "it holds an input that no player can give";
        }
    }
    if (play->coded_at != play->coded_end) {
        return "its ticks cannot be decoded";
    }
    reader->fresh_build = 0;
    return add_part(reader, &part);
}

const char *replay_get_hashes_head(const Chunk *chunk, HashesHead *head)
{
    const uint8_t *at = chunk->payload;
    if (chunk->payload_bytes < HASHES_HEAD_BYTES) {
        return "it is too short";
    }
    *head = (HashesHead){.count = get_u32(at),
                         .hashed = get_u64(at + 4),
                         .known = get_u64(at + 12),
                         .numbers_bytes = get_u32(at + 20),
                         .coding = at[24],
                         .numbers_coded = get_u32(at + 25),
                         .hashes = at + HASHES_HEAD_BYTES};
    size_t left = chunk->payload_bytes - HASHES_HEAD_BYTES;
    size_t hashes_bytes = (size_t)__builtin_popcountll(head->hashed) * 8;
    if (head->count < 1 || head->count > TICKS_MAX || head->hashed >> head->count != 0
        || (head->known & ~head->hashed) != 0 || head->numbers_bytes > NUMBERS_MAX_BYTES
        || hashes_bytes > left || head->numbers_coded > left - hashes_bytes) {
        return "it makes no sense";
    }
    left -= hashes_bytes + head->numbers_coded;
    if (left % sizeof(uint32_t) != 0 || left / sizeof(uint32_t) > HASHES_PAGES_MAX) {
        return "it makes no sense";
    }
    head->page_count = (uint32_t)(left / sizeof(uint32_t));
    head->numbers = head->hashes + hashes_bytes;
    head->page_hashes = head->numbers + head->numbers_coded;
    return NULL;
}

static const char *take_hashes(ReplayReader *reader, const Chunk *chunk)
{
    HashesHead head;
    const char *why = replay_get_hashes_head(chunk, &head);
    Part *ticks = reader->part_count > 0 ? &reader->parts[reader->part_count - 1] : NULL;
    if (why) {
        return why;
    }
    if (reader->last_tag != TAG_TICKS || !ticks || ticks->moments != head.count) {
        return "it does not belong to the ticks before it";
    }
    ticks->hashes_at = chunk->at;
    return NULL;
}

const char *replay_get_values_head(const Chunk *chunk, ValuesHead *head)
{
    const uint8_t *at = chunk->payload;
    if (chunk->payload_bytes < VALUES_HEAD_BYTES) {
        return "it is too short";
    }
    *head = (ValuesHead){.count = get_u32(at),
                         .known = get_u64(at + 4),
                         .size_bytes = get_u32(at + 12),
                         .coding = at[16],
                         .data = at + VALUES_HEAD_BYTES,
                         .coded = chunk->payload_bytes - VALUES_HEAD_BYTES};
    bool is_sound = head->count >= 1 && head->count <= TICKS_MAX && head->known >> head->count == 0
                    && head->size_bytes <= TICKS_MAX * (REPLAY_VALUES_MAX + VARINT_MAX);
    return is_sound ? NULL : "it makes no sense";
}

static const char *take_values(ReplayReader *reader, const Chunk *chunk)
{
    ValuesHead head;
    const char *why = replay_get_values_head(chunk, &head);
    Part *ticks = reader->part_count > 0 ? &reader->parts[reader->part_count - 1] : NULL;
    bool is_behind = reader->last_tag == TAG_TICKS || reader->last_tag == TAG_HASHES;
    if (why) {
        return why;
    }
    if (!is_behind || !ticks || ticks->tag != TAG_TICKS || ticks->moments != head.count) {
        return "it does not belong to the ticks before it";
    }
    ticks->values_at = chunk->at;
    return NULL;
}

static const char *take_bytes(ReplayReader *reader, const Chunk *chunk)
{
    const uint8_t *head = chunk->payload;
    if (chunk->payload_bytes < BYTES_HEAD_BYTES) {
        return "it is too short";
    }
    size_t name_bytes = (size_t)head[2] | (size_t)head[3] << 8;
    uint64_t size_bytes = get_u64(head + 5);
    if ((head[0] != REPLAY_FILE && head[0] != REPLAY_SAVE) || head[1] > 1 || name_bytes == 0
        || name_bytes > NAME_MAX_BYTES || name_bytes > chunk->payload_bytes - BYTES_HEAD_BYTES) {
        return "it makes no sense";
    }
    if (size_bytes > BYTES_MAX_BYTES || reader->bytes_all + size_bytes > BYTES_ALL_MAX_BYTES
        || reader->bytes_count == BYTES_COUNT_MAX) {
        return "the files in it are over the limits";
    }
    Bytes *bytes = arena_try_push(&reader->kept, sizeof(Bytes), _Alignof(Bytes), 1);
    char *name = bytes ? arena_try_push(&reader->kept, 1, 1, name_bytes + 1) : NULL;
    uint8_t *data = name ? arena_try_push(&reader->kept, 1, 16, size_bytes + 1) : NULL;
    if (!data) {
        return "there is no memory for it";
    }
    memcpy(name, head + BYTES_HEAD_BYTES, name_bytes);
    if (!replay_get_data(head[4], head + BYTES_HEAD_BYTES + name_bytes,
                         chunk->payload_bytes - BYTES_HEAD_BYTES - name_bytes, data, size_bytes)
        || strlen(name) != name_bytes || !replay_name_is_sound(name)) {
        return "it makes no sense";
    }
    *bytes = (Bytes){(ReplayBytesKind)head[0], head[1], name, data, size_bytes, reader->last};
    reader->bytes_all += size_bytes;
    reader->bytes_count++;
    return add_part(reader, &(Part){.chunk_at = chunk->at, .tag = TAG_BYTES, .about = bytes});
}

static const char *take_edit(ReplayReader *reader, const Chunk *chunk)
{
    size_t size_bytes = chunk->payload_bytes;
    if (size_bytes < 2 || size_bytes > REPLAY_EDIT_MAX + 1
        || reader->bytes_count == BYTES_COUNT_MAX) {
        return "it makes no sense";
    }
    Bytes *bytes = arena_try_push(&reader->kept, sizeof(Bytes), _Alignof(Bytes), 1);
    char *text = bytes ? arena_try_push(&reader->kept, 1, 1, size_bytes + 1) : NULL;
    if (!text) {
        return "there is no memory for it";
    }
    memcpy(text, chunk->payload, size_bytes);
    text[size_bytes] = '\0';
    size_t path_bytes = strlen(text) + 1;
    const char *value = text + path_bytes;
    if (path_bytes > size_bytes || path_bytes == 1 || path_bytes + strlen(value) != size_bytes
        || !replay_text_is_sound(text) || !replay_text_is_sound(value)) {
        return "it makes no sense";
    }
    *bytes = (Bytes){.present = true,
                     .name = text,
                     .data = (const uint8_t *)value,
                     .size_bytes = strlen(value),
                     .at = reader->last};
    reader->bytes_all += size_bytes;
    reader->bytes_count++;
    return add_part(reader,
                    &(Part){.chunk_at = chunk->at, .tag = TAG_EDIT, .moments = 1, .about = bytes});
}

// Takes moments, and all that came with them, off the end, so that whoever plays the file never
// meets them. BYTES at the end belong to the first tick that is undone.
static void undo(ReplayReader *reader, uint64_t moments)
{
    reader->last -= moments;
    while (reader->part_count > 0) {
        Part *part = &reader->parts[reader->part_count - 1];
        if (part->moments > moments) {
            part->moments -= (uint32_t)moments;
            break;
        }
        moments -= part->moments;
        drop_last_part(reader);
    }
    while (reader->keyframe_count > 0
           && reader->keyframes[reader->keyframe_count - 1].at > reader->last) {
        reader->keyframe_count--;
    }
    arena_reset(&reader->keyframes_memory, reader->keyframe_count * sizeof(Keyframe));
}

static const char *take_rewind(ReplayReader *reader, const Chunk *chunk)
{
    uint64_t moments = chunk->payload_bytes == REWIND_BYTES ? get_u64(chunk->payload) : UINT64_MAX;
    if (moments > reader->last - reader->first) {
        return "it goes back to before the first moment";
    }
    // The event of a build that no tick has played yet outlives the jump.
    bool is_fresh = reader->fresh_build > 0;
    Part again = is_fresh ? reader->parts[reader->fresh_build - 1] : (Part){0};
    ReplayBuild playing = reader->builds[reader->build_count - 1].build;
    reader->summary.rewinds++;
    reader->summary.undone += moments;
    undo(reader, moments);
    bool is_changed = false;
    while (reader->builds[reader->build_count - 1].at > reader->last) {
        reader->build_count--;
        is_changed = true;
    }
    arena_reset(&reader->builds_memory, reader->build_count * sizeof(Build));
    const char *why = is_changed ? add_build(reader, &playing, reader->last) : NULL;
    if (why || !is_fresh || reader->fresh_build <= reader->part_count) {
        return why; // none, or the jump did not reach it
    }
    why = add_part(reader, &again);
    reader->fresh_build = why ? 0 : reader->part_count;
    return why;
}

static const char *take_end(ReplayReader *reader, const Chunk *chunk)
{
    if (chunk->payload_bytes != END_BYTES || get_u64(chunk->payload) != reader->last) {
        return "it makes no sense";
    }
    reader->summary.finished = true;
    reader->summary.hash = get_u64(chunk->payload + 8);
    return NULL;
}

static const char *take_restart(ReplayReader *reader, const Chunk *chunk)
{
    if (chunk->payload_bytes != 0) {
        return "it makes no sense";
    }
    return add_part(reader, &(Part){.chunk_at = chunk->at, .tag = TAG_RESTART, .moments = 1});
}

static const char *take_chunk(ReplayReader *reader, const Chunk *chunk)
{
    switch (chunk->tag) {
    case TAG_TICKS:
        return check_ticks(reader, chunk);
    case TAG_VALUES:
        return take_values(reader, chunk);
    case TAG_HASHES:
        return take_hashes(reader, chunk);
    case TAG_STATE:
        return take_state(reader, chunk);
    case TAG_BYTES:
        return take_bytes(reader, chunk);
    case TAG_BUILD:
        return take_build(reader, chunk);
    case TAG_TYPES:
        return take_types(reader, chunk);
    case TAG_RESTART:
        return take_restart(reader, chunk);
    case TAG_EDIT:
        return take_edit(reader, chunk);
    case TAG_REWIND:
        return take_rewind(reader, chunk);
    case TAG_END:
        return take_end(reader, chunk);
    default:
        return "its kind is unknown or out of place";
    }
}

static void count_chunk(ReplaySummary *summary, const Chunk *chunk)
{
    uint64_t bytes = CHUNK_HEAD_BYTES + chunk->payload_bytes;
    summary->input_bytes += chunk->tag == TAG_TICKS ? bytes : 0;
    summary->hash_bytes += chunk->tag == TAG_HASHES ? bytes : 0;
    summary->keyframe_bytes += chunk->tag == TAG_STATE ? bytes : 0;
    summary->values_bytes += chunk->tag == TAG_VALUES ? bytes : 0;
    summary->types_bytes += chunk->tag == TAG_TYPES ? bytes : 0;
    summary->outside_bytes += chunk->tag == TAG_BYTES ? bytes : 0;
}

// ---------------------------------------------------------------------------------------- opening

static const char *tag_name(uint32_t tag, char out[8])
{
    char letters[5] = {(char)tag, (char)(tag >> 8), (char)(tag >> 16), (char)(tag >> 24), 0};
    text_clean(out, 8, letters, false);
    return out;
}

static unsigned long long count_ticks(const ReplayReader *reader)
{
    unsigned long long ticks = 0;
    for (uint32_t i = 0; i < reader->part_count; i++) {
        ticks += reader->parts[i].tag == TAG_TICKS ? reader->parts[i].moments : 0;
    }
    return ticks;
}

static void say_damage(const ReplayReader *reader, const Chunk *chunk, const char *why,
                       Fault *damage)
{
    char name[8];
    (void)fault_set(damage, FAULT_FORMAT,
                    "%s: damaged at byte %zu of %zu, after moment %llu (block \"%s\"): %s; the "
                    "%llu ticks before it can be played, what came after it needs a copy of the "
                    "file that is whole",
                    reader->path, chunk->at, reader->file.size_bytes,
                    (unsigned long long)reader->last, tag_name(chunk->tag, name), why,
                    count_ticks(reader));
}

// A note on a chunk that the ticks can do without; only the first is kept.
static void note_damage(const ReplayReader *reader, const Chunk *chunk, const char *why,
                        char note[NOTE_ROOM])
{
    char name[8];
    if (!note[0]) {
        (void)text_format(note, NOTE_ROOM,
                          "damaged at byte %zu of %zu, at moment %llu (block \"%s\"): %s; %s",
                          chunk->at, reader->file.size_bytes, (unsigned long long)reader->last,
                          tag_name(chunk->tag, name), why,
                          chunk->tag == TAG_STATE    ? "this keyframe is left out"
                          : chunk->tag == TAG_VALUES ? "what the ticks before it changed is not "
                                                       "known, only whether they come out the same"
                          : chunk->tag == TAG_TYPES ? "only a build with the same structs can read "
                                                      "the states that follow"
                                                    : "the ticks before it are played without a "
                                                      "check");
    }
}

// The file's first 16 bytes. Names what is there instead.
static bool check_head(const ReplayReader *reader, Fault *fault)
{
    const uint8_t *head = reader->file.data;
    size_t size_bytes = reader->file.size_bytes;
    if (size_bytes == 0) {
        return fault_set(fault, FAULT_FORMAT,
                         "%s: the file is empty; nothing was recorded, or it was cut",
                         reader->path);
    }
    if (memcmp(head, REPLAY_MAGIC, size_bytes < 8 ? size_bytes : 8) != 0) {
        return fault_set(fault, FAULT_FORMAT,
                         "%s: not a hotloop replay; name a file that --record or ctl save wrote",
                         reader->path);
    }
    if (size_bytes < FILE_HEAD_BYTES) {
        return fault_set(fault, FAULT_FORMAT,
                         "%s: cut after %zu bytes, before its first tick; nothing of it can be "
                         "played",
                         reader->path, size_bytes);
    }
    uint32_t version = get_u32(head + 8);
    if ((version != REPLAY_FORMAT_OLDEST && version != REPLAY_FORMAT_VERSION)
        || get_u32(head + 12) != INPUT_BYTES) {
        return fault_set(
            fault, FAULT_FORMAT,
            "%s: format version %u with inputs of %u bytes; this hotloop reads versions %u and "
            "%u with %d: play it with the hotloop that recorded it",
            reader->path, version, get_u32(head + 12), REPLAY_FORMAT_OLDEST, REPLAY_FORMAT_VERSION,
            INPUT_BYTES);
    }
    return true;
}

// Up to the first tick. *next: where the chunks after it begin.
static bool read_start(ReplayReader *reader, size_t *next, Fault *fault)
{
    typedef const char *Take(ReplayReader *, const Chunk *);
    static Take *const TAKE[] = {take_facts, take_first_build, take_first_state};
    *next = FILE_HEAD_BYTES;
    if (!check_head(reader, fault)) {
        return false;
    }
    for (size_t i = 0; i < COUNT_OF(TAKE) && (TAKE[i] != take_first_state || reader->has_state);
         i++) {
        Chunk chunk;
        const char *why = look_at_next(reader, *next, &chunk);
        why = why ? why : TAKE[i](reader, &chunk);
        if (why) {
            return fault_set(fault, FAULT_FORMAT,
                             "%s: damaged at byte %zu of %zu, before its first tick: %s; nothing "
                             "of it can be played",
                             reader->path, *next, reader->file.size_bytes, why);
        }
        count_chunk(&reader->summary, &chunk);
        reader->next_number++;
        *next = chunk.next;
    }
    return true;
}

// Goes on without a chunk that only helps, if it is known where the next one begins.
static bool do_without(ReplayReader *reader, const Chunk *chunk, const char *why)
{
    if (!chunk->payload
        || (chunk->tag != TAG_HASHES && chunk->tag != TAG_VALUES && chunk->tag != TAG_STATE
            && chunk->tag != TAG_TYPES)) {
        return false;
    }
    if (chunk->tag == TAG_TYPES) {
        (void)set_types(reader, 0);
    }
    if (chunk->tag == TAG_STATE
        && (reader->keyframe_count == 0
            || reader->keyframes[reader->keyframe_count - 1].chunk_at != chunk->at)) {
        (void)add_keyframe(reader, chunk, false, why);
    }
    return true;
}

static void say_end(const ReplayReader *reader, size_t at, const char *note, Fault *damage)
{
    unsigned long long ticks = count_ticks(reader);
    size_t size_bytes = reader->file.size_bytes;
    if (!reader->summary.finished) {
        (void)fault_set(damage, FAULT_FORMAT,
                        "%s: the recording was not ended (killed, or still running); its %llu "
                        "ticks, up to moment %llu, can be played%s%s",
                        reader->path, ticks, (unsigned long long)reader->last, note[0] ? "; " : "",
                        note);
    } else if (at < size_bytes) {
        (void)fault_set(damage, FAULT_FORMAT,
                        "%s: %zu bytes follow the end of the recording; they are ignored, all of "
                        "its %llu ticks can be played%s%s",
                        reader->path, size_bytes - at, ticks, note[0] ? "; " : "", note);
    } else if (note[0]) {
        (void)fault_set(damage, FAULT_FORMAT, "%s: %s; all of its %llu ticks can be played",
                        reader->path, note, ticks);
    }
}

static void read_events(ReplayReader *reader, size_t at, Fault *damage)
{
    char note[NOTE_ROOM] = "";
    while (at < reader->file.size_bytes && !reader->summary.finished) {
        Chunk chunk;
        const char *why = look_at_next(reader, at, &chunk);
        why = why ? why : take_chunk(reader, &chunk);
        if (why && !do_without(reader, &chunk, why)) {
            say_damage(reader, &chunk, why, damage);
            return;
        }
        if (why) {
            note_damage(reader, &chunk, why, note);
        }
        count_chunk(&reader->summary, &chunk);
        reader->last_tag = chunk.tag;
        reader->next_number++;
        at = chunk.next;
    }
    say_end(reader, at, note, damage);
}

// Reserves for the limits: some GiB of address space, of which only what the chunks hold becomes
// memory.
static bool open_memory(ReplayReader *reader, Fault *fault)
{
    size_t kept_bytes =
        BYTES_ALL_MAX_BYTES + BUILDS_MAX * sizeof(BuildEvent)
        + (uint64_t)BYTES_COUNT_MAX * (sizeof(Bytes) + sizeof(Bytes *) + NAME_MAX_BYTES + 32);
    size_t scratch_bytes = STATE_MAX_BYTES + STATE_DETAILS_MAX
                           + STATE_PAGES_MAX * (uint64_t)sizeof(uint32_t)
                           + GLOBALS_MAX * (uint64_t)sizeof(ReplayGlobal)
                           + POINTERS_MAX * (uint64_t)sizeof(ReplayPointer) + (1u << 20);
    return arena_open(&reader->kept, 0, kept_bytes, fault)
           && arena_open(&reader->parts_memory, 0, PARTS_MAX * sizeof(Part), fault)
           && arena_open(&reader->keyframes_memory, 0, KEYFRAMES_MAX * sizeof(Keyframe), fault)
           && arena_open(&reader->builds_memory, 0, BUILDS_MAX * sizeof(Build), fault)
           && arena_open(&reader->types_memory, 0, TYPES_COUNT_MAX * sizeof(size_t), fault)
           && arena_open(&reader->scratch, 0, scratch_bytes, fault)
           && arena_open(&reader->found, 0, POINTERS_MAX * sizeof(ReplayPointer), fault);
}

static ReplayReader *new_reader(const char *path, uint64_t file_bytes, Fault *fault)
{
    Arena arena;
    size_t reserve_bytes = sizeof(ReplayReader) + FILE_PATH_MAX + file_bytes;
    if (!arena_open(&arena, 0, reserve_bytes, fault)) {
        return NULL;
    }
    ReplayReader *reader = ARENA_NEW(&arena, ReplayReader, 1);
    reader->path = arena_format(&arena, "%.*s", FILE_PATH_MAX - 64, path);
    reader->arena = arena;
    if (!open_memory(reader, fault)) {
        replay_close(reader);
        return NULL;
    }
    return reader;
}

static ReplayReader *read_all(ReplayReader *reader, Fault *damage, Fault *fault)
{
    size_t at;
    if (!read_start(reader, &at, fault)) {
        replay_close(reader);
        return NULL;
    }
    read_events(reader, at, damage);
    if (!replay_list_outside(reader)) {
        (void)fault_set(fault, FAULT_MEMORY, "%s: no memory for the list of its files",
                        reader->path);
        replay_close(reader);
        return NULL;
    }
    replay_rewind(reader);
    return reader;
}

ReplayReader *replay_open(const char *path, Fault *damage, Fault *fault)
{
    if (damage) {
        *damage = (Fault){0};
    }
    // Before it is read, so that a change while it is read is seen as well.
    struct stat about = {0};
    uint64_t file_bytes =
        stat(path, &about) == 0 && about.st_size > 0 ? (uint64_t)about.st_size : 0;
    file_bytes = (file_bytes < FILE_MAX_BYTES ? file_bytes : FILE_MAX_BYTES) + GROWTH_BYTES;
    ReplayReader *reader = new_reader(path, file_bytes, fault);
    if (!reader) {
        return NULL;
    }
    reader->about = about;
    if (!file_read(&reader->arena, path, FILE_MAX_BYTES, &reader->file, fault)) {
        replay_close(reader);
        return NULL;
    }
    return read_all(reader, damage, fault);
}

ReplayReader *replay_open_bytes(const void *bytes, size_t size_bytes, const char *name,
                                Fault *damage, Fault *fault)
{
    if (damage) {
        *damage = (Fault){0};
    }
    ReplayReader *reader = new_reader(name, 0, fault);
    if (!reader) {
        return NULL;
    }
    reader->is_in_memory = true;
    reader->file = (FileBytes){bytes, size_bytes};
    return read_all(reader, damage, fault);
}

void replay_close(ReplayReader *reader)
{
    if (reader) {
        Arena arena = reader->arena; // the struct lies in it
        arena_close(&reader->found);
        arena_close(&reader->scratch);
        arena_close(&reader->types_memory);
        arena_close(&reader->builds_memory);
        arena_close(&reader->keyframes_memory);
        arena_close(&reader->parts_memory);
        arena_close(&reader->kept);
        arena_close(&arena);
    }
}

bool replay_changed_on_disk(const ReplayReader *reader)
{
    struct stat now;
    const struct stat *then = &reader->about;
    if (reader->is_in_memory) {
        return false;
    }
    return stat(reader->path, &now) != 0 || now.st_dev != then->st_dev || now.st_ino != then->st_ino
           || now.st_size != then->st_size || now.st_mtim.tv_sec != then->st_mtim.tv_sec
           || now.st_mtim.tv_nsec != then->st_mtim.tv_nsec;
}

// ---------------------------------------------------------------------------------------- playing

void replay_rewind(ReplayReader *reader)
{
    reader->play.part = 0;
    reader->play.left = reader->play.repeats = 0;
    reader->play.at = reader->first;
}

static inline void put_tick_event(Play *play, ReplayEvent *event)
{
    event->kind = REPLAY_EVENT_TICK;
    event->at = ++play->at;
    event->input = &play->input;
    event->has_hash = play->hashed & 1;
    event->hash = 0;
    if (play->hashed & 1) {
        memcpy(&event->hash, play->hash_at, sizeof(event->hash)); // little-endian, see replay.c
        play->hash_at += sizeof(event->hash);
    }
    play->hashed >>= 1;
}

// Nothing here can fail any more: replay_open has decoded the same bytes.
static void start_ticks(ReplayReader *reader, const Part *part)
{
    Play *play = &reader->play;
    Chunk chunk = replay_chunk(reader, part->chunk_at);
    (void)load_ticks(play, &chunk);
    play->left = part->moments; // a jump back may have undone some
    if (part->hashes_at > 0) {
        HashesHead head;
        Chunk hashes = replay_chunk(reader, part->hashes_at);
        (void)replay_get_hashes_head(&hashes, &head);
        play->hashed = head.hashed;
        play->hash_at = head.hashes;
    }
    uint32_t repeats = *play->coded_at++;
    play->repeats = repeats < play->left ? repeats : play->left;
    play->left -= play->repeats;
}

static void put_other_event(ReplayReader *reader, const Part *part, ReplayEvent *event)
{
    *event = (ReplayEvent){.at = reader->play.at};
    if (part->tag == TAG_RESTART) {
        event->kind = REPLAY_EVENT_RESTART;
        event->at = ++reader->play.at;
    } else if (part->tag == TAG_BUILD) {
        const BuildEvent *build = part->about;
        event->kind = REPLAY_EVENT_BUILD;
        event->build = &build->build;
        event->types = build->types;
    } else {
        const Bytes *bytes = part->about;
        bool is_edit = part->tag == TAG_EDIT;
        event->kind = is_edit ? REPLAY_EVENT_EDIT : REPLAY_EVENT_BYTES;
        event->at = reader->play.at += is_edit;
        event->bytes_kind = bytes->kind;
        event->name = bytes->name;
        event->present = bytes->present;
        event->data = bytes->data;
        event->size_bytes = bytes->size_bytes;
    }
}

// The next event that repeats no input.
static void next_change(ReplayReader *reader, ReplayEvent *event)
{
    Play *play = &reader->play;
    if (play->left > 0) {
        (void)take_tick(play);
        uint32_t repeats = play->left > 0 ? *play->coded_at++ : 0;
        play->repeats = repeats < play->left ? repeats : play->left;
        play->left -= play->repeats;
        put_tick_event(play, event);
        return;
    }
    if (play->part == reader->part_count) {
        *event = (ReplayEvent){.kind = REPLAY_EVENT_END,
                               .at = reader->last,
                               .finished = reader->summary.finished,
                               .hash = reader->summary.hash};
        return;
    }
    const Part *part = &reader->parts[play->part++];
    if (part->tag == TAG_TICKS) {
        start_ticks(reader, part);
        replay_next(reader, event);
        return;
    }
    put_other_event(reader, part, event);
}

void replay_next(ReplayReader *reader, ReplayEvent *event)
{
    Play *play = &reader->play;
    if (play->repeats > 0) {
        play->repeats--;
        put_tick_event(play, event);
        return;
    }
    next_change(reader, event);
}
