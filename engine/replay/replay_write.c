// Recording: chunks are made in memory and written whole; after the first failure nothing more is
// written, and the file ends with its last whole chunk.
#include "replay_format.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include <zstd.h>

// Level 1: a state of 64 MiB is written between two frames.
enum { ZSTD_LEVEL = 1 };

struct ReplayWriter {
    Arena arena;   // holds this struct as well
    Arena scratch; // one payload at a time
    const char *path;
    int fd;
    bool has_failed;
    uint64_t good_bytes; // of the file: whole chunks
    uint64_t tick_count; // in whole chunks
    uint64_t bytes_all;
    uint32_t bytes_count;
    hl_input last; // the last input of the chunk in the making
    uint32_t waiting;
    uint64_t waiting_since_ns;
    size_t coded_bytes;
    uint8_t coded[TICKS_MAX * TICK_CODED_MAX];
};

// ---------------------------------------------------------------------------------------- chunks

static bool fail(ReplayWriter *writer, const char *why, Fault *fault)
{
    writer->has_failed = true;
    // What a short write left of a chunk goes, so that the file plays without a complaint about it.
    // When even that fails the reader finds the last whole chunk by itself.
    (void)!ftruncate(writer->fd, (off_t)writer->good_bytes);
    return fault_set(fault, FAULT_FILE,
                     "%s: recording stopped: %s; the game plays on, and the %llu ticks written so "
                     "far can be replayed",
                     writer->path, why, (unsigned long long)writer->tick_count);
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
    (void)put_u32(put_u32(head, tag), (uint32_t)payload_bytes);
    (void)put_u64(head + 8, chunk_hash(head, payload, payload_bytes));
    if (writer->good_bytes + sizeof(head) + payload_bytes > FILE_MAX_BYTES) {
        return fail(writer, "the file has reached its limit of 4 GiB", fault);
    }
    struct iovec parts[2] = {{head, sizeof(head)}, {payload, payload_bytes}};
    if (!write_parts(writer->fd, parts, payload_bytes ? 2 : 1)) {
        return fail(writer, strerror(errno), fault);
    }
    writer->good_bytes += sizeof(head) + payload_bytes;
    return true;
}

// Room for a head of `head_bytes` and `size_bytes` of data, coded or not. NULL when there is none.
static uint8_t *make_payload(ReplayWriter *writer, size_t head_bytes, size_t size_bytes)
{
    arena_reset(&writer->scratch, 0);
    return arena_try_push(&writer->scratch, 1, 1, head_bytes + ZSTD_compressBound(size_bytes));
}

// Puts `data` to `out`, compressed when that is smaller. Returns its bytes there.
static size_t put_data(uint8_t *out, const void *data, size_t size_bytes, uint8_t *coding)
{
    size_t room = ZSTD_compressBound(size_bytes);
    size_t coded = size_bytes > 0 ? ZSTD_compress(out, room, data, size_bytes, ZSTD_LEVEL) : 0;
    if (size_bytes > 0 && !ZSTD_isError(coded) && coded < size_bytes) {
        *coding = CODING_ZSTD;
        return coded;
    }
    *coding = CODING_PLAIN;
    if (size_bytes > 0) {
        memcpy(out, data, size_bytes);
    }
    return size_bytes;
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
    if (!arena_open(&writer->scratch, 0, PAYLOAD_MAX_BYTES, fault)) {
        give_back(writer);
        return NULL;
    }
    return writer;
}

static bool write_start(ReplayWriter *writer, const ReplayFacts *facts, Fault *fault)
{
    uint8_t head[FILE_HEAD_BYTES], payload[FACTS_BYTES];
    memcpy(head, REPLAY_MAGIC, 8);
    (void)put_u32(put_u32(head + 8, REPLAY_FORMAT_VERSION), INPUT_BYTES);
    put_facts(payload, facts);
    struct iovec part = {head, sizeof(head)};
    if (!write_parts(writer->fd, &part, 1)) {
        return fail(writer, strerror(errno), fault);
    }
    writer->good_bytes = sizeof(head);
    return write_chunk(writer, TAG_FACTS, payload, sizeof(payload), fault);
}

static bool write_state(ReplayWriter *writer, const void *state, size_t state_bytes,
                        uint64_t first_tick, Fault *fault)
{
    if (state_bytes > STATE_MAX_BYTES) {
        return fail(writer, "the state is larger than the 1 GiB that a recording holds", fault);
    }
    uint8_t *payload = make_payload(writer, STATE_HEAD_BYTES, state_bytes);
    if (!payload) {
        return fail(writer, "no memory to compress the state", fault);
    }
    (void)put_u64(put_u64(payload, first_tick), state_bytes);
    size_t coded = put_data(payload + STATE_HEAD_BYTES, state, state_bytes, &payload[16]);
    bool ok = write_chunk(writer, TAG_STATE, payload, STATE_HEAD_BYTES + coded, fault);
    arena_release(&writer->scratch); // as large as the state, and not needed again
    return ok;
}

