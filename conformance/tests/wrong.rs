//! The proof must be able to fail: calls through wrong claims are seen to go wrong.

use conformance::call::{prepare, Loaded};
use conformance::claim::Claim;
use conformance::generate::Generator;
use conformance::signature::{Scalar, Type};
use conformance::toolchain::{build, configurations};
use conformance::truth::signature;
use toolchain::Random;

/// Another scalar in the place of the first argument or of the result, one that libffi moves elsewhere.
fn wrong(claim: &Claim) -> Option<Claim> {
    let other = match claim {
        Claim::Scalar { scalar: Scalar::Double | Scalar::Float, .. } => {
            Scalar::Integer { size: 8, signed: false }
        }
        Claim::Scalar { scalar: Scalar::Integer { .. } | Scalar::Pointer, .. } => Scalar::Double,
        _ => return None,
    };
    Some(Claim::Scalar { scalar: other, align: None })
}

#[test]
fn calls_through_wrong_claims_are_seen() {
    // Unoptimised code leaves a result in more than one register.
    let all = configurations();
    let configuration =
        all.iter().find(|one| one.name == "gcc-dwarf5-O2").expect("a known configuration");
    let dialect = configuration.dialect();
    let library = Generator::new(7).library(120, dialect).expect("shapes are generated");
    let directory = std::env::temp_dir().join(format!("conformance-wrong-{}", std::process::id()));
    let path = build(configuration, &library, &directory).expect("the library is built");
    let loaded = Loaded::open(&path).expect("the library is loaded");
    let mut random = Random::new(1);
    let (mut arguments, mut results) = (0, 0);
    for function in &library.functions {
        let Ok(truth) = signature(&library, function, dialect) else { continue };
        let scalars_only = function
            .parameters
            .iter()
            .chain(&function.variadic)
            .chain(&function.result)
            .all(|spelled| matches!(spelled.ty, Type::Scalar(scalar) if scalar.size() <= 8));
        // Only calls that can do no harm: scalars in registers, and no variadic ones.
        if !scalars_only || truth.fixed.is_some() || truth.arguments.len() > 5 {
            continue;
        }
        let mut changed = Vec::new();
        if let Some(claim) = truth.arguments.first().and_then(wrong) {
            let mut signature = truth.clone();
            signature.arguments[0] = claim;
            changed.push(signature);
            arguments += 1;
        }
        if let Some(claim) = wrong(&truth.result) {
            changed.push(conformance::truth::Signature { result: claim, ..truth });
            results += 1;
        }
        for signature in changed {
            let mut prepared = prepare(&signature).expect("libffi takes the claim");
            // SAFETY: a register more or less that the function does not read; see above.
            let outcome =
                unsafe { loaded.exchange(&library, function, &mut prepared.cif, &mut random) };
            assert!(outcome.is_err(), "{}: {signature:?} went unnoticed", function.name);
        }
    }
    assert!(arguments > 5 && results > 5, "{arguments} arguments and {results} results");
    let _ = std::fs::remove_dir_all(&directory);
}
