// What the files of this module share; nobody else includes it.
//   asset.c          names, and what callers ask for by one
//   asset_version.c  reading a file, and taking it over as the next version
//   asset_refresh.c  what changed on disk, and retries
//   asset_font.c     the fonts in use, their faces and versions
//   asset_notes.c    what is said about assets
//   asset_path.c     which name a changed path means, and which name was probably meant
//   asset_picture.c  encoded pictures to pixels
//   asset_face.c     a font file at one size, and its atlas
// The last three know nothing of a session's Assets; asset_internal.h is what the others share.
#ifndef ASSET_PARTS_H
#define ASSET_PARTS_H
#include "asset.h"

#include <SDL_ttf.h>

enum { ASSET_WHY_BYTES = 160 }; // room for a reason, as part of a note

// ---- asset_path.c

// `path` made absolute, with "." and ".." taken out by their spelling alone, so it need not exist.
bool asset_path_absolute(char out[FILE_PATH_MAX], const char *path);
// The same with the symlinks of its folder resolved, but not of its last component. Falls back to
// asset_path_absolute when there is no such folder.
bool asset_path_real(char out[FILE_PATH_MAX], const char *path);
// What of `path` lies below `folder` ("" for the folder itself); NULL when it is elsewhere.
const char *asset_path_below(const char *path, const char *folder);
// A name below `folder` that looks like what was meant by `name`, in `scratch`; NULL for none.
const char *asset_path_suggest(Arena *scratch, const char *folder, const char *name);

// ---- asset_picture.c

enum { ASSET_PICTURE_SIDE_MAX = 8192 };

// Decodes into `pixels`, which is opened here and belongs to the caller, and fills w, h and pixels
// of *image. On failure neither holds anything and `why` says what is wrong.
bool asset_picture_decode(const uint8_t *data, size_t size_bytes, Arena *pixels, AssetImage *image,
                          char why[ASSET_WHY_BYTES]);

// ---- asset_face.c

typedef struct GlyphSlot {
    uint32_t code_plus_1; // 0: free
    AssetGlyph glyph;
} GlyphSlot;

typedef struct AssetFace {
    TTF_Font *ttf; // reads from the file's bytes for as long as it is open; NULL: not open
    int size_px;
    Arena memory; // the slots, then the atlas, whose rows are added at the end and never move
    GlyphSlot *slots;
    uint32_t slot_count; // in use
    uint32_t *pixels;
    int atlas_w, atlas_h;
    int pen_x, row_y, row_h; // where the next glyph goes
    float line_px, ascent_px;
    bool full; // a glyph found no room
} AssetFace;

// Opens a face on `data`, which has to outlive it. On failure *face is zeroed.
bool asset_face_open(AssetFace *face, const uint8_t *data, size_t size_bytes, int size_px,
                     char why[ASSET_WHY_BYTES]);
// Accepts a zeroed face.
void asset_face_close(AssetFace *face);
// *added says whether the atlas has changed.
AssetGlyph asset_face_glyph(AssetFace *face, uint32_t code_point, bool *added);

#endif
