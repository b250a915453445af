// ffmpeg as a child process. It runs in a folder of its own, so that no name a user chose can read
// as an option or a protocol, and in its own process group, so that a Ctrl-C is ours to answer.
// When we are killed it sees the end of what it was fed and ends by itself.
#ifndef MOVIE_CODER_H
#define MOVIE_CODER_H
#include "file.h"

#include <sys/types.h>

enum { MOVIE_CODER_ARGS_MAX = 48, MOVIE_CODER_WORDS_BYTES = 512 };

typedef struct MovieCoder {
    pid_t pid;    // 0: not running
    int feed_fd;  // what it reads as its standard input; -1: nothing
    int words_fd; // what it said, in memory, so that a full disk cannot swallow it; -1: nothing
} MovieCoder;

// The absolute path of ffmpeg by PATH; false when it is in none of its folders.
bool movie_coder_find(char out[FILE_PATH_MAX]);
// Starts `program` in `folder` with `args` (NULL ends them; the program's name is not among them).
// False with errno; *coder is at rest then.
bool movie_coder_start(MovieCoder *coder, const char *program, const char *folder,
                       const char *const *args, bool fed);
// False with errno when it does not read any more; no SIGPIPE.
bool movie_coder_feed(MovieCoder *coder, const void *bytes, size_t size_bytes);
// Ends the feed and waits. True when it was content; else `words` has how it ended and its last
// words, one line.
bool movie_coder_end(MovieCoder *coder, char words[MOVIE_CODER_WORDS_BYTES]);
void movie_coder_kill(MovieCoder *coder); // at rest or not

#endif
