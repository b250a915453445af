// fontc FONT.txt OUT.h: turns the built-in font's drawing (assets/font8x8.txt) into the texels of
// its atlas, as a C header. Runs while the engine is built and stands alone for that reason.
// Anything that is not right in the drawing is said as FONT.txt:line: and no header is written.
//
// The drawing: `//` lines and empty lines are skipped; a glyph is a line `glyph <hex code> <the
// character, or space>` or `glyph box` followed by 8 rows of 8 times '.' or '#'. Every printable
// ASCII character and the box must be there, once each.
//
// The atlas: cells of 8 x 8 texels with an empty texel around them, so that a turned or filtered
// glyph never shows its neighbour; ASCII first, then the box, then a white cell for plain colours.
// Its sides are powers of two, so every texel's edge is an exact float between 0 and 1.
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIDE = 8, // of a glyph
    FIRST = 0x20,
    LAST = 0x7e,
    BOX = LAST - FIRST + 1, // its cell
    WHITE = BOX + 1,
    GLYPHS = BOX + 1,
    PITCH = SIDE + 2,
    COLUMNS = 25,
    ATLAS_W = 256,
    ATLAS_H = 64
};
_Static_assert(COLUMNS *PITCH <= ATLAS_W, "a row of cells fits the atlas");
_Static_assert((WHITE / COLUMNS + 1) * PITCH <= ATLAS_H, "all cells fit the atlas");

typedef struct Font {
    char rows[GLYPHS][SIDE][SIDE];
    int line[GLYPHS]; // where it was drawn; 0: not yet
} Font;

typedef struct Source {
    FILE *file;
    const char *path;
    int line;
    char text[128]; // of that line, without its end
} Source;

