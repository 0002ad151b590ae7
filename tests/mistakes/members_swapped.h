/* libgsl.so.27: MISMATCH pointee-member-name gsl_sf_bessel_J0_e: argument 2 */
/* The error is taken for the value. */
#ifdef RIGHT
typedef struct { double val, err; } gsl_sf_result;
#else
typedef struct { double err, val; } gsl_sf_result;
#endif
int gsl_sf_bessel_J0_e(double x, gsl_sf_result *result);
