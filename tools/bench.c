// bench: what the runtime costs, beside what there would be without it.
//
//     bench [--quick] [--only NAME]
//
//     frame    around an empty game                      swap     new code in the place of old
//     carry    swaps with pointers, globals, 1 GiB      large    100,000 lines beside 2,500
//     so       from a finished library to its first call save     from a save to the first call
//     pace     frames while compilers run
//     fast     ticks a second without a picture          sprites  2,000 of them in a picture
//     capture  after each tick                           seek     to any tick
//     undo     of sixty ticks                           guard    around a call, and after a crash
//     migrate  state put into structs that were edited
//     tier     from a save to the fast compiler's code
//
// One table, medians of many rounds; what is compared runs in turns (A B A B), so that a machine
// that gets slower meanwhile slows both. Budgets are printed, not enforced: a busy machine is no
// reason for an exit code.
#include "bench.h"

#include "session.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static const char HELP[] = "Usage: tools/bench [--quick] [--only NAME]\n\n"
                           "  --quick      fewer rounds\n"
                           "  --only NAME  frame, swap, carry, large, migrate, so, save, pace,\n"
                           "               fast, sprites, capture, seek, undo, guard, panel or\n"
                           "               tier\n";

static const struct {
    const char *name;
    void (*run)(Bench *bench);
} MEASUREMENTS[] = {{"frame", bench_frame},     {"swap", bench_swap},       {"carry", bench_carry},
                    {"large", bench_large},     {"migrate", bench_migrate}, {"so", bench_so},
                    {"save", bench_save},       {"pace", bench_pace},       {"fast", bench_fast},
                    {"sprites", bench_sprites}, {"capture", bench_capture}, {"seek", bench_seek},
                    {"undo", bench_undo},       {"guard", bench_guard},     {"panel", bench_panel},
                    {"tier", bench_tier}};

// ----------------------------------------------------------------------------------------- samples

