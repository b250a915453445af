// Pictures come from anybody, and a file of 100 bytes can claim 65535 x 65535. So the size is read
// from the header first, by the same rules as the decoder reads it, and only formats whose size can
// be found that way are handed on. The walk also finds files that are still being written: libjpeg
// and the QOI decoder would fill the missing part with grey and call it a success.
#include "asset_parts.h"

#include <SDL_image.h>
#include <string.h>

typedef struct Probe {
    uint32_t w, h;
    const char *wrong; // NULL: nothing so far
} Probe;

typedef struct Format {
    const char *name;
    const char *magic;
    size_t magic_at, magic_bytes;
    Probe (*probe)(const uint8_t *data, size_t size_bytes);
    SDL_Surface *(*load)(SDL_RWops *source);
} Format;

static const char CUT_SHORT[] = "the file is cut short";
static const char DAMAGED[] = "its header is damaged";

static uint32_t be16(const uint8_t *at)
{
    return (uint32_t)at[0] << 8 | at[1];
}

static uint32_t be32(const uint8_t *at)
{
    return be16(at) << 16 | be16(at + 2);
}

static uint32_t le16(const uint8_t *at)
{
    return (uint32_t)at[1] << 8 | at[0];
}

static uint32_t le24(const uint8_t *at)
{
    return (uint32_t)at[2] << 16 | le16(at);
}

static uint32_t le32(const uint8_t *at)
{
    return le16(at + 2) << 16 | le16(at);
}

static Probe wrong(const char *what)
{
    return (Probe){.wrong = what};
}

// Chunks of length, type, data, CRC up to IEND. Texts are compressed and libpng unpacks up to 8 MB
// of each, 1000 of them, before the picture: a bomb of its own, so only a few may come along.
// Source: PNG specification (W3C, 2nd edition) chapter 5; png.h, PNG_USER_CHUNK_MALLOC_MAX.
static Probe probe_png(const uint8_t *data, size_t size_bytes)
{
    enum { HEADER = 8, CHUNK = 12, TEXTS_MAX = 16 };
    Probe probe = {0};
    unsigned texts = 0;
    if (size_bytes < HEADER + CHUNK + 13) {
        return wrong(CUT_SHORT);
    }
    if (memcmp(data + HEADER + 4, "IHDR", 4) != 0) {
        return wrong(DAMAGED);
    }
    probe.w = be32(data + HEADER + 8);
    probe.h = be32(data + HEADER + 12);
    for (size_t at = HEADER; size_bytes - at >= CHUNK;) {
        const uint8_t *type = data + at + 4;
        size_t length = be32(data + at);
        if (length > size_bytes - at - CHUNK) {
            return wrong(CUT_SHORT);
        }
        if (memcmp(type, "IEND", 4) == 0) {
            return probe;
        }
        texts += memcmp(type, "zTXt", 4) == 0 || memcmp(type, "iTXt", 4) == 0;
        if (texts > TEXTS_MAX) {
            return wrong("it carries too many compressed texts");
        }
        at += CHUNK + length;
    }
    return wrong(CUT_SHORT);
}

// Source: BITMAPCOREHEADER (12 bytes) and BITMAPINFOHEADER and its successors (40 and more).
static Probe probe_bmp(const uint8_t *data, size_t size_bytes)
{
    if (size_bytes < 26) {
        return wrong(CUT_SHORT);
    }
    uint32_t header_bytes = le32(data + 14);
    if (header_bytes == 12) {
        return (Probe){.w = le16(data + 18), .h = le16(data + 20)};
    }
    if (header_bytes < 40) {
        return wrong(DAMAGED);
    }
    uint32_t h = le32(data + 22);
    // Negative heights are pictures from the top down.
    return (Probe){.w = le32(data + 18), .h = h > INT32_MAX ? 0u - h : h};
}

// Skips a chain of sub-blocks, each with its length before it, up to the empty one. 0: cut short.
static size_t gif_skip_blocks(const uint8_t *data, size_t size_bytes, size_t at)
{
    while (at < size_bytes) {
        size_t length = data[at];
        at += 1 + length;
        if (length == 0) {
            return at;
        }
    }
    return 0;
}

static Probe probe_gif_image(const uint8_t *data, size_t size_bytes, size_t at)
{
    if (size_bytes - at < 11) {
        return wrong(CUT_SHORT);
    }
    Probe probe = {.w = le16(data + at + 5), .h = le16(data + at + 7)};
    uint8_t flags = data[at + 9];
    at += 10 + (flags & 0x80 ? 3 * (2u << (flags & 7u)) : 0u);
    if (at >= size_bytes) {
        return wrong(CUT_SHORT);
    }
    // With another code size SDL_image gives this image up and searches on, byte by byte, for what
    // may be a larger one.
    if (data[at] < 1 || data[at] > 8) {
        return wrong(DAMAGED);
    }
    return gif_skip_blocks(data, size_bytes, at + 1) ? probe : wrong(CUT_SHORT);
}

