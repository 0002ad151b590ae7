//! Everything that the library does with a file, once.

use ffitypecheck::abi::{self, ScalarClass, Value};
use ffitypecheck::check::{check_call, CallClaim, Claim};
use ffitypecheck::ctype::{Declaration, TypeId, Types};
use ffitypecheck::header::{write_header, write_types};
use ffitypecheck::identity::{self, same_type, Identity, Sameness};
use ffitypecheck::libffi::lower;
use ffitypecheck::slim;
use ffitypecheck::spell;
use ffitypecheck::Library;

/// Each of these costs something that only the number of types bounds.
const TYPES: usize = 2000;

/// Describes every export and does all that can be done with it. Returns how many had a declaration.
pub fn everything(library: &Library) -> usize {
    let mut declarations: Vec<Declaration> = Vec::new();
    for symbol in library.exports().unwrap() {
        match library.describe_export(symbol) {
            Ok(declaration) => declarations.push(declaration),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
        let _ = library.describe_address(symbol.value);
    }
    for declaration in &declarations {
        assert!(!spell::declaration(declaration).is_empty());
        let _ = declaration.source();
        if let Ok(lowered) = lower(declaration) {
            let mut cif = std::mem::MaybeUninit::uninit();
            // SAFETY: the cif is written to and then forgotten.
            let _ = unsafe { lowered.prep_cif(cif.as_mut_ptr(), default_abi()) };
        }
        check(declaration);
    }
    for name in ["struct s", "union u", "enum e", "t", "ns::c", "unsigned long", "struct nothing"] {
        match library.describe_type(name) {
            Ok(found) => {
                assert!(!found.is_empty());
                let few = &found[..found.len().min(20)];
                assert!(few.iter().all(|definition| !spell::declaration(definition).is_empty()));
                let mut text = String::new();
                write_types(few, &mut text).unwrap();
                let only = ffitypecheck::only_definition(&found);
                assert_eq!(only.is_ok(), found.len() == 1);
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    if let Some(first) = declarations.first() {
        let types = &first.types;
        each_type(types, declarations.iter().map(|declaration| declaration.ty));
        let mut identity = Identity::new(false);
        for declaration in &declarations {
            let same = same_type(types, first.ty, types, declaration.ty);
            assert!(!same || identity.same(types, first.ty, types, declaration.ty));
            let sameness = Sameness { incomplete_is_equal: true, ..Sameness::default() };
            let _ = ffitypecheck::identity::difference(
                types,
                first.ty,
                types,
                declaration.ty,
                sameness,
            );
        }
        let mut header = String::new();
        write_header(&declarations, &mut header).unwrap();
        assert!(!header.is_empty());
    }
    match slim::encode(library, &slim::Options::default()) {
        Ok(made) => assert!(made.described <= declarations.len() && !made.note().is_empty()),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    let _ = slim::extract(library);
    declarations.len()
}

fn default_abi() -> ffitypecheck::libffi::ffi_abi {
    libffi_sys::ffi_abi_FFI_DEFAULT_ABI
}

/// A claim of plain integers, and one of what is declared.
fn check(declaration: &Declaration) {
    let Some(function) = declaration.function() else { return };
    let types = &declaration.types;
    let int = Value::Scalar { class: ScalarClass::Integer { signed: true }, size: 4 };
    let value = |id| Claim::Value(abi::by_value(types, id));
    let parameters = function.parameters.iter().take(64);
    let claims = [
        CallClaim {
            default_abi: true,
            fixed: None,
            arguments: parameters.clone().map(|_| Claim::Value(int.clone())).collect(),
            result: Claim::Value(int.clone()),
        },
        CallClaim {
            default_abi: true,
            fixed: function.variadic.then_some(function.parameters.len()),
            arguments: parameters.map(|parameter| value(parameter.ty)).collect(),
            result: value(function.result),
        },
    ];
    for claim in &claims {
        for finding in check_call(declaration, claim).findings() {
            assert!(!finding.sentence.as_str().is_empty());
        }
    }
}

/// Everything that a type can be asked.
pub fn each_type(types: &Types, roots: impl IntoIterator<Item = TypeId>) {
    for id in identity::reachable(types, roots).into_iter().take(TYPES) {
        let layout = abi::layout_of(types, id);
        assert!(layout.align.is_power_of_two());
        let _ = (abi::by_value(types, id), identity::refers_to(types, id), types.resolve(id));
        assert!(!spell::type_name(types, id).is_empty(), "{:?}", types.get(id));
    }
}
