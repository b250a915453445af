// Recording: chunks are made in memory and written whole; after the first failure nothing more is
// written, and the file ends with its last whole chunk.
#include "pack.h"
#include "replay_format.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    KEEP_BYTES = 16 << 20, // scratch memory above it goes back to the system after use
    CHECKS_DUE = 1 << 19   // changed pages: so many do not wait for the chunk's 60th tick
};
#define SCRATCH_MAX_BYTES (2ull << 30)

// Ticks on their way into a TICK and a HASH chunk.
typedef struct Waiting {
    uint32_t count;
    uint64_t since_ns;
    hl_input last;    // the last input of the chunk in the making
    uint32_t repeats; // of it that are not in `coded` yet
    size_t coded_bytes;
    uint64_t hashed, known; // masks: which ticks have a hash, and pages
    uint32_t hash_count;
    uint64_t hashes[TICKS_MAX];
    Arena numbers;     // bytes: page counts and numbers
    Arena page_hashes; // u32
    uint64_t valued;   // mask: which have values
    Arena values;      // bytes: varint size and data of each
    uint8_t coded[TICKS_CODED_MAX];
} Waiting;

struct ReplayWriter {
    Arena arena;     // holds this struct as well
    Arena scratch;   // one payload at a time
    Arena keyframes; // u64: the moments of those that stand, ascending
    Arena types;     // u64: hashes of those that are in the file, by number - 1
    uint32_t types_now;
    const char *path;
    int fd;
    bool has_failed;
    uint64_t arena_bytes;
    uint64_t good_bytes;                 // of the file: whole chunks
    uint64_t first, good_moment, moment; // good_moment: the last in whole chunks
    uint64_t bytes_all;
    uint32_t bytes_count, build_count, chunk_count;
    Waiting waiting;
};

// ---------------------------------------------------------------------------------------- chunks

static bool fail(ReplayWriter *writer, const char *why, Fault *fault)
{
    writer->has_failed = true;
    // What a short write left of a chunk goes, so that the file plays without a complaint about it.
    // When even that fails the reader finds the last whole chunk by itself.
    (void)!ftruncate(writer->fd, (off_t)writer->good_bytes);
    return fault_set(fault, FAULT_FILE,
                     "%s: recording stopped at moment %llu: %s; the game plays on, and what was "
                     "written up to moment %llu can be replayed",
                     writer->path, (unsigned long long)writer->moment, why,
                     (unsigned long long)writer->good_moment);
}

static bool write_parts(int fd, struct iovec *parts, int count)
{
    while (count > 0) {
        ssize_t put = writev(fd, parts, count);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            errno = put == 0 ? EIO : errno;
            return false;
        }
        size_t left = (size_t)put;
        while (count > 0 && left >= parts->iov_len) {
            left -= parts->iov_len;
            parts++;
            count--;
        }
        if (count > 0) {
            parts->iov_base = (uint8_t *)parts->iov_base + left;
            parts->iov_len -= left;
        }
    }
    return true;
}

static bool write_chunk(ReplayWriter *writer, uint32_t tag, uint8_t *payload, size_t payload_bytes,
                        Fault *fault)
{
    uint8_t head[CHUNK_HEAD_BYTES];
    (void)put_u32(put_u32(put_u32(head, tag), (uint32_t)payload_bytes), writer->chunk_count);
    (void)put_u64(head + 12, replay_chunk_hash(head, payload, payload_bytes));
    if (writer->chunk_count == PARTS_MAX) {
        return fail(writer, "the file has reached its limit of 16,777,216 blocks", fault);
    }
    if (writer->good_bytes + sizeof(head) + payload_bytes > FILE_MAX_BYTES) {
        return fail(writer, "the file has reached its limit of 4 GiB", fault);
    }
    struct iovec parts[2] = {{head, sizeof(head)}, {payload, payload_bytes}};
    if (!write_parts(writer->fd, parts, payload_bytes ? 2 : 1)) {
        return fail(writer, strerror(errno), fault);
    }
    writer->good_bytes += sizeof(head) + payload_bytes;
    writer->chunk_count++;
    return true;
}

