// A session of the real executable: what bench_running.c and bench_save.c share.
#ifndef BENCH_RUNNING_H
#define BENCH_RUNNING_H
#include "bench.h"

#include "session.h"

// Runs a game's folder or library headless until it has begun to play.
bool running_begin(Bench *bench, Session *session, const char *const *args, Fault *fault);
// The next "reload"; the caller gives it back with json_decref.
bool running_reload(Session *session, json_t **event, Fault *fault);
// Runs a program to its end, as nice as the runtime's own compilers: on a busy machine what is
// nicer takes longer. True: exit code 0.
bool running_niced(const char *const *command);
// Until somewhere between two ticks, not always at the same place.
void running_pause(int round);

#endif