// Only the first image is decoded, and its own size counts, not that of the screen. Source: GIF89a
// specification, sections 17 to 23; SDL_image 2.6.3, IMG_gif.c.
static Probe probe_gif(const uint8_t *data, size_t size_bytes)
{
    if (size_bytes < 13) {
        return wrong(CUT_SHORT);
    }
    size_t at = 13 + (data[10] & 0x80 ? 3 * (2u << (data[10] & 7u)) : 0u);
    while (at + 2 < size_bytes) {
        if (data[at] == ',') {
            return probe_gif_image(data, size_bytes, at);
        }
        if (data[at] == ';') {
            return wrong("it holds no image");
        }
        // A graphic control of another length makes SDL_image lose its place.
        if (data[at] != '!' || (data[at + 1] == 0xF9 && data[at + 2] != 4)) {
            return wrong(DAMAGED);
        }
        at = gif_skip_blocks(data, size_bytes, at + 2);
        if (at == 0) {
            break;
        }
    }
    return wrong(CUT_SHORT);
}

static bool jpeg_is_frame(uint8_t marker) // SOF0..SOF15, without DHT, JPG and DAC among them
{
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

static bool jpeg_has_end(const uint8_t *data, size_t size_bytes, size_t from)
{
    return memmem(data + from, size_bytes - from, "\xFF\xD9", 2) != NULL;
}

// Markers with lengths up to the first frame. Source: ITU-T T.81, annex B.
static Probe probe_jpeg(const uint8_t *data, size_t size_bytes)
{
    for (size_t at = 2; at + 1 < size_bytes;) {
        if (data[at] != 0xFF || data[at + 1] == 0 || data[at + 1] == 0xFF) {
            at++; // padding, which libjpeg skips as well
            continue;
        }
        uint8_t marker = data[at + 1];
        if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD7)) {
            at += 2; // these have no length
            continue;
        }
        if (marker == 0xD8 || marker == 0xD9 || marker == 0xDA) {
            return wrong(DAMAGED);
        }
        size_t left = size_bytes - at;
        size_t length = left >= 4 ? be16(data + at + 2) : 0;
        if (left < 4 || left < 2 + length) {
            break;
        }
        if (length < 2 || (jpeg_is_frame(marker) && length < 8)) {
            return wrong(DAMAGED);
        }
        if (jpeg_is_frame(marker)) {
            Probe probe = {.w = be16(data + at + 7), .h = be16(data + at + 5)};
            // Before the frame, a thumbnail may hold an end of its own.
            return jpeg_has_end(data, size_bytes, at) ? probe : wrong(CUT_SHORT);
        }
        at += 2 + length;
    }
    return wrong(CUT_SHORT);
}

// Source: qoiformat.org, "The Quite OK Image Format specification" 1.0.
static Probe probe_qoi(const uint8_t *data, size_t size_bytes)
{
    enum { HEADER = 14, END = 8 };
    if (size_bytes < HEADER + END
        || memcmp(data + size_bytes - END, "\0\0\0\0\0\0\0\1", END) != 0) {
        return wrong(CUT_SHORT);
    }
    return (Probe){.w = be32(data + 4), .h = be32(data + 8)};
}

// Source: RFC 9649, section 2 (container), RFC 6386 section 9.1 (VP8).
static Probe probe_webp(const uint8_t *data, size_t size_bytes)
{
    if (size_bytes < 30 || le32(data + 4) > size_bytes - 8) {
        return wrong(CUT_SHORT);
    }
    const uint8_t *type = data + 12;
    if (memcmp(type, "VP8X", 4) == 0) {
        return (Probe){.w = le24(data + 24) + 1, .h = le24(data + 27) + 1};
    }
    if (memcmp(type, "VP8L", 4) == 0) {
        uint32_t bits = le32(data + 21);
        return (Probe){.w = (bits & 0x3FFF) + 1, .h = (bits >> 14 & 0x3FFF) + 1};
    }
    if (memcmp(type, "VP8 ", 4) == 0) {
        return (Probe){.w = le16(data + 26) & 0x3FFF, .h = le16(data + 28) & 0x3FFF};
    }
    return wrong(DAMAGED);
}

