// Brackets of a source with conditions in it (#if ... #else ... #endif): which of them belong
// together when each condition takes its first branch, but for `#if 0`, whose text is dead. The
// other branches have to be balanced in themselves; one that is not is called bad.
#ifndef SCAN_BRANCHES_H
#define SCAN_BRANCHES_H
#include "scan_tokens.h"

// Fills in `partner` of brackets. False: they do not match, or conditions do not.
bool scan_pair_branches(ScanTokens *tokens);
// The directive at `at` begins a branch that is not balanced in itself.
bool scan_is_bad_branch(const ScanTokens *tokens, uint32_t at);
// Behind a directive, and behind the dead text that it begins.
uint32_t scan_behind_dead(const ScanTokens *tokens, uint32_t at);
// "#  ifdef X" is a "ifdef".
bool scan_directive_is(const ScanWord *word, const char *name);

#endif
