// The session's side: what it inherits, what it tells, how it asks to begin again.
#include "keeper_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COMMAND_BYTES_MAX = 1 << 20 };

// From the kernel: getopt has put the words that main was given into another order.
static char **command_line(Arena *arena)
{
    char *text = arena_push(arena, 1, 1, COMMAND_BYTES_MAX);
    int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    size_t used = 0, count = 0;
    for (ssize_t got; fd >= 0 && used < COMMAND_BYTES_MAX - 1
                      && (got = read(fd, text + used, COMMAND_BYTES_MAX - 1 - used)) > 0;) {
        used += (size_t)got;
    }
    if (fd >= 0) {
        close(fd);
    }
    for (size_t at = 0; at < used; at += strlen(text + at) + 1) {
        count++;
    }
    char **argv = arena_push(arena, sizeof(char *), sizeof(char *), count + 1);
    count = 0;
    for (size_t at = 0; at < used; at += strlen(text + at) + 1) {
        argv[count++] = text + at;
    }
    return argv;
}

// As it is now, before a game can change it, with the page's descriptor in it.
static char **environment(Arena *arena, int page)
{
    size_t count = 0;
    while (environ[count]) {
        count++;
    }
    char **envp = arena_push(arena, sizeof(char *), sizeof(char *), count + 2);
    for (size_t i = 0; i < count; i++) {
        envp[i] = arena_copy_text(arena, environ[i]);
    }
    envp[count] = arena_format(arena, "%s=%d", KEEPER_VARIABLE, page);
    return envp;
}

