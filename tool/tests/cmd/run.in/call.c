/* Calls the two functions through libffi. WRONG: the argument of the first one is an int. */
#include <ffi.h>
#include <stdio.h>

extern long level_of(long);
extern unsigned level_color(unsigned);

static long call(void (*function)(void), ffi_type *result_type, ffi_type *type)
{
    long value = 41;
    ffi_type *types[] = {type};
    void *values[] = {&value};
    ffi_cif cif;
    ffi_sarg result = 0;
    if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, 1, result_type, types) == FFI_OK)
        ffi_call(&cif, function, &result, values);
    return (long)result;
}

int main(int count, char **arguments)
{
    (void)arguments;
    long color = call((void (*)(void))level_color, &ffi_type_uint, &ffi_type_sint);
    for (int i = 0; i < 3; i++)
#ifdef WRONG
        color += call((void (*)(void))level_of, &ffi_type_slong, &ffi_type_sint);
#else
        color += call((void (*)(void))level_of, &ffi_type_slong, &ffi_type_slong);
#endif
    printf("%ld\n", color);
    return count - 1;
}
