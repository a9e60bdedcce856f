//! Reads past the kernel's cache of file pages (O_DIRECT).
//!
//! The kernel keeps what it reads, and lets go of something else for it. Of a read that
//! is larger than the memory nothing is left for the next one, and to go through the
//! cache is most of its CPU time. What is there already is still taken from the cache.
use super::stream;
use std::collections::hash_map::RandomState;
use std::fs::{File, OpenOptions};
use std::hash::BuildHasher;
use std::io::{Error, ErrorKind, Result};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileExt, OpenOptionsExt};

/// Less than this is read as always.
pub const LEAST: usize = 1 << 20;
/// Where reads begin and end: no file system asks for more.
const ALIGN: u64 = 4096;
/// Bytes that are read at once.
const BOUNCE: usize = 4 << 20;

/// A file that was opened for such reads, for one thread.
pub struct Direct {
    file: File,
    /// the same file, to ask what is cached
    probe: File,
    bounce: Bounce,
    random: RandomState,
    fails: bool,
}

impl Direct {
    /// Open the very file that is open already. Not every file system can.
    pub fn of(file: &File) -> Result<Self> {
        let path = format!("/proc/self/fd/{}", file.as_raw_fd());
        let direct = OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_DIRECT)
            .open(&path)?;
        let probe = File::open(&path)?;
        // SAFETY: the descriptor is open; this only keeps a probe from reading ahead
        unsafe { libc::posix_fadvise(probe.as_raw_fd(), 0, 0, libc::POSIX_FADV_RANDOM) };
        Ok(Self {
            file: direct,
            probe,
            bounce: Bounce::new(),
            random: RandomState::new(),
            fails: false,
        })
    }

    /// Fill the first bytes of `out`, and say how many. The rest has to be read by the
    /// cache: because it is there, because the file ends, or because this failed.
    pub fn read(&mut self, offset: u64, out: &mut [u8]) -> usize {
        if self.fails || self.is_cached(offset, out.len()) {
            return 0;
        }
        self.fill(offset, out)
    }

    fn fill(&mut self, offset: u64, out: &mut [u8]) -> usize {
        let mut done = 0;
        while done < out.len() {
            let at = offset + done as u64;
            let skip = (at % ALIGN) as usize;
            let wanted = (skip + out.len() - done).min(BOUNCE);
            let length = wanted.next_multiple_of(ALIGN as usize);
            let bytes = &mut self.bounce.bytes()[..length];
            let got = match self.file.read_at(bytes, at - skip as u64) {
                Ok(got) => got.min(wanted),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => {
                    self.fails = true;
                    break;
                }
            };
            if got > skip {
                let count = got - skip;
                stream::copy(&bytes[skip..got], &mut out[done..done + count]);
                done += count;
            }
            if got < wanted {
                break;
            }
        }
        stream::fence();
        done
    }

    /// Whether one of the pages, any one, is cached. To ask makes it so: the next time
    /// another one is asked for.
    fn is_cached(&self, offset: u64, length: usize) -> bool {
        let inside = self.random.hash_one(offset) % length.max(1) as u64;
        let at = offset.saturating_add(inside);
        let mut byte = 0u8;
        let one = libc::iovec {
            iov_base: (&raw mut byte).cast(),
            iov_len: 1,
        };
        // SAFETY: there is one byte of room
        let got =
            unsafe { libc::preadv2(self.probe.as_raw_fd(), &one, 1, at as i64, libc::RWF_NOWAIT) };
        got >= 0 || Error::last_os_error().kind() != ErrorKind::WouldBlock
    }
}

/// Memory in large pages: in small ones such a read is slower than one by the cache.
struct Bounce(Vec<u8>);

impl Bounce {
    const PAGE: usize = 2 << 20;

    fn new() -> Self {
        let mut made = Self(Vec::with_capacity(BOUNCE + Self::PAGE));
        let start = made.0.as_mut_ptr();
        let skip = start.align_offset(Self::PAGE);
        // SAFETY: the range is inside the vector; advice changes no contents
        unsafe { libc::madvise(start.add(skip).cast(), BOUNCE, libc::MADV_HUGEPAGE) };
        made.0.resize(BOUNCE + Self::PAGE, 0);
        made
    }

    fn bytes(&mut self) -> &mut [u8] {
        let skip = self.0.as_ptr().align_offset(Self::PAGE);
        &mut self.0[skip..skip + BOUNCE]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn file(length: usize) -> (File, Vec<u8>) {
        let path = std::env::temp_dir().join(format!(
            "daisy-direct-{}-{length}",
            RandomState::new().hash_one(length)
        ));
        let bytes: Vec<u8> = (0..length).map(|i| (i / 7 * 31) as u8).collect();
        let mut made = File::create_new(&path).unwrap();
        made.write_all(&bytes).unwrap();
        made.sync_all().unwrap();
        let file = File::open(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        // SAFETY: the descriptor is open
        unsafe { libc::posix_fadvise(file.as_raw_fd(), 0, 0, libc::POSIX_FADV_DONTNEED) };
        (file, bytes)
    }

    #[test]
    fn what_is_read_is_what_the_file_holds_up_to_its_end() {
        let length = 9_000_001;
        let (file, bytes) = file(length);
        let Ok(mut direct) = Direct::of(&file) else {
            return; // the file system of temporary files cannot
        };
        for offset in [0usize, 1, 2048, 4096, 4097, 700_000] {
            for wanted in [
                1usize,
                4095,
                4096,
                BOUNCE - 1,
                BOUNCE,
                BOUNCE + 4097,
                length,
            ] {
                let mut out = vec![0xaa; wanted + 3];
                let there = wanted.min(length - offset);
                let done = direct.fill(offset as u64, &mut out[3..]);
                assert_eq!(done, there);
                assert_eq!(out[3..3 + done], bytes[offset..offset + done]);
                assert!(out[3 + done..].iter().all(|&b| b == 0xaa));
            }
        }
    }

    #[test]
    fn what_cannot_be_read_so_is_left_to_the_cache() {
        let (file, bytes) = file(3_000_000);
        let Ok(mut direct) = Direct::of(&file) else {
            return;
        };
        direct.file = OpenOptions::new().write(true).open("/dev/null").unwrap();
        let mut out = vec![0xaa; bytes.len()];
        assert_eq!(direct.fill(0, &mut out), 0);
        assert!(direct.fails);
        assert_eq!(direct.read(0, &mut out), 0);
        assert!(out.iter().all(|&b| b == 0xaa));
    }
}
