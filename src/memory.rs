//! Handles a lack of memory. If an allocation fails, Rust's collections end the process. A library must not do that
//! to its host. So before much memory is allocated on behalf of a file, the allocation is tried ([`probe`]). In the
//! library that `make` builds for C, small allocations come from a reserve.

use std::alloc::Layout;
#[cfg(feature = "capi")]
use std::alloc::{GlobalAlloc, System};

use crate::error::{Error, ErrorKind, Result};

/// Checks that so many bytes can be allocated: by malloc in the library for C, otherwise by the program's allocator.
/// Nothing is kept, and another thread may take them meanwhile.
///
/// Errors: `NoMemory`.
pub(crate) fn probe(bytes: u64) -> Result<()> {
    let size = usize::try_from(bytes).unwrap_or(usize::MAX);
    let layout = Layout::from_size_align(size.max(1), 1).map_err(|_| shortage())?;
    // SAFETY: the size is not 0. The memory is freed at once and not used. Because of `black_box`, the compiler does
    // not see that it is unused, and cannot leave out the two calls.
    unsafe {
        #[cfg(feature = "capi")]
        let place = System.alloc(layout);
        #[cfg(not(feature = "capi"))]
        let place = std::alloc::alloc(layout);
        if std::hint::black_box(place).is_null() {
            return Err(shortage());
        }
        #[cfg(feature = "capi")]
        System.dealloc(place, layout);
        #[cfg(not(feature = "capi"))]
        std::alloc::dealloc(place, layout);
    }
    Ok(())
}

/// Collects the items into a vector whose size depends on a file.
///
/// Errors: `NoMemory`.
#[cfg(feature = "capi")]
pub(crate) fn collect<T>(items: impl ExactSizeIterator<Item = T>) -> Result<Vec<T>> {
    let mut list = Vec::new();
    list.try_reserve_exact(items.len()).map_err(|_| shortage())?;
    list.extend(items);
    Ok(list)
}

fn shortage() -> Error {
    Error::new(ErrorKind::NoMemory, "there is not enough memory for this call")
}

/// Checks that a call may begin: enough of the reserve is left for it, or malloc has memory.
///
/// Errors: `NoMemory`.
pub(crate) fn ready() -> Result<()> {
    #[cfg(feature = "capi")]
    if reserve::is_low() {
        return probe(reserve::SIZE as u64);
    }
    Ok(())
}

#[cfg(feature = "capi")]
mod reserve {
    use std::alloc::{GlobalAlloc, Layout, System};
    use std::cell::UnsafeCell;
    use std::ptr::{null_mut, NonNull};
    use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

    /// In bytes. Describing a function takes a tenth of it. It takes no memory until it is used.
    pub const SIZE: usize = 512 << 10;
    const ALIGN: usize = 4096;

    #[repr(align(4096))]
    struct Room(UnsafeCell<[u8; SIZE]>);

    // SAFETY: `take` never hands out a byte twice at the same time.
    unsafe impl Sync for Room {}

    static ROOM: Room = Room(UnsafeCell::new([0; SIZE]));
    /// The number of bytes in use in the high half, and the number of allocations in the low half. When there are no
    /// allocations any more, all of it is free again.
    static STATE: AtomicU64 = AtomicU64::new(0);

    /// Malloc, with the reserve if malloc has no memory.
    struct Allocator;

    #[global_allocator]
    static ALLOCATOR: Allocator = Allocator;

    // SAFETY: memory comes from malloc or from `take`. It is given back to where it came from.
    unsafe impl GlobalAlloc for Allocator {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: as the caller promises.
            let from_malloc = unsafe { System.alloc(layout) };
            if from_malloc.is_null() {
                return take(layout);
            }
            from_malloc
        }

        unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
            if is_inside(place) {
                return give_back();
            }
            // SAFETY: as the caller promises. The memory is malloc's.
            unsafe { System.dealloc(place, layout) }
        }

        unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            if !is_inside(place) {
                // SAFETY: as the caller promises. The memory is malloc's.
                let from_malloc = unsafe { System.realloc(place, layout, size) };
                if !from_malloc.is_null() {
                    return from_malloc;
                }
            }
            // SAFETY: the alignment is that of a layout, and the caller promises that the size fits it.
            let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
            // SAFETY: the size is not 0, as the caller promises.
            let Some(new) = NonNull::new(unsafe { self.alloc(wanted) }) else { return null_mut() };
            // SAFETY: both places have at least that many bytes and do not overlap. The old one is given back once.
            unsafe {
                new.as_ptr().copy_from_nonoverlapping(place, layout.size().min(size));
                self.dealloc(place, layout);
            }
            new.as_ptr()
        }
    }

    pub fn is_low() -> bool {
        (STATE.load(SeqCst) >> 32) as usize > SIZE / 2
    }

    fn is_inside(place: *mut u8) -> bool {
        (place as usize).wrapping_sub(ROOM.0.get() as usize) < SIZE
    }

    fn take(layout: Layout) -> *mut u8 {
        // The reserve begins at a multiple of ALIGN.
        if layout.align() > ALIGN {
            return null_mut();
        }
        let start_of = |state: u64| ((state >> 32) as usize).next_multiple_of(layout.align());
        let taken = STATE.fetch_update(SeqCst, SeqCst, |state| {
            let end = start_of(state).checked_add(layout.size()).filter(|&end| end <= SIZE)?;
            Some((end as u64) << 32 | ((state & 0xffff_ffff) + 1))
        });
        taken.map_or(null_mut(), |before| ROOM.0.get().cast::<u8>().wrapping_add(start_of(before)))
    }

    fn give_back() {
        let _ = STATE.fetch_update(SeqCst, SeqCst, |state| {
            Some(if state & 0xffff_ffff == 1 { 0 } else { state - 1 })
        });
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn what_is_given_back_is_there_again() {
            let layout = Layout::from_size_align(1000, 16).unwrap();
            let first = take(layout);
            let second = take(layout);
            assert!(is_inside(first) && is_inside(second));
            assert!(second as usize - first as usize >= 1000);
            assert_eq!((first as usize % 16, second as usize % 16), (0, 0));
            assert!(take(Layout::from_size_align(SIZE, 1).unwrap()).is_null());
            give_back();
            let third = take(layout);
            assert!(third > second);
            give_back();
            give_back();
            assert_eq!(take(layout), first);
            give_back();
            assert!(!is_inside(std::ptr::from_mut(&mut 0_u8)));
        }
    }
}
