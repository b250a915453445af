#ifndef RULES_H
#define RULES_H
extern int total;
int counted(int more);
#endif
