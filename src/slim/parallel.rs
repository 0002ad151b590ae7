//! Work that several threads share.

/// What `each` gives for each of the items, in their order. Each thread has one run of neighbours, because these mostly need the
/// same units.
pub(super) fn map<T: Sync, R: Send>(
    threads: usize,
    items: &[T],
    each: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let share = items.len().div_ceil(threads.max(1));
    if threads < 2 || share < SMALLEST {
        return items.iter().map(each).collect();
    }
    let run = |items: &[T]| items.iter().map(&each).collect::<Vec<R>>();
    let mut chunks = items.chunks(share);
    let first = chunks.next().unwrap_or_default();
    std::thread::scope(|scope| {
        let others: Vec<_> = chunks.map(|chunk| scope.spawn(|| run(chunk))).collect();
        let mut results = run(first);
        for other in others {
            match other.join() {
                Ok(more) => results.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    })
}

/// Both, at the same time where there is more than one thread.
pub(super) fn both<R>(
    threads: usize,
    first: impl FnOnce() -> R,
    second: impl FnOnce() + Send,
) -> R {
    if threads < 2 {
        second();
        return first();
    }
    std::thread::scope(|scope| {
        let other = scope.spawn(second);
        let result = first();
        match other.join() {
            Ok(()) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Fewer items are not worth a thread.
const SMALLEST: usize = 16;

#[cfg(test)]
mod tests {
    use super::map;

    #[test]
    fn the_order_is_kept() {
        let items: Vec<u64> = (0..1000).collect();
        let expected: Vec<u64> = items.iter().map(|item| item * 3).collect();
        for threads in [0, 1, 2, 3, 7, 64, 2000] {
            assert_eq!(map(threads, &items, |item| item * 3), expected);
        }
        assert!(map(4, &[0_u64; 0], |item| *item).is_empty());
    }
}
