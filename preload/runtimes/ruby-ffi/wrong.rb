require 'ffi'

module Libc
  extend FFI::Library
  ffi_lib 'libc.so.6'
  attach_function :labs, [:int], :long
end

puts Libc.labs(5)
