#include "scan_tokens.h"

// Memory grows by this many, which an arena hands out one behind the other; whole pages of them.
enum { CHUNK = 4096, SLOTS_MIN = 8192, TEXT_MAX = 1 << 30, HUGE_FROM = 1 << 17 };
// What C has for a token, blanks included: what room is made for at first.
enum { TOKEN_TEXT_BYTES = 5 };

static const char *const FIXED[WORD_COUNT - WORD_FIRST] = {
    "->",
    "++",
    "--",
    "&&",
    "||",
    "==",
    "!=",
    "<=",
    ">=",
    "...",
    "<<",
    ">>",
    "+=",
    "-=",
    "*=",
    "/=",
    "%=",
    "&=",
    "|=",
    "^=",
    "<<=",
    ">>=",
    "static",
    "extern",
    "typedef",
    "inline",
    "__inline",
    "__inline__",
    "struct",
    "union",
    "enum",
    "const",
    "volatile",
    "restrict",
    "__restrict",
    "__restrict__",
    "register",
    "auto",
    "__auto_type",
    "__attribute__",
    "__attribute",
    "asm",
    "__asm",
    "__asm__",
    "typeof",
    "__typeof",
    "__typeof__",
    "sizeof",
    "_Alignof",
    "__alignof",
    "__alignof__",
    "_Alignas",
    "_Generic",
    "_Static_assert",
    "__extension__",
    "_Pragma",
    "__declspec",
    "_Atomic",
    "_Thread_local",
    "__thread",
    "__builtin_offsetof",
    "__builtin_types_compatible_p",
    "__builtin_choose_expr",
    "__builtin_constant_p",
    "if",
    "else",
    "for",
    "while",
    "do",
    "switch",
    "case",
    "default",
    "return",
    "goto",
    "break",
    "continue",
    "void",
    "char",
    "short",
    "int",
    "long",
    "signed",
    "unsigned",
    "float",
    "double",
    "_Bool",
    "int8_t",
    "uint16_t",
    "__builtin_va_arg",
};

typedef enum Class { ODD, BLANK, NEWLINE, LETTER, DIGIT } Class;
static const uint8_t CLASSES[256] = {
    [' '] = BLANK,  ['\t'] = BLANK,   ['\r'] = BLANK,         ['\v'] = BLANK,
    ['\f'] = BLANK, ['\n'] = NEWLINE, ['a' ... 'z'] = LETTER, ['A' ... 'Z'] = LETTER,
    ['_'] = LETTER, ['$'] = LETTER,   [128 ... 255] = LETTER, ['0' ... '9'] = DIGIT,
};

typedef struct Reader {
    ScanTokens *tokens;
    const char *text, *at, *end;
    uint32_t line, file;
    bool is_system, is_line_start;
} Reader;

static Class class_at(const Reader *reader, const char *at)
{
    return at < reader->end ? (Class)CLASSES[(uint8_t)*at] : NEWLINE;
}

static char char_at(const Reader *reader, const char *at)
{
    return at < reader->end ? *at : 0;
}

// ------------------------------------------------------------------------------------- words

// Up to eight bytes as a number, each size its own way: different texts give different numbers.
static uint64_t bytes_of(const char *text, uint32_t size_bytes)
{
    if (size_bytes >= 4) {
        uint32_t first, last;
        memcpy(&first, text, 4);
        memcpy(&last, text + size_bytes - 4, 4);
        return first | (uint64_t)last << 32;
    }
    if (size_bytes == 0) {
        return 0;
    }
    return (uint64_t)(uint8_t)text[0] | (uint64_t)(uint8_t)text[size_bytes / 2] << 8
           | (uint64_t)(uint8_t)text[size_bytes - 1] << 16;
}

static uint64_t mix(uint64_t hash)
{
    hash *= UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ (hash >> 29);
}

