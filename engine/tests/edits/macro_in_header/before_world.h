#define GRAVITY 10
