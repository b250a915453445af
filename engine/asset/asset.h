// Names to decoded bytes and a version. Looks in a list of folders, in order; keeps the last good
// version when the file on disk breaks, is half written or disappears; never blocks a frame on a
// FIFO and never decodes an image larger than 8192 x 8192. Owns SDL2_image and SDL2_ttf: pictures
// and glyphs come out as plain pixels, so whoever draws needs neither.
#ifndef ASSET_H
#define ASSET_H
#include "file.h"
#include "hotloop.h"

typedef enum AssetState {
    ASSET_MISSING, // never was there
    ASSET_GOOD,
    ASSET_STALE // the newest on disk is broken or gone; data is the last good one
} AssetState;

typedef struct AssetData {
    AssetState state;
    uint32_t key;        // the same for one name all session long, from 1
    uint32_t version;    // goes up by one each time new good content came in; 0 while missing
    uint64_t content;    // hash_bytes of the encoded file; 0 while missing
    const uint8_t *data; // the file's bytes, followed by a 0 byte; NULL while missing
    size_t size_bytes;
} AssetData;

typedef struct AssetImage {
    uint32_t key, version;
    int32_t w, h;
    const uint32_t *pixels; // 0xRRGGBBAA; NULL: missing, or never decoded
} AssetImage;

// One glyph of a font at one pixel size, in its atlas.
typedef struct AssetGlyph {
    int16_t x, y, w, h;            // in the atlas
    float bearing_x, top, advance; // pixels; top: from the line's top down to the glyph's
} AssetGlyph;
typedef struct AssetFont {
    AssetImage atlas; // its version goes up when glyphs were added
    float line_px, ascent_px;
} AssetFont;

typedef struct Assets Assets;

// `folders`: where to look, first match wins; copied. Lives in an arena of its own.
Assets *asset_open(const char *const *folders, size_t folder_count, Fault *fault);
void asset_close(Assets *assets); // NULL is fine

// Borrowed until the next asset_refresh. Names must pass file_name_is_inside; others are
// ASSET_MISSING. `name` is read on the first use and from memory after that. Never fails: a missing
// or broken one is said in one line through asset_take_note. Pictures are PNG, BMP, GIF (the first
// image), JPEG, QOI or WebP; files of more than 64 MiB are not read. At most 4096 names a session.
AssetData asset_data(Assets *assets, const char *name);
AssetImage asset_image(Assets *assets, const char *name);
// A TTF or OTF at `size_px` (4..256, clamped); NULL when it cannot be read. Stays valid until
// asset_close; what it holds changes with asset_glyph and asset_refresh.
const AssetFont *asset_font(Assets *assets, const char *name, int size_px);
// The glyph of a code point, rendered into the atlas when it is first asked for: white, so that a
// tint colours it. The atlas keeps its width and what it holds, and gets taller. One box stands for
// all that the font lacks; {0} where it has no box.
AssetGlyph asset_glyph(Assets *assets, const AssetFont *font, uint32_t code_point);

// `path` (any path, of a file or a folder; those of others are ignored) was written, moved in or
// deleted: the next asset_refresh reads it again, and it takes the place of the old version if it
// is good and its content is another. A file that was used as a picture or font has to be one
// again. Empty or broken files are tried again by asset_refresh for about a second before they are
// said to be broken. Old versions' bytes live until the next but one refresh, so a frame in flight
// is safe. Relative paths and folders count from the working directory.
void asset_changed(Assets *assets, const char *path);
void asset_changed_all(Assets *assets);
// Once a frame: reads what has changed, retries, and frees what is no longer borrowed. True when
// some version went up.
bool asset_refresh(Assets *assets, uint64_t now_ns);
// The folders, for whoever watches them; NULL past the end.
const char *asset_folder(const Assets *assets, size_t index);
// The next line to be said ("hero.png: not a picture; the last good one stays"), false: none.
bool asset_take_note(Assets *assets, char *out, size_t out_bytes);

#endif
