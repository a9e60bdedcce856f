//! One pool of threads for the process, made anew after a fork.
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::{Arc, Mutex, PoisonError};

static POOL: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);

/// Threads that this process may keep busy: its CPUs, by affinity and cgroup.
pub fn workers() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
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
