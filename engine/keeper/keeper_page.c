// Orders and words in a memory file, by pread and pwrite: a mapping would lie open to whatever the
// game writes over. And the socket.
#include "keeper_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

_Static_assert(sizeof(KeeperOrders) <= PAGE_PULSE, "orders need more room in the page");
_Static_assert(sizeof(KeeperWords) <= PAGE_PLACES - PAGE_WORDS, "the words need more room");
_Static_assert(sizeof(KeeperPulse) <= PAGE_WORDS - PAGE_PULSE, "the pulse needs more room");

int keeper_page_open(void)
{
    return memfd_create("hotloop-session", MFD_CLOEXEC);
}

bool keeper_put(int page, uint64_t at, const void *bytes, size_t count)
{
    return page >= 0 && pwrite(page, bytes, count, (off_t)at) == (ssize_t)count;
}

bool keeper_get(int page, uint64_t at, void *bytes, size_t count)
{
    memset(bytes, 0, count);
    return page >= 0 && pread(page, bytes, count, (off_t)at) >= 0;
}

void keeper_drop(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
}

typedef union FdRoom {
    struct cmsghdr header;
    uint8_t bytes[CMSG_SPACE(sizeof(int) * KEEPER_FDS_MAX)];
} FdRoom;

bool keeper_send(int socket, const KeeperMessage *message, const int *fds)
{
    KeeperMessage copy = *message;
    struct iovec part = {&copy, sizeof(copy)};
    FdRoom room = {0};
    struct msghdr envelope = {.msg_iov = &part, .msg_iovlen = 1};
    if (message->fds > 0) {
        envelope.msg_control = room.bytes;
        envelope.msg_controllen = CMSG_SPACE(sizeof(int) * message->fds);
        struct cmsghdr *header = CMSG_FIRSTHDR(&envelope);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int) * message->fds);
        memcpy(CMSG_DATA(header), fds, sizeof(int) * message->fds);
    }
    ssize_t sent;
    do {
        sent = sendmsg(socket, &envelope, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)sizeof(copy);
}

bool keeper_receive(int socket, KeeperMessage *message, int fds[KEEPER_FDS_MAX])
{
    struct iovec part = {message, sizeof(*message)};
    FdRoom room = {0};
    struct msghdr envelope = {.msg_iov = &part,
                              .msg_iovlen = 1,
                              .msg_control = room.bytes,
                              .msg_controllen = sizeof(room.bytes)};
    for (int i = 0; i < KEEPER_FDS_MAX; i++) {
        fds[i] = -1;
    }
    ssize_t got;
    do {
        got = recvmsg(socket, &envelope, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    if (got != (ssize_t)sizeof(*message)) {
        return false;
    }
    struct cmsghdr *header = CMSG_FIRSTHDR(&envelope);
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
        size_t bytes = header->cmsg_len - CMSG_LEN(0);
        memcpy(fds, CMSG_DATA(header),
               bytes < sizeof(int) * KEEPER_FDS_MAX ? bytes : sizeof(int) * KEEPER_FDS_MAX);
    }
    return true;
}

void keeper_leave_open(const int *fds, size_t count)
{
    (void)close_range(STDERR_FILENO + 1, ~0u, CLOSE_RANGE_CLOEXEC);
    for (size_t i = 0; i < count; i++) {
        if (fds[i] >= 0) {
            (void)fcntl(fds[i], F_SETFD, 0);
        }
    }
}

void keeper_fresh_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}
