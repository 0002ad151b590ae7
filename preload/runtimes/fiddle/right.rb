require 'fiddle'

libc = Fiddle.dlopen('libc.so.6')
labs = Fiddle::Function.new(libc['labs'], [Fiddle::TYPE_LONG], Fiddle::TYPE_LONG)
qsort = Fiddle::Function.new(
  libc['qsort'], [Fiddle::TYPE_VOIDP, Fiddle::TYPE_SIZE_T, Fiddle::TYPE_SIZE_T, Fiddle::TYPE_VOIDP], Fiddle::TYPE_VOID
)
compare = Class.new(Fiddle::Closure) do
  def call(one, other)
    one[0, 4].unpack1('i') - other[0, 4].unpack1('i')
  end
end.new(Fiddle::TYPE_INT, [Fiddle::TYPE_VOIDP, Fiddle::TYPE_VOIDP])
numbers = Fiddle::Pointer[[3, 1, 2].pack('i*')]
qsort.call(numbers, 3, 4, compare)
puts labs.call(-5), numbers[0, 12].unpack('i*').inspect
