// expect: log step 2: 11 6
#ifndef LEVEL_H
#define LEVEL_H
#define LEVEL_STEP 2
static int level_counter = 1;
int rules_first(int more);
#endif
