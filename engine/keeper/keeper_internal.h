// What the files of keeper share.
#ifndef KEEPER_INTERNAL_H
#define KEEPER_INTERNAL_H
#include "keeper.h"

#define KEEPER_MAGIC    UINT64_C(0x3170656b706f6f6c)
#define KEEPER_VARIABLE "HOTLOOP_SESSION"

enum {
    KEEPER_EXIT = 75, // of a process that asks to be started again (EX_TEMPFAIL)
    PAGE_ORDERS = 0,  // where things are in the page
    PAGE_PULSE = 16384,
    PAGE_WORDS = 20480,
    PAGE_PLACES = 65536 // their number, then they
};

typedef enum KeeperMessageKind { KEEPER_OFFER = 1, KEEPER_HANDOVER } KeeperMessageKind;

typedef struct KeeperMessage {
    uint32_t kind;
    uint32_t
        fds; // that come with it: OFFER store, index, initials or none; HANDOVER store, history
} KeeperMessage;
enum { KEEPER_FDS_MAX = 3 };

// keeper_page.c. All of it may be called anywhere: no locks, no memory.
int keeper_page_open(void);
bool keeper_put(int page, uint64_t at, const void *bytes, size_t count);
bool keeper_get(int page, uint64_t at, void *bytes, size_t count); // zero where nothing was put
bool keeper_send(int socket, const KeeperMessage *message, const int *fds);
// False: nothing there, or nobody. fds[i] is -1 where none came.
bool keeper_receive(int socket, KeeperMessage *message, int fds[KEEPER_FDS_MAX]);
// Only these stay open across exec, and 0, 1, 2.
void keeper_leave_open(const int *fds, size_t count);
void keeper_fresh_signals(void); // nothing blocked, nothing of ours handled

void keeper_drop(int *fd); // closes it, unless it is -1, which it is afterwards

// keeper_follow.c
typedef struct KeeperHistory {
    TimelineMirror *mirror; // of the timeline that the session keeps now; NULL: none was offered
    int store;              // of that timeline
    // For the next process; or what the one that runs was given, until the mirror has followed it.
    int gathered_store, gathered;
    bool handed; // they were handed over by a process, which knew better than any mirror
} KeeperHistory;
// These take over the descriptors that they want: what they leave in fds is the caller's to close.
void keeper_take_offer(KeeperHistory *history, int fds[KEEPER_FDS_MAX]);
void keeper_take_handover(KeeperHistory *history, int fds[KEEPER_FDS_MAX]);
void keeper_follow(KeeperHistory *history);
// The session's process is dead: what there is becomes `gathered`.
void keeper_gather(KeeperHistory *history);
void keeper_forget(KeeperHistory *history);

// keeper_policy.c
typedef struct KeeperDeaths {
    uint64_t ns[KEEPER_STRIKES]; // of the last ones, newest first; 0: none
    bool early[KEEPER_STRIKES];  // before KEEPER_FEW_TICKS had run
} KeeperDeaths;
typedef struct KeeperVerdict {
    bool give_up, paused, soon;
} KeeperVerdict;
KeeperVerdict keeper_judge(KeeperDeaths *deaths, uint64_t now_ns, KeeperWhy why, int signal_number,
                           const KeeperPulse *pulse);

#endif
