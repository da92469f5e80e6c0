//! Whether a shell waits for this program: one that stops itself where nobody waits stays stopped.
//!
//! Ids are plain numbers here: 0 stands for a process outside of this container, which the typed
//! ids of a library cannot tell.

/// What decides who may continue whom.
#[derive(Clone, Copy)]
struct Process {
    parent: i32,
    group: i32,
    session: i32,
}

/// Somebody in this session may continue what is stopped here.
pub(super) fn somebody_waits() -> bool {
    i32::try_from(std::process::id()).is_ok_and(|own| waited_for(own, process))
}

/// By POSIX's rule of orphaned groups: the first ancestor outside of our process group must be in
/// our session.
fn waited_for(own: i32, process: impl Fn(i32) -> Option<Process>) -> bool {
    let Some(Process { parent: mut ancestor, group, session }) = process(own) else {
        return false;
    };
    // As long as scripts and wrappers go, with a bound.
    for _ in 0..64 {
        match process(ancestor) {
            Some(other) if other.group == group => ancestor = other.parent,
            Some(other) => return other.session == session,
            None => return false,
        }
    }
    false
}

#[cfg(target_os = "linux")]
fn process(pid: i32) -> Option<Process> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in brackets may hold anything.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut ids = fields.split(' ').skip(1).map_while(|field| field.parse().ok());
    Some(Process { parent: ids.next()?, group: ids.next()?, session: ids.next()? })
}

/// Other systems tell nobody's parent but ours, and have no containers of processes.
#[cfg(not(target_os = "linux"))]
fn process(pid: i32) -> Option<Process> {
    use rustix::process::{Pid, getpgid, getpid, getppid, getsid};
    let pid = Pid::from_raw(pid)?;
    let parent = (pid == getpid()).then(getppid).flatten();
    Some(Process {
        parent: parent.map_or(0, |parent| parent.as_raw_nonzero().get()),
        group: getpgid(Some(pid)).ok()?.as_raw_nonzero().get(),
        session: getsid(Some(pid)).ok()?.as_raw_nonzero().get(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who waits for process 30, given rows of pid, parent, group and session.
    fn waits(table: &[(i32, i32, i32, i32)]) -> bool {
        waited_for(30, |pid| {
            let (_, parent, group, session) = *table.iter().find(|row| row.0 == pid)?;
            Some(Process { parent, group, session })
        })
    }

    #[test]
    fn a_shell_of_our_session_waits_and_nobody_else() {
        assert!(waits(&[(30, 20, 30, 20), (20, 10, 20, 20)]), "a shell");
        assert!(waits(&[(30, 25, 25, 20), (25, 20, 25, 20), (20, 10, 20, 20)]), "a script of one");
        assert!(!waits(&[(30, 10, 30, 30), (10, 1, 10, 10)]), "a terminal's own command");
        assert!(!waits(&[(30, 29, 29, 29), (29, 10, 29, 29), (10, 1, 10, 10)]), "sh -c of it");
        assert!(!waits(&[]), "a system that tells nothing");
    }

    /// In a container the leaders may be outside: they are 0 to us.
    #[test]
    fn who_is_outside_of_the_container_is_nobody() {
        assert!(!waits(&[(30, 0, 30, 30)]), "exec in a container");
        assert!(!waits(&[(30, 20, 30, 30), (20, 1, 0, 0), (1, 0, 1, 1)]), "a leader outside");
        assert!(waits(&[(30, 20, 30, 0), (20, 1, 20, 0)]), "a shell whose session began outside");
    }
}
