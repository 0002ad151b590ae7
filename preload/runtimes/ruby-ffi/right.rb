require 'ffi'

module Libc
  extend FFI::Library
  ffi_lib 'libc.so.6'
  callback :compare, %i[pointer pointer], :int
  attach_function :labs, [:long], :long
  attach_function :qsort, %i[pointer size_t size_t compare], :void
  attach_function :printf, %i[string varargs], :int
  attach_function :fflush, [:pointer], :int
end

numbers = FFI::MemoryPointer.new(:int, 3).write_array_of_int([3, 1, 2])
Libc.qsort(numbers, 3, 4, proc { |one, other| one.read_int - other.read_int })
Libc.printf("%ld %d %g\n", :long, Libc.labs(-5), :int, numbers.read_int, :double, 0.5)
Libc.fflush(nil)