void samples_add(Samples *samples, double value)
{
    if (samples->count < BENCH_SAMPLES_MAX) {
        samples->values[samples->count++] = value;
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

double samples_at(Samples *samples, double part)
{
    if (samples->count == 0) {
        return 0;
    }
    qsort(samples->values, samples->count, sizeof(samples->values[0]), by_value);
    uint32_t at = (uint32_t)(part * (double)(samples->count - 1) + 0.5);
    return samples->values[at];
}

double samples_median(Samples *samples)
{
    return samples_at(samples, 0.5);
}

Samples *bench_samples(Bench *bench)
{
    return ARENA_NEW(&bench->keep, Samples, 1);
}

int bench_rounds(const Bench *bench, int all, int quick)
{
    return bench->quick ? quick : all;
}

// ------------------------------------------------------------------------------------------- table

const char *bench_ns_text(Bench *bench, double ns)
{
    double size = ns < 0 ? -ns : ns;
    if (size < 1e3) {
        return arena_format(&bench->keep, "%.0f ns", ns);
    }
    if (size < 1e6) {
        return arena_format(&bench->keep, "%.1f us", ns / 1e3);
    }
    return arena_format(&bench->keep, "%.*f ms", size < 1e8 ? 2 : 0, ns / 1e6);
}

static void add_row(Bench *bench, const BenchRow *row)
{
    if (bench->row_count < BENCH_ROWS_MAX) {
        bench->rows[bench->row_count++] = *row;
    }
    fprintf(stderr, "  %s %s\n", row->what, row->median);
}

void bench_row_ns(Bench *bench, const char *what, Samples *samples, double budget_ns,
                  const char *beside)
{
    if (samples->count == 0) {
        Fault none;
        (void)fault_set(&none, FAULT_GAME, "no sample was taken");
        bench_failed(bench, what, &none);
        return;
    }
    double median = samples_median(samples);
    BenchRow row = {.what = what,
                    .median = bench_ns_text(bench, median),
                    .most = bench_ns_text(bench, samples_at(samples, 0.9)),
                    .beside = beside,
                    .budget = "",
                    .met = -1};
    if (budget_ns > 0) {
        row.budget = bench_ns_text(bench, budget_ns);
        row.met = median <= budget_ns;
    }
    add_row(bench, &row);
}

void bench_row(Bench *bench, const char *what, const char *measured, const char *beside,
               const char *budget, int met)
{
    BenchRow row = {what, measured, "", beside, budget, met};
    add_row(bench, &row);
}

void bench_heading(Bench *bench, const char *text)
{
    BenchRow row = {text, "", "", "", "", -1};
    add_row(bench, &row);
}

void bench_failed(Bench *bench, const char *what, const Fault *fault)
{
    bench->failed++;
    bench_row(bench, what, "failed", "", "", -1);
    fprintf(stderr, "bench: %s: %s\n", what, fault->text);
}

static void print_table(const Bench *bench)
{
    static const char LINE[] = "%-58s %10s %10s  %-36s %10s  %s\n";
    static const char *const MET[] = {"", "NO", "yes"};
    printf("\n");
    printf(LINE, "", "median", "9 of 10", "beside", "budget", "met");
    for (uint32_t i = 0; i < bench->row_count; i++) {
        const BenchRow *row = &bench->rows[i];
        if (row->median[0] == '\0') {
            printf("\n%s\n", row->what);
        } else {
            printf(LINE, row->what, row->median, row->most, row->beside, row->budget,
                   MET[row->met + 1]);
        }
    }
}

// ----------------------------------------------------------------------------------------- machine

// The text behind "NAME   : " in a file such as /proc/cpuinfo.
static const char *field_of(Arena *arena, const char *path, const char *name)
{
    FILE *file = fopen(path, "re");
    char line[1024];
    const char *value = "?";
    while (file && fgets(line, sizeof(line), file)) {
        if (strncmp(line, name, strlen(name)) == 0 && strchr(line, ':')) {
            char *text = strchr(line, ':') + 1;
            text += strspn(text, " \t");
            text[strcspn(text, "\n")] = '\0';
            value = arena_copy_text(arena, text);
            break;
        }
    }
    if (file) {
        fclose(file);
    }
    return value;
}

static const char *compiler_line(Bench *bench)
{
    char line[256] = "?";
    FILE *pipe = popen("${CC:-cc} --version 2>/dev/null", "re"); // the word of who runs this
    if (pipe) {
        if (!fgets(line, sizeof(line), pipe)) {
            strcpy(line, "no compiler");
        }
        pclose(pipe);
    }
    line[strcspn(line, "\n")] = '\0';
    return arena_copy_text(&bench->keep, line);
}

static void print_machine(Bench *bench)
{
    struct utsname name;
    double load[3] = {0};
    (void)uname(&name);
    (void)getloadavg(load, 3);
    printf("machine  %s, %ld processors, %s of memory\n",
           field_of(&bench->keep, "/proc/cpuinfo", "model name"), sysconf(_SC_NPROCESSORS_ONLN),
           field_of(&bench->keep, "/proc/meminfo", "MemTotal"));
    printf("system   %s %s, load %.2f %.2f %.2f when this began\n", name.sysname, name.release,
           load[0], load[1], load[2]);
    printf("compiler %s\n", compiler_line(bench));
}

// -------------------------------------------------------------------------------------------- main

static bool parse(Bench *bench, int argc, char **argv)
{
    static const struct option OPTIONS[] = {{"quick", no_argument, NULL, 'q'},
                                            {"only", required_argument, NULL, 'o'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    for (int option; (option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1;) {
        if (option == 'q') {
            bench->quick = true;
        } else if (option == 'o') {
            bench->only = optarg;
        } else {
            fputs(HELP, option == 'h' ? stdout : stderr);
            exit(option == 'h' ? EXIT_OK : EXIT_USAGE);
        }
    }
    bool known = !bench->only;
    for (size_t i = 0; i < COUNT_OF(MEASUREMENTS) && !known; i++) {
        known = strcmp(bench->only, MEASUREMENTS[i].name) == 0;
    }
    if (!known || optind < argc) {
        fputs(HELP, stderr);
    }
    return known && optind == argc;
}

static bool prepare(Bench *bench, Fault *fault)
{
    if (!session_find_hotloop(bench->hotloop, fault)
        || !session_folder_open(bench->folder, "bench", fault)) {
        return false;
    }
    char *slash = strrchr(bench->hotloop, '/');
    (void)text_format(bench->stub, sizeof(bench->stub), "%.*s/libhotloop.so",
                      (int)(slash - bench->hotloop), bench->hotloop);
    return true;
}

int main(int argc, char **argv)
{
    Arena keep;
    Fault fault;
    if (!arena_open(&keep, 0, 1u << 30, &fault)) {
        fprintf(stderr, "bench: %s\n", fault.text);
        return EXIT_BUG;
    }
    Bench *bench = ARENA_NEW(&keep, Bench, 1);
    bench->keep = keep;
    if (!parse(bench, argc, argv)) {
        return EXIT_USAGE;
    }
    if (!prepare(bench, &fault)) {
        fprintf(stderr, "bench: %s\n", fault.text);
        session_folder_close(bench->folder);
        return EXIT_GAME;
    }
    print_machine(bench);
    fflush(stdout);
    for (size_t i = 0; i < COUNT_OF(MEASUREMENTS); i++) {
        if (!bench->only || strcmp(bench->only, MEASUREMENTS[i].name) == 0) {
            MEASUREMENTS[i].run(bench);
        }
    }
    print_table(bench);
    session_folder_close(bench->folder);
    return bench->failed > 0 ? EXIT_GAME : EXIT_OK;
}