// Room for a head of `head_bytes` and `size_bytes` of data, coded or not. NULL when there is none.
static uint8_t *make_payload(ReplayWriter *writer, size_t head_bytes, size_t size_bytes)
{
    arena_reset(&writer->scratch, 0);
    return arena_try_push(&writer->scratch, 1, 1, head_bytes + pack_bound(size_bytes));
}

static void tidy_scratch(ReplayWriter *writer)
{
    if (writer->scratch.used_bytes > KEEP_BYTES) {
        arena_release(&writer->scratch);
    }
}

// ---------------------------------------------------------------------------------------- opening

static int open_file(const char *path, Fault *fault)
{
    // Neither follows a symlink nor waits for a FIFO's reader, and empties nothing before the lock
    // is ours. Source: open(2).
    int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0644);
    if (fd < 0) {
        const char *why = errno == ELOOP    ? "it is a symbolic link"
                          : errno == ENXIO  ? "it is a FIFO or a socket"
                          : errno == EISDIR ? "it is a folder"
                                            : strerror(errno);
        (void)fault_set(fault, FAULT_FILE, "%s: cannot be recorded to: %s", path, why);
        return -1;
    }
    struct stat about;
    const char *why = NULL;
    if (fstat(fd, &about) != 0) {
        why = strerror(errno);
    } else if (!S_ISREG(about.st_mode)) {
        why = "it is not a regular file";
    } else if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        why = errno == EWOULDBLOCK ? "another session is recording to it" : strerror(errno);
    } else if (ftruncate(fd, 0) != 0) {
        why = strerror(errno);
    }
    if (why) {
        (void)fault_set(fault, FAULT_FILE, "%s: cannot be recorded to: %s; choose another name",
                        path, why);
        close(fd);
        return -1;
    }
    return fd;
}

static void give_back(ReplayWriter *writer)
{
    close(writer->fd);           // also gives back the lock
    Arena arena = writer->arena; // the struct lies in it
    arena_close(&writer->waiting.page_hashes);
    arena_close(&writer->waiting.values);
    arena_close(&writer->waiting.numbers);
    arena_close(&writer->types);
    arena_close(&writer->keyframes);
    arena_close(&writer->scratch);
    arena_close(&arena);
}

static ReplayWriter *new_writer(const char *path, int fd, Fault *fault)
{
    Arena arena;
    if (!arena_open(&arena, 0, sizeof(ReplayWriter) + FILE_PATH_MAX, fault)) {
        close(fd);
        return NULL;
    }
    ReplayWriter *writer = ARENA_NEW(&arena, ReplayWriter, 1);
    writer->path = arena_format(&arena, "%.*s", FILE_PATH_MAX - 64, path);
    writer->arena = arena;
    writer->fd = fd;
    Waiting *waiting = &writer->waiting;
    if (!arena_open(&writer->scratch, 0, SCRATCH_MAX_BYTES, fault)
        || !arena_open(&writer->keyframes, 0, KEYFRAMES_MAX * sizeof(uint64_t), fault)
        || !arena_open(&writer->types, 0, TYPES_COUNT_MAX * sizeof(uint64_t), fault)
        || !arena_open(&waiting->numbers, 0, NUMBERS_MAX_BYTES, fault)
        || !arena_open(&waiting->page_hashes, 0, HASHES_PAGES_MAX * sizeof(uint32_t), fault)
        || !arena_open(&waiting->values, 0, TICKS_MAX * (REPLAY_VALUES_MAX + VARINT_MAX), fault)) {
        give_back(writer);
        return NULL;
    }
    return writer;
}

