# dh sequence addon: the libraries of a package keep slim type information.
# `dh $@ --with ffitypecheck`, or dh-sequence-ffitypecheck in Build-Depends.
use strict;
use warnings;
use File::Basename qw(dirname);
use File::Spec;
use Debian::Debhelper::Dh_Lib;

# The types are read before dwz moves DWARF into a file that is not where it will be installed. dh_dwz is in the
# sequence from compat 12 on.
insert_before('dh_dwz', 'dh_ffitypecheck') or insert_before('dh_strip', 'dh_ffitypecheck');

# They are put in when dh_strip has made the debug package, which stays as it is without them, and before debian/rules goes on with
# what dh_strip leaves. So it is done by the command of that name which debian/rules finds.
$ENV{PATH} = dirname(dirname(File::Spec->rel2abs(__FILE__))) . "/ffitypecheck:$ENV{PATH}";

# If debian/rules has called no dh_strip.
insert_after('dh_strip', 'dh_ffitypecheck_attach');
add_command_options('dh_ffitypecheck_attach', '--only-tell');

1;
