use ffitypecheck::abi;
use ffitypecheck::ctype::{Encoding, Qualifier};

use super::*;

/// `void set(struct point *point, const char names[2][3])`, and a variable whose record has an unsigned 3-bit field.
const SOUND: &str = r#"{
"declarations":[
{"symbol":"set","kind":"function","type":"f"},
{"symbol":"depth","version":"V_1","kind":"variable","type":"point"},
{"symbol":"whatever","kind":"function","type":"any"}],
"types":{
"v":{"kind":"void"},
"i":{"kind":"base","name":"int","size":4,"encoding":"signed"},
"c":{"kind":"base","name":"char","size":1,"encoding":"signed-char"},
"point":{"kind":"record","name":"point","size":16,"members":[
 {"name":"x","type":"i","offset":0},
 {"name":"flag","type":"i","bit_offset":32,"bit_width":3},
 {"name":"next","type":"p","offset":8}]},
"p":{"kind":"pointer","target":"point"},
"names":{"kind":"array","element":"c","qualifiers":["const"],"dimensions":[2,3]},
"n":{"kind":"pointer","target":"names"},
"e":{"kind":"enumeration","name":"colour","underlying":"i","enumerators":[{"name":"RED","value":-1},{"name":"BLUE","value":"7"}]},
"t":{"kind":"typedef","name":"wide","target":"i","align":16},
"any":{"kind":"any"},
"f":{"kind":"function","result":"v","parameters":[{"name":"point","type":"p"},{"type":"n"}]}}}"#;

const TARGET: Target = Target { machine: 62, pointer_size: 8, little_endian: true };

fn claims(text: &str) -> Result<Vec<Claim>, String> {
    let document = serde_json::from_str(text).map_err(|error| error.to_string())?;
    from_document(document, TARGET, &Place::file("claims.json")).map_err(|wrong| wrong.to_string())
}

#[test]
fn a_table_from_a_document() {
    let claims = claims(SOUND).unwrap();
    assert_eq!(claims[0].spell(), "void set(struct point *point, const char (*)[2][3])");
    assert_eq!(claims[1].subject, "depth@V_1");
    assert_eq!(claims[1].spell(), "struct point depth");
    let types = &claims[0].types;
    assert!(matches!(types.get(claims[2].ty).kind, Kind::Unknown { .. }));
    let Kind::Record(point) = &types.get(claims[1].ty).kind else { panic!("not a record") };
    assert_eq!(point.members[1].offset, 4);
    let Kind::Pointer { target, .. } = types.get(point.members[2].ty).kind else {
        panic!("not a pointer")
    };
    // A record that refers to itself.
    assert_eq!(target, claims[1].ty);
    // The natural alignment of a type is not stated.
    assert_eq!((types.get(target).align, abi::align_of(types, target)), (None, 8));
}

#[test]
fn stated_alignments_and_qualifiers() {
    let aligned = r#"{"declarations":[{"symbol":"v","kind":"variable","type":"q"}],"types":{
"q":{"kind":"qualified","qualifiers":["const","volatile"],"target":"t","size":4,"align":16},
"t":{"kind":"typedef","name":"wide","target":"i","size":4,"align":16},
"i":{"kind":"base","name":"int","size":4,"align":4,"encoding":"signed"}}}"#;
    let claims = claims(aligned).unwrap();
    let (types, ty) = (&claims[0].types, claims[0].ty);
    assert_eq!(abi::align_of(types, ty), 16);
    assert!(
        types.is_qualified(ty, Qualifier::Const) && types.is_qualified(ty, Qualifier::Volatile)
    );
    let int = types.resolved(ty);
    assert!(
        matches!(int.kind, Kind::Base { encoding: Encoding::Signed, .. }) && int.align.is_none()
    );
}

