// Reading. replay_open walks over the whole file once and checks every chunk, so that nothing which
// comes later can fail; ticks are decoded again, a chunk at a time, when they are asked for: a
// small file can hold a great many of them.
#include "replay_format.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <zstd.h>

// A file that is being recorded may grow between our look at its size and the reading.
enum { GROWTH_BYTES = 64 << 20 };

typedef struct Bytes {
    ReplayBytesKind kind;
    bool present;
    const char *name;
    const uint8_t *data;
    size_t size_bytes;
} Bytes;

// One chunk after STATE as it is played: a later BACK may have undone some or all of its ticks.
typedef struct Part {
    size_t at; // in the file
    uint32_t tag, ticks;
    const Bytes *bytes;
} Part;

struct ReplayReader {
    Arena arena; // holds this struct, the file
    Arena kept;  // first state, bytes
    const char *path;
    FileBytes file;
    ReplayFacts facts;
    bool has_state;
    const uint8_t *state;
    size_t state_bytes;
    uint64_t first_tick, tick_count;
    uint64_t bytes_all;
    uint32_t bytes_count;
    size_t events_at; // where the chunks after STATE begin
    Arena parts_memory;
    Part *parts; // the whole ones, END excluded
    uint32_t part_count;
    bool is_finished;
    uint64_t last_tick, state_hash;
    // Where replay_next stands.
    uint32_t part;
    uint32_t chunk_ticks; // of the present TICKS chunk, still to come
    size_t coded_at, coded_bytes;
    hl_input last;
    uint8_t coded[TICKS_MAX * TICK_CODED_MAX];
};

typedef struct Chunk {
    uint32_t tag;
    const uint8_t *payload;
    size_t payload_bytes;
    size_t at, next; // where it and the chunk after it begin
} Chunk;

// ---------------------------------------------------------------------------------------- chunks

// NULL, or what is wrong with the chunk at `at`.
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
    if (chunk_hash(head, chunk->payload, payload_bytes) != get_u64(head + 8)) {
        return "its checksum is wrong";
    }
    chunk->next = at + CHUNK_HEAD_BYTES + payload_bytes;
    return NULL;
}

// Decodes `coded_bytes` at `from` to exactly `size_bytes` at `to`. False: they are not that.
static bool get_data(uint8_t coding, const uint8_t *from, size_t coded_bytes, uint8_t *to,
                     size_t size_bytes)
{
    if (coding == CODING_PLAIN) {
        if (coded_bytes != size_bytes) {
            return false;
        }
        if (size_bytes > 0) {
            memcpy(to, from, size_bytes);
        }
        return true;
    }
    // Never writes past size_bytes, whatever the frame claims. Source: zstd.h, ZSTD_decompress.
    return coding == CODING_ZSTD
           && ZSTD_decompress(to, size_bytes, from, coded_bytes) == size_bytes;
}

// Data as the reader keeps it: in `kept`, followed by a 0 byte. The size is within its limit.
static const uint8_t *keep_data(ReplayReader *reader, uint8_t coding, const uint8_t *from,
                                size_t coded_bytes, size_t size_bytes)
{
    size_t before = reader->kept.used_bytes;
    uint8_t *data = arena_try_push(&reader->kept, 1, 16, size_bytes + 1);
    if (data && get_data(coding, from, coded_bytes, data, size_bytes)) {
        return data;
    }
    arena_reset(&reader->kept, before);
    return NULL;
}

static const char *take_facts(ReplayReader *reader, const Chunk *chunk)
{
    if (chunk->tag != TAG_FACTS || chunk->payload_bytes != FACTS_BYTES
        || !get_facts(chunk->payload, &reader->facts)) {
        return "the facts about the recording are not there";
    }
    return NULL;
}

static const char *take_state(ReplayReader *reader, const Chunk *chunk)
{
    if (chunk->tag != TAG_STATE || chunk->payload_bytes < STATE_HEAD_BYTES) {
        return "the first state is not there";
    }
    uint64_t size_bytes = get_u64(chunk->payload + 8);
    reader->first_tick = get_u64(chunk->payload);
    if (size_bytes > STATE_MAX_BYTES) {
        return "the first state is over the limit of 1 GiB";
    }
    if (size_bytes == 0) {
        return chunk->payload_bytes == STATE_HEAD_BYTES ? NULL : "the first state is damaged";
    }
    reader->state = keep_data(reader, chunk->payload[16], chunk->payload + STATE_HEAD_BYTES,
                              chunk->payload_bytes - STATE_HEAD_BYTES, size_bytes);
    reader->state_bytes = reader->state ? size_bytes : 0;
    return reader->state ? NULL : "the first state is damaged";
}

