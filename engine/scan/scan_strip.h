// A source taken apart into what stays when functions' insides go: what scan_strip and scan_edit
// share. Private to scan.
#ifndef SCAN_STRIP_H
#define SCAN_STRIP_H
#include "scan_branches.h"
#include "scan_parts.h"

// What may be another one without anything around it being another: a body with no line of the
// preprocessor in it, or a variable with numbers or texts that it begins with.
typedef struct ScanPlain {
    uint32_t head, open, close; // from its first token on; braces, or `=` and `;`
    uint64_t text;
    bool is_value;
} ScanPlain;

// KEEP_AND_END: a `;` comes behind it. KEEP_VALUE: it stays, but whatever it is does not count.
typedef enum ScanKeep { DROP, KEEP, KEEP_AND_END, KEEP_VALUE } ScanKeep;

typedef struct ScanStrip {
    const char *source;
    size_t source_bytes;
    ScanTokens tokens;
    Arena scratch;
    uint8_t *keep; // a ScanKeep for each token
    ScanPlain *plain;
    uint32_t plain_count;
    uint64_t around; // the text up to `around_end`, but for what counts apart or not at all
    size_t around_end;
} ScanStrip;

// False: bodies cannot be told apart. Close it either way.
bool scan_strip_open(ScanStrip *strip, const char *source, size_t source_bytes);
void scan_strip_close(ScanStrip *strip);
// What stays, in `arena`. False: there is no room for it.
bool scan_strip_write(const ScanStrip *strip, Arena *arena, const char **stripped,
                      size_t *stripped_bytes);

#endif