static bool write_build(ReplayWriter *writer, const ReplayBuild *build, Fault *fault)
{
    uint8_t payload[BUILD_BYTES + 1];
    if (writer->build_count == BUILDS_MAX) {
        return fail(writer, "it holds its limit of 1,048,576 builds", fault);
    }
    writer->build_count++;
    replay_put_build_fields(payload, build);
    payload[BUILD_BYTES] = 1;
    return write_chunk(writer, TAG_BUILD, payload, BUILD_BYTES + build->is_same, fault);
}

// Their number, or the next free one; 0: they cannot be kept.
static uint32_t number_of_types(const ReplayWriter *writer, uint64_t hash)
{
    const uint64_t *known = (const uint64_t *)(const void *)writer->types.base;
    uint32_t count = (uint32_t)(writer->types.used_bytes / sizeof(*known)), number = 1;
    while (number <= count && known[number - 1] != hash) {
        number++;
    }
    return number <= TYPES_COUNT_MAX ? number : 0;
}

// Right after the build that they are of, where they are not those of the build before.
static bool write_types(ReplayWriter *writer, const ReplayBuild *build, Fault *fault)
{
    size_t size_bytes = build->types ? build->types_bytes : 0;
    bool is_known = size_bytes > 0 && size_bytes <= TYPES_MAX_BYTES;
    uint64_t hash = is_known ? hash_combine(hash_bytes(build->types, size_bytes), size_bytes) : 0;
    uint32_t number = is_known ? number_of_types(writer, hash) : 0;
    if (number == writer->types_now) {
        return true;
    }
    bool is_new = number > writer->types.used_bytes / sizeof(hash);
    uint8_t *payload = make_payload(writer, TYPES_HEAD_BYTES, is_new ? size_bytes : 0);
    uint64_t *kept = is_new ? arena_try_push(&writer->types, sizeof(hash), sizeof(hash), 1) : &hash;
    if (!payload || !kept) {
        return fail(writer, "no memory", fault);
    }
    *kept = hash;
    writer->types_now = number;
    size_t payload_bytes = sizeof(number);
    (void)put_u32(payload, number);
    if (is_new) {
        (void)put_u32(payload + 4, (uint32_t)size_bytes);
        payload_bytes =
            TYPES_HEAD_BYTES
            + replay_put_data(payload + TYPES_HEAD_BYTES, build->types, size_bytes, &payload[8]);
    }
    bool ok = write_chunk(writer, TAG_TYPES, payload, payload_bytes, fault);
    tidy_scratch(writer);
    return ok;
}

static bool write_state(ReplayWriter *writer, const ReplayState *state, Fault *fault)
{
    size_t payload_bytes;
    arena_reset(&writer->scratch, 0);
    uint8_t *payload = replay_make_state(state, &writer->scratch, &payload_bytes);
    uint64_t *moment = arena_try_push(&writer->keyframes, sizeof(*moment), sizeof(*moment), 1);
    if (!payload || !moment) {
        return fail(writer, "no memory for a keyframe, or more than 1,048,576 of them", fault);
    }
    *moment = state->at;
    bool ok = write_chunk(writer, TAG_STATE, payload, payload_bytes, fault);
    tidy_scratch(writer);
    return ok;
}

static bool write_start(ReplayWriter *writer, const ReplayFacts *facts, const ReplayBuild *build,
                        const ReplayState *first, Fault *fault)
{
    uint8_t head[FILE_HEAD_BYTES], payload[FACTS_BYTES];
    memcpy(head, REPLAY_MAGIC, 8);
    (void)put_u32(put_u32(head + 8, REPLAY_FORMAT_VERSION), INPUT_BYTES);
    replay_put_facts(payload, facts, writer->first, first != NULL);
    struct iovec part = {head, sizeof(head)};
    if (!write_parts(writer->fd, &part, 1)) {
        return fail(writer, strerror(errno), fault);
    }
    writer->good_bytes = sizeof(head);
    return write_chunk(writer, TAG_FACTS, payload, sizeof(payload), fault)
           && write_build(writer, build, fault) && (!first || write_state(writer, first, fault))
           && write_types(writer, build, fault);
}

