// Bytes made small and back, with every size checked. The one place that knows zstd.
#ifndef PACK_H
#define PACK_H
#include "base.h"

// Room that pack may need for `bytes`.
size_t pack_bound(size_t bytes);
// Writes the packed form of `data` to `out` and returns its size; 0 when it would not be smaller
// than `bytes`, or not fit: keep it plain then. `level` 1..19 as zstd counts. Any thread; the same
// data and level give the same bytes. Source: zstd.h.
size_t pack(void *out, size_t out_bytes, const void *data, size_t bytes, int level);
// Unpacks exactly `bytes`; false when `packed` is damaged or holds more or less. Never writes past
// out + bytes and never allocates by what `packed` claims.
bool unpack(void *out, size_t bytes, const void *packed, size_t packed_bytes);

// For many small ones in a row: what unpack makes anew each time costs several times what 4 KiB
// take to be unpacked. One thread at a time; NULL: no memory.
typedef struct Unpacker Unpacker;
Unpacker *unpacker_open(void);
void unpacker_close(Unpacker *unpacker); // NULL is fine
bool unpack_with(Unpacker *unpacker, void *out, size_t bytes, const void *packed,
                 size_t packed_bytes);

#endif