// Of two texts of the same size up to eight bytes the hashes are different when the texts are: all
// steps can be undone.
static uint64_t hash_text(const char *text, uint32_t size_bytes)
{
    uint64_t hash = (uint64_t)size_bytes << 56;
    for (; size_bytes > 8; text += 8, size_bytes -= 8) {
        hash = mix(hash ^ bytes_of(text, 8));
    }
    return mix(mix(hash ^ bytes_of(text, size_bytes)));
}

static void put_slot(ScanTokens *tokens, uint32_t word)
{
    uint32_t mask = tokens->slot_count - 1, at = (uint32_t)tokens->words[word].hash & mask;
    while (tokens->slots[at]) {
        at = (at + 1) & mask;
    }
    tokens->slots[at] = word + 1;
}

static void make_slots(ScanTokens *tokens, uint32_t count)
{
    tokens->slots = ARENA_NEW(&tokens->slot_memory, uint32_t, count);
    tokens->slot_count = count;
    for (uint32_t i = 0; i < tokens->word_count; i++) {
        put_slot(tokens, i);
    }
}

// All of it is about to be written: that costs a fault for each page otherwise, which was a third
// of the time. It is no matter where the kernel does not do it.
static void fill(void *memory, size_t size_bytes)
{
    (void)arena_advise(memory, size_bytes, ARENA_FILL);
}

static uint32_t add_word(ScanTokens *tokens, ScanWord word)
{
    if (tokens->word_count == tokens->word_capacity) {
        fill(ARENA_NEW(&tokens->word_memory, ScanWord, CHUNK), CHUNK * sizeof(ScanWord));
        tokens->word_capacity += CHUNK;
    }
    tokens->words[tokens->word_count] = word;
    return tokens->word_count++;
}

static uint32_t word_of(ScanTokens *tokens, const char *text, size_t size, ScanKind kind)
{
    uint32_t size_bytes = (uint32_t)size;
    uint64_t hash = hash_text(text, size_bytes);
    uint32_t mask = tokens->slot_count - 1;
    for (uint32_t at = (uint32_t)hash & mask; tokens->slots[at]; at = (at + 1) & mask) {
        const ScanWord *word = &tokens->words[tokens->slots[at] - 1];
        if (word->hash == hash && word->size_bytes == size_bytes
            && (size_bytes <= 8 || memcmp(word->text, text, size_bytes) == 0)) {
            return tokens->slots[at] - 1;
        }
    }
    uint32_t made = add_word(tokens, (ScanWord){text, hash, size_bytes, kind});
    if (tokens->word_count > tokens->slot_count / 2) {
        make_slots(tokens, tokens->slot_count * 2);
    } else {
        put_slot(tokens, made);
    }
    return made;
}

static void add_fixed_words(ScanTokens *tokens)
{
    static const char CHARACTERS[WORD_FIRST] = {
        ['!'] = '!', ['#'] = '#', ['$'] = '$', ['%'] = '%',   ['&'] = '&', ['('] = '(',
        [')'] = ')', ['*'] = '*', ['+'] = '+', [','] = ',',   ['-'] = '-', ['.'] = '.',
        ['/'] = '/', [':'] = ':', [';'] = ';', ['<'] = '<',   ['='] = '=', ['>'] = '>',
        ['?'] = '?', ['@'] = '@', ['['] = '[', ['\\'] = '\\', [']'] = ']', ['^'] = '^',
        ['`'] = '`', ['{'] = '{', ['|'] = '|', ['}'] = '}',   ['~'] = '~',
    };
    for (uint32_t i = 0; i < WORD_FIRST; i++) {
        (void)add_word(
            tokens, (ScanWord){&CHARACTERS[i], i * UINT64_C(0xd6e8feb86659fd93) + 1, 1, SCAN_MARK});
    }
    for (uint32_t i = 0; i < COUNT_OF(FIXED); i++) {
        uint32_t size_bytes = (uint32_t)strlen(FIXED[i]);
        bool is_name = CLASSES[(uint8_t)FIXED[i][0]] == LETTER;
        (void)add_word(tokens, (ScanWord){FIXED[i], hash_text(FIXED[i], size_bytes), size_bytes,
                                          is_name ? SCAN_NAME : SCAN_MARK});
    }
}

