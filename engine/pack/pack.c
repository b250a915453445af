#include "pack.h"

#include <assert.h>
#include <zstd.h>

size_t pack_bound(size_t bytes)
{
    return ZSTD_compressBound(bytes);
}

size_t pack(void *out, size_t out_bytes, const void *data, size_t bytes, int level)
{
    assert(level >= 1 && level <= 19);
    size_t packed_bytes = ZSTD_compress(out, out_bytes, data, bytes, level);
    return ZSTD_isError(packed_bytes) || packed_bytes >= bytes ? 0 : packed_bytes;
}

bool unpack(void *out, size_t bytes, const void *packed, size_t packed_bytes)
{
    // In one call, so that `out` itself is the window: zstd reserves none by what the frame says.
    size_t written = ZSTD_decompress(out, bytes, packed, packed_bytes);
    return packed_bytes > 0 && !ZSTD_isError(written) && written == bytes;
}

// An Unpacker is zstd's context under our name, never looked into.
Unpacker *unpacker_open(void)
{
    return (Unpacker *)(void *)ZSTD_createDCtx();
}

void unpacker_close(Unpacker *unpacker)
{
    (void)ZSTD_freeDCtx((ZSTD_DCtx *)(void *)unpacker);
}

bool unpack_with(Unpacker *unpacker, void *out, size_t bytes, const void *packed,
                 size_t packed_bytes)
{
    size_t written =
        ZSTD_decompressDCtx((ZSTD_DCtx *)(void *)unpacker, out, bytes, packed, packed_bytes);
    return packed_bytes > 0 && !ZSTD_isError(written) && written == bytes;
}
