/* Programs that were linked before glibc 2.34 ask for another version of dlclose. */
extern int dlclose(void *);

int dlclose_before_2_34(void *handle)
{
	return dlclose(handle);
}

__asm__(".symver dlclose_before_2_34, dlclose@GLIBC_2.2.5");
