int fox_count(int more);
int hen_count(int more);
