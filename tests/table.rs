//! The examples of docs/compatibility.md, compiled and judged: every row accepts and refuses what the page says.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use ffitypecheck::abi;
use ffitypecheck::check::{
    check_argument, check_declaration, Finding, Memory, Options, Owner, Position, Rule, TypeClaim,
    Verdict,
};
use ffitypecheck::ctype::{Declaration, Kind};
use ffitypecheck::image::SearchOptions;
use ffitypecheck::Library;
use toolchain::{run, scratch};

const PAGE: &str = include_str!("../docs/compatibility.md");
const UNIT_TESTS: &str = include_str!("../src/check/call/tests.rs");
const COMPILERS: [&str; 2] = ["gcc", "clang"];

/// One row's or idiom's part of the page.
struct Example {
    /// `26 pointee-too-small`, or the heading of an idiom.
    heading: &'static str,
    /// The row; `None`: an idiom.
    rule: Option<Rule>,
    /// A name for files and symbols.
    name: String,
    /// The unit test that the text names for what C cannot say.
    unit_test: Option<&'static str>,
    /// `c` or `cc`.
    language: &'static str,
    /// The compilers whose debug information can say it.
    compilers: Vec<&'static str>,
    library: String,
    callers: Vec<Caller>,
}

struct Caller {
    expected: Vec<Expected>,
    text: String,
}

/// What follows from a finding, and from who made the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Word {
    /// The same whoever made it.
    Always(Verdict),
    /// `AT CALL`: DIFFERS with a mark where it is not known who made the memory, MISMATCH in the caller's.
    AtCall,
    /// `BY SIZE`: DIFFERS with a mark where it is not known, else without; too few bytes of the caller's are a MISMATCH.
    BySize,
}

/// `MISMATCH argument-too-narrow at "argument 1"`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Expected {
    word: Word,
    id: String,
    place: String,
}

impl Expected {
    fn parse(text: &str) -> Expected {
        let (what, place) =
            text.split_once(" at ").unwrap_or_else(|| panic!("no place in {text:?}"));
        let (word, id) = what.rsplit_once(' ').unwrap_or_else(|| panic!("no rule in {text:?}"));
        let word = match word {
            "AT CALL" => Word::AtCall,
            "BY SIZE" => Word::BySize,
            "DIFFERS" => Word::Always(Verdict::Differs),
            "UNVERIFIED" => Word::Always(Verdict::Unverified),
            "MISMATCH" => Word::Always(Verdict::Mismatch),
            _ => panic!("no verdict {word}"),
        };
        assert!(Rule::from_id(id).is_some(), "no rule {id}");
        let place = place.trim_matches('"').to_owned();
        Expected { word, id: id.to_owned(), place }
    }

    /// The verdict and the mark of its finding.
    fn verdict(&self, owner: Owner) -> (Verdict, bool) {
        match (self.word, owner) {
            (Word::Always(verdict), _) => (verdict, false),
            (_, Owner::Unknown) => (Verdict::Differs, true),
            (Word::AtCall, _) => (Verdict::Mismatch, false),
            (Word::BySize, _) => (Verdict::Differs, false),
        }
    }

    fn is(&self, finding: &Finding, owner: Owner) -> bool {
        self.verdict(owner) == (finding.verdict, finding.at_call)
            && self.id == finding.rule.id()
            && self.place == place(finding)
    }

    /// Whether a caller that makes the memory is refused.
    fn refuses(&self) -> bool {
        self.word != Word::BySize && self.verdict(Owner::Caller).0 == Verdict::Mismatch
    }
}

/// `argument 1 → next.value`, as findings are headed.
fn place(finding: &Finding) -> String {
    let mut place = match finding.position {
        Position::Call => "call".to_owned(),
        Position::Result => "result".to_owned(),
        Position::Argument(number) => format!("argument {number}"),
        Position::Variable => "variable".to_owned(),
        Position::Type => "type".to_owned(),
    };
    if !finding.path.as_str().is_empty() {
        write!(place, " {}", finding.path).unwrap();
    }
    place
}

