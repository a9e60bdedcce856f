//! One pool of threads for the process, made anew after a fork.
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

static POOL: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);

/// What `workers` found, and the process that asked.
static WORKERS: AtomicU64 = AtomicU64::new(0);

/// Threads that this process may keep busy: its CPUs, by affinity and cgroup, when it
/// first asked. Finding out reads several files, which takes as long as a short read.
pub fn workers() -> usize {
    let me = std::process::id();
    let known = WORKERS.load(Relaxed);
    if (known >> 32) as u32 == me {
        return (known & 0xffff_ffff) as usize;
    }
    let found = std::thread::available_parallelism().map_or(1, usize::from);
    WORKERS.store(u64::from(me) << 32 | found as u64, Relaxed);
    found
}

/// The pool. Threads do not survive a fork, so a child gets its own.
pub fn pool() -> Arc<ThreadPool> {
    let mut slot = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    let me = std::process::id();
    if let Some((owner, pool)) = slot.as_ref() {
        if *owner == me {
            return pool.clone();
        }
    }
    let made = ThreadPoolBuilder::new()
        .num_threads(workers())
        .thread_name(|i| format!("daisy-{i}"))
        .build()
        .expect("threads can be started");
    let made = Arc::new(made);
    // the parent's threads are not there to be joined
    std::mem::forget(slot.replace((me, made.clone())));
    made
}
