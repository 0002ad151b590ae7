//! C programs that call through libffi, under the library as cargo links it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use toolchain::{run, scratch};

/// The preload library, which cargo builds beside the tests.
fn library() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.with_file_name("libffitypecheck_preload.so")
}

/// The directory with the programs, which are compiled once.
fn programs() -> &'static Path {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    DIRECTORY.get_or_init(|| {
        let directory = scratch("preload");
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs");
        let source = |name: &str| sources.join(name).display().to_string();
        let shared = ["gcc", "-g", "-shared", "-fPIC", "-Wl,--build-id"];
        let make = |output: &str, arguments: &[&str]| {
            run(&directory, &[&shared[..], &["-o", output], arguments].concat());
        };
        make("callee.so", &[&source("callee.c")]);
        make("one.so", &["-DTYPE=long", &source("swap.c")]);
        make("two.so", &["-DTYPE=double", &source("swap.c")]);
        for (output, pie) in [("caller", "-pie"), ("caller-no-pie", "-no-pie")] {
            let caller = source("caller.c");
            let flags =
                ["gcc", "-g", "-Wall", "-Wextra", "-Werror", "-Wl,--build-id", pie, "-pthread"];
            run(&directory, &[&flags[..], &["-o", output, &caller, "-lffi"]].concat());
        }
        directory
    })
}

fn start(program: &str, case: &str, variables: &[(&str, &str)]) -> Output {
    let directory = programs();
    let mut command = Command::new(directory.join(program));
    command.arg(case).args(["./callee.so", "./one.so", "./two.so"]).current_dir(directory);
    command.env("LD_PRELOAD", library()).env("FFITYPECHECK_CACHE", "off");
    command.envs(variables.iter().copied()).output().unwrap()
}

/// What a case wrote to standard error, without the number of the process. The case must succeed.
fn said(program: &str, case: &str, variables: &[(&str, &str)]) -> Vec<String> {
    let output = start(program, case, variables);
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{case}: {}: {text}", output.status);
    let bare = |line: &str| match line.split_once("]: ") {
        Some((before, rest)) if before.starts_with("ffitypecheck[") => rest.to_owned(),
        _ => line.to_owned(),
    };
    text.lines().map(bare).collect()
}

fn lines(case: &str) -> Vec<String> {
    said("caller", case, &[])
}

/// The counters of a case, as numbers by name.
fn counted(case: &str) -> serde_json::Value {
    let variables = [("FFITYPECHECK_PRELOAD", "count"), ("FFITYPECHECK_PRELOAD_FORMAT", "json")];
    serde_json::from_str(&said("caller", case, &variables)[0]).unwrap()
}

const TWICE: &str = "MISMATCH: twice: argument 1 ('value'): the library declares 'long' (signed integer, 8 bytes), the \
                     caller passes int (4 bytes); the upper bytes are not defined";

fn assert_twice(lines: &[String]) {
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with(TWICE), "{lines:?}");
    assert!(lines[0].ends_with("callee.so]"), "{lines:?}");
}

#[test]
fn a_right_program_is_silent() {
    let silent = ["right", "void", "variadic", "variadic-as-fixed", "closure", "errno"];
    for case in silent {
        assert_eq!(lines(case), [""; 0], "{case}");
    }
}

#[test]
fn a_wrong_call_is_told_once_before_it_is_made() {
    for case in ["wrong", "reused", "jumps", "raw", "cancels"] {
        assert_twice(&lines(case));
    }
}

#[test]
fn a_judgement_does_not_call_malloc() {
    assert_twice(&lines("without-malloc"));
}

#[test]
fn functions_of_the_program_itself() {
    for program in ["caller", "caller-no-pie"] {
        let told = said(program, "own", &[]);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("MISMATCH: halve: argument 1 ('value')"), "{told:?}");
        assert_eq!(said(program, "right", &[("EARLY", "1")]), [""; 0]);
    }
}

