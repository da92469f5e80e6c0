//! Whether a shell waits for this program: one that stops itself where nobody waits stays stopped.

use rustix::process::{Pid, getpgid, getsid};

/// Somebody in this session may continue what is stopped here. By POSIX's rule of orphaned groups:
/// the first ancestor outside of our process group must be in our session.
pub(super) fn somebody_waits() -> bool {
    let (Ok(group), Ok(session)) = (getpgid(None), getsid(None)) else {
        return false;
    };
    let mut ancestor = rustix::process::getppid();
    // As long as scripts and wrappers go, with a bound.
    for _ in 0..64 {
        let Some(pid) = ancestor else {
            return false;
        };
        match (getpgid(Some(pid)), getsid(Some(pid))) {
            (Ok(other), _) if other == group => ancestor = parent_of(pid),
            (Ok(_), Ok(other)) => return other == session,
            (Ok(_) | Err(_), Ok(_) | Err(_)) => return false,
        }
    }
    false
}

/// Only Linux tells of others' parents; elsewhere a wrapper's own shell is taken to wait.
fn parent_of(pid: Pid) -> Option<Pid> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    // The name in brackets may hold anything.
    let (_, fields) = stat.rsplit_once(") ")?;
    Pid::from_raw(fields.split(' ').nth(1)?.parse().ok()?)
}