// Makes `chunk` the one that replay_next takes inputs from.
static bool load_ticks(ReplayReader *reader, const Chunk *chunk)
{
    reader->chunk_ticks = 0;
    if (chunk->payload_bytes < TICKS_HEAD_BYTES) {
        return false;
    }
    uint32_t count = get_u32(chunk->payload), coded_bytes = get_u32(chunk->payload + 4);
    if (count < 1 || count > TICKS_MAX || coded_bytes > sizeof(reader->coded)
        || !get_data(chunk->payload[8], chunk->payload + TICKS_HEAD_BYTES,
                     chunk->payload_bytes - TICKS_HEAD_BYTES, reader->coded, coded_bytes)) {
        return false;
    }
    reader->chunk_ticks = count;
    reader->coded_bytes = coded_bytes;
    reader->coded_at = 0;
    reader->last = (hl_input){0};
    return true;
}

static bool next_tick(ReplayReader *reader)
{
    size_t used = decode_tick(reader->coded + reader->coded_at,
                              reader->coded_bytes - reader->coded_at, &reader->last);
    reader->coded_at += used;
    reader->chunk_ticks--;
    return used > 0;
}

static const char *add_part(ReplayReader *reader, const Chunk *chunk, uint32_t ticks,
                            const Bytes *bytes)
{
    Part *part = reader->part_count < PARTS_MAX
                     ? arena_try_push(&reader->parts_memory, sizeof(Part), _Alignof(Part), 1)
                     : NULL;
    if (!part) {
        return "it holds more chunks than the limit";
    }
    reader->parts = (Part *)(void *)reader->parts_memory.base;
    reader->part_count++;
    *part = (Part){.at = chunk->at, .tag = chunk->tag, .ticks = ticks, .bytes = bytes};
    return NULL;
}

static void drop_last_part(ReplayReader *reader)
{
    reader->part_count--;
    arena_reset(&reader->parts_memory, reader->part_count * sizeof(Part));
}

// What is undone is taken off the end, so that whoever plays the file never meets it.
static const char *take_rewind(ReplayReader *reader, const Chunk *chunk)
{
    uint64_t ticks = chunk->payload_bytes == REWIND_BYTES ? get_u64(chunk->payload) : UINT64_MAX;
    if (ticks > reader->tick_count) {
        return "it makes no sense";
    }
    reader->tick_count -= ticks;
    while (reader->part_count > 0) {
        Part *last = &reader->parts[reader->part_count - 1];
        if (ticks == 0 && last->tag != TAG_BYTES) {
            break;
        }
        if (last->tag == TAG_RESTART) {
            return "it goes back beyond a restart";
        }
        if (last->ticks > ticks) { // never so for BYTES, which count none
            last->ticks -= (uint32_t)ticks;
            break;
        }
        // BYTES at the end belong to the first tick that is undone.
        ticks -= last->ticks;
        drop_last_part(reader);
    }
    return NULL;
}

static const char *check_ticks(ReplayReader *reader, const Chunk *chunk)
{
    if (!load_ticks(reader, chunk)) {
        return "its ticks cannot be decoded";
    }
    uint32_t count = reader->chunk_ticks;
    while (reader->chunk_ticks > 0) {
        if (!next_tick(reader) || !input_is_sound(&reader->last)) {
            return "it holds an input that no player can give";
        }
    }
    if (reader->coded_at != reader->coded_bytes) {
        return "its ticks cannot be decoded";
    }
    reader->tick_count += count;
    return add_part(reader, chunk, count, NULL);
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
    if (!name) {
        return "there is no memory for it";
    }
    memcpy(name, head + BYTES_HEAD_BYTES, name_bytes);
    *bytes = (Bytes){.kind = (ReplayBytesKind)head[0],
                     .present = head[1],
                     .name = name,
                     .size_bytes = size_bytes};
    bytes->data = keep_data(reader, head[4], head + BYTES_HEAD_BYTES + name_bytes,
                            chunk->payload_bytes - BYTES_HEAD_BYTES - name_bytes, size_bytes);
    if (!bytes->data || strlen(name) != name_bytes || !name_is_sound(name)) {
        return "it makes no sense";
    }
    reader->bytes_all += size_bytes;
    reader->bytes_count++;
    return add_part(reader, chunk, 0, bytes);
}

