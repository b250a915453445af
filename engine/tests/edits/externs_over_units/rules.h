#ifndef RULES_H
#define RULES_H
extern int shared_total;
int rules_count(int more);
#endif
