//! Working memory of each thread, kept from one call to the next.

use std::cell::RefCell;

/// Numbers in a line of the cache; scratch memory begins at one.
const LINE: usize = 16;

thread_local! {
    /// As large as the largest use of this thread so far.
    static SCRATCH: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// Runs `work` with `len` numbers of scratch memory, of unspecified content.
pub(in crate::train) fn with_scratch<T>(len: usize, work: impl FnOnce(&mut [f32]) -> T) -> T {
    SCRATCH.with_borrow_mut(|scratch| {
        if scratch.len() < len + LINE {
            scratch.resize(len + LINE, 0.0);
        }
        let start = scratch.as_ptr().align_offset(LINE * size_of::<f32>()).min(LINE);
        work(&mut scratch[start..start + len])
    })
}
