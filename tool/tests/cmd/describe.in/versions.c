int f_old(int a) { return a; }
long f_new(long a, long b) { return a + b; }
__asm__(".symver f_old, f@V_1");
__asm__(".symver f_new, f@@V_2");
