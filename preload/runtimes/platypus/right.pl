use strict;
use warnings;
use FFI::Platypus 2.00;

my $ffi = FFI::Platypus->new(api => 2, lib => 'libc.so.6');
$ffi->attach(labs => ['long'] => 'long');
$ffi->type('(opaque,opaque)->int' => 'compare');
$ffi->attach(qsort => ['opaque', 'size_t', 'size_t', 'compare'] => 'void');
my $numbers = pack('i*', 3, 1, 2);
my $memory = $ffi->cast('string' => 'opaque', $numbers);
my $compare = $ffi->closure(sub {
    my ($one, $other) = map { ${$ffi->cast('opaque' => 'int*', $_)} } @_;
    $one <=> $other;
});
qsort($memory, 3, 4, $compare);
print labs(-5), " ", join(',', unpack('i*', $numbers)), "\n";
