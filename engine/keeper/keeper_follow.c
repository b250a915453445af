// What the keeper has of the session's history: so far, what a process hands over when it ends.
#include "keeper_internal.h"

void keeper_forget(KeeperHistory *history)
{
    keeper_drop(&history->gathered_store);
    keeper_drop(&history->gathered);
    history->handed = false;
}

void keeper_follow(KeeperHistory *history)
{
    (void)history;
}

void keeper_take_offer(KeeperHistory *history, int fds[KEEPER_FDS_MAX])
{
    (void)history;
    (void)fds;
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

void keeper_gather(KeeperHistory *history)
{
    history->handed = false;
}