/// The examples of the page, one per heading of a row or an idiom.
fn examples() -> Vec<Example> {
    let section = |heading: &str| {
        let (_, section) = PAGE.split_once(heading).unwrap();
        section.split("\n## ").next().unwrap().split("\n### ").skip(1)
    };
    section("\n## Examples\n").chain(section("\n## Idioms\n")).map(example).collect()
}

fn example(text: &'static str) -> Example {
    let (heading, rest) = text.split_once('\n').unwrap();
    let id = heading;
    let numbered = heading.split_once(' ').filter(|(number, _)| number.parse::<u32>().is_ok());
    let rule = numbered.map(|(number, id)| {
        let rule = Rule::from_id(id).unwrap_or_else(|| panic!("no rule {id}"));
        assert_eq!(rule.number().to_string(), number, "{heading}");
        rule
    });
    let name = match rule {
        Some(rule) => rule.number().to_string(),
        None => heading.replace(|letter: char| !letter.is_ascii_alphanumeric(), "_"),
    };
    let (reason, rest) = rest.split_once("\n```c").unwrap_or_else(|| panic!("{id}: no code"));
    assert!(reason.trim().len() > 20, "{id}: no reason");
    let (info, rest) = rest.split_once('\n').unwrap();
    let (code, after) = rest.split_once("\n```").unwrap();
    assert!(!after.contains("```"), "{id}: more code");
    let (language, compilers) = match info.split_once(' ').unwrap_or((info, "")) {
        ("", "") => ("c", COMPILERS.to_vec()),
        ("pp", "") => ("cc", COMPILERS.to_vec()),
        ("", only) => ("c", COMPILERS.into_iter().filter(|name| *name == only).collect()),
        _ => panic!("{id}: ```c{info}"),
    };
    assert!(!compilers.is_empty(), "{id}: ```c{info}");
    let mut library = String::new();
    let mut callers: Vec<Caller> = Vec::new();
    for line in code.lines() {
        let comment = line.strip_prefix("/* ").and_then(|line| line.strip_suffix(" */"));
        if let Some(expected) = comment.and_then(|comment| comment.strip_prefix("caller: ")) {
            let expected = match expected {
                "MATCH" => Vec::new(),
                findings => findings.split("; ").map(Expected::parse).collect(),
            };
            callers.push(Caller { expected, text: String::new() });
        } else if comment == Some("library") {
            assert!(library.is_empty() && callers.is_empty(), "{id}: another library");
        } else {
            let text = callers.last_mut().map_or(&mut library, |caller| &mut caller.text);
            writeln!(text, "{line}").unwrap();
        }
    }
    let unit_test = reason
        .split('`')
        .find(|word| word.starts_with("rows_") && UNIT_TESTS.contains(&format!("fn {word}()")));
    Example { heading, rule, name, unit_test, language, compilers, library, callers }
}

/// Compiles files of the directory into one shared object without unresolved symbols' complaints.
fn compile(directory: &Path, compiler: &str, files: &[String], output: &str) -> Library {
    let mut command = vec![compiler, "-g", "-fPIC", "-shared", "-nostdlib", "-Wall", "-Werror"];
    command.extend(["-Wl,--unresolved-symbols=ignore-all", "-o", output]);
    if compiler == "clang" {
        // Else it leaves out the members of a C++ class that is only named.
        command.push("-fstandalone-debug");
    }
    command.extend(files.iter().map(String::as_str));
    run(directory, &command);
    let options = SearchOptions { system: false, ..SearchOptions::default() };
    Library::open(&directory.join(output), &options).unwrap()
}

fn words(text: &str) -> BTreeSet<&str> {
    text.split(|byte: char| !(byte.is_ascii_alphanumeric() || byte == '_')).collect()
}

/// The libraries of all examples that the compiler can say, as the units of one shared object.
fn libraries(directory: &Path, compiler: &str, examples: &[&Example]) -> Library {
    let mut files = Vec::new();
    for example in examples {
        let file = format!("library-{}.{}", example.name, example.language);
        std::fs::write(directory.join(&file), &example.library).unwrap();
        files.push(file);
    }
    compile(directory, compiler, &files, "library.so")
}

