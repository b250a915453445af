// The running session's side of `hotloop ctl`. The other side is control_client.c.
//
// A request is one line of at most 4096 bytes: a JSON array of strings, or plain words separated by
// blanks ("double quoted" ones may hold blanks; a backslash takes the next character as it is), so
// that `echo status | socat - UNIX:...` works as well. A reply is one JSON object on a line. A
// client may send further requests on one connection; each is read when the one before is answered.
//
// Everything is nonblocking and bounded: 16 clients, one request and one reply of each. An epoll
// descriptor stands for all sockets, so the caller has one thing to wait for.
//
// Sections: words, clients, sockets, the interface.
#include "control.h"
#include "control_socket.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    CLIENTS_MAX = 16,
    WORDS_MAX = COUNT_OF(((ControlRequest *)NULL)->argv),
    LISTENER = CLIENTS_MAX, // its number in epoll events
    IDLE_S = 10
};

typedef enum ClientPhase {
    CLIENT_FREE,
    CLIENT_READING, // until a whole line is there
    CLIENT_ASKED,   // control_take gave its request out
    CLIENT_SENDING  // the rest of a reply
} ClientPhase;

typedef struct Client {
    ClientPhase phase;
    int fd;
    uint64_t id;       // never given twice
    uint64_t since_ns; // of its phase, or of the last bytes that it took from us
    char in[CONTROL_REQUEST_MAX];
    size_t in_bytes;
    bool is_last; // close when the reply is out
    char *out;    // jansson's; freed when sent
    size_t out_bytes, out_sent;
} Client;

struct Control {
    Arena arena; // holds this struct as well
    int listen_fd, epoll_fd;
    const char *path;
    dev_t device; // of the socket file, to remove our own only
    ino_t inode;
    Client clients[CLIENTS_MAX];
    uint64_t last_id;
    int turn; // the client that is looked at first: nobody can crowd out the others
    json_t *words;
    char plain[CONTROL_REQUEST_MAX + 1];
};

// ---------------------------------------------------------------------------------------- words

