#include "keeper_internal.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static bool is_soon(const KeeperDeaths *deaths, int older)
{
    return deaths->ns[older] != 0 && deaths->ns[0] - deaths->ns[older] <= KEEPER_SOON_S * NS_PER_S;
}

// Killed from outside says nothing against the game, so it plays on. After anything else the user
// is to see why before it happens once more.
KeeperVerdict keeper_judge(KeeperDeaths *deaths, uint64_t now_ns, KeeperWhy why, int signal_number,
                           const KeeperPulse *pulse)
{
    memmove(deaths->ns + 1, deaths->ns, sizeof(deaths->ns) - sizeof(deaths->ns[0]));
    memmove(deaths->early + 1, deaths->early, sizeof(deaths->early) - sizeof(deaths->early[0]));
    deaths->ns[0] = now_ns;
    // One that asked for another process stands still there until somebody has done something: any
    // tick says that he has. None at all, and it asks for one as soon as it is there.
    deaths->early[0] = pulse->ticks_run < (why == KEEPER_RESTART ? 1 : KEEPER_FEW_TICKS);
    bool all_early = true;
    for (int i = 0; i < KEEPER_STRIKES; i++) {
        all_early &= deaths->early[i];
    }
    bool had_trouble =
        pulse->trouble_ns != 0 && now_ns - pulse->trouble_ns <= KEEPER_SOON_S * NS_PER_S;
    bool soon = is_soon(deaths, 1);
    return (KeeperVerdict){.give_up = all_early && is_soon(deaths, KEEPER_STRIKES - 1),
                           .paused = pulse->paused || soon || had_trouble || why == KEEPER_RESTART
                                     || signal_number != SIGKILL,
                           .soon = soon};
}

void keeper_say_death(const KeeperOrders *orders, char *out, size_t out_bytes)
{
    if (orders->signal == SIGKILL) {
        (void)text_format(out, out_bytes,
                          "was killed (SIGKILL: by somebody, or by the kernel when "
                          "memory ran out)");
    } else if (orders->signal != 0) {
        const char *name = sigabbrev_np(orders->signal);
        (void)text_format(out, out_bytes, "died of SIG%s", name ? name : "?");
    } else {
        (void)text_format(out, out_bytes, "ended out of turn with exit code %d", orders->exit_code);
    }
}
