local ffi = require "ffi"
local libc, libm = ffi.load("libc.so.6"), ffi.load("libm.so.6")

print(libc.qsort)
print(libc.strlen("hello"), libm.pow(2, 0.5), libc.abs(-7))
local quotient = libc.div(17, 5)    -- a record by value
print(quotient.quot, quotient.rem)

local tm = libc.timegm:new(1)
tm.tm_year, tm.tm_mday = 99, 365
print(libc.timegm(tm), tm.tm_mon, tm.tm_mday)
print(libc.waitid("P_ALL", 0, nil, 4))

print(pcall(libc.localtime_r, tm, tm))
print(pcall(libc.abs, 1 << 40))
