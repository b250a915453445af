// What both ends of the control socket share. Inside this module only.
#ifndef CONTROL_SOCKET_H
#define CONTROL_SOCKET_H
#include "file.h"
#include <sys/un.h>

#define CONTROL_SUFFIX ".sock"
enum {
    CONTROL_REQUEST_MAX = 4096, // with its newline
    CONTROL_REPLY_MAX = 16 << 20
};

// The address of a socket file. sun_path holds 107 bytes; a longer path is reached through a
// descriptor of its folder: /proc/self/fd/N/name. Source: unix(7), "Pathname sockets"; proc(5).
typedef struct ControlAddress {
    struct sockaddr_un address;
    int folder_fd; // -1: the path fitted
} ControlAddress;

// Fails FAULT_FILE when the folder is missing or even the file's name is too long.
bool control_address_open(ControlAddress *at, const char *path, Fault *fault);
void control_address_close(ControlAddress *at);
// A connected nonblocking socket, or -1 with errno and *fault (which may be NULL).
int control_connect(const char *path, Fault *fault);
// "123.sock": not hidden, and with the suffix.
bool control_is_socket_name(const char *name);

#endif