static const char *take_json_words(Control *control, const char *line, size_t size_bytes,
                                   ControlRequest *request)
{
    json_t *words = json_loadb(line, size_bytes, 0, NULL);
    control->words = words; // given back by the next control_take
    if (!json_is_array(words) || json_array_size(words) == 0) {
        return "the request is not a JSON array of words";
    }
    if (json_array_size(words) > WORDS_MAX) {
        return "the request has more than 16 words";
    }
    request->argc = 0;
    for (size_t i = 0; i < json_array_size(words); i++) {
        const char *word = json_string_value(json_array_get(words, i));
        if (!word) {
            return "the request holds something that is not a string";
        }
        request->argv[request->argc++] = word;
    }
    return NULL;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

// One word from *at to *out, quotes and backslashes resolved. False: a quote was left open.
static bool take_plain_word(const char **at, const char *end, char **out)
{
    bool is_quoted = false;
    while (*at < end && (is_quoted || !is_blank(**at))) {
        if (**at == '"') {
            is_quoted = !is_quoted;
        } else {
            *at += **at == '\\' && *at + 1 < end ? 1 : 0;
            *(*out)++ = **at;
        }
        (*at)++;
    }
    *(*out)++ = '\0';
    return !is_quoted;
}

static const char *take_plain_words(Control *control, const char *line, size_t size_bytes,
                                    ControlRequest *request)
{
    const char *at = line, *end = line + size_bytes;
    // Never longer than the line: a word ends with its blank or newline, which makes room for the
    // 0.
    char *out = control->plain;
    request->argc = 0;
    for (;;) {
        while (at < end && is_blank(*at)) {
            at++;
        }
        if (at == end) {
            return request->argc > 0 ? NULL : "the request is empty";
        }
        if (request->argc == WORDS_MAX) {
            return "the request has more than 16 words";
        }
        request->argv[request->argc++] = out;
        if (!take_plain_word(&at, end, &out)) {
            return "the closing \" is missing";
        }
    }
}

// NULL, or why these bytes are no request.
static const char *take_words(Control *control, const char *line, size_t size_bytes,
                              ControlRequest *request)
{
    size_t blanks = 0;
    while (blanks < size_bytes && is_blank(line[blanks])) {
        blanks++;
    }
    if (memchr(line, 0, size_bytes)) {
        return "the request holds zero bytes";
    }
    if (blanks < size_bytes && line[blanks] == '[') {
        return take_json_words(control, line, size_bytes, request);
    }
    return take_plain_words(control, line, size_bytes, request);
}

// -------------------------------------------------------------------------------------- clients

static void drop(Client *client)
{
    if (client->phase != CLIENT_FREE) {
        close(client->fd); // also leaves the epoll set: nobody else holds the socket
        free(client->out);
    }
    memset(client, 0, sizeof(*client));
}

static bool has_line(const Client *client)
{
    return memchr(client->in, '\n', client->in_bytes) != NULL;
}

static void expect(Control *control, Client *client, ClientPhase phase)
{
    struct epoll_event event = {.data.u32 = (uint32_t)(client - control->clients)};
    if (phase == CLIENT_SENDING || (phase == CLIENT_READING && has_line(client))) {
        event.events = EPOLLOUT; // a request that is here already: ready at once wakes the caller
    } else if (phase == CLIENT_READING) {
        event.events = EPOLLIN;
    }
    client->phase = phase;
    client->since_ns = mono_ns();
    (void)epoll_ctl(control->epoll_fd, EPOLL_CTL_MOD, client->fd, &event);
}

static void send_more(Control *control, Client *client)
{
    while (client->out_sent < client->out_bytes) {
        ssize_t sent = send(client->fd, client->out + client->out_sent,
                            client->out_bytes - client->out_sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return; // epoll says when there is room
        }
        if (sent < 0) {
            drop(client);
            return;
        }
        client->out_sent += (size_t)sent;
        client->since_ns = mono_ns();
    }
    if (client->is_last) {
        drop(client);
        return;
    }
    free(client->out);
    client->out = NULL;
    expect(control, client, CLIENT_READING);
}

// The reply as text of jansson's; NULL when it is no object, too large or cannot be written.
static char *dump_reply(const json_t *reply)
{
    char *text = json_is_object(reply) ? json_dumps(reply, JSON_COMPACT) : NULL;
    if (text && strlen(text) + 1 > CONTROL_REPLY_MAX) {
        free(text);
        text = NULL;
    }
    return text;
}

static void start_reply(Control *control, Client *client, const json_t *reply)
{
    char *text = dump_reply(reply);
    if (!text) {
        json_t *instead = json_pack("{s:b, s:s}", "ok", 0, "error",
                                    "the reply is over 16 MiB or could not be written");
        text = dump_reply(instead);
        json_decref(instead);
    }
    if (!text) {
        drop(client);
        return;
    }
    client->out = text;
    client->out_bytes = strlen(text) + 1;
    client->out[client->out_bytes - 1] = '\n'; // the terminating 0 has done its work
    client->out_sent = 0;
    expect(control, client, CLIENT_SENDING);
    send_more(control, client);
}

static void refuse(Control *control, Client *client, const char *why)
{
    json_t *reply = json_pack("{s:b, s:s}", "ok", 0, "error", why);
    start_reply(control, client, reply);
    json_decref(reply);
}

static void read_more(Control *control, Client *client)
{
    // One recv a call: whoever sends without end gets its share and no more.
    ssize_t got = recv(client->fd, client->in + client->in_bytes,
                       sizeof(client->in) - client->in_bytes, MSG_DONTWAIT);
    if (got < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) {
        return;
    }
    if (got <= 0) { // gone, or it said all it had: half a request is none
        drop(client);
        return;
    }
    client->in_bytes += (size_t)got;
    if (!has_line(client) && client->in_bytes == sizeof(client->in)) {
        client->is_last = true;
        refuse(control, client, "the request is longer than 4096 bytes");
    }
}

static bool is_same_user(int fd)
{
    struct ucred peer;
    socklen_t size_bytes = sizeof(peer);
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size_bytes) == 0
           && peer.uid == geteuid();
}

static Client *free_client(Control *control)
{
    for (int i = 0; i < CLIENTS_MAX; i++) {
        if (control->clients[i].phase == CLIENT_FREE) {
            return &control->clients[i];
        }
    }
    return NULL;
}