// ------------------------------------------------------------------------------------ tokens

static void add_room(ScanTokens *tokens, uint32_t count)
{
    void *room = ARENA_NEW(&tokens->token_memory, ScanToken, count);
    if (count > HUGE_FROM) {
        (void)arena_advise(room, count * sizeof(ScanToken), ARENA_HUGE_PAGES);
    }
    fill(room, count * sizeof(ScanToken));
    tokens->token_capacity += count;
}

static void add_token(Reader *reader, uint32_t word, const char *start)
{
    ScanTokens *tokens = reader->tokens;
    if (tokens->count == tokens->token_capacity) {
        add_room(tokens, CHUNK);
    }
    tokens->tokens[tokens->count++] = (ScanToken){.word = word,
                                                  .line = reader->line,
                                                  .at = (uint32_t)(start - reader->text),
                                                  .file = reader->file & 0x7fffffffu,
                                                  .is_system = reader->is_system};
}

static void add_text(Reader *reader, const char *start, ScanKind kind)
{
    add_token(reader, word_of(reader->tokens, start, (size_t)(reader->at - start), kind), start);
}

// Behind the comment that begins here. One that has no end ends with the text.
static void skip_comment(Reader *reader)
{
    bool is_line = reader->at[1] == '/';
    reader->at += 2;
    for (; reader->at < reader->end; reader->at++) {
        char c = *reader->at;
        if (is_line && c == '\n' && reader->at[-1] != '\\') {
            return;
        }
        reader->line += c == '\n';
        if (!is_line && c == '*' && char_at(reader, reader->at + 1) == '/') {
            reader->at += 2;
            return;
        }
    }
}

// A string or character, from its prefix on. One that is not closed ends with its line.
static void read_quoted(Reader *reader, const char *start)
{
    char quote = *reader->at++;
    const char *from = reader->at;
    uint32_t lines = 0;
    while (reader->at < reader->end && *reader->at != quote && *reader->at != '\n') {
        bool is_escape = *reader->at == '\\' && reader->at + 1 < reader->end;
        lines += is_escape && reader->at[1] == '\n';
        reader->at += is_escape ? 2 : 1;
    }
    reader->at += reader->at < reader->end && *reader->at == quote;
    (void)from;
    add_text(reader, start, quote == '"' ? SCAN_STRING : SCAN_CHARACTER);
    reader->line += lines;
}

static void read_name(Reader *reader)
{
    const char *start = reader->at, *at = start, *end = reader->end;
    while (at < end && CLASSES[(uint8_t)*at] >= LETTER) {
        at++;
    }
    reader->at = at;
    size_t size = (size_t)(reader->at - start);
    char next = char_at(reader, reader->at);
    bool is_prefix = (next == '"' || next == '\'') && size <= 2
                     && (*start == 'L' || *start == 'U' || *start == 'u')
                     && (size == 1 || (*start == 'u' && start[1] == '8'));
    if (is_prefix) {
        read_quoted(reader, start);
    } else {
        add_text(reader, start, SCAN_NAME);
    }
}

static void read_number(Reader *reader)
{
    const char *start = reader->at;
    while (class_at(reader, reader->at) >= LETTER || char_at(reader, reader->at) == '.') {
        char letter = (char)(*reader->at++ | 0x20), sign = char_at(reader, reader->at);
        if ((letter == 'e' || letter == 'p') && (sign == '+' || sign == '-')) {
            // 0xe+1 is one number, too: the preprocessor's rule.
            reader->at++;
        }
    }
    add_text(reader, start, SCAN_NUMBER);
}

static size_t mark_bytes(const Reader *reader)
{
    char c = *reader->at, next = char_at(reader, reader->at + 1),
         third = char_at(reader, reader->at + 2);
    switch (c) {
    case '-':
        return next == '>' || next == '-' || next == '=' ? 2 : 1;
    case '+':
    case '&':
    case '|':
        return next == c || next == '=' ? 2 : 1;
    case '<':
    case '>':
        return next == c ? (third == '=' ? 3 : 2) : next == '=' ? 2 : 1;
    case '*':
    case '/':
    case '%':
    case '^':
    case '=':
    case '!':
        return next == '=' ? 2 : 1;
    case '.':
        return next == '.' && third == '.' ? 3 : 1;
    default:
        return 1;
    }
}

