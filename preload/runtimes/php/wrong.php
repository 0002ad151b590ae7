<?php
echo FFI::cdef('long labs(int);', 'libc.so.6')->labs(5), "\n";
