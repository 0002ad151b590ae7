/* libgsl.so.27: MISMATCH argument-too-narrow gsl_vector_set: argument 2 */
/* The upper half of the register is whatever was there. */
typedef struct gsl_vector gsl_vector;
#ifdef RIGHT
void gsl_vector_set(gsl_vector *v, unsigned long i, double x);
#else
void gsl_vector_set(gsl_vector *v, int i, double x);
#endif
