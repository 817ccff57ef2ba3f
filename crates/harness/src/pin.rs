//! Keeping a thread on one processor.

use crate::RunError;

/// The highest processor that this process may use: the lowest ones serve more interrupts. `None` where that cannot be
/// known.
#[must_use]
pub fn last_allowed_cpu() -> Option<u32> {
    #[cfg(target_os = "linux")]
    {
        let allowed = rustix::thread::sched_getaffinity(None).ok()?;
        let cpu = (0..rustix::thread::CpuSet::MAX_CPU).rev().find(|&cpu| allowed.is_set(cpu))?;
        u32::try_from(cpu).ok()
    }
    #[cfg(not(target_os = "linux"))]
    None
}

/// The calling thread stays on one processor as long as this lives.
#[derive(Debug)]
pub(crate) struct Pinned {
    #[cfg(target_os = "linux")]
    before: Option<rustix::thread::CpuSet>,
}

#[cfg(target_os = "linux")]
impl Pinned {
    /// Pins the thread to that processor; `None` leaves it where it is.
    pub(crate) fn to(cpu: Option<u32>) -> Result<Self, RunError> {
        use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
        let Some(cpu) = cpu else { return Ok(Self { before: None }) };
        let refused = |reason: String| RunError::Pin { cpu, reason };
        let before = sched_getaffinity(None).map_err(|error| refused(error.to_string()))?;
        let index = usize::try_from(cpu).ok().filter(|&cpu| cpu < CpuSet::MAX_CPU);
        let index = index.filter(|&index| before.is_set(index)).ok_or_else(|| {
            let allowed: Vec<_> = (0..CpuSet::MAX_CPU)
                .filter(|&cpu| before.is_set(cpu))
                .map(|cpu| cpu.to_string())
                .collect();
            refused(format!("this process may use {}", allowed.join(", ")))
        })?;
        let mut alone = CpuSet::new();
        alone.set(index);
        sched_setaffinity(None, &alone).map_err(|error| refused(error.to_string()))?;
        Ok(Self { before: Some(before) })
    }
}

#[cfg(target_os = "linux")]
impl Drop for Pinned {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            // A thread that cannot go back stays where it is; nothing depends on it any more.
            let _ = rustix::thread::sched_setaffinity(None, before);
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl Pinned {
    /// Pinning is known on Linux only.
    pub(crate) fn to(cpu: Option<u32>) -> Result<Self, RunError> {
        match cpu {
            None => Ok(Self {}),
            Some(cpu) => {
                Err(RunError::Pin { cpu, reason: "this system offers no way to do it".into() })
            }
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::thread::sched_getaffinity;

    use super::*;

    #[test]
    fn a_thread_is_pinned_for_a_while_and_to_its_own_processors_only() {
        let before = sched_getaffinity(None).unwrap();
        let pinned = Pinned::to(last_allowed_cpu()).unwrap();
        assert_eq!(sched_getaffinity(None).unwrap().count(), 1);
        drop(pinned);
        assert_eq!(sched_getaffinity(None).unwrap(), before);
        let error = Pinned::to(Some(100_000)).unwrap_err().to_string();
        assert!(error.starts_with(
            "cannot pin the timed replays to processor 100000: this process may use "
        ));
    }
}
