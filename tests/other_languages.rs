//! What is passed to functions of Fortran and Ada, as far as their debug information says it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;

use ffitypecheck::abi::{ScalarClass, Value};
use ffitypecheck::check::{check_call, CallClaim, Claim, Verdict};
use ffitypecheck::image::SearchOptions;
use ffitypecheck::spell;
use ffitypecheck::Library;
use toolchain::{run, scratch};

fn open(path: &Path) -> Library {
    let options = SearchOptions { system: false, ..SearchOptions::default() };
    Library::open(path, &options).unwrap()
}

const UNKNOWN: &str = "void /* by reference or by value */";

fn pointer() -> Claim {
    Claim::Value(Value::Scalar { class: ScalarClass::Pointer, size: 8 })
}

fn double() -> Claim {
    Claim::Value(Value::Scalar { class: ScalarClass::Float, size: 8 })
}

fn verdict(library: &Library, symbol: &str, arguments: Vec<Claim>) -> Verdict {
    let result = Claim::Value(Value::Void);
    let claim = CallClaim { default_abi: true, fixed: None, arguments, result };
    check_call(&library.describe(symbol).unwrap(), &claim).verdict()
}

/// Arrays and texts are passed by their address, and pointers as pointers or by reference.
#[test]
fn parameters_of_fortran() {
    let directory = scratch("languages-fortran");
    let source = "
subroutine arrays(n, a, b, c) bind(C)
 use iso_c_binding
 integer(c_int), value :: n
 real(c_double) :: a(n), b(*), c(3,4)
 a(1) = b(1) + c(1,1)
end subroutine
subroutine descriptors(a, b)
 real(8) :: a(:)
 real(8), allocatable :: b(:)
 allocate(b(1))
 b(1) = a(1)
end subroutine
subroutine texts(s, t, u) bind(C)
 use iso_c_binding
 character(kind=c_char) :: s(*)
 character(kind=c_char), value :: t
 type(c_ptr) :: u
 if (c_associated(u)) s(1) = t
end subroutine
subroutine old(text, number)
 character*(*) text
 integer number
 number = len(text)
end subroutine
subroutine numbers(i, j) bind(C)
 use iso_c_binding
 integer(c_int) :: i
 integer(c_int), value :: j
 i = j
end subroutine
";
    std::fs::write(directory.join("a.f90"), source).unwrap();
    for level in ["-O0", "-O2"] {
        let flags = ["-g", "-shared", "-fPIC", "-Wl,--build-id", "-o", "a.so", "a.f90"];
        run(&directory, &[&["gfortran", level], &flags[..]].concat());
        let library = open(&directory.join("a.so"));
        for (symbol, expected) in [
            ("arrays", format!("void arrays({UNKNOWN} n, void *a, void *b, void *c)")),
            ("descriptors_", "void descriptors_(void *a, void *b)".to_owned()),
            ("texts", format!("void texts(void *s, {UNKNOWN} t, void *u)")),
            ("numbers", format!("void numbers({UNKNOWN} i, {UNKNOWN} j)")),
        ] {
            assert_eq!(spell::declaration(&library.describe(symbol).unwrap()), expected, "{level}");
        }
        let old = spell::declaration(&library.describe("old_").unwrap());
        let expected = format!("void old_(void *text, {UNKNOWN} number, ");
        assert!(old.starts_with(&expected), "{level}: {old}");
        let both = |first: Claim| vec![first, pointer()];
        assert_eq!(verdict(&library, "descriptors_", both(pointer())), Verdict::Match);
        assert_eq!(verdict(&library, "descriptors_", both(double())), Verdict::Mismatch);
        assert_eq!(verdict(&library, "numbers", both(pointer())), Verdict::Unverified);
        assert_eq!(verdict(&library, "numbers", both(double())), Verdict::Unverified);
    }
}

/// GNAT says what it passes: references as such, arrays by their address, and those with bounds in two words.
#[test]
fn parameters_of_ada() {
    let directory = scratch("languages-ada");
    let specification = "
with Interfaces.C; use Interfaces.C;
package P is
   type Pair is record A : int; B : double; end record with Convention => C;
   type Vector is array (1 .. 10) of double with Convention => C;
   type Pointer is access all Pair with Convention => C;
   procedure Passed (X : in out Pair; V : Vector; N : int; D : double; Q : Pointer)
      with Export, Convention => C, External_Name => \"passed\";
   procedure Changed (X : in out int; Y : out double) with Export, Convention => C, External_Name => \"changed\";
   procedure Bounded (S : String) with Export, Convention => Ada, External_Name => \"bounded\";
end P;
";
    let body = "
package body P is
   procedure Passed (X : in out Pair; V : Vector; N : int; D : double; Q : Pointer) is
   begin X.A := N + Q.A; X.B := V (1) + D; end Passed;
   procedure Changed (X : in out int; Y : out double) is begin X := X + 1; Y := 1.0; end Changed;
   procedure Bounded (S : String) is begin if S'Length > 3 then raise Program_Error; end if; end Bounded;
end P;
";
    std::fs::write(directory.join("p.ads"), specification).unwrap();
    std::fs::write(directory.join("p.adb"), body).unwrap();
    run(&directory, &["gcc", "-c", "-g", "-fPIC", "p.adb"]);
    let link = ["gcc", "-shared", "-Wl,--build-id", "-Wl,--unresolved-symbols=ignore-all"];
    run(&directory, &[&link[..], &["-o", "a.so", "p.o"]].concat());
    let library = open(&directory.join("a.so"));
    let spelled = |symbol: &str| spell::declaration(&library.describe(symbol).unwrap());
    let passed = spelled("passed");
    assert!(!passed.contains(UNKNOWN), "{passed}");
    let int = Value::Scalar { class: ScalarClass::Integer { signed: true }, size: 4 };
    let claim = |number: Claim| vec![pointer(), pointer(), number, double(), pointer()];
    assert_eq!(verdict(&library, "passed", claim(Claim::Value(int))), Verdict::Match);
    assert_eq!(verdict(&library, "passed", claim(double())), Verdict::Mismatch);
    assert_eq!(verdict(&library, "changed", vec![pointer(), pointer()]), Verdict::Match);
    assert_eq!(verdict(&library, "changed", vec![double(), pointer()]), Verdict::Mismatch);
    assert_ne!(verdict(&library, "bounded", vec![pointer()]), Verdict::Match);
}