// The other spelling of brackets, <: and its kind; 0 for anything else.
static char digraph(const Reader *reader)
{
    char c = *reader->at, next = char_at(reader, reader->at + 1);
    if (c == '<') {
        return next == '%' ? '{' : next == ':' ? '[' : 0;
    }
    return c == '%' && next == '>' ? '}' : c == ':' && next == '>' ? ']' : 0;
}

static void read_mark(Reader *reader)
{
    const char *start = reader->at;
    char other = digraph(reader);
    size_t size = other ? 2 : mark_bytes(reader);
    reader->at += size;
    if (other || size == 1) {
        add_token(reader, (uint8_t)(other ? other : *start) & 127u, start);
    } else {
        add_text(reader, start, SCAN_MARK);
    }
}

// ---------------------------------------------------------------------------------- directives

static const char *skip_blanks(const Reader *reader, const char *at)
{
    while (class_at(reader, at) == BLANK) {
        at++;
    }
    return at;
}

static bool is_system_file(const char *name, size_t size)
{
    return (size > 13 && memcmp(name, "/usr/include/", 13) == 0)
           || (size > 9 && memcmp(name, "/usr/lib/", 9) == 0);
}

// `# 12 "file.c" 1 3` and `#line 12 "file.c"`; at the number.
static void take_place(Reader *reader, const char *at)
{
    uint32_t line = 0;
    for (; class_at(reader, at) == DIGIT; at++) {
        line = line * 10 + (uint32_t)(*at - '0');
    }
    at = skip_blanks(reader, at);
    if (char_at(reader, at) == '"') {
        const char *name = ++at;
        while (at < reader->end && *at != '"' && *at != '\n') {
            at++;
        }
        reader->file = word_of(reader->tokens, name, (size_t)(at - name), SCAN_STRING);
        reader->is_system = is_system_file(name, (size_t)(at - name));
    }
    reader->line = line - 1; // the newline to come counts
}

// A `#` that begins a line. Comments in it may go on over lines.
static void read_directive(Reader *reader)
{
    const char *start = reader->at, *at = skip_blanks(reader, start + 1);
    if (reader->end - at > 5 && memcmp(at, "line", 4) == 0 && class_at(reader, at + 4) == BLANK) {
        at = skip_blanks(reader, at + 4);
    }
    uint32_t first_line = reader->line;
    while (reader->at < reader->end && (*reader->at != '\n' || reader->at[-1] == '\\')) {
        char c = *reader->at, next = char_at(reader, reader->at + 1);
        if (c == '/' && (next == '*' || next == '/')) {
            skip_comment(reader);
        } else if (c == '"') {
            for (reader->at++;
                 reader->at < reader->end && *reader->at != '"' && *reader->at != '\n';
                 reader->at++) {
                reader->at += *reader->at == '\\' && char_at(reader, reader->at + 1) == '"';
            }
            reader->at += char_at(reader, reader->at) == '"';
        } else {
            reader->line += c == '\n';
            reader->at++;
        }
    }
    if (class_at(reader, at) == DIGIT) {
        take_place(reader, at);
    } else {
        uint32_t last_line = reader->line;
        reader->line = first_line;
        add_text(reader, start, SCAN_DIRECTIVE);
        reader->line = last_line;
    }
}

// ------------------------------------------------------------------------------------ all of it

