// A session of the real executable: what bench_running.c and bench_save.c share.
#ifndef BENCH_RUNNING_H
#define BENCH_RUNNING_H
#include "bench.h"

#include "session.h"

// Runs a game's folder or library headless until it has begun to play.
bool running_begin(Bench *bench, Session *session, const char *const *args, Fault *fault);
// The next "reload"; the caller gives it back with json_decref.
bool running_reload(Session *session, json_t **event, Fault *fault);
// Until somewhere between two ticks, not always at the same place.
void running_pause(int round);

#endif