ReplayWriter *replay_create(const char *path, const ReplayFacts *facts, const void *first_state,
                            size_t state_bytes, uint64_t first_tick, Fault *fault)
{
    int fd = open_file(path, fault);
    ReplayWriter *writer = fd >= 0 ? new_writer(path, fd, fault) : NULL;
    if (writer
        && (!write_start(writer, facts, fault)
            || !write_state(writer, first_state, state_bytes, first_tick, fault))) {
        give_back(writer);
        return NULL;
    }
    return writer;
}

// ---------------------------------------------------------------------------------------- putting

static bool write_ticks(ReplayWriter *writer, Fault *fault)
{
    if (writer->waiting == 0) {
        return true;
    }
    uint8_t *payload = make_payload(writer, TICKS_HEAD_BYTES, writer->coded_bytes);
    if (!payload) {
        return fail(writer, "no memory", fault);
    }
    (void)put_u32(put_u32(payload, writer->waiting), (uint32_t)writer->coded_bytes);
    size_t coded =
        put_data(payload + TICKS_HEAD_BYTES, writer->coded, writer->coded_bytes, &payload[8]);
    bool ok = write_chunk(writer, TAG_TICKS, payload, TICKS_HEAD_BYTES + coded, fault);
    writer->tick_count += ok ? writer->waiting : 0;
    writer->waiting = 0;
    writer->coded_bytes = 0;
    writer->last = (hl_input){0}; // each chunk can be read alone
    return ok;
}

bool replay_put_input(ReplayWriter *writer, const hl_input *input, Fault *fault)
{
    if (writer->has_failed) {
        return true; // it was said
    }
    if (!input_is_sound(input)) { // the reader would refuse it
        return fail(writer, "an input holds a number that is none (a bug of hotloop)", fault);
    }
    uint64_t now_ns = mono_ns();
    if (writer->waiting == 0) {
        writer->waiting_since_ns = now_ns;
    }
    writer->coded_bytes += encode_tick(writer->coded + writer->coded_bytes, &writer->last, input);
    memcpy(&writer->last, input, sizeof(*input));
    writer->waiting++;
    bool is_due =
        writer->waiting == TICKS_MAX || now_ns - writer->waiting_since_ns >= FLUSH_MS * NS_PER_MS;
    return !is_due || write_ticks(writer, fault);
}

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
    if (!name_is_sound(name)) {
        return fail(writer, "a file's name is empty, longer than 255 bytes or not UTF-8", fault);
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
    size_t coded = put_data(payload + BYTES_HEAD_BYTES + name_bytes, data, size_bytes, &payload[4]);
    writer->bytes_all += size_bytes;
    writer->bytes_count++;
    return write_chunk(writer, TAG_BYTES, payload, BYTES_HEAD_BYTES + name_bytes + coded, fault);
}

bool replay_put_restart(ReplayWriter *writer, Fault *fault)
{
    uint8_t nothing = 0;
    return writer->has_failed
           || (write_ticks(writer, fault) && write_chunk(writer, TAG_RESTART, &nothing, 0, fault));
}

bool replay_put_rewind(ReplayWriter *writer, uint64_t ticks, Fault *fault)
{
    uint8_t payload[REWIND_BYTES];
    (void)put_u64(payload, ticks);
    return writer->has_failed
           || (write_ticks(writer, fault)
               && write_chunk(writer, TAG_REWIND, payload, sizeof(payload), fault));
}

bool replay_flush(ReplayWriter *writer, Fault *fault)
{
    return writer->has_failed || write_ticks(writer, fault);
}

bool replay_finish(ReplayWriter *writer, uint64_t last_tick, uint64_t state_hash, Fault *fault)
{
    uint8_t payload[END_BYTES];
    (void)put_u64(put_u64(payload, last_tick), state_hash);
    bool ok;
    if (writer->has_failed) {
        ok = fault_set(fault, FAULT_FILE,
                       "%s: the recording is not whole: it stopped after %llu ticks, which can be "
                       "replayed",
                       writer->path, (unsigned long long)writer->tick_count);
    } else {
        ok = write_ticks(writer, fault)
             && write_chunk(writer, TAG_END, payload, sizeof(payload), fault);
    }
    give_back(writer);
    return ok;
}