static const char *take_end(ReplayReader *reader, const Chunk *chunk)
{
    if (chunk->payload_bytes != END_BYTES) {
        return "it makes no sense";
    }
    reader->is_finished = true;
    reader->last_tick = get_u64(chunk->payload);
    reader->state_hash = get_u64(chunk->payload + 8);
    return NULL;
}

static const char *take_chunk(ReplayReader *reader, const Chunk *chunk)
{
    switch (chunk->tag) {
    case TAG_TICKS:
        return check_ticks(reader, chunk);
    case TAG_BYTES:
        return take_bytes(reader, chunk);
    case TAG_RESTART:
        return chunk->payload_bytes == 0 ? add_part(reader, chunk, 0, NULL) : "it makes no sense";
    case TAG_REWIND:
        return take_rewind(reader, chunk);
    case TAG_END:
        return take_end(reader, chunk);
    default:
        return "its kind is unknown or out of place";
    }
}

// ---------------------------------------------------------------------------------------- opening

static const char *tag_name(uint32_t tag, char out[8])
{
    char letters[5] = {(char)tag, (char)(tag >> 8), (char)(tag >> 16), (char)(tag >> 24), 0};
    text_clean(out, 8, letters, false);
    return out;
}

static void say_damage(const ReplayReader *reader, size_t at, uint32_t tag, const char *why,
                       Fault *damage)
{
    char name[8];
    unsigned long long ticks = (unsigned long long)reader->tick_count;
    (void)fault_set(damage, FAULT_FORMAT,
                    "%s: damaged at byte %zu of %zu (block \"%s\"): %s; the %llu ticks before it "
                    "can be played",
                    reader->path, at, reader->file.size_bytes, tag_name(tag, name), why, ticks);
}

// The file's first 16 bytes. Names what is there instead.
static bool check_head(const ReplayReader *reader, Fault *fault)
{
    const uint8_t *head = reader->file.data;
    size_t size_bytes = reader->file.size_bytes;
    if (size_bytes == 0) {
        return fault_set(fault, FAULT_FORMAT, "%s: the file is empty", reader->path);
    }
    if (memcmp(head, REPLAY_MAGIC, size_bytes < 8 ? size_bytes : 8) != 0) {
        return fault_set(fault, FAULT_FORMAT, "%s: not a hotloop replay", reader->path);
    }
    if (size_bytes < FILE_HEAD_BYTES) {
        return fault_set(fault, FAULT_FORMAT, "%s: cut after %zu bytes, before its first tick",
                         reader->path, size_bytes);
    }
    if (get_u32(head + 8) != REPLAY_FORMAT_VERSION || get_u32(head + 12) != INPUT_BYTES) {
        return fault_set(
            fault, FAULT_FORMAT,
            "%s: format version %u with inputs of %u bytes; this hotloop reads version "
            "%u with %d: play it with the hotloop that recorded it",
            reader->path, get_u32(head + 8), get_u32(head + 12), REPLAY_FORMAT_VERSION,
            INPUT_BYTES);
    }
    return true;
}

static bool read_start(ReplayReader *reader, Fault *fault)
{
    typedef const char *Take(ReplayReader *, const Chunk *);
    static Take *const TAKE[] = {take_facts, take_state};
    size_t at = FILE_HEAD_BYTES;
    if (!check_head(reader, fault)) {
        return false;
    }
    for (size_t i = 0; i < COUNT_OF(TAKE); i++) {
        Chunk chunk;
        const char *why = look_at_chunk(reader->file, at, &chunk);
        why = why ? why : TAKE[i](reader, &chunk);
        if (why) {
            return fault_set(
                fault, FAULT_FORMAT,
                "%s: damaged at byte %zu of %zu, before its first tick: %s; nothing of "
                "it can be played",
                reader->path, at, reader->file.size_bytes, why);
        }
        at = chunk.next;
    }
    reader->events_at = at;
    return true;
}

static void read_events(ReplayReader *reader, Fault *damage)
{
    size_t at = reader->events_at, size_bytes = reader->file.size_bytes;
    while (at < size_bytes && !reader->is_finished) {
        Chunk chunk;
        const char *why = look_at_chunk(reader->file, at, &chunk);
        why = why ? why : take_chunk(reader, &chunk);
        if (why) {
            say_damage(reader, at, chunk.tag, why, damage);
            return;
        }
        at = chunk.next;
    }
    if (!reader->is_finished) {
        (void)fault_set(
            damage, FAULT_FORMAT,
            "%s: the recording was not ended (killed, or still running); its %llu ticks "
            "can be played",
            reader->path, (unsigned long long)reader->tick_count);
    } else if (at < size_bytes) {
        (void)fault_set(damage, FAULT_FORMAT,
                        "%s: %zu bytes follow the end of the recording; they are ignored, all of "
                        "its %llu ticks can be played",
                        reader->path, size_bytes - at, (unsigned long long)reader->tick_count);
    }
}