static void accept_one(Control *control, int fd)
{
    static const char FULL[] = "{\"ok\":false,\"error\":\"16 clients are connected; try again\"}\n";
    Client *client = free_client(control);
    if (!is_same_user(fd)) {
        close(fd);
        return;
    }
    struct epoll_event event = {.events = EPOLLIN};
    event.data.u32 = client ? (uint32_t)(client - control->clients) : 0;
    if (!client || epoll_ctl(control->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
        (void)send(fd, FULL, sizeof(FULL) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
        close(fd);
        return;
    }
    client->phase = CLIENT_READING;
    client->fd = fd;
    client->id = ++control->last_id;
    client->since_ns = mono_ns();
}

static void accept_some(Control *control)
{
    for (int i = 0; i < 2 * CLIENTS_MAX; i++) {
        int fd = accept4(control->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            return;
        }
        accept_one(control, fd);
    }
}

static void pump(Control *control)
{
    struct epoll_event events[CLIENTS_MAX + 1];
    int count = epoll_wait(control->epoll_fd, events, COUNT_OF(events), 0);
    for (int i = 0; i < count; i++) {
        if (events[i].data.u32 == LISTENER) {
            accept_some(control);
            continue;
        }
        Client *client = &control->clients[events[i].data.u32];
        if (client->phase == CLIENT_READING && !has_line(client)) {
            read_more(control, client);
        } else if (client->phase == CLIENT_SENDING) {
            send_more(control, client);
        } else if (client->phase == CLIENT_ASKED && (events[i].events & (EPOLLHUP | EPOLLERR))) {
            drop(client); // it did not wait for its answer
        }
    }
}

// -------------------------------------------------------------------------------------- sockets

// Sockets whose session was killed refuse connections. Source: unix(7), ECONNREFUSED. A living one
// is never in that state under this name: control_open renames it here when it listens.
static void remove_when_dead(const char *path)
{
    // Connecting to a plain file is refused as well: look first what it is.
    struct stat about;
    if (lstat(path, &about) != 0 || !S_ISSOCK(about.st_mode)) {
        return;
    }
    int fd = control_connect(path, NULL);
    if (fd >= 0) {
        close(fd);
    } else if (errno == ECONNREFUSED) {
        (void)unlink(path);
    }
}

static void remove_stale(const char *folder)
{
    DIR *listing = opendir(folder);
    if (!listing) {
        return;
    }
    for (struct dirent *entry = readdir(listing); entry; entry = readdir(listing)) {
        char path[FILE_PATH_MAX];
        if (control_is_socket_name(entry->d_name) && file_join(path, folder, entry->d_name)) {
            remove_when_dead(path);
        }
    }
    closedir(listing);
}

// Makes sure that clients can reach `path` and that nothing is there; only a dead session's socket
// is removed.
static bool make_way(const char *path, Fault *fault)
{
    struct stat about;
    ControlAddress at;
    if (!control_address_open(&at, path, fault)) {
        return false;
    }
    control_address_close(&at);
    if (lstat(path, &about) != 0) {
        return true;
    }
    if (!S_ISSOCK(about.st_mode)) {
        return fault_set(fault, FAULT_FILE, "%s: exists and is not a socket; it was left alone",
                         path);
    }
    int fd = control_connect(path, NULL);
    if (fd >= 0 || errno != ECONNREFUSED) {
        if (fd >= 0) {
            close(fd);
        }
        return fault_set(fault, FAULT_FILE, "%s: another session listens there", path);
    }
    if (unlink(path) != 0 && errno != ENOENT) {
        return fault_set(fault, FAULT_FILE, "%s: a dead session's socket cannot be removed: %s",
                         path, strerror(errno));
    }
    return true;
}

static bool bind_and_listen(int fd, const char *path, Fault *fault)
{
    ControlAddress at;
    if (!control_address_open(&at, path, fault)) {
        return false;
    }
    (void)unlink(path); // what a killed process of the same number left
    // The mode of the socket becomes that of its file; umask(2) would be for all threads.
    bool ok = fchmod(fd, 0600) == 0
              && bind(fd, (const struct sockaddr *)&at.address, sizeof(at.address)) == 0
              && listen(fd, 2 * CLIENTS_MAX) == 0;
    if (!ok) {
        (void)fault_set(fault, FAULT_FILE,
                        "%s: no socket can be made there: %s; `hotloop ctl` will "
                        "not reach this session, the game plays on",
                        path, strerror(errno));
    }
    control_address_close(&at);
    return ok;
}

// Listens under a passing name first: a socket that is bound but does not listen yet looks like a
// dead one to other sessions.
static bool start_listening(Control *control, Fault *fault)
{
    char passing[FILE_PATH_MAX], name[32];
    const char *slash = strrchr(control->path, '/');
    int folder_bytes = slash ? (int)(slash - control->path) + 1 : 0;
    (void)text_format(name, sizeof(name), ".%ld.new", (long)getpid());
    if (!text_format(passing, sizeof(passing), "%.*s%s", folder_bytes, control->path, name)) {
        return fault_set(fault, FAULT_FILE, "%s: the path is too long", control->path);
    }
    control->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (control->listen_fd < 0) {
        return fault_set(fault, FAULT_FILE, "no unix socket can be made: %s", strerror(errno));
    }
    if (!make_way(control->path, fault) || !bind_and_listen(control->listen_fd, passing, fault)) {
        return false;
    }
    struct stat about;
    if (stat(passing, &about) != 0 || rename(passing, control->path) != 0) {
        (void)fault_set(fault, FAULT_FILE, "%s: %s", control->path, strerror(errno));
        (void)unlink(passing);
        return false;
    }
    control->device = about.st_dev;
    control->inode = about.st_ino;
    return true;
}

static bool start_polling(Control *control, Fault *fault)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = LISTENER};
    control->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (control->epoll_fd < 0
        || epoll_ctl(control->epoll_fd, EPOLL_CTL_ADD, control->listen_fd, &event) != 0) {
        return fault_set(fault, FAULT_FILE, "%s: cannot be watched: %s", control->path,
                         strerror(errno));
    }
    return true;
}