static void fill(KeeperLink *link, Arena *arena, int page)
{
    link->page = page;
    link->argv = command_line(arena);
    link->envp = environment(arena, page);
    link->folder = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void close_on_exec(int fd)
{
    if (fd >= 0) {
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
}

// Early, while next to nothing is mapped. What cannot be held is not missed before it is wanted.
static void hold_places(KeeperLink *link, Arena *arena)
{
    KeeperPlace places[KEEPER_PLACES_MAX];
    uint64_t count = 0;
    Fault fault;
    (void)keeper_get(link->page, PAGE_PLACES, &count, sizeof(count));
    count = count < KEEPER_PLACES_MAX ? count : KEEPER_PLACES_MAX;
    (void)keeper_get(link->page, PAGE_PLACES + sizeof(count), places, count * sizeof(*places));
    link->held = arena_push(arena, sizeof(Arena), _Alignof(Arena), count + 1);
    for (uint64_t i = 0; i < count; i++) {
        Arena *held = &link->held[link->held_count];
        link->held_count += arena_open(held, places[i].first, places[i].bytes, &fault);
    }
}

bool keeper_inherits(KeeperLink *link, Arena *arena)
{
    const char *number = getenv(KEEPER_VARIABLE);
    uint64_t page;
    *link = (KeeperLink){.page = -1, .socket = -1, .folder = -1};
    if (!number || !text_to_u64(number, STDERR_FILENO + 1, 1u << 20, &page)) {
        return false;
    }
    (void)unsetenv(KEEPER_VARIABLE);
    KeeperOrders *orders = &link->orders;
    if (!keeper_get((int)page, PAGE_ORDERS, orders, sizeof(*orders))
        || orders->magic != KEEPER_MAGIC) {
        *orders = (KeeperOrders){0};
        return false;
    }
    link->page = (int)page;
    hold_places(link, arena);
    fill(link, arena, (int)page);
    (void)keeper_get(link->page, PAGE_PULSE, &link->before, sizeof(link->before));
    (void)keeper_get(link->page, PAGE_WORDS, &link->words, sizeof(link->words));
    orders->session[sizeof(orders->session) - 1] = '\0';
    link->words.game_id[sizeof(link->words.game_id) - 1] = '\0';
    link->words.socket[sizeof(link->words.socket) - 1] = '\0';
    link->words.recording[sizeof(link->words.recording) - 1] = '\0';
    link->socket = orders->keeper ? orders->link : -1;
    const int inherited[] = {link->page, orders->link, orders->lock, orders->store,
                             orders->history};
    for (size_t i = 0; i < COUNT_OF(inherited); i++) {
        close_on_exec(inherited[i]);
    }
    keeper_fresh_signals();
    // What the process before said of its end is not ours.
    link->words.stopping = link->words.ended = link->words.restarts = link->words.again = false;
    (void)keeper_put(link->page, PAGE_WORDS, &link->words, sizeof(link->words));
    link->pulse =
        (KeeperPulse){.session_ticks = link->before.session_ticks + link->before.ticks_run,
                      .trouble_ns = link->before.trouble_ns,
                      .paused = orders->paused,
                      .muted = link->before.muted,
                      .slow = link->before.slow};
    (void)keeper_put(link->page, PAGE_PULSE, &link->pulse, sizeof(link->pulse));
    return true;
}

void keeper_alone(KeeperLink *link, Arena *arena, const char *session, int lock)
{
    *link = (KeeperLink){.page = -1, .socket = -1, .folder = -1};
    int page = keeper_page_open();
    if (page < 0) {
        return; // it plays all the same; what would need it ends the process instead
    }
    fill(link, arena, page);
    link->orders = (KeeperOrders){
        .magic = KEEPER_MAGIC, .life = 1, .link = -1, .lock = lock, .store = -1, .history = -1};
    (void)text_format(link->orders.session, sizeof(link->orders.session), "%s", session);
    (void)keeper_put(page, PAGE_ORDERS, &link->orders, sizeof(link->orders));
    (void)keeper_put(page, PAGE_WORDS, &link->words, sizeof(link->words));
}

bool keeper_is_there(const KeeperLink *link)
{
    return link->socket >= 0 && getppid() == link->orders.keeper;
}

void keeper_tell(KeeperLink *link)
{
    if (link->page >= 0) {
        (void)keeper_put(link->page, PAGE_WORDS, &link->words, sizeof(link->words));
    }
}

void keeper_beat(KeeperLink *link, const KeeperPulse *pulse)
{
    if (link->page >= 0 && memcmp(&link->pulse, pulse, sizeof(*pulse)) != 0) {
        link->pulse = *pulse;
        (void)keeper_put(link->page, PAGE_PULSE, pulse, sizeof(*pulse));
    }
}

void keeper_tell_places(KeeperLink *link, const KeeperPlace *places, size_t count)
{
    uint64_t number = count < KEEPER_PLACES_MAX ? count : KEEPER_PLACES_MAX;
    if (link->page >= 0) {
        (void)keeper_put(link->page, PAGE_PLACES + sizeof(number), places,
                         number * sizeof(*places));
        (void)keeper_put(link->page, PAGE_PLACES, &number, sizeof(number));
    }
}

void keeper_offer(KeeperLink *link, const TimelineHandles *handles)
{
    if (link->socket < 0) {
        return;
    }
    bool has = handles->store >= 0 && handles->index >= 0 && handles->initials >= 0;
    const int fds[KEEPER_FDS_MAX] = {handles->store, handles->index, handles->initials};
    KeeperMessage message = {.kind = KEEPER_OFFER, .fds = has ? 3 : 0};
    link->has_offered = keeper_send(link->socket, &message, fds) || link->has_offered;
}

void keeper_end(KeeperLink *link, int exit_code)
{
    link->words.ended = true;
    link->words.exit_code = exit_code;
    keeper_tell(link);
}

// The same process, another program: ours from its beginning.
static void start_in_place(KeeperLink *link, KeeperWhy why, int store, int history)
{
    KeeperOrders *orders = &link->orders;
    orders->life++;
    orders->tries = why == KEEPER_AGAIN ? orders->tries + 1 : 0;
    orders->origin = why == KEEPER_AGAIN ? orders->origin : why;
    orders->why = why;
    orders->pid = (int32_t)getpid();
    orders->paused = why == KEEPER_AGAIN ? orders->paused : true;
    orders->had_history = link->pulse.has_history || why == KEEPER_AGAIN;
    if (why != KEEPER_AGAIN) {
        orders->was_tick = link->pulse.tick;
        orders->was_moment = link->pulse.moment;
    }
    bool has = store >= 0 && history >= 0 && orders->tries < KEEPER_TRIES_MAX;
    orders->store = has ? store : -1;
    orders->history = has ? history : -1;
    const int stay[] = {link->page, orders->lock, orders->store, orders->history};
    if (!keeper_put(link->page, PAGE_ORDERS, orders, sizeof(*orders))) {
        return;
    }
    keeper_leave_open(stay, COUNT_OF(stay));
    if (link->folder >= 0) {
        (void)fchdir(link->folder);
    }
    (void)execve("/proc/self/exe", link->argv, link->envp);
}

void keeper_start_again(KeeperLink *link, KeeperWhy why, int store, int history)
{
    if (link->page < 0) {
        return;
    }
    link->words.restarts = why == KEEPER_RESTART;
    link->words.again = why == KEEPER_AGAIN;
    (void)keeper_put(link->page, PAGE_WORDS, &link->words, sizeof(link->words));
    if (!keeper_is_there(link)) {
        link->orders.keeper = 0; // whoever was: the next process is alone
        link->orders.link = -1;
        start_in_place(link, why, store, history);
        return;
    }
    const int fds[KEEPER_FDS_MAX] = {store, history, -1};
    bool has = store >= 0 && history >= 0;
    KeeperMessage message = {.kind = KEEPER_HANDOVER, .fds = has ? 2 : 0};
    if (why == KEEPER_RESTART && !keeper_send(link->socket, &message, fds)) {
        return;
    }
    _exit(KEEPER_EXIT);
}

void keeper_close(KeeperLink *link)
{
    const int own[] = {link->page, link->socket, link->folder};
    for (size_t i = 0; i < COUNT_OF(own); i++) {
        if (own[i] > 0) {
            close(own[i]);
        }
    }
    link->page = link->socket = link->folder = -1;
}