// The file's own arena is as large as the file. `kept` reserves for the limits: 2.4 GiB of address
// space, of which only what the chunks hold becomes memory.
static ReplayReader *new_reader(const char *path, Fault *fault)
{
    struct stat about;
    Arena arena;
    uint64_t file_bytes =
        stat(path, &about) == 0 && about.st_size > 0 ? (uint64_t)about.st_size : 0;
    file_bytes = file_bytes < FILE_MAX_BYTES ? file_bytes : FILE_MAX_BYTES;
    size_t reserve_bytes = sizeof(ReplayReader) + FILE_PATH_MAX + file_bytes + GROWTH_BYTES;
    if (!arena_open(&arena, 0, reserve_bytes, fault)) {
        return NULL;
    }
    ReplayReader *reader = ARENA_NEW(&arena, ReplayReader, 1);
    reader->path = arena_format(&arena, "%.*s", FILE_PATH_MAX - 64, path);
    reader->arena = arena;
    size_t kept_bytes = STATE_MAX_BYTES + BYTES_ALL_MAX_BYTES
                        + (uint64_t)BYTES_COUNT_MAX * (sizeof(Bytes) + NAME_MAX_BYTES + 32);
    if (!file_read(&reader->arena, path, FILE_MAX_BYTES, &reader->file, fault)
        || !arena_open(&reader->kept, 0, kept_bytes, fault)
        || !arena_open(&reader->parts_memory, 0, PARTS_MAX * sizeof(Part), fault)) {
        replay_close(reader);
        return NULL;
    }
    return reader;
}

ReplayReader *replay_open(const char *path, Fault *damage, Fault *fault)
{
    if (damage) {
        *damage = (Fault){0};
    }
    ReplayReader *reader = new_reader(path, fault);
    if (!reader) {
        return NULL;
    }
    if (!read_start(reader, fault)) {
        replay_close(reader);
        return NULL;
    }
    read_events(reader, damage);
    replay_rewind(reader);
    return reader;
}

void replay_close(ReplayReader *reader)
{
    if (reader) {
        Arena arena = reader->arena; // the struct lies in it
        arena_close(&reader->parts_memory);
        arena_close(&reader->kept);
        arena_close(&arena);
    }
}

// ---------------------------------------------------------------------------------------- playing

const ReplayFacts *replay_facts(const ReplayReader *reader)
{
    return &reader->facts;
}

const void *replay_first_state(const ReplayReader *reader, size_t *state_bytes,
                               uint64_t *first_tick)
{
    *state_bytes = reader->state_bytes;
    *first_tick = reader->first_tick;
    return reader->state;
}

uint64_t replay_tick_count(const ReplayReader *reader)
{
    return reader->tick_count;
}

void replay_rewind(ReplayReader *reader)
{
    reader->part = 0;
    reader->chunk_ticks = 0;
}

static void put_input_event(ReplayReader *reader, ReplayEvent *event)
{
    (void)next_tick(reader); // checked by replay_open
    event->kind = REPLAY_EVENT_INPUT;
    memcpy(&event->input, &reader->last, sizeof(event->input));
}

static void put_bytes_event(const Bytes *bytes, ReplayEvent *event)
{
    event->kind = REPLAY_EVENT_BYTES;
    event->bytes_kind = bytes->kind;
    event->name = bytes->name;
    event->present = bytes->present;
    event->data = bytes->data;
    event->size_bytes = bytes->size_bytes;
}

void replay_next(ReplayReader *reader, ReplayEvent *event)
{
    *event = (ReplayEvent){0};
    if (reader->chunk_ticks > 0) {
        put_input_event(reader, event);
        return;
    }
    if (reader->part == reader->part_count) {
        event->kind = REPLAY_EVENT_END;
        event->finished = reader->is_finished;
        event->last_tick = reader->last_tick;
        event->state_hash = reader->state_hash;
        return;
    }
    const Part *part = &reader->parts[reader->part++];
    Chunk chunk;
    (void)look_at_chunk(reader->file, part->at, &chunk);
    if (part->tag == TAG_RESTART) {
        event->kind = REPLAY_EVENT_RESTART;
    } else if (part->tag == TAG_BYTES) {
        put_bytes_event(part->bytes, event);
    } else if (load_ticks(reader, &chunk)) {
        reader->chunk_ticks = part->ticks;
        put_input_event(reader, event);
    }
}
