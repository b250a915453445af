typedef struct Fox {
    int legs;
    const char *name;
} Fox;
