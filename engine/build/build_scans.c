// What the sources themselves say (scan.h), read from preprocessed text and kept from run to run:
// what a unit declares, and whether the order in which arguments are computed decides the game.
#include "build_internal.h"

#include <string.h>
#include <unistd.h>

enum { TEXT_BYTES_MAX = 256 << 20, SCAN_BYTES_MAX = 256 << 20, ORDERS_TOLD_MAX = 20 };

uint64_t build_scan_around(const Run *run)
{
    const BuildTools *tools = &run->build->tools;
    return hash_combine(hash_combine(tools->identity, tools->fast_identity), run->around);
}

static uint64_t stamp_of(Run *run, const Unit *unit)
{
    uint64_t stamp =
        hash_combine(build_scan_around(run), build_files_before(&run->files, unit->source));
    return stamp ? stamp : 1;
}

KeptScan *build_scan_find(const Build *build, const Unit *unit)
{
    uint64_t path = hash_bytes(unit->source, strlen(unit->source));
    for (uint32_t i = 0; i < build->scan_count; i++) {
        if (build->scans[i].path == path) {
            return &build->scans[i];
        }
    }
    return NULL;
}

const KeptScan *build_scan_known(Run *run, const Unit *unit)
{
    const KeptScan *kept = build_scan_find(run->build, unit);
    return kept && kept->stamp == stamp_of(run, unit) ? kept : NULL;
}

static KeptScan *find_or_add(Build *build, const Unit *unit)
{
    KeptScan *kept = build_scan_find(build, unit);
    if (kept || build->scan_count == BUILD_FILES_MAX) {
        return kept;
    }
    kept = &build->scans[build->scan_count];
    *kept = (KeptScan){.path = hash_bytes(unit->source, strlen(unit->source))};
    if (!arena_open(&kept->memory, 0, SCAN_BYTES_MAX, NULL)) {
        return NULL;
    }
    build->scan_count++;
    return kept;
}

static bool is_as_before(Run *run, const char *path)
{
    FileBytes bytes;
    Arena *reading = &run->build->reading;
    arena_reset(reading, 0);
    uint64_t content = file_read(reading, path, BUILD_FILE_BYTES_MAX, &bytes, NULL)
                           ? hash_bytes(bytes.data, bytes.size_bytes)
                           : 0;
    return content == build_files_before(&run->files, path);
}

// Asked each time: declarations that are taken for another text's would give the state wrong types.
bool build_scan_is_unchanged(Run *run, const Unit *unit)
{
    const Build *build = run->build;
    bool same = is_as_before(run, unit->source);
    for (uint32_t i = 0; i < run->files.header_count && same; i++) {
        same = is_as_before(run, run->files.headers[i]);
    }
    for (uint32_t i = 0; i < build->input_count && same; i++) {
        same = is_as_before(run, build->inputs[i]);
    }
    return same;
}

static bool file_asks(Run *run, KeptScan *kept, const char *path)
{
    FileBytes source;
    Arena *reading = &run->build->reading;
    arena_reset(reading, 0);
    kept->asks =
        file_read(reading, path, BUILD_FILE_BYTES_MAX, &source, NULL)
        && scan_asks((const char *)source.data, source.size_bytes, &kept->memory, &kept->asked);
    if (kept->asks) {
        kept->asked.place.file = arena_copy_text(&kept->memory, path);
    }
    return kept->asks;
}

static bool includes(const char *text, const char *path)
{
    const char *at = text;
    size_t length = strlen(path);
    while ((at = strstr(at, path)) != NULL && (at[-1] != '"' || at[length] != '"')) {
        at++;
    }
    return at != NULL;
}

