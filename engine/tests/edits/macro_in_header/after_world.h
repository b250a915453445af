#define GRAVITY 20
