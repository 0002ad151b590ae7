use strict;
use warnings;
use FFI::Platypus 2.00;

my $ffi = FFI::Platypus->new(api => 2, lib => 'libc.so.6');
$ffi->attach(labs => ['int'] => 'long');
print labs(5), "\n";
