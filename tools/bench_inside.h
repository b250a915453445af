// A game that runs in this process, without a window: what bench_inside.c and bench_carry.c share.
#ifndef BENCH_INSIDE_H
#define BENCH_INSIDE_H
#include "bench.h"

#include "inspect.h"
#include "live.h"

// Everything that a game needs to live.
typedef struct Inside {
    Arena keep;
    Assets *assets;
    SoundList sound;
    DrawList draw, over;
    DrawTriangles triangles;
    Inspect inspect;
    Live live;
    GameLibConfig gamelib;
} Inside;

// `history_bytes` 0: no history is kept.
Inside *inside_open(Bench *bench, const char *assets, size_t history_bytes, Fault *fault);
void inside_close(Inside *inside); // NULL is fine

// How long the change lane would have been busy with it.
typedef struct InsideLoad {
    uint64_t load_ns, about_ns; // gamelib_open; its debug information
    uint64_t plan_ns;           // what the swap will have to do
} InsideLoad;
// Until it can be swapped in; `took` may be NULL.
bool inside_load(Inside *inside, const char *path, GameLib *lib, InsideLoad *took, Fault *fault);
bool inside_load_and_swap(Inside *inside, const char *path, Fault *fault);
// Runs one tick and its picture as data; how long that took.
uint64_t inside_frame_ns(Inside *inside);

#endif
