#include "control_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool control_address_open(ControlAddress *at, const char *path, Fault *fault)
{
    *at = (ControlAddress){.address.sun_family = AF_UNIX, .folder_fd = -1};
    if (text_format(at->address.sun_path, sizeof(at->address.sun_path), "%s", path)) {
        return true;
    }
    char folder[FILE_PATH_MAX];
    const char *slash = strrchr(path, '/');
    int folder_bytes = slash ? (int)(slash - path) + 1 : 0;
    (void)text_format(folder, sizeof(folder), "%.*s", folder_bytes, path);
    at->folder_fd = open(slash ? folder : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (at->folder_fd < 0) {
        return fault_set(fault, FAULT_FILE, "%s: %s", path, strerror(errno));
    }
    if (!text_format(at->address.sun_path, sizeof(at->address.sun_path), "/proc/self/fd/%d/%s",
                     at->folder_fd, path + folder_bytes)) {
        control_address_close(at);
        errno = ENAMETOOLONG;
        return fault_set(fault, FAULT_FILE,
                         "%s: the file's name is too long for a socket (about 85 "
                         "bytes); choose a shorter one",
                         path);
    }
    return true;
}

void control_address_close(ControlAddress *at)
{
    if (at->folder_fd >= 0) {
        int saved = errno;
        close(at->folder_fd);
        errno = saved;
    }
    at->folder_fd = -1;
}

int control_connect(const char *path, Fault *fault)
{
    ControlAddress at;
    if (!control_address_open(&at, path, fault)) {
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&at.address, sizeof(at.address)) != 0) {
        int saved = errno;
        close(fd);
        fd = -1;
        errno = saved;
    }
    control_address_close(&at);
    if (fd < 0) {
        int saved = errno;
        (void)fault_set(fault, FAULT_FILE, "%s: %s", path,
                        saved == ECONNREFUSED ? "nobody listens there any more: the session is gone"
                        : saved == EAGAIN     ? "the session is too busy to take a connection"
                                              : strerror(saved));
        errno = saved;
    }
    return fd;
}

bool control_is_socket_name(const char *name)
{
    size_t length = strlen(name), suffix = sizeof(CONTROL_SUFFIX) - 1;
    return name[0] != '.' && length > suffix && strcmp(name + length - suffix, CONTROL_SUFFIX) == 0;
}
