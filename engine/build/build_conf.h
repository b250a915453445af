// A game's own settings: the file hotloop.conf in its folder, a few lines `key = value`, `#` for
// remarks. All of it is optional, the file too; a key may come several times. Private to build.
//
//   cc      = clang                  instead of $CC or cc
//   cflags  = -O0 -DNAME="two words" words, split at blanks outside of "..."
//   define  = TITLE="Fox Hop"        one macro a line, the whole value as it is
//   include = ../shared              one folder a line
//   libs    = z ./vendor/libfoo.a    names for -l, or files (with a slash)
//   ldflags = -Lvendor               words for the link
//
// Relative folders and files, those of -I and -L among them, are seen from the game's folder.
#ifndef BUILD_CONF_H
#define BUILD_CONF_H
#include "build_report.h"

#define BUILD_CONF_NAME "hotloop.conf"

enum { BUILD_CONF_BYTES_MAX = 64 << 10, BUILD_CONF_WORDS_MAX = 256 };

typedef struct BuildConf {
    uint64_t hash;        // of the whole file; 0: there is none
    const char *compiler; // NULL: not named
    const char *compile[BUILD_CONF_WORDS_MAX], *link[BUILD_CONF_WORDS_MAX];
    const char *files[BUILD_CONF_WORDS_MAX]; // of `libs`: what is in them counts
    uint32_t compile_count, link_count, file_count;
} BuildConf;

// Reads FOLDER/hotloop.conf; texts live in `arena`. What is wrong in it is said by file and line,
// and the rest is read all the same. False when something was wrong. Without a report nothing is
// said.
bool build_conf_read(BuildConf *conf, const char *folder, Arena *arena, BuildReport *report);
// The same settings, in another arena.
void build_conf_copy(BuildConf *to, const BuildConf *from, Arena *arena);
bool build_conf_is_named(const char *path); // .../hotloop.conf

#endif