// ---------------------------------------------------------------------------------- the interface

static bool choose_path(const char *path, char out[FILE_PATH_MAX], Fault *fault)
{
    char home[FILE_PATH_MAX], name[32];
    if (path) {
        return text_format(out, FILE_PATH_MAX, "%s", path)
               || fault_set(fault, FAULT_FILE, "%s: the path is too long", path);
    }
    if (!file_home(home, FILE_HOME_RUNTIME, "", fault)) {
        return false;
    }
    remove_stale(home);
    (void)text_format(name, sizeof(name), "%ld" CONTROL_SUFFIX, (long)getpid());
    return file_join(out, home, name)
           || fault_set(fault, FAULT_FILE, "%s: the path is too long", home);
}

Control *control_open(const char *path, Fault *fault)
{
    Arena arena;
    char chosen[FILE_PATH_MAX];
    if (!choose_path(path, chosen, fault)
        || !arena_open(&arena, 0, sizeof(Control) + sizeof(chosen), fault)) {
        return NULL;
    }
    Control *control = ARENA_NEW(&arena, Control, 1);
    control->path = arena_copy_text(&arena, chosen);
    control->arena = arena;
    control->listen_fd = -1;
    control->epoll_fd = -1;
    if (!start_listening(control, fault) || !start_polling(control, fault)) {
        control_close(control);
        return NULL;
    }
    return control;
}

void control_close(Control *control)
{
    if (!control) {
        return;
    }
    struct stat about;
    if (stat(control->path, &about) == 0 && about.st_dev == control->device
        && about.st_ino == control->inode) {
        (void)unlink(control->path);
    }
    for (int i = 0; i < CLIENTS_MAX; i++) {
        drop(&control->clients[i]);
    }
    if (control->listen_fd >= 0) {
        close(control->listen_fd);
    }
    if (control->epoll_fd >= 0) {
        close(control->epoll_fd);
    }
    json_decref(control->words);
    Arena arena = control->arena; // the struct lies in it
    arena_close(&arena);
}

const char *control_path(const Control *control)
{
    return control->path;
}

int control_fd(const Control *control)
{
    return control->epoll_fd;
}

void control_drop_idle(Control *control, uint64_t now_ns)
{
    for (int i = 0; i < CLIENTS_MAX; i++) {
        Client *client = &control->clients[i];
        bool is_waited_for = client->phase == CLIENT_SENDING
                             || (client->phase == CLIENT_READING && !has_line(client));
        if (is_waited_for && now_ns > client->since_ns
            && now_ns - client->since_ns >= IDLE_S * NS_PER_S) {
            drop(client);
        }
    }
}

// Cuts the first line out of the client's bytes. False: it was no request and was answered so.
static bool take_line(Control *control, Client *client, ControlRequest *request)
{
    size_t line_bytes = (size_t)((char *)memchr(client->in, '\n', client->in_bytes) - client->in);
    *request = (ControlRequest){.client = client->id};
    // jansson and the plain words copy what they need: the bytes may move afterwards.
    const char *why = take_words(control, client->in, line_bytes, request);
    client->in_bytes -= line_bytes + 1;
    memmove(client->in, client->in + line_bytes + 1, client->in_bytes);
    if (why) {
        refuse(control, client, why);
        return false;
    }
    expect(control, client, CLIENT_ASKED);
    return true;
}

bool control_take(Control *control, ControlRequest *request)
{
    json_decref(control->words);
    control->words = NULL;
    pump(control);
    control_drop_idle(control, mono_ns());
    for (int i = 0; i < CLIENTS_MAX; i++) {
        Client *client = &control->clients[(control->turn + i) % CLIENTS_MAX];
        if (client->phase != CLIENT_READING || !has_line(client)) {
            continue;
        }
        if (take_line(control, client, request)) {
            control->turn = (control->turn + i + 1) % CLIENTS_MAX;
            return true;
        }
        json_decref(control->words);
        control->words = NULL;
    }
    *request = (ControlRequest){0};
    return false;
}

void control_reply(Control *control, uint64_t client, json_t *reply)
{
    for (int i = 0; i < CLIENTS_MAX; i++) {
        Client *asker = &control->clients[i];
        if (asker->phase == CLIENT_ASKED && asker->id == client) {
            start_reply(control, asker, reply);
            break;
        }
    }
    json_decref(reply);
}