// Before the file is touched: NULL, or why no reader would take it.
static const char *judge_start(const ReplayFacts *facts, const ReplayState *first)
{
    const char *why = replay_judge_facts(facts);
    if (why || !first) {
        return why;
    }
    if (!first->is_whole || first->at > MOMENTS_MAX) {
        return "the state it begins with is not whole (a bug of hotloop)";
    }
    return replay_judge_state(first, facts->arena_bytes);
}

ReplayWriter *replay_create(const char *path, const ReplayFacts *facts, const ReplayBuild *build,
                            const ReplayState *first, Fault *fault)
{
    const char *why = judge_start(facts, first);
    if (why) {
        (void)fault_set(fault, FAULT_FILE,
                        "%s: cannot be recorded to: %s; what was there is untouched", path, why);
        return NULL;
    }
    int fd = open_file(path, fault);
    ReplayWriter *writer = fd >= 0 ? new_writer(path, fd, fault) : NULL;
    if (!writer) {
        return NULL;
    }
    writer->arena_bytes = facts->arena_bytes;
    writer->first = writer->good_moment = writer->moment = first ? first->at : 0;
    if (!write_start(writer, facts, build, first, fault)) {
        give_back(writer);
        return NULL;
    }
    return writer;
}

// ----------------------------------------------------------------------------------------- ticks

static void put_repeats(Waiting *waiting)
{
    if (waiting->repeats > 0) {
        waiting->coded[waiting->coded_bytes++] = (uint8_t)waiting->repeats;
        waiting->repeats = 0;
    }
}

// False when the reader would refuse it.
static bool put_input(Waiting *waiting, const hl_input *input)
{
    if (memcmp(&waiting->last, input, sizeof(*input)) == 0) {
        waiting->repeats++;
        return true;
    }
    if (!replay_input_is_sound(input)) {
        return false;
    }
    uint8_t *out = waiting->coded + waiting->coded_bytes;
    out[0] = (uint8_t)waiting->repeats;
    waiting->coded_bytes += 1 + replay_encode_tick(out + 1, &waiting->last, input);
    waiting->repeats = 0;
    waiting->last = *input;
    return true;
}

// Pages of more than CHECK_PAGES_MAX, or with nothing to say them by, are not known.
static bool put_pages(Waiting *waiting, const ReplayCheck *check)
{
    uint32_t count = check->page_count;
    uint8_t *at = arena_try_push(&waiting->numbers, 1, 1, ((size_t)count + 1) * 5);
    uint32_t *hashes =
        arena_try_push(&waiting->page_hashes, sizeof(*hashes), _Alignof(uint32_t), count);
    if (!at || !hashes) {
        return false;
    }
    uint8_t *end = put_varint(at, count);
    uint64_t next = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (check->pages[i] < next) {
            return false;
        }
        end = put_varint(end, check->pages[i] - next);
        next = (uint64_t)check->pages[i] + 1;
        hashes[i] = check->page_hashes[i];
    }
    arena_reset(&waiting->numbers, (size_t)(end - waiting->numbers.base));
    waiting->known |= 1ull << waiting->count;
    return true;
}

static bool put_check(Waiting *waiting, const ReplayCheck *check)
{
    waiting->hashed |= 1ull << waiting->count;
    waiting->hashes[waiting->hash_count++] = check->hash;
    return check->page_count > CHECK_PAGES_MAX || put_pages(waiting, check);
}

