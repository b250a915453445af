// Diagnostics of one build, most severe first. Private to build.
#ifndef BUILD_REPORT_H
#define BUILD_REPORT_H
#include "build.h"

// Counts it, and keeps it while there is room or something less severe to give way.
void build_report_add(BuildReport *report, const BuildDiagnostic *diagnostic);
// One without a place.
void build_report_say(BuildReport *report, BuildSeverity severity, const char *format, ...)
    BASE_PRINTF(3, 4);
// Errors, warnings, notes; the order within each stays.
void build_report_sort(BuildReport *report);

#endif
