<?php
$libc = FFI::cdef('long labs(long); size_t strlen(const char *);
    void qsort(void *, size_t, size_t, int (*)(const void *, const void *));', 'libc.so.6');
$numbers = $libc->new('int[3]');
[$numbers[0], $numbers[1], $numbers[2]] = [3, 1, 2];
$libc->qsort($numbers, 3, 4, fn($one, $other) =>
    $libc->cast('int *', $one)[0] - $libc->cast('int *', $other)[0]);
echo $libc->labs(-5), ' ', $libc->strlen('abc'), ' ', $numbers[0], "\n";