/// Each replacement makes the document wrong, and the error says where.
#[test]
fn what_is_wrong_and_where() {
    let cases = [
        (r#""kind":"void""#, r#""kind":"viod""#, "unknown variant `viod`"),
        (r#""encoding":"signed""#, r#""encoding":"sign""#, "unknown variant `sign`"),
        (r#""target":"names""#, r#""target":"name""#, "types.n.target: there is no type 'name'"),
        (r#""type":"f""#, r#""type":"g""#, "declarations[0].type: there is no type 'g'"),
        (r#""type":"f""#, r#""type":"i""#, "declarations[0].type: a function's type has"),
        (r#""type":"point""#, r#""type":"f""#, "declarations[1].type: a variable has no type"),
        (r#""size":4"#, r#""size":3"#, "types.i.size: a number of that encoding has no 3 bytes"),
        (r#""size":4"#, r#""size":-4"#, "invalid value"),
        (r#""size":4"#, r#""size":4,"siez":4"#, "unknown field `siez`"),
        (r#""size":4"#, r#""size":4,"size":4"#, "duplicate field `size`"),
        (r#""size":4"#, r#""size":4,"bits":33"#, "types.i.bits: 33 are not possible in 4 bytes"),
        (r#""size":4"#, r#""size":4,"align":3"#, "types.i: an alignment of 3"),
        (r#""size":4"#, r#""size":4,"align":2"#, "types.i.align: it is 2, and 4 follows"),
        (
            r#""size":16"#,
            r#""size":12"#,
            "types.point.members[2]: it ends at byte 16 of a record of 12",
        ),
        (r#""size":16,"#, "", "types.point.size: it is missing"),
        (r#""size":16"#, r#""size":18446744073709551616"#, "invalid type"),
        (
            r#""offset":8"#,
            r#""offset":18446744073709551615"#,
            "types.point.members[2]: it lies past",
        ),
        (r#","offset":8"#, "", "types.point.members[2].offset: it is missing"),
        (r#""bit_offset":32,"#, "", "types.point.members[1].bit_offset: it is missing"),
        (
            r#""bit_offset":32"#,
            r#""bit_offset":32,"offset":5"#,
            "types.point.members[1].offset: bit 32",
        ),
        (r#""bit_width":3"#, r#""bit_width":33"#, "types.point.members[1].bit_width: 33 bits"),
        (
            r#""bit_offset":32"#,
            r#""bit_offset":127"#,
            "types.point.members[1]: its last bit lies at byte 17",
        ),
        (
            r#""target":"point""#,
            r#""target":"point","size":4,"class":"handle""#,
            "unknown variant `handle`",
        ),
        (r#""dimensions":[2,3]"#, r#""dimensions":[]"#, "types.names.dimensions: there is none"),
        (
            r#""dimensions":[2,3]"#,
            r#""dimensions":[2,3],"size":7"#,
            "types.names.size: it is 7, and 6 follows",
        ),
        (r#"["const"]"#, r#"["constant"]"#, "unknown variant `constant`"),
        (
            r#""value":-1"#,
            r#""value":4294967296"#,
            "types.e.enumerators[0].value: it does not fit into 4",
        ),
        (r#""value":"7""#, r#""value":"seven""#, "types.e.enumerators[1].value: 'seven'"),
        (r#""value":"7""#, r#""value":7.5"#, "expected an integer"),
        (r#""align":16"#, r#""align":16,"size":8"#, "types.t.size: it is 8, and 4 follows"),
        (
            r#""offset":8}"#,
            r#""offset":8},{"type":"point","offset":0}"#,
            "types.point: it contains itself",
        ),
        (
            r#""name":"wide","target":"i""#,
            r#""name":"wide","target":"t""#,
            "types.t: it contains itself",
        ),
        (r#""n":{"#, r#""i":{"#, "types.i: the id stands there twice"),
        (
            r#""symbol":"depth""#,
            r#""symbol":"depth@V_2""#,
            "declarations[1].version: the symbol has one",
        ),
        (r#""symbol":"set""#, r#""symbol":"""#, "declarations[0].symbol: it is empty"),
        (r#""symbol":"set","#, "", "declarations[0].symbol: it is missing"),
        (
            r#""symbol":"set","kind":"function""#,
            r#""kind":"type""#,
            "declarations[0].name: it is missing",
        ),
        (
            r#""kind":"function","type":"f""#,
            r#""kind":"type","type":"f""#,
            "declarations[0].symbol: a type has none but its name",
        ),
        (
            r#""declarations""#,
            r#""target":{"machine":62,"pointer_size":4,"little_endian":true},"declarations""#,
            "target: ",
        ),
    ];
    for (from, to, expected) in cases {
        assert!(SOUND.contains(from), "{from}");
        let error = claims(&SOUND.replacen(from, to, 1)).err().expect(to);
        assert!(error.contains(expected), "{to}: {error}");
    }
    let error =
        claims("{\n\"declarations\":[],\n\"types\":{\"0\":{\"kind\":\"viod\"}}}").err().unwrap();
    assert!(error.contains("line 3 column"), "{error}");
}