static bool write_hashes(ReplayWriter *writer, Fault *fault)
{
    const Waiting *waiting = &writer->waiting;
    size_t hashes_bytes = (size_t)waiting->hash_count * 8;
    size_t numbers_bytes = waiting->numbers.used_bytes;
    size_t pages_bytes = waiting->page_hashes.used_bytes;
    uint8_t *payload =
        make_payload(writer, HASHES_HEAD_BYTES + hashes_bytes + pages_bytes, numbers_bytes);
    if (!payload) {
        return fail(writer, "no memory", fault);
    }
    uint8_t *at =
        put_u64(put_u64(put_u32(payload, waiting->count), waiting->hashed), waiting->known);
    uint8_t *coding = put_u32(at, (uint32_t)numbers_bytes);
    uint8_t *out = payload + HASHES_HEAD_BYTES;
    for (uint32_t i = 0; i < waiting->hash_count; i++) {
        out = put_u64(out, waiting->hashes[i]);
    }
    size_t coded = replay_put_data(out, waiting->numbers.base, numbers_bytes, coding);
    (void)put_u32(coding + 1, (uint32_t)coded);
    out += coded;
    if (pages_bytes > 0) {
        memcpy(out, waiting->page_hashes.base, pages_bytes); // little-endian, see replay.c
    }
    out += pages_bytes;
    return write_chunk(writer, TAG_HASHES, payload, (size_t)(out - payload), fault);
}

static bool write_values(ReplayWriter *writer, Fault *fault)
{
    const Waiting *waiting = &writer->waiting;
    size_t size_bytes = waiting->values.used_bytes;
    uint8_t *payload = make_payload(writer, VALUES_HEAD_BYTES, size_bytes);
    if (!payload) {
        return fail(writer, "no memory", fault);
    }
    (void)put_u32(put_u64(put_u32(payload, waiting->count), waiting->valued), (uint32_t)size_bytes);
    size_t coded = replay_put_data(payload + VALUES_HEAD_BYTES, waiting->values.base, size_bytes,
                                   &payload[16]);
    return write_chunk(writer, TAG_VALUES, payload, VALUES_HEAD_BYTES + coded, fault);
}

void replay_put_values(ReplayWriter *writer, const void *data, size_t size_bytes)
{
    Waiting *waiting = &writer->waiting;
    uint64_t bit = 1ull << waiting->count;
    if (writer->has_failed || size_bytes == 0 || size_bytes > REPLAY_VALUES_MAX
        || (waiting->valued & bit)) {
        return;
    }
    uint8_t *at = arena_try_push(&waiting->values, 1, 1, size_bytes + VARINT_MAX);
    if (at) {
        uint8_t *end = put_varint(at, size_bytes);
        memcpy(end, data, size_bytes);
        arena_reset(&waiting->values, (size_t)(end + size_bytes - waiting->values.base));
        waiting->valued |= bit;
    }
}

static void start_waiting(Waiting *waiting)
{
    waiting->count = waiting->repeats = waiting->hash_count = 0;
    waiting->coded_bytes = 0;
    waiting->hashed = waiting->known = 0;
    waiting->last = (hl_input){0}; // each chunk can be read alone
    waiting->valued = 0;
    arena_reset(&waiting->numbers, 0);
    arena_reset(&waiting->page_hashes, 0);
    arena_reset(&waiting->values, 0);
}

static bool write_ticks(ReplayWriter *writer, Fault *fault)
{
    Waiting *waiting = &writer->waiting;
    if (waiting->count == 0) {
        return true;
    }
    put_repeats(waiting);
    uint8_t *payload = make_payload(writer, TICKS_HEAD_BYTES, waiting->coded_bytes);
    if (!payload) {
        return fail(writer, "no memory", fault);
    }
    (void)put_u32(put_u32(payload, waiting->count), (uint32_t)waiting->coded_bytes);
    size_t coded = replay_put_data(payload + TICKS_HEAD_BYTES, waiting->coded, waiting->coded_bytes,
                                   &payload[8]);
    if (!write_chunk(writer, TAG_TICKS, payload, TICKS_HEAD_BYTES + coded, fault)) {
        return false;
    }
    // From here on the ticks can be played. Their checks come behind them: where a file is cut
    // between the two, it plays unchecked instead of not at all.
    writer->good_moment = writer->moment;
    bool ok = (waiting->hashed == 0 || write_hashes(writer, fault))
              && (waiting->valued == 0 || write_values(writer, fault));
    start_waiting(waiting);
    return ok;
}

