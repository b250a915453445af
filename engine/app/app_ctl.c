#include "app.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char HELP[] =
    "Usage: hotloop ctl [--socket PATH] COMMAND\n"
    "\n"
    "  status           what runs: tick, generation, paused, loop, title, fault ...\n"
    "  pause  resume    stop the clock, let it go on\n"
    "  step [N]         N ticks forward (1), along what is recorded or new; then stay paused\n"
    "  back [N]         N ticks back (1), and stay paused\n"
    "  seek T [BRANCH]  show a moment and stay paused: 1200, -60, +60, -2.5s, start, end;\n"
    "                   resume plays on from there\n"
    "  loop             begin a loop here; end it here and play it; let go (F6)\n"
    "  loop FROM TO     loop these moments; `loop off` lets go\n"
    "  history          how much is remembered, and how\n"
    "  branches         the futures that were left\n"
    "  save FILE [FROM TO]  write history, or that part of it, as a replay file\n"
    "  clip             save the last 10 seconds as a replay and a movie (F10)\n"
    "  get PATH...      values by name: hero.pos.x, mobs[3].target->hp, Mob#2, score, "
    "update.calls\n"
    "  set PATH VALUE   give it another one between two ticks; part of history and recordings\n"
    "  tree [PATH] [--depth N]  what there is, or what is in it (2 levels)\n"
    "  break PATH OP VALUE  stand still where it becomes true: break 'hero.hp <= 0'; == != < <= > "
    ">=,\n"
    "                   PATH nan, PATH changes; `break` lists them, `break off [N]` removes\n"
    "  when PATH OP VALUE [--seek]  the last moment at which it became true; and go there\n"
    "  plot PATH [SECONDS]  a number over history, in its panel; `plot off PATH`\n"
    "  types [NAME]     the game's types: size, how many live; of one its members\n"
    "  tweak [NAME [VALUE|keep]]  numbers to play with; one; moved; written into its source file\n"
    "  panel [NAME [on|off]]  open or close inspector, tweaks, log, speed, watch; what they show\n"
    "  restart          fresh state; takes a build that was refused for its structs (F9)\n"
    "  reload           build and swap, whether something changed or not\n"
    "  screenshot FILE  the picture as a PNG\n"
    "  frame            the picture as text\n"
    "  hash             a hash of the game's state\n"
    "  quit             end the session\n"
    "\n"
    "Prints one JSON object; the exit code is 0 when its \"ok\" is true. On a terminal a reply "
    "that "
    "has\n"
    "a \"text\" is printed as that. Without --socket it talks to the one running session of this "
    "user,\n"
    "or lists them.\n";

static bool is_command(const char *word)
{
    const char *names[APP_CTL_MAX];
    size_t count = app_ctl_names(names);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(word, names[i]) == 0) {
            return true;
        }
    }
    const char *nearest = text_nearest(word, names, count);
    fprintf(stderr, "hotloop ctl: %s is no command%s%s%s (hotloop ctl --help)\n", word,
            nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
    return false;
}

int app_ctl(int argc, char **argv)
{
    static const struct option OPTIONS[] = {
        {"socket", required_argument, NULL, 's'}, {"help", no_argument, NULL, 'h'}, {0}};
    const char *socket_path = NULL, *words[16];
    char file[FILE_PATH_MAX], cwd[FILE_PATH_MAX];
    int count = 0;
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "+h", OPTIONS, NULL)) != -1;) {
        if (option == 'h') {
            fputs(HELP, stdout);
            return EXIT_OK;
        }
        if (option != 's') {
            fprintf(stderr, "hotloop ctl: %s: did you mean --socket PATH? (hotloop ctl --help)\n",
                    argv[optind - 1]);
            return EXIT_USAGE;
        }
        socket_path = optarg;
    }
    for (; optind < argc && count < (int)COUNT_OF(words); optind++) { // "-60" is a word here
        if (strcmp(argv[optind], "--socket") == 0 && optind + 1 < argc) {
            socket_path = argv[++optind];
        } else if (count > 0 && strcmp(argv[optind], "--help") == 0) {
            fputs(HELP, stdout);
            return EXIT_OK;
        } else {
            words[count++] = argv[optind];
        }
    }
    if (count == 0) {
        fprintf(stderr, "hotloop ctl: which command? (hotloop ctl --help)\n");
        return EXIT_USAGE;
    }
    if (!is_command(words[0])) {
        return EXIT_USAGE;
    }
    // The session has a current folder of its own; the file is meant to be in this one.
    bool names_file = strcmp(words[0], "screenshot") == 0 || strcmp(words[0], "save") == 0;
    if (count >= 2 && names_file && words[1][0] != '/' && getcwd(cwd, sizeof(cwd))
        && file_join(file, cwd, words[1])) {
        words[1] = file;
    }
    return control_client(socket_path, count, words);
}
