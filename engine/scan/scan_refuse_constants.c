// Constant expressions of floating numbers. tcc computes them in long double and rounds the result
// once more, which now and then ends beside what gcc gets: 1e16 + 2.9999. Both ways are computed
// here, so that only what differs is refused.
#include "scan_refuse.h"
#include <stdlib.h>

// A sum with more tokens than that is not looked at.
enum { NUMBER_MAX = 64, NESTED_MAX = 64, TOKENS_MAX = 256 };

typedef enum Kind { NOT_CONSTANT, INTEGER, FLOAT, DOUBLE } Kind;

typedef struct Value {
    Kind kind;
    long long integer;
    double number; // as gcc has it, and tcc, as long as nothing differs
} Value;

typedef struct Fold {
    ScanRefuse *refuse;
    uint32_t at, end, nested;
    bool differs;
} Fold;

static Value read_sum(Fold *fold);

static uint32_t word_here(const Fold *fold)
{
    return scan_word(fold->refuse->tokens, fold->at);
}

static Value floating(Kind kind, double number)
{
    return (Value){.kind = kind, .number = kind == FLOAT ? (double)(float)number : number};
}

static double number_of(Value value)
{
    return value.kind == INTEGER ? (double)value.integer : value.number;
}

static Value read_number(const Fold *fold)
{
    const ScanWord *word = scan_spelling(fold->refuse->tokens, fold->at);
    char text[NUMBER_MAX];
    if (word->size_bytes >= NUMBER_MAX) {
        return (Value){0};
    }
    memcpy(text, word->text, word->size_bytes);
    text[word->size_bytes] = 0;
    char last = text[word->size_bytes - 1], *end;
    if (!scan_refuse_is_floating(word)) {
        long long integer = strtoll(text, &end, 0);
        bool is_plain = !*end && integer >= 0 && integer <= INT32_MAX;
        return is_plain ? (Value){.kind = INTEGER, .integer = integer} : (Value){0};
    }
    if (last == 'f' || last == 'F') {
        return floating(FLOAT, (double)strtof(text, &end));
    }
    double number = strtod(text, &end);
    return *end ? (Value){0} : floating(DOUBLE, number);
}

static long double compute(uint32_t operator, long double left, long double right)
{
    switch (operator) {
    case '+':
        return left + right;
    case '-':
        return left - right;
    case '*':
        return left * right;
    default:
        return left / right;
    }
}

static double compute_double(uint32_t operator, double left, double right)
{
    switch (operator) {
    case '+':
        return left + right;
    case '-':
        return left - right;
    case '*':
        return left * right;
    default:
        return left / right;
    }
}

static Value integers(uint32_t operator, long long left, long long right)
{
    if (operator== '/' && right == 0) {
        return (Value){0};
    }
    long long result = operator== '+' ? left + right :
                       operator== '-' ? left - right
                       :
                       operator== '*' ? left * right
                                      : left / right;
    bool fits = result >= INT32_MIN && result <= INT32_MAX;
    return fits ? (Value){.kind = INTEGER, .integer = result} : (Value){0};
}

static Value apply(Fold *fold, uint32_t operator, Value left, Value right)
{
    if (left.kind == NOT_CONSTANT || right.kind == NOT_CONSTANT) {
        return (Value){0};
    }
    if (left.kind == INTEGER && right.kind == INTEGER) {
        return integers(operator, left.integer, right.integer);
    }
    Kind kind = left.kind == DOUBLE || right.kind == DOUBLE ? DOUBLE : FLOAT;
    Value one = floating(kind, number_of(left)), other = floating(kind, number_of(right));
    if (operator== '/' && other.number == 0) {
        return (Value){0}; // computed where it runs
    }
    long double by_tcc = compute(operator, one.number, other.number);
    double by_gcc = compute_double(operator, one.number, other.number);
    if (kind == FLOAT) {
        // Of two floats the double is exact, or is rounded the same way for all of these.
        float narrow = (float)by_gcc;
        fold->differs |= narrow != (float)by_tcc;
        return floating(FLOAT, (double)narrow);
    }
    fold->differs |= by_gcc != (double)by_tcc;
    return floating(DOUBLE, by_gcc);
}

// `(float)` at a parenthesis: what it casts to.
static Kind cast_kind(const Fold *fold)
{
    const ScanTokens *tokens = fold->refuse->tokens;
    if (scan_word(tokens, fold->at + 2) != ')') {
        return NOT_CONSTANT;
    }
    uint32_t word = scan_word(tokens, fold->at + 1);
    return word == WORD_FLOAT ? FLOAT : word == WORD_DOUBLE ? DOUBLE : NOT_CONSTANT;
}

