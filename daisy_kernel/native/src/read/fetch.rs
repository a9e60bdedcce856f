//! Positioned reads. A file that is shorter than its table says is an error, never
//! zeros.
use super::direct::{self, Direct};
use super::error::Cause;
use std::cell::RefCell;
use std::fs::File;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Which file a table was made from. Zero stands for "any".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Identity {
    pub inode: u64,
    /// compared for files that nobody ought to change while they are open
    pub size: u64,
    pub modified_ns: i64,
}

/// A file by name, as a table holds it.
#[derive(Debug, Clone)]
pub struct Source {
    pub path: PathBuf,
    pub identity: Identity,
}

/// An open file.
pub struct Open {
    file: File,
    /// made by the first read that wants it; None where it cannot be
    direct: RefCell<Option<Option<Direct>>>,
}

impl Source {
    /// Open, and make sure that it is still the same file.
    pub fn open(&self) -> Result<Open, Cause> {
        let file = File::open(&self.path).map_err(Cause::Open)?;
        let found = file.metadata().map_err(Cause::Open)?;
        let expected = self.identity;
        let modified = found.mtime() * 1_000_000_000 + found.mtime_nsec();
        if (expected.inode != 0 && expected.inode != found.ino())
            || (expected.size != 0 && expected.size != found.size())
            || (expected.modified_ns != 0 && expected.modified_ns != modified)
        {
            return Err(Cause::Replaced);
        }
        Ok(Open {
            file,
            direct: RefCell::default(),
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Open {
    /// Fill `out` from an offset of the file.
    pub fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), Cause> {
        let mut done = 0;
        while done < out.len() {
            match self.file.read_at(&mut out[done..], offset + done as u64) {
                Ok(0) => {
                    return Err(Cause::Short {
                        offset,
                        wanted: out.len() as u64,
                        size: self.file.metadata().map_err(Cause::Io)?.size(),
                    })
                }
                Ok(count) => done += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Cause::Io(error)),
            }
        }
        Ok(())
    }

    /// Fill `out` past the kernel's cache, where it is worth it.
    pub fn read_direct(&self, offset: u64, out: &mut [u8]) -> Result<(), Cause> {
        let mut done = 0;
        if out.len() >= direct::LEAST {
            let mut direct = self.direct.borrow_mut();
            let direct = direct.get_or_insert_with(|| Direct::of(&self.file).ok());
            done = direct.as_mut().map_or(0, |d| d.read(offset, out));
        }
        self.read(offset.saturating_add(done as u64), &mut out[done..])
    }

    /// Whether so many bytes from an offset exist. Asked before memory is given.
    pub fn holds(&self, offset: u64, length: u64) -> Result<(), Cause> {
        let size = self.file.metadata().map_err(Cause::Io)?.size();
        match offset.checked_add(length) {
            Some(end) if end <= size => Ok(()),
            _ => Err(Cause::Short {
                offset,
                wanted: length,
                size,
            }),
        }
    }
}
