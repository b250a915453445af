// `hotloop ctl`: commands to a running session over a unix socket in a folder of mode 0700. One
// request is one line, one reply is one JSON object on a line. Only the same user is heard
// (SO_PEERCRED); requests are at most 4096 bytes; slow or silent clients never hold a frame up.
#ifndef CONTROL_H
#define CONTROL_H
#include "file.h"
#include <jansson.h>

typedef struct Control Control;

// Listens at <runtime home>/<pid>.sock, or at `path` when it is not NULL. Removes stale sockets of
// sessions that are gone.
Control *control_open(const char *path, Fault *fault);
void control_close(Control *control); // NULL is fine; removes the socket
const char *control_path(const Control *control);
// Readable when there may be something to take; for poll. -1 never.
int control_fd(const Control *control);

typedef struct ControlRequest {
    uint64_t client;      // for control_reply
    int argc;             // >= 1
    const char *argv[16]; // words; borrowed until the next control_take
} ControlRequest;
// The next whole request, without ever blocking.
bool control_take(Control *control, ControlRequest *request);
// Answers and takes over `reply`. A request may be answered in a later frame; a client that is gone
// by then is forgotten.
void control_reply(Control *control, uint64_t client, json_t *reply);
// Drops clients that have let `now_ns` - 10 s pass without finishing a request or taking a reply.
// control_take does it with mono_ns(); it is here for tests that turn the clock by hand.
void control_drop_idle(Control *control, uint64_t now_ns);

// The client's side: sends the words, prints the one JSON object, returns the exit code (1 when the
// reply has "ok": false). `socket_path` NULL: the one running session of this user, or a list of
// them on stderr and exit 2.
int control_client(const char *socket_path, int argc, const char *const *argv);

#endif
