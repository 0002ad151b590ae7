require 'fiddle'

libc = Fiddle.dlopen('libc.so.6')
puts Fiddle::Function.new(libc['labs'], [Fiddle::TYPE_INT], Fiddle::TYPE_LONG).call(5)