bool replay_put_tick(ReplayWriter *writer, const hl_input *input, const ReplayCheck *check,
                     Fault *fault)
{
    Waiting *waiting = &writer->waiting;
    if (writer->has_failed) {
        return true; // it was said
    }
    uint64_t now_ns = mono_ns();
    if (waiting->count == 0) {
        waiting->since_ns = now_ns;
    }
    if (!put_input(waiting, input)) {
        return write_ticks(writer, fault)
               && fail(writer, "an input holds a number that is none (a bug of hotloop)", fault);
    }
    if (check && !put_check(waiting, check)) {
        return fail(writer, "a tick's changed pages are not in order (a bug of hotloop)", fault);
    }
    waiting->count++;
    writer->moment++;
    bool is_due = waiting->count == TICKS_MAX || now_ns - waiting->since_ns >= FLUSH_MS * NS_PER_MS
                  || waiting->page_hashes.used_bytes >= CHECKS_DUE * sizeof(uint32_t);
    return !is_due || write_ticks(writer, fault);
}

// ------------------------------------------------------------------------------- all other kinds

bool replay_put_bytes(ReplayWriter *writer, ReplayBytesKind kind, const char *name, bool present,
                      const void *data, size_t size_bytes, Fault *fault)
{
    size_t name_bytes = strlen(name);
    if (writer->has_failed) {
        return true; // it was said
    }
    if (!write_ticks(writer, fault)) { // what came before comes first
        return false;
    }
    if (!replay_name_is_sound(name)) {
        return fail(writer,
                    "a file's name is empty, longer than 255 bytes, not UTF-8 or leads out "
                    "of its folder",
                    fault);
    }
    if (size_bytes > BYTES_MAX_BYTES || writer->bytes_all + size_bytes > BYTES_ALL_MAX_BYTES
        || writer->bytes_count == BYTES_COUNT_MAX) {
        return fail(writer,
                    "the files read are over the limits of a recording (256 MiB each, 1 GiB and "
                    "1,048,576 together)",
                    fault);
    }
    uint8_t *payload = make_payload(writer, BYTES_HEAD_BYTES + name_bytes, size_bytes);
    if (!payload) {
        return fail(writer, "no memory", fault);
    }
    payload[0] = (uint8_t)kind;
    payload[1] = present;
    payload[2] = (uint8_t)name_bytes;
    payload[3] = (uint8_t)(name_bytes >> 8);
    (void)put_u64(payload + 5, size_bytes);
    memcpy(payload + BYTES_HEAD_BYTES, name, name_bytes);
    size_t coded =
        replay_put_data(payload + BYTES_HEAD_BYTES + name_bytes, data, size_bytes, &payload[4]);
    writer->bytes_all += size_bytes;
    writer->bytes_count++;
    bool ok = write_chunk(writer, TAG_BYTES, payload, BYTES_HEAD_BYTES + name_bytes + coded, fault);
    tidy_scratch(writer);
    return ok;
}

bool replay_put_restart(ReplayWriter *writer, Fault *fault)
{
    uint8_t nothing = 0;
    if (writer->has_failed) {
        return true;
    }
    if (!write_ticks(writer, fault) || !write_chunk(writer, TAG_RESTART, &nothing, 0, fault)) {
        return false;
    }
    writer->good_moment = ++writer->moment;
    return true;
}

