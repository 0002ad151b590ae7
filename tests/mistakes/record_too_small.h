/* libc.so.6: MISMATCH pointee-too-small mktime: argument 1 */
/* Without the two members that glibc has behind POSIX's nine, mktime writes past the caller's struct. */
struct tm {
	int tm_sec, tm_min, tm_hour, tm_mday, tm_mon, tm_year, tm_wday, tm_yday, tm_isdst;
#ifdef RIGHT
	long tm_gmtoff;
	const char *tm_zone;
#endif
};
long mktime(struct tm *tp);