#[test]
fn differs_is_told_on_demand() {
    let differs = [("FFITYPECHECK_PRELOAD_DIFFERS", "on")];
    let told = said("caller", "variadic-as-fixed", &differs);
    assert!(told.len() == 1 && told[0].starts_with("DIFFERS: total: "), "{told:?}");
    let told = said("caller", "void", &differs);
    assert!(told.len() == 1 && told[0].starts_with("DIFFERS: nothing: result"), "{told:?}");
    // Prepared as variadic; and copied, so that it is not known how it was prepared.
    assert_eq!(said("caller", "variadic", &differs), [""; 0]);
}

#[test]
fn threads_judge_each_pair_once() {
    let told = lines("threads");
    assert_eq!(told.len(), 40, "{told:?}");
    let counted = counted("threads");
    assert_eq!(counted["calls"], 16_000);
    assert_eq!((&counted["match"], &counted["mismatch"]), (&40.into(), &40.into()));
}

#[test]
fn a_library_at_the_place_of_another_is_judged_anew() {
    let told = lines("unload");
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|line| line.starts_with("MISMATCH: same_place: ")), "{told:?}");
    assert!(told.iter().all(|line| line.ends_with("two.so]")), "{told:?}");
}

#[test]
fn children_are_checked_unless_they_are_not_to_be() {
    let of_child = |lines: &[String]| lines.iter().filter(|line| line.starts_with(TWICE)).count();
    assert_eq!(of_child(&lines("forks")), 20);
    let off = [("FFITYPECHECK_PRELOAD_CHILDREN", "off")];
    assert_eq!(of_child(&said("caller", "forks", &off)), 0);
}

#[test]
fn a_call_from_a_signal_handler_is_not_judged() {
    assert_eq!(lines("signals"), [""; 0]);
    let counted = counted("signals");
    assert_eq!((&counted["calls"], &counted["mismatch"]), (&400.into(), &0.into()));
}

#[test]
fn abort_tells_where_the_call_is() {
    let output = start("caller", "wrong", &[("FFITYPECHECK_PRELOAD", "abort")]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success(), "{text}");
    let (sentence, backtrace) = text.split_once('\n').unwrap();
    assert!(sentence.contains(TWICE), "{text}");
    for function in ["ffi_call", "call", "twice", "wrong", "main"] {
        assert!(backtrace.contains(&format!(": {function}\n")), "{function}: {text}");
    }
}

#[test]
fn count_sums_up_at_the_end() {
    let counted = counted("wrong");
    assert_eq!((&counted["calls"], &counted["mismatch"]), (&2.into(), &1.into()));
    assert_eq!(counted["findings"][0]["calls"], 2);
    let text = said("caller", "wrong", &[("FFITYPECHECK_PRELOAD", "count")]);
    assert!(text[0].starts_with("2 calls through libffi"), "{text:?}");
    assert!(text[1].contains("2 calls: MISMATCH: twice: "), "{text:?}");
}

#[test]
fn lines_go_to_a_file() {
    let file = programs().join("output.json");
    let variables =
        [("FFITYPECHECK_PRELOAD_OUTPUT", "output.json"), ("FFITYPECHECK_PRELOAD_FORMAT", "json")];
    assert_eq!(said("caller", "wrong", &variables), [""; 0]);
    let text = std::fs::read_to_string(file).unwrap();
    let line: serde_json::Value = serde_json::from_str(text.trim_end()).unwrap();
    assert_eq!((&line["record"], &line["verdict"]), (&"finding".into(), &"MISMATCH".into()));
    assert_eq!(
        (&line["rule"], &line["position"]),
        (&"argument-too-narrow".into(), &"argument 1".into())
    );
}

#[test]
fn an_unknown_value_is_complained_about() {
    let told = said("caller", "right", &[("FFITYPECHECK_PRELOAD", "loud")]);
    assert_eq!(told, ["ffitypecheck: FFITYPECHECK_PRELOAD is not one of log, abort, count"]);
}
