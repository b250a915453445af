// Pictures and sound to a file that others can watch: mp4 with sound, gif, or numbered PNGs. ffmpeg
// does the coding, as a child process (mp4 and gif); PNGs are left to the caller's picture writer.
#ifndef MOVIE_H
#define MOVIE_H
#include "file.h"

typedef enum MovieKind { MOVIE_MP4, MOVIE_GIF, MOVIE_PNGS } MovieKind;

// By the name: ".mp4", ".gif", or a name with one "%d" or "%0Nd" and ".png". FAULT_USAGE names what
// is possible.
bool movie_kind(const char *path, MovieKind *kind, Fault *fault);

typedef struct MovieConfig {
    const char *path;  // written beside and renamed by movie_finish: never half a movie
    MovieKind kind;    // not MOVIE_PNGS
    int width, height; // pixels of each picture; odd sizes are padded for mp4
    // Pictures a second, 0.1 to 1000; exact in an mp4. A gif counts in hundredths of a second and
    // viewers slow down what is shorter than two, so up to 50 all are in, each for the hundredths
    // it gets; above that it has 50 a second and the rest are left out evenly. It lasts as long.
    double rate;
    bool has_sound; // mp4 only
} MovieConfig;

typedef struct Movie Movie;
// FAULT_FILE when ffmpeg is not there (it says how to get it), or the folder is not.
// Until its end the parts of a movie are in a folder beside it, `path`.tmp-XXXXXX; only a killed
// process leaves it behind.
Movie *movie_begin(const MovieConfig *config, Fault *fault);
// width * height * 4 bytes RGBA, rows from the top; alpha is not looked at. Waits while ffmpeg is
// behind. After a failure, here or in movie_sound, finish or drop it: movie_finish gives the same
// *fault again.
bool movie_picture(Movie *movie, const uint8_t *rgba, Fault *fault);
// Stereo pairs at 48,000 a second, -1..1; the movie's sound is all of them in a row from its start.
// Dropped where has_sound is false or the kind has none.
bool movie_sound(Movie *movie, const float *samples, uint32_t frames, Fault *fault);
// Ends it: the file is there and whole, or *fault has ffmpeg's last words. `movie` is gone after
// it.
bool movie_finish(Movie *movie, Fault *fault);
void movie_drop(Movie *movie); // gives up: nothing is left behind; NULL is fine

#endif