static const Format FORMATS[] = {
    {"PNG", "\x89PNG\r\n\x1A\n", 0, 8, probe_png, IMG_LoadPNG_RW},
    {"BMP", "BM", 0, 2, probe_bmp, IMG_LoadBMP_RW},
    {"GIF", "GIF8", 0, 4, probe_gif, IMG_LoadGIF_RW},
    {"JPEG", "\xFF\xD8\xFF", 0, 3, probe_jpeg, IMG_LoadJPG_RW},
    {"QOI", "qoif", 0, 4, probe_qoi, IMG_LoadQOI_RW},
    {"WebP", "WEBP", 8, 4, probe_webp, IMG_LoadWEBP_RW},
};

static const Format *find_format(const uint8_t *data, size_t size_bytes)
{
    for (size_t i = 0; i < COUNT_OF(FORMATS); i++) {
        const Format *format = &FORMATS[i];
        if (size_bytes >= format->magic_at + format->magic_bytes
            && memcmp(data + format->magic_at, format->magic, format->magic_bytes) == 0) {
            return format;
        }
    }
    return NULL;
}

// A blit instead of a conversion: it writes straight into our memory, so that there is no third
// copy of a large picture, and pixels of a colour key stay as they are there: 0, transparent.
static bool copy_pixels(SDL_Surface *from, Arena *pixels, AssetImage *image, Fault *fault)
{
    size_t row_bytes = (size_t)from->w * sizeof(uint32_t);
    if (!arena_open(pixels, 0, row_bytes * (size_t)from->h, fault)) {
        return false;
    }
    uint32_t *room = arena_try_push(pixels, row_bytes, sizeof(uint32_t), (size_t)from->h);
    SDL_Surface *to = room ? SDL_CreateRGBSurfaceWithFormatFrom(
                          room, from->w, from->h, 32, (int)row_bytes, SDL_PIXELFORMAT_RGBA8888)
                           : NULL;
    bool ok = to && SDL_SetSurfaceBlendMode(from, SDL_BLENDMODE_NONE) == 0
              && SDL_BlitSurface(from, NULL, to, NULL) == 0;
    SDL_FreeSurface(to);
    if (!ok) {
        arena_close(pixels);
        return fault_set(fault, FAULT_MEMORY, "no memory for its pixels");
    }
    image->w = from->w;
    image->h = from->h;
    image->pixels = room;
    return true;
}

static bool is_size_fine(uint32_t w, uint32_t h)
{
    return w > 0 && h > 0 && w <= ASSET_PICTURE_SIDE_MAX && h <= ASSET_PICTURE_SIDE_MAX;
}

static bool refuse(char why[ASSET_WHY_BYTES], const char *format_name, const char *what)
{
    (void)text_format(why, ASSET_WHY_BYTES, "not a good %s: %s", format_name, what);
    return false;
}

static bool check_header(const Format *format, const uint8_t *data, size_t size_bytes,
                         char why[ASSET_WHY_BYTES])
{
    Probe probe = format->probe(data, size_bytes);
    if (probe.wrong) {
        return refuse(why, format->name, probe.wrong);
    }
    if (probe.w == 0 || probe.h == 0) {
        return refuse(why, format->name, DAMAGED);
    }
    if (!is_size_fine(probe.w, probe.h)) {
        (void)text_format(why, ASSET_WHY_BYTES, "%u x %u pixels, more than the limit of %d x %d",
                          probe.w, probe.h, ASSET_PICTURE_SIDE_MAX, ASSET_PICTURE_SIDE_MAX);
        return false;
    }
    return true;
}

bool asset_picture_decode(const uint8_t *data, size_t size_bytes, Arena *pixels, AssetImage *image,
                          char why[ASSET_WHY_BYTES])
{
    *pixels = (Arena){0};
    image->w = image->h = 0;
    image->pixels = NULL;
    const Format *format = find_format(data, size_bytes);
    if (!format) {
        (void)text_format(why, ASSET_WHY_BYTES,
                          "not a picture (PNG, BMP, GIF, JPEG, QOI and WebP can be read)");
        return false;
    }
    if (!check_header(format, data, size_bytes, why)) {
        return false;
    }
    SDL_RWops *source = SDL_RWFromConstMem(data, (int)size_bytes);
    SDL_Surface *surface = source ? format->load(source) : NULL;
    bool ok = false;
    if (surface && is_size_fine((uint32_t)surface->w, (uint32_t)surface->h)) {
        Fault fault;
        ok = copy_pixels(surface, pixels, image, &fault);
        if (!ok) {
            (void)refuse(why, format->name, fault.text);
        }
    } else {
        (void)refuse(why, format->name, surface ? DAMAGED : SDL_GetError());
    }
    SDL_FreeSurface(surface);
    if (source) {
        SDL_RWclose(source);
    }
    return ok;
}
