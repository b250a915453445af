#include "scan_branches.h"

enum {
    CONDITIONS_MAX = 64,
    NONE = UINT32_MAX,
    BAD = UINT32_MAX - 1 // as a directive's partner; else 0, or where its dead text ends
};

typedef struct Condition {
    uint32_t open;      // innermost bracket before the branch that is not the first
    uint32_t base;      // below which the branch around this one must not close
    uint32_t directive; // that began the branch
    bool is_aside;      // in such a branch
    bool is_dead;       // in the text of an `#if 0`
} Condition;

typedef struct Pairing {
    ScanTokens *tokens;
    uint32_t open, base; // innermost bracket; the one around all that may be closed
    Condition conditions[CONDITIONS_MAX];
    uint32_t depth;
    uint32_t dead; // conditions that are dead, or in dead text
} Pairing;

bool scan_directive_is(const ScanWord *word, const char *name)
{
    const char *at = word->text + 1, *end = word->text + word->size_bytes;
    while (at < end && (*at == ' ' || *at == '\t')) {
        at++;
    }
    size_t size = strlen(name);
    return (size_t)(end - at) >= size && memcmp(at, name, size) == 0
           && ((size_t)(end - at) == size || (uint8_t)(at[size] | 0x20) < 'a'
               || (uint8_t)(at[size] | 0x20) > 'z');
}

// "#if 0", and nothing more complicated.
static bool is_never(const ScanWord *word)
{
    const char *end = word->text + word->size_bytes, *at = word->text + 1;
    if (!scan_directive_is(word, "if")) {
        return false;
    }
    while (at < end && *at != '0') {
        if (*at != ' ' && *at != '\t' && *at != 'i' && *at != 'f') {
            return false;
        }
        at++;
    }
    return at < end && (at + 1 == end || at[1] == ' ' || at[1] == '\n' || at[1] == '/');
}

static ScanToken *token_at(Pairing *pairing, uint32_t at)
{
    return &pairing->tokens->tokens[at];
}

// Brackets that are open since the branch began get no partner but themselves.
static void end_aside(Pairing *pairing, Condition *condition)
{
    while (pairing->open != pairing->base) {
        token_at(pairing, condition->directive)->partner = BAD;
        uint32_t outer = token_at(pairing, pairing->open)->partner;
        token_at(pairing, pairing->open)->partner = pairing->open;
        pairing->open = outer;
    }
    pairing->open = condition->open;
    pairing->base = condition->base;
}

static bool begin_condition(Pairing *pairing, uint32_t at, const ScanWord *word)
{
    if (pairing->depth == CONDITIONS_MAX) {
        return false;
    }
    Condition *condition = &pairing->conditions[pairing->depth++];
    *condition = (Condition){.directive = at, .is_dead = is_never(word) || pairing->dead > 0};
    pairing->dead += condition->is_dead;
    return true;
}

// #else and #elif. Only in the outermost dead condition do they begin text that lives.
static bool next_branch(Pairing *pairing, uint32_t at)
{
    if (pairing->depth == 0) {
        return false;
    }
    Condition *condition = &pairing->conditions[pairing->depth - 1];
    if (condition->is_dead) {
        if (pairing->dead == 1) {
            pairing->dead = 0;
            condition->is_dead = false;
            token_at(pairing, condition->directive)->partner = at;
        }
        return true;
    }
    if (condition->is_aside) {
        end_aside(pairing, condition);
    }
    *condition = (Condition){
        .open = pairing->open, .base = pairing->base, .directive = at, .is_aside = true};
    pairing->base = pairing->open;
    return true;
}

static bool end_condition(Pairing *pairing, uint32_t at)
{
    if (pairing->depth == 0) {
        return false;
    }
    Condition *condition = &pairing->conditions[--pairing->depth];
    if (condition->is_dead) {
        pairing->dead--;
        if (pairing->dead == 0) {
            token_at(pairing, condition->directive)->partner = at;
        }
    } else if (condition->is_aside) {
        end_aside(pairing, condition);
    }
    return true;
}

static bool take_directive(Pairing *pairing, uint32_t at)
{
    const ScanWord *word = &pairing->tokens->words[token_at(pairing, at)->word];
    if (scan_directive_is(word, "if") || scan_directive_is(word, "ifdef")
        || scan_directive_is(word, "ifndef")) {
        return begin_condition(pairing, at, word);
    }
    if (scan_directive_is(word, "else") || scan_directive_is(word, "elif")) {
        return next_branch(pairing, at);
    }
    return !scan_directive_is(word, "endif") || end_condition(pairing, at);
}

// A bracket that closes. False: another one is open.
static bool close_bracket(Pairing *pairing, uint32_t at, uint32_t wanted)
{
    uint32_t open = pairing->open;
    if (open != pairing->base && token_at(pairing, open)->word == wanted) {
        pairing->open = token_at(pairing, open)->partner;
        token_at(pairing, open)->partner = at;
        token_at(pairing, at)->partner = open;
        return true;
    }
    token_at(pairing, at)->partner = at;
    for (uint32_t i = pairing->depth; i-- > 0;) {
        if (pairing->conditions[i].is_aside) {
            token_at(pairing, pairing->conditions[i].directive)->partner = BAD;
            return true;
        }
    }
    return false;
}

static bool take_token(Pairing *pairing, uint32_t at)
{
    ScanToken *token = token_at(pairing, at);
    switch (token->word) {
    case '(':
    case '[':
    case '{':
        token->partner = pairing->open;
        pairing->open = at;
        return true;
    case ')':
        return close_bracket(pairing, at, '(');
    case ']':
        return close_bracket(pairing, at, '[');
    case '}':
        return close_bracket(pairing, at, '{');
    default:
        return true;
    }
}

bool scan_pair_branches(ScanTokens *tokens)
{
    Pairing pairing = {.tokens = tokens, .open = NONE, .base = NONE};
    for (uint32_t i = 0; i < tokens->count; i++) {
        bool is_good = true;
        if (scan_kind(tokens, i) == SCAN_DIRECTIVE) {
            is_good = take_directive(&pairing, i);
        } else if (pairing.dead > 0) {
            tokens->tokens[i].partner = i;
        } else {
            is_good = take_token(&pairing, i);
        }
        if (!is_good) {
            return false;
        }
    }
    return pairing.open == NONE && pairing.depth == 0;
}

bool scan_is_bad_branch(const ScanTokens *tokens, uint32_t at)
{
    return tokens->tokens[at].partner == BAD;
}

uint32_t scan_behind_dead(const ScanTokens *tokens, uint32_t at)
{
    uint32_t partner = tokens->tokens[at].partner;
    return partner > at && partner < tokens->count ? partner : at + 1;
}