bool replay_put_edit(ReplayWriter *writer, const char *path, const char *value, Fault *fault)
{
    size_t path_bytes = strlen(path) + 1, value_bytes = strlen(value);
    uint8_t payload[REPLAY_EDIT_MAX + 1];
    if (writer->has_failed) {
        return true; // it was said
    }
    if (path_bytes + value_bytes > sizeof(payload) || !path[0] || !replay_text_is_sound(path)
        || !replay_text_is_sound(value) || writer->bytes_count == BYTES_COUNT_MAX) {
        return fail(writer,
                    "an edit's path and value are no clean text of 504 bytes at most, or there are "
                    "more than 1,048,576 edits",
                    fault);
    }
    memcpy(payload, path, path_bytes);
    memcpy(payload + path_bytes, value, value_bytes);
    if (!write_ticks(writer, fault)
        || !write_chunk(writer, TAG_EDIT, payload, path_bytes + value_bytes, fault)) {
        return false;
    }
    writer->bytes_count++;
    writer->good_moment = ++writer->moment;
    return true;
}

bool replay_put_build(ReplayWriter *writer, const ReplayBuild *build, Fault *fault)
{
    return writer->has_failed
           || (write_ticks(writer, fault) && write_build(writer, build, fault)
               && write_types(writer, build, fault));
}

bool replay_put_state(ReplayWriter *writer, const ReplayState *state, Fault *fault)
{
    if (writer->has_failed) {
        return true;
    }
    if (!write_ticks(writer, fault)) {
        return false;
    }
    const char *why = replay_judge_state(state, writer->arena_bytes);
    if (!why && state->at != writer->moment) {
        why = "a keyframe is not of the moment that was last (a bug of hotloop)";
    }
    if (!why && !state->is_whole && writer->keyframes.used_bytes == 0) {
        why = "a keyframe says what changed since none (a bug of hotloop)";
    }
    return why ? fail(writer, why, fault) : write_state(writer, state, fault);
}

static void forget_keyframes(ReplayWriter *writer)
{
    const uint64_t *moments = (const uint64_t *)(const void *)writer->keyframes.base;
    size_t count = writer->keyframes.used_bytes / sizeof(*moments);
    while (count > 0 && moments[count - 1] > writer->moment) {
        count--;
    }
    arena_reset(&writer->keyframes, count * sizeof(*moments));
}

bool replay_put_rewind(ReplayWriter *writer, uint64_t moments, Fault *fault)
{
    uint8_t payload[REWIND_BYTES];
    if (writer->has_failed) {
        return true;
    }
    if (!write_ticks(writer, fault)) {
        return false;
    }
    if (moments > writer->moment - writer->first) {
        return fail(writer, "time went back to before its first moment", fault);
    }
    (void)put_u64(payload, moments);
    if (!write_chunk(writer, TAG_REWIND, payload, sizeof(payload), fault)) {
        return false;
    }
    writer->moment -= moments;
    writer->good_moment = writer->moment;
    forget_keyframes(writer);
    return true;
}

bool replay_flush(ReplayWriter *writer, Fault *fault)
{
    return writer->has_failed || write_ticks(writer, fault);
}

uint64_t replay_written(const ReplayWriter *writer)
{
    return writer->moment;
}

bool replay_last_keyframe(const ReplayWriter *writer, uint64_t *at)
{
    const uint64_t *moments = (const uint64_t *)(const void *)writer->keyframes.base;
    size_t count = writer->keyframes.used_bytes / sizeof(*moments);
    *at = count > 0 ? moments[count - 1] : 0;
    return count > 0;
}

bool replay_finish(ReplayWriter *writer, uint64_t state_hash, Fault *fault)
{
    uint8_t payload[END_BYTES];
    bool ok;
    if (writer->has_failed) {
        ok = fault_set(fault, FAULT_FILE,
                       "%s: the recording is not whole: it stopped at moment %llu; up to there it "
                       "can be replayed",
                       writer->path, (unsigned long long)writer->good_moment);
    } else {
        ok = write_ticks(writer, fault);
        (void)put_u64(put_u64(payload, writer->moment), state_hash);
        ok = ok && write_chunk(writer, TAG_END, payload, sizeof(payload), fault);
    }
    give_back(writer);
    return ok;
}
