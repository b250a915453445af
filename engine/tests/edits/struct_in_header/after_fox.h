typedef struct Fox {
    double weight;
    short legs;
    int tails;
    const char *name;
} Fox;
