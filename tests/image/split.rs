//! The files of split DWARF.

use std::path::Path;

use ffitypecheck::image::{find_debug_files, find_dwo, find_dwp};

use crate::fixture::Fixture;

#[test]
fn dwo_files_and_their_package() {
    let fixture = Fixture::new("split");
    fixture.run("mkdir build lib");
    fixture.write("build/a.c", "struct s { int a; }; int f(struct s *s) { return s->a; }\n");
    fixture.run("gcc -g -gdwarf-5 -gsplit-dwarf -fPIC -c -o build/a.o build/a.c");
    fixture.run("gcc -shared -o lib/a.so build/a.o");
    let (files, _) = find_debug_files(fixture.open("lib/a.so"), &fixture.options());
    let files = files.unwrap();
    let found = |name: &str, comp_dir: Option<&Path>| -> Vec<_> {
        let found = find_dwo(&files, &fixture.options(), Path::new(name), comp_dir);
        found.map(|file| file.path().to_path_buf()).collect()
    };
    let built = fixture.path("build/a.dwo");
    assert_eq!(found("build/a.dwo", Some(&fixture.dir)), std::slice::from_ref(&built));
    assert_eq!(found(built.to_str().unwrap(), None), std::slice::from_ref(&built));
    let dwo = find_dwo(&files, &fixture.options(), &built, None).next().unwrap();
    assert!(dwo.has_section(".debug_info.dwo") && !dwo.has_section(".debug_info"));
    assert!(find_dwp(&files, &fixture.options()).next().is_none());

    // Not binutils' dwp, whose 2.40 knows no DWARF 5.
    fixture.run("llvm-dwp -e lib/a.so -o lib/a.so.dwp");
    let package = find_dwp(&files, &fixture.options()).next().unwrap();
    assert!(package.has_section(".debug_cu_index"));

    // The build directory is gone; the file lies beside the library, then under a debug directory.
    let directory = Some(Path::new("/nowhere/build"));
    fixture.move_to("build/a.dwo", &fixture.path("lib/a.dwo"));
    assert_eq!(found("sub/a.dwo", directory), [fixture.path("lib/a.dwo")]);
    let under = fixture.path("debug/nowhere/build/sub/a.dwo");
    fixture.move_to("lib/a.dwo", &under);
    assert_eq!(found("sub/a.dwo", directory), [under]);
    assert!(found("", None).is_empty());
}

#[test]
fn type_units_have_sections_of_their_own() {
    let fixture = Fixture::new("type-units");
    fixture.write(
        "a.c",
        "struct s { int a; }; struct t { long b; }; struct s f(struct t *t);\n\
        struct s f(struct t *t) { return (struct s){t->b}; }\n",
    );
    for (version, section, count) in [(4, ".debug_types.dwo", 2), (5, ".debug_info.dwo", 3)] {
        fixture.run(&format!("gcc -gdwarf-{version} -gsplit-dwarf -fdebug-types-section -c a.c"));
        let dwo = fixture.open("a.dwo");
        let sections = dwo.sections(section).unwrap();
        assert_eq!(sections.len(), count);
        assert!(sections.iter().all(|data| data.len() > 11));
        assert_eq!(dwo.section(section).unwrap().as_ref(), sections.first());
    }
}