static bool is_operand(const Fold *fold)
{
    const ScanTokens *tokens = fold->refuse->tokens;
    uint32_t word = word_here(fold);
    return fold->at < tokens->count
           && (word == '(' || word == '-' || word == '+'
               || scan_kind(tokens, fold->at) != SCAN_MARK);
}

// A name and what is behind it, a string: nothing that is known.
static void skip_operand(Fold *fold)
{
    const ScanTokens *tokens = fold->refuse->tokens;
    fold->at++;
    for (;;) {
        uint32_t word = word_here(fold);
        if (word == '(' || word == '[') {
            fold->at = scan_behind(tokens, fold->at);
        } else if (word == '.' || word == WORD_ARROW) {
            fold->at += 2;
        } else if (word == WORD_INCREMENT || word == WORD_DECREMENT) {
            fold->at++;
        } else {
            return;
        }
    }
}

static Value read_group(Fold *fold)
{
    uint32_t behind = scan_behind(fold->refuse->tokens, fold->at);
    fold->at++;
    Value value = read_sum(fold);
    bool is_all = fold->at + 1 == behind;
    fold->at = behind;
    uint32_t word = word_here(fold);
    if (word == '.' || word == WORD_ARROW || word == '[' || word == '(') {
        fold->at--;
        skip_operand(fold);
        return (Value){0};
    }
    return is_all ? value : (Value){0};
}

static Value read_operand(Fold *fold)
{
    uint32_t word = word_here(fold);
    if (!is_operand(fold) || fold->nested == NESTED_MAX) {
        fold->at += fold->nested == NESTED_MAX;
        return (Value){0};
    }
    fold->nested++;
    Value value = {0};
    if (word == '-' || word == '+') {
        fold->at++;
        value = read_operand(fold);
        value.integer = word == '-' ? -value.integer : value.integer;
        value.number = word == '-' ? -value.number : value.number;
    } else if (word == '(' && cast_kind(fold) != NOT_CONSTANT) {
        Kind kind = cast_kind(fold);
        fold->at += 3;
        Value from = read_operand(fold);
        value = from.kind == NOT_CONSTANT ? from : floating(kind, number_of(from));
    } else if (word == '(') {
        value = read_group(fold);
        if (value.kind == NOT_CONSTANT && is_operand(fold) && word_here(fold) != '-'
            && word_here(fold) != '+') {
            (void)read_operand(fold); // that was a cast, to something else
        }
    } else if (scan_kind(fold->refuse->tokens, fold->at) == SCAN_NUMBER) {
        value = read_number(fold);
        fold->at++;
    } else {
        skip_operand(fold);
    }
    fold->nested--;
    return value;
}

static Value read_product(Fold *fold)
{
    Value value = read_operand(fold);
    for (uint32_t word = word_here(fold);
         (word == '*' || word == '/' || word == '%') && fold->at < fold->end;
         word = word_here(fold)) {
        fold->at++;
        Value right = read_operand(fold);
        value = word == '%' ? (Value){0} : apply(fold, word, value, right);
    }
    return value;
}

static Value read_sum(Fold *fold)
{
    Value value = read_product(fold);
    for (uint32_t word = word_here(fold); (word == '+' || word == '-') && fold->at < fold->end;
         word = word_here(fold)) {
        fold->at++;
        value = apply(fold, word, value, read_product(fold));
    }
    return value;
}

// Where the sum begins that the token is in.
static uint32_t begin_of(const ScanRefuse *refuse, uint32_t at)
{
    uint32_t end = at > TOKENS_MAX ? at - TOKENS_MAX : 0;
    while (at > end) {
        uint32_t word = scan_word(refuse->tokens, at - 1);
        bool goes_on = word == '+' || word == '-' || word == '*' || word == '/' || word == '%'
                       || word == '.' || word == WORD_ARROW
                       || (word != WORD_RETURN && word != WORD_CASE
                           && scan_kind(refuse->tokens, at - 1) != SCAN_MARK);
        if (word == ')' || word == ']') {
            at = refuse->tokens->tokens[at - 1].partner;
        } else if (goes_on) {
            at--;
        } else {
            break;
        }
    }
    return at;
}

void scan_refuse_constants(ScanRefuse *refuse, uint32_t at)
{
    if (!refuse->types || !scan_refuse_is_floating(scan_spelling(refuse->tokens, at))) {
        return;
    }
    Fold fold = {.refuse = refuse, .at = begin_of(refuse, at), .end = at + TOKENS_MAX};
    if (at - fold.at >= TOKENS_MAX) {
        return;
    }
    (void)read_sum(&fold);
    if (fold.differs) {
        scan_refuse_add(refuse, at, "constants that are computed",
                        "tcc rounds the result of these twice, and says nothing");
    }
}
