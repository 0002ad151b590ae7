# dh sequence addon: the libraries of a package keep slim type information.
# `dh $@ --with ffitypecheck`, or dh-sequence-ffitypecheck in Build-Depends.
use strict;
use warnings;
use Debian::Debhelper::Dh_Lib;

# The types are read before dwz moves DWARF into a file that is not where it will be installed. dh_dwz is in the
# sequence from compat 12 on.
insert_before('dh_dwz', 'dh_ffitypecheck') or insert_before('dh_strip', 'dh_ffitypecheck');

# They are put in after dh_strip has made the debug package, which stays as it is without them.
insert_after('dh_strip', 'dh_ffitypecheck_attach');

1;