/// The callers, each a unit that holds a pointer to what it declares: `probe_ROW_CALLER`.
fn callers(
    directory: &Path,
    compiler: &str,
    examples: &[&Example],
    libraries: &Library,
) -> Library {
    let exports: BTreeSet<&str> =
        libraries.exports().unwrap().iter().map(|symbol| symbol.name.as_str()).collect();
    let mut files = Vec::new();
    for example in examples {
        for (index, caller) in example.callers.iter().enumerate() {
            let name = symbol(&exports, example, caller);
            let probe = format!("probe_{}_{index}", example.name);
            let file = format!("{probe}.{}", example.language);
            let text = format!(
                "{}extern __typeof__({name}) *const {probe};\n__typeof__({name}) *const {probe} = &{name};\n",
                caller.text
            );
            std::fs::write(directory.join(&file), text).unwrap();
            files.push(file);
        }
    }
    compile(directory, compiler, &files, "callers.so")
}

/// What the caller declares: the one name in it that the library exports.
fn symbol<'a>(exports: &BTreeSet<&'a str>, example: &Example, caller: &Caller) -> &'a str {
    let own = words(&example.library);
    let names = words(&caller.text);
    let found: Vec<_> =
        exports.iter().filter(|name| own.contains(*name) && names.contains(*name)).collect();
    assert_eq!(found.len(), 1, "{}: {found:?} in {}", example.heading, caller.text);
    found[0]
}

/// The type behind the probe.
fn pointee(probe: &Declaration) -> TypeClaim<'_> {
    let Kind::Pointer { target, .. } = probe.types.resolved(probe.ty).kind else {
        panic!("{} is no pointer", probe.symbol)
    };
    TypeClaim { types: &probe.types, ty: target }
}

/// Whether the report has exactly the findings that the page names; if not, both in words.
fn judge(
    example: &Example,
    caller: &Caller,
    declared: &Declaration,
    claim: TypeClaim<'_>,
    owner: Owner,
) -> Option<String> {
    let options = Options { owner, ..Options::default() };
    let report = check_declaration(declared, claim, &options);
    let expected = caller.expected.iter().map(|expected| expected.verdict(owner).0);
    let worst = expected.max().unwrap_or(Verdict::Match);
    let found = report.findings();
    let is = |expected: &Expected, finding| expected.is(finding, owner);
    let good = report.verdict() == worst
        && found.iter().all(|finding| caller.expected.iter().any(|own| is(own, finding)))
        && caller.expected.iter().all(|own| found.iter().any(|finding| is(own, finding)));
    if good {
        return None;
    }
    let mut text = format!(
        "{}, memory of {owner:?}:\n{}  page: {worst} {:?}\n  found: {}\n",
        example.heading,
        caller.text,
        caller.expected,
        report.verdict()
    );
    for finding in found {
        let mark = if finding.at_call { " (at the call)" } else { "" };
        let (verdict, id, place) = (finding.verdict, finding.rule.id(), place(finding));
        writeln!(text, "    {verdict}{mark} {id} at \"{place}\": {}", finding.sentence).unwrap();
    }
    Some(text)
}

/// What the page says of calls: for each argument that the call decides on, memory of the caller's that is as large as the claimed
/// type, or a byte of it, is refused. Only the first memory: what lies behind it is of unknown owner again.
fn judge_call(
    example: &Example,
    caller: &Caller,
    declared: &Declaration,
    claim: TypeClaim<'_>,
) -> Option<String> {
    let Kind::Function(function) = &claim.types.resolved(claim.ty).kind else { return None };
    for expected in &caller.expected {
        let first = expected.place.matches('→').count() == 1;
        let argument = expected.place.strip_prefix("argument ").filter(|_| first);
        let number = argument.and_then(|rest| rest.split(' ').next()?.parse::<usize>().ok());
        let Some(number) = number else {
            continue;
        };
        let parameter = claim.types.resolved(function.parameters[number - 1].ty);
        let Kind::Pointer { target, .. } = parameter.kind else { panic!("{}", example.heading) };
        let made = Some(TypeClaim { types: claim.types, ty: target });
        let size = abi::size_of(claim.types, target).unwrap_or(1);
        let memory = match expected.word {
            Word::Always(_) => continue,
            // An address that is a multiple of 8 only.
            Word::AtCall => Memory { address: Some(0x1008), bytes: size },
            Word::BySize => Memory { address: None, bytes: 1 },
        };
        let report = check_argument(declared, number, made, memory, &Options::default());
        if report.passes() {
            return Some(format!("{}:\n{}  the call passes\n", example.heading, caller.text));
        }
    }
    None
}

