// What happens, as one JSON object a line appended to a file (--events FILE), for editors and
// tests. Each line is written with a single write(2), so a reader never sees half of one. The
// events and their fields are listed at the top of events.c and in the README.
#ifndef EVENTS_H
#define EVENTS_H
#include "base.h"
#include <jansson.h>

typedef struct Events {
    int fd; // -1: nowhere
    bool failed;
} Events;

// Opens for appending. NULL path: events go nowhere. Fails FAULT_FILE.
bool events_open(Events *events, const char *path, Fault *fault);
void events_close(Events *events); // accepts a zeroed or failed one
// Writes {"event": name, "tick": tick, "mono_ns": now, ...fields}. Takes over `fields` (NULL: none)
// as json_pack makes it (which gives NULL for text that is not UTF-8: text_clean it first). The
// first failed write is said once on stderr; the rest is silent. A pipe whose reader went away
// raises SIGPIPE: the program ignores that signal.
void events_put(Events *events, const char *name, uint64_t tick, json_t *fields);

#endif
