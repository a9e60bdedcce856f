//! The threads of this process: some read, some compute; made anew after a fork.
//!
//! They are two pools because a read may wait for a disk, or for a file server that is
//! away: work in memory must not queue behind it, nor a read behind seconds of work.
//! Rayon's own global pool is not used: its threads are missing in a child, for ever.
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

static READERS: Pool = Pool::new("read");
static COMPUTERS: Pool = Pool::new("compute");

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

/// Keep no more than so many CPUs busy from now on; pools that are there stay as large
/// as they are.
pub fn limit_workers(most: usize) {
    let found = workers().min(most.max(1));
    let me = u64::from(std::process::id());
    WORKERS.store(me << 32 | found as u64, Relaxed);
}

/// The pool that reads and decodes.
pub fn readers() -> Arc<ThreadPool> {
    READERS.get()
}

/// Do `work` in the pool that computes: parallel iterators in there share it out.
pub fn compute<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    COMPUTERS.get().install(work)
}

/// Threads do not survive a fork, so a child gets its own.
struct Pool {
    name: &'static str,
    /// with the process that started the threads
    made: Mutex<Option<(u32, Arc<ThreadPool>)>>,
}

impl Pool {
    const fn new(name: &'static str) -> Self {
        Self {
            name,
            made: Mutex::new(None),
        }
    }

    fn get(&self) -> Arc<ThreadPool> {
        let mut slot = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let me = std::process::id();
        if let Some((owner, pool)) = slot.as_ref() {
            if *owner == me {
                return pool.clone();
            }
        }
        let name = self.name;
        let made = ThreadPoolBuilder::new()
            .num_threads(workers())
            .thread_name(move |i| format!("daisy-{name}-{i}"))
            .build()
            .expect("threads can be started");
        let made = Arc::new(made);
        // the parent's threads are not there to be joined
        std::mem::forget(slot.replace((me, made.clone())));
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
    use std::time::{Duration, Instant};

    #[test]
    fn a_read_does_not_queue_behind_work() {
        let was_read = AtomicBool::new(false);
        let busy = || {
            let start = Instant::now();
            while !was_read.load(SeqCst) && start.elapsed() < Duration::from_secs(20) {
                std::thread::yield_now();
            }
            was_read.load(SeqCst)
        };

        let seen = std::thread::scope(|scope| {
            let work = scope.spawn(|| compute(|| rayon::broadcast(|_| busy())));
            readers().install(|| was_read.store(true, SeqCst));
            work.join().expect("no panic")
        });

        assert_eq!(seen, vec![true; workers()]);
    }
}
