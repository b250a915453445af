// What the keeper has of the session's history.
#include "keeper_internal.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static void stop_following(KeeperHistory *history)
{
    mirror_close(history->mirror);
    history->mirror = NULL;
    keeper_drop(&history->store);
}

void keeper_forget(KeeperHistory *history)
{
    stop_following(history);
    keeper_drop(&history->gathered_store);
    keeper_drop(&history->gathered);
    history->handed = false;
}

void keeper_follow(KeeperHistory *history)
{
    Fault fault;
    if (history->mirror && mirror_follow(history->mirror, &fault) && history->gathered >= 0) {
        keeper_drop(&history->gathered_store);
        keeper_drop(&history->gathered);
        history->handed = false;
    }
}

void keeper_take_offer(KeeperHistory *history, int fds[KEEPER_FDS_MAX])
{
    Fault fault = {0};
    stop_following(history);
    if (fds[0] < 0 || fds[1] < 0 || fds[2] < 0) {
        return;
    }
    history->store = fcntl(fds[0], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    TimelineHandles handles = {fds[0], fds[1], fds[2]};
    fds[0] = fds[1] = fds[2] = -1; // the mirror's, also when it fails
    history->mirror = mirror_open(&handles, &fault);
    if (!history->mirror) {
        log_line(LOG_WARNING, "%s; should the session die, it begins anew without its history",
                 fault.text);
        keeper_drop(&history->store);
    }
    keeper_follow(history);
}

void keeper_take_handover(KeeperHistory *history, int fds[KEEPER_FDS_MAX])
{
    if (fds[0] < 0 || fds[1] < 0) {
        return;
    }
    keeper_drop(&history->gathered_store);
    keeper_drop(&history->gathered);
    history->gathered_store = fds[0];
    history->gathered = fds[1];
    history->handed = true;
    fds[0] = fds[1] = -1;
}

static bool write_mirror(KeeperHistory *history, int fd)
{
    Fault fault = {0};
    (void)mirror_follow(history->mirror, &fault); // the last edges, unless it died in a change
    if (fd < 0 || !mirror_has_followed(history->mirror)) {
        return false;
    }
    if (!mirror_write(history->mirror, fd, &fault)) {
        log_line(LOG_WARNING, "%s", fault.text);
        return false;
    }
    return true;
}

void keeper_gather(KeeperHistory *history)
{
    if (!history->handed && history->mirror && history->store >= 0) {
        int fd = memfd_create("hotloop-history", MFD_CLOEXEC);
        if (write_mirror(history, fd)) {
            keeper_drop(&history->gathered_store);
            keeper_drop(&history->gathered);
            history->gathered_store = history->store;
            history->gathered = fd;
            history->store = -1;
        } else {
            keeper_drop(&fd);
        }
    }
    stop_following(history);
    history->handed = false;
}