// Its own text and that of the headers that are named in what it becomes, but for hotloop.h.
static void look_who_asks(Run *run, KeptScan *kept, const Unit *unit, const char *text)
{
    const Build *build = run->build;
    const char *api_folder = build->tools.api_folder;
    bool found = file_asks(run, kept, unit->source);
    for (uint32_t i = 0; i < run->files.header_count && !found; i++) {
        const char *path = run->files.headers[i];
        found = includes(text, path) && file_asks(run, kept, path);
    }
    for (uint32_t i = 0; i < build->input_count && !found; i++) {
        const char *path = build->inputs[i];
        bool is_api = api_folder && build_is_under(path, api_folder);
        found = !is_api && includes(text, path) && file_asks(run, kept, path);
    }
}

const KeptScan *build_scan_read(Run *run, const Unit *unit, const char *path)
{
    Arena *scratch = &run->build->scratch;
    size_t mark = scratch->used_bytes;
    FileBytes text;
    KeptScan *kept = find_or_add(run->build, unit);
    if (!kept) {
        return NULL;
    }
    kept->stamp = 0;
    kept->is_proven = kept->is_asked = false;
    run->build->wants_rest = true;
    arena_reset(&kept->memory, 0);
    bool ok =
        file_read(scratch, path, TEXT_BYTES_MAX, &text, NULL)
        && scan_text((const char *)text.data, text.size_bytes, &kept->memory, &kept->scan, NULL);
    if (ok) {
        const char *terminated = (const char *)text.data; // file_read puts a 0 byte behind it
        look_who_asks(run, kept, unit, terminated);
    }
    arena_reset(scratch, mark);
    uint64_t stamp = stamp_of(run, unit);
    if (!ok || !build_scan_is_unchanged(run, unit)) {
        return NULL;
    }
    kept->stamp = stamp;
    return kept;
}

bool build_scan_missing(Run *run)
{
    Arena *scratch = &run->build->scratch;
    BuildJob *jobs = ARENA_NEW(scratch, BuildJob, run->unit_count);
    Unit **asked = ARENA_NEW(scratch, Unit *, run->unit_count);
    const char **texts = ARENA_NEW(scratch, const char *, run->unit_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < run->unit_count; i++) {
        Unit *unit = &run->units[i];
        unit->scan = build_scan_known(run, unit);
        if (!unit->scan) {
            texts[count] = build_temporary_path(run, i, ".i");
            jobs[count].argv =
                build_tools_preprocess(&run->build->tools, unit->source, texts[count], scratch);
            asked[count++] = unit;
        }
    }
    BuildJobLimits limits = build_job_limits(run);
    bool ok = build_jobs_run(jobs, count, &limits, scratch);
    for (uint32_t i = 0; i < count; i++) {
        if (ok && build_job_is_ok(&jobs[i])) {
            asked[i]->scan = build_scan_read(run, asked[i], texts[i]);
        }
        (void)unlink(texts[i]);
    }
    return ok;
}

static void warn(BuildReport *report, const ScanOrder *order)
{
    BuildDiagnostic diagnostic = {.severity = BUILD_WARNING, .line = order->place.line};
    text_clean(diagnostic.file, sizeof(diagnostic.file), order->place.file, false);
    (void)text_format(
        diagnostic.text, sizeof(diagnostic.text),
        "the arguments of %s call %s and %s, which both advance %s: compilers call "
        "them in different orders, and each makes another game of it; put one of them "
        "into a variable first [hotloop-argument-order]",
        order->call, order->first, order->second, order->state);
    build_report_add(report, &diagnostic);
}

bool build_scan_orders(Run *run)
{
    Arena *scratch = &run->build->scratch;
    const Scan **scans = ARENA_NEW(scratch, const Scan *, run->unit_count);
    const ScanOrder *orders = NULL;
    uint32_t count = 0, order_count = 0;
    if (!build_scan_missing(run)) {
        return false;
    }
    for (uint32_t i = 0; i < run->unit_count; i++) {
        if (run->units[i].scan) {
            scans[count++] = &run->units[i].scan->scan;
        }
    }
    if (scan_orders(scans, count, scratch, &orders, &order_count, NULL)) {
        for (uint32_t i = 0; i < order_count && i < ORDERS_TOLD_MAX; i++) {
            warn(run->report, &orders[i]);
        }
    }
    return true;
}