#[test]
fn every_example_is_judged_as_the_page_says() {
    let examples = examples();
    let mut built = BTreeMap::new();
    for compiler in COMPILERS {
        let directory = scratch(&format!("table-{compiler}"));
        let mine: Vec<&Example> =
            examples.iter().filter(|example| example.compilers.contains(&compiler)).collect();
        let library = libraries(&directory, compiler, &mine);
        let callers = callers(&directory, compiler, &mine, &library);
        built.insert(compiler, (library, callers));
    }
    let mut wrong = Vec::new();
    for example in &examples {
        // Also across compilers.
        for by in &example.compilers {
            let (library, _) = &built[by];
            let exports =
                library.exports().unwrap().iter().map(|symbol| symbol.name.as_str()).collect();
            for (index, caller) in example.callers.iter().enumerate() {
                let declared = library.describe(symbol(&exports, example, caller)).unwrap();
                for from in &example.compilers {
                    let probe = format!("probe_{}_{index}", example.name);
                    let probe = built[from].1.describe(&probe).unwrap();
                    let claim = pointee(&probe);
                    let owners = [Owner::Unknown, Owner::Caller];
                    let faults = owners
                        .into_iter()
                        .filter_map(|owner| judge(example, caller, &declared, claim, owner))
                        .chain(judge_call(example, caller, &declared, claim));
                    wrong.extend(faults.map(|fault| format!("{by}, caller by {from}: {fault}")));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Rows that are in no finding of their own: they always match, or what they lead to carries another row's id.
const SILENT: [Rule; 5] = [
    Rule::PromotedParameter,
    Rule::PointerAgainstPointer,
    Rule::ResultAsArgument,
    Rule::OpaquePointee,
    Rule::NestedPointee,
];

/// Rows that have more to them than C can say: the text names the unit test with an `ffi_type`.
const MORE_IN_UNIT_TESTS: [Rule; 2] = [Rule::NotExpressible, Rule::NotKnown];

#[test]
fn every_row_has_an_example_that_is_accepted_and_one_that_is_refused() {
    let examples = examples();
    let (examples, idioms): (Vec<_>, Vec<_>) =
        examples.into_iter().partition(|example| example.rule.is_some());
    for idiom in &idioms {
        let refused = |caller: &&Caller| caller.expected.iter().any(Expected::refuses);
        let count = idiom.callers.iter().filter(refused).count();
        let heading = idiom.heading;
        assert!(count > 0 && count < idiom.callers.len(), "{heading}: {count} are refused");
    }
    assert!(idioms.len() >= 14, "{} idioms", idioms.len());
    let rules: Vec<Rule> = examples.iter().filter_map(|example| example.rule).collect();
    assert_eq!(rules, Rule::all().collect::<Vec<_>>());
    let rows = |which: &dyn Fn(&Example) -> bool| -> Vec<Rule> {
        examples.iter().filter(|own| which(own)).filter_map(|own| own.rule).collect()
    };
    let none = Vec::<Rule>::new();
    let findings = |example: &Example| -> Vec<String> {
        let all = example.callers.iter().flat_map(|caller| &caller.expected);
        all.map(|expected| expected.id.clone()).collect()
    };
    let accepts =
        |example: &Example| example.callers.iter().any(|caller| caller.expected.is_empty());
    assert_eq!(rows(&|example| !accepts(example)), none, "without an accepted caller");
    assert_eq!(rows(&|example| findings(example).is_empty()), none, "without a refused caller");
    let own = |example: &Example| example.rule.map_or("", |rule| rule.id());
    let silent = rows(&|example| !findings(example).iter().any(|id| id == own(example)));
    assert_eq!(silent, SILENT);
    assert_eq!(rows(&|example| example.unit_test.is_some()), MORE_IN_UNIT_TESTS);
}
