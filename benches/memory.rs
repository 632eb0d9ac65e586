//! Memory: bytes that a binding takes in a cluster, all copies, metadata and the index included.
//! A program of its own, since counting slows every allocation down.

#![cfg_attr(
    not(target_arch = "wasm32"),
    allow(
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "a benchmark stops at the first surprise"
    )
)]

mod worlds;

use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

fn main() {
    println!("memory of the bindings of a cluster, in bytes per binding");
    for size in worlds::SIZES {
        let parts = worlds::parts(size);
        let count = parts.len();
        let list = worlds::parts(size);
        // The same parts once more without bindings: the difference is theirs.
        let without = ALLOCATOR.current_usage();
        let copy = list.bindings();
        let plain = ALLOCATOR.current_usage() - without;
        drop(copy);
        let before = ALLOCATOR.current_usage();
        let store = parts.fill();
        // `fill` consumed the list, which weighed `plain`.
        let after = ALLOCATOR.current_usage();
        let bytes = (after + plain).saturating_sub(before);
        println!("{size:>8} bindings: {:>5} in the store, {:>5} as a plain list", bytes / count, plain / count);
        drop(store);
    }
}