static bool complain(const Source *source, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool complain(const Source *source, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s:%d: ", source->path, source->line);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return false;
}

typedef enum Next { NEXT_LINE, NEXT_END, NEXT_BAD } Next;

static Next next_line(Source *source)
{
    source->line++;
    if (!fgets(source->text, sizeof(source->text), source->file)) {
        if (ferror(source->file)) {
            (void)complain(source, "cannot be read");
            return NEXT_BAD;
        }
        return NEXT_END;
    }
    size_t length = strcspn(source->text, "\n");
    if (source->text[length] != '\n' && !feof(source->file)) {
        (void)complain(source, "the line is too long, or holds a 0 byte");
        return NEXT_BAD;
    }
    source->text[length] = '\0';
    return NEXT_LINE;
}

// The cell that a line `glyph ...` begins, -1 when it begins none.
static int header_cell(const Source *source)
{
    unsigned code = 0;
    int end = 0;
    if (strcmp(source->text, "glyph box") == 0) {
        return BOX;
    }
    if (sscanf(source->text, "glyph %2x %n", &code, &end) != 1 || end == 0) {
        (void)complain(source, "expected `glyph <hex code> <character>` or `glyph box`, got `%s`",
                       source->text);
        return -1;
    }
    if (code < FIRST || code > LAST) {
        (void)complain(source, "glyph %x: the font holds %x to %x", code, FIRST, LAST);
        return -1;
    }
    char expected[] = {(char)code, '\0'};
    const char *name = code == ' ' ? "space" : expected;
    if (strcmp(source->text + end, name) != 0) {
        (void)complain(source, "glyph %x is `%s`, not `%s`", code, name, source->text + end);
        return -1;
    }
    return (int)code - FIRST;
}

static bool read_rows(Source *source, char rows[SIDE][SIDE])
{
    for (int row = 0; row < SIDE; row++) {
        Next next = next_line(source);
        if (next != NEXT_LINE) {
            return next == NEXT_END
                   && complain(source, "the file ends after %d of %d rows", row, SIDE);
        }
        if (strlen(source->text) != SIDE || strspn(source->text, ".#") != SIDE) {
            return complain(source, "row %d of the glyph: expected %d times '.' or '#', got `%s`",
                            row + 1, SIDE, source->text);
        }
        memcpy(rows[row], source->text, SIDE);
    }
    return true;
}

static bool read_font(Source *source, Font *font)
{
    Next next;
    while ((next = next_line(source)) == NEXT_LINE) {
        if (source->text[0] == '\0' || strncmp(source->text, "//", 2) == 0) {
            continue;
        }
        int cell = header_cell(source);
        if (cell < 0) {
            return false;
        }
        if (font->line[cell] > 0) {
            return complain(source, "`%s` was drawn before, in line %d", source->text,
                            font->line[cell]);
        }
        font->line[cell] = source->line;
        if (!read_rows(source, font->rows[cell])) {
            return false;
        }
    }
    for (int cell = 0; next == NEXT_END && cell < GLYPHS; cell++) {
        if (font->line[cell] == 0) {
            return cell == BOX ? complain(source, "`glyph box` is missing")
                               : complain(source, "`glyph %x %s` is missing", cell + FIRST,
                                          cell == 0 ? "space" : (char[]){(char)(cell + FIRST), 0});
        }
    }
    return next == NEXT_END;
}

static bool is_white(const Font *font, int x, int y)
{
    int column = x / PITCH, row = y / PITCH;
    int cell = row * COLUMNS + column;
    int in_x = x % PITCH - 1, in_y = y % PITCH - 1;
    if (column >= COLUMNS || cell > WHITE) {
        return false;
    }
    if (cell == WHITE) { // to its edge: nobody may see that it ends
        return true;
    }
    return in_x >= 0 && in_x < SIDE && in_y >= 0 && in_y < SIDE
           && font->rows[cell][in_y][in_x] == '#';
}

static void write_header(FILE *out, const char *from, const Font *font)
{
    const char *name = strrchr(from, '/') ? strrchr(from, '/') + 1 : from;
    fprintf(out, "// Made by tools/fontc.c from %s; edit that.\n", name);
    fprintf(out, "enum {\n    FONT_FIRST = %d,\n    FONT_LAST = %d,\n", FIRST, LAST);
    fprintf(out, "    FONT_BOX = %d,\n    FONT_WHITE = %d,\n", BOX, WHITE);
    fprintf(out, "    FONT_SIDE = %d,\n    FONT_PITCH = %d,\n", SIDE, PITCH);
    fprintf(out, "    FONT_COLUMNS = %d,\n    FONT_ATLAS_W = %d,\n    FONT_ATLAS_H = %d\n};\n",
            COLUMNS, ATLAS_W, ATLAS_H);
    // Empty texels are white without opacity, so that filtering does not darken an edge.
    fprintf(out, "#define o 0xffffff00u\n#define X 0xffffffffu\n");
    fprintf(out, "static const uint32_t font_texels[%d * %d] = {\n", ATLAS_W, ATLAS_H);
    for (int y = 0; y < ATLAS_H; y++) {
        for (int x = 0; x < ATLAS_W; x++) {
            fprintf(out, "%c,", is_white(font, x, y) ? 'X' : 'o');
        }
        fputc('\n', out);
    }
    fprintf(out, "};\n#undef o\n#undef X\n");
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: fontc FONT.txt OUT.h\n");
        return 2;
    }
    Source source = {.file = fopen(argv[1], "r"), .path = argv[1]};
    if (!source.file) {
        fprintf(stderr, "fontc: %s: cannot be opened\n", argv[1]);
        return 1;
    }
    Font font = {0};
    bool good = read_font(&source, &font);
    fclose(source.file);
    if (!good) {
        return 1;
    }
    FILE *out = fopen(argv[2], "w");
    if (!out) {
        fprintf(stderr, "fontc: %s: cannot be written\n", argv[2]);
        return 1;
    }
    write_header(out, argv[1], &font);
    good = !ferror(out);
    if (fclose(out) != 0 || !good) {
        fprintf(stderr, "fontc: %s: cannot be written in full\n", argv[2]);
        remove(argv[2]);
        return 1;
    }
    return 0;
}
