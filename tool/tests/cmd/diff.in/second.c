int f_1(int a) { return a; }
int f_2(char *a, int b) { return *a + b; }
int g(void) { return 1; }
int h(void) { return 1; }
__asm__(".symver f_1, f@V_1");
__asm__(".symver f_2, f@@V_2");