static void read_odd(Reader *reader, bool is_line_start)
{
    char c = *reader->at, next = char_at(reader, reader->at + 1);
    if (c == '/' && (next == '/' || next == '*')) {
        skip_comment(reader);
        reader->is_line_start = is_line_start;
    } else if (c == '"' || c == '\'') {
        read_quoted(reader, reader->at);
    } else if (c == '#' && is_line_start) {
        read_directive(reader);
    } else if (c == '\\' && (next == '\n' || next == '\r')) {
        reader->at++; // the line goes on: the newline is a blank
        reader->is_line_start = is_line_start;
    } else if (c == '.' && class_at(reader, reader->at + 1) == DIGIT) {
        read_number(reader);
    } else {
        read_mark(reader);
    }
}

static void read_all(Reader *reader)
{
    while (reader->at < reader->end) {
        bool is_line_start = reader->is_line_start;
        Class class = (Class)CLASSES[(uint8_t)*reader->at];
        if (class == BLANK) {
            reader->at = skip_blanks(reader, reader->at);
            continue;
        }
        reader->is_line_start = class == NEWLINE;
        if (class == NEWLINE) {
            reader->line++;
            reader->at++;
        } else if (class == LETTER) {
            read_name(reader);
        } else if (class == DIGIT) {
            read_number(reader);
        } else {
            read_odd(reader, is_line_start);
        }
    }
}

bool scan_tokens_open(ScanTokens *tokens, const char *text, size_t text_bytes, Fault *fault)
{
    *tokens = (ScanTokens){0};
    if (text_bytes > TEXT_MAX) {
        return fault_set(fault, FAULT_MEMORY, "a unit of %zu bytes is too large to be scanned",
                         text_bytes);
    }
    // There are not more tokens than bytes, and slots double while there are more words than half.
    size_t most = text_bytes + WORD_COUNT + CHUNK;
    if (!arena_open(&tokens->token_memory, 0, (most + 2 * CHUNK) * sizeof(ScanToken), fault)
        || !arena_open(&tokens->word_memory, 0, (most + CHUNK) * sizeof(ScanWord), fault)
        || !arena_open(&tokens->slot_memory, 0, (most + SLOTS_MIN) * 16 * sizeof(uint32_t),
                       fault)) {
        scan_tokens_close(tokens);
        return false;
    }
    tokens->tokens = (ScanToken *)(void *)tokens->token_memory.base;
    tokens->words = (ScanWord *)(void *)tokens->word_memory.base;
    add_fixed_words(tokens);
    make_slots(tokens, SLOTS_MIN);
    add_room(tokens, ((uint32_t)text_bytes / TOKEN_TEXT_BYTES / CHUNK + 1) * CHUNK);
    Reader reader = {.tokens = tokens,
                     .text = text,
                     .at = text,
                     .end = text + text_bytes,
                     .line = 1,
                     .is_line_start = true};
    read_all(&reader);
    return true;
}

void scan_tokens_close(ScanTokens *tokens)
{
    arena_close(&tokens->token_memory);
    arena_close(&tokens->word_memory);
    arena_close(&tokens->slot_memory);
    *tokens = (ScanTokens){0};
}

bool scan_tokens_pair(ScanTokens *tokens)
{
    // Open brackets are a list through their own `partner`, so no stack is needed.
    uint32_t open = UINT32_MAX;
    for (uint32_t i = 0; i < tokens->count; i++) {
        ScanToken *token = &tokens->tokens[i];
        if (token->word == '(' || token->word == '[' || token->word == '{') {
            token->partner = open;
            open = i;
        } else if (token->word == ')' || token->word == ']' || token->word == '}') {
            uint32_t wanted = token->word == ')' ? '(' : token->word == ']' ? '[' : '{';
            if (open == UINT32_MAX || tokens->tokens[open].word != wanted) {
                return false;
            }
            uint32_t outer = tokens->tokens[open].partner;
            tokens->tokens[open].partner = i;
            token->partner = open;
            open = outer;
        }
    }
    return open == UINT32_MAX;
}

char *scan_word_text(const ScanTokens *tokens, uint32_t word, Arena *arena)
{
    const ScanWord *from = &tokens->words[word];
    char *text = ARENA_NEW(arena, char, from->size_bytes + 1);
    memcpy(text, from->text, from->size_bytes);
    return text;
}
