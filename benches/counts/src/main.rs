//! The nanoseconds of each question: one line with its name, as benches/counts.rs has it, and the median of 101 measurements.

use std::hint::black_box;
use std::time::Instant;

use ffitypecheck_counts::{claim, describe, first_lookup, free, libz, loaded, Call};

/// `turns` take less than a slice of the scheduler, so that the median is of undisturbed measurements.
fn time(name: &str, turns: u32, mut ask: impl FnMut()) {
    let mut measured: Vec<u128> = (0..101)
        .map(|_| {
            let start = Instant::now();
            (0..turns).for_each(|_| ask());
            start.elapsed().as_nanos() / u128::from(turns)
        })
        .collect();
    measured.sort_unstable();
    println!("{name} {}", measured[50]);
}

fn main() {
    let mut call = Call::known("full");
    time("check known", 100, || call.check());
    let handle = loaded("full");
    time("describe_again known", 10, || free(describe(black_box(handle))));
    for form in ["full", "slim"] {
        let path = libz(form);
        time(&format!("describe_first {form}"), 1, || drop(first_lookup(black_box(&path))));
    }
    let declaration = first_lookup(&libz("full"));
    time("check_claim built", 1, || {
        black_box(claim(black_box(&declaration)));
    });
}
