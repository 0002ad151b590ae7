//! Any text as C declarations: the parser ends, a text that fails changes nothing, and every entry of the type model
//! serves the types that it makes.
#![no_main]

#[allow(dead_code)]
#[path = "../../tests/everything/mod.rs"]
mod everything;

use ffitypecheck::check::ClaimedTypes;
use ffitypecheck::ctype::TypeId;
use ffitypecheck::parse::Scope;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (mut claimed, mut scope) = (ClaimedTypes::new(), Scope::new());
    for part in text.split("\n--\n").take(8) {
        let before = (format!("{claimed:?}"), format!("{scope:?}"));
        match scope.parse(&mut claimed, part) {
            Ok(id) => {
                assert!(claimed.types().contains(id));
                let mut copy = ClaimedTypes::new();
                copy.import(claimed.types(), id).unwrap();
            }
            Err(_) => assert_eq!(before, (format!("{claimed:?}"), format!("{scope:?}"))),
        }
    }
    let all = (0..64).map(TypeId::from_index).take_while(|id| claimed.types().contains(*id));
    everything::each_type(claimed.types(), all);
});
