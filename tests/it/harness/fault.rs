//! A fault at one system call of the program, whichever of its threads makes it. `strace -e inject` counts the calls of
//! each thread by itself, so that most of those of the thread that writes the ledger are out of its reach.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::program::Program;
use super::tools::{fixture, tool};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// To a file.
    Write,
    /// To a socket.
    Send,
    /// fsync or fdatasync.
    Sync,
}

impl Call {
    fn name(self) -> &'static str {
        match self {
            Call::Write => "write",
            Call::Send => "send",
            Call::Sync => "sync",
        }
    }
}

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    Kill,
    KillAfter,
    /// This call and all that follow end with this `errno`.
    Fail(i32),
    /// From this call on, every write to a file and every sync ends with this `errno`.
    FailDisk(i32),
    /// From this call on the clock of the day is so many seconds later, or earlier.
    StepClock(i64),
}

pub const EIO: i32 = 5;
pub const ENOSPC: i32 = 28;

impl Deed {
    fn setting(self) -> String {
        match self {
            Deed::Kill => "kill".to_owned(),
            Deed::KillAfter => "kill-after".to_owned(),
            Deed::Fail(errno) => format!("fail:{errno}"),
            Deed::FailDisk(errno) => format!("disk:{errno}"),
            Deed::StepClock(seconds) => format!("clock:{seconds}"),
        }
    }
}

/// The n-th call of its kind, from 1, and what happens there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    pub call: Call,
    pub at: usize,
    pub deed: Deed,
}

impl Program {
    /// With a fault; `seen` is made as it happens.
    pub fn fault(self, fault: Fault, seen: &Path) -> Program {
        self.env("LD_PRELOAD", hook())
            .env("FAULT_CALL", fault.call.name())
            .env("FAULT_AT", fault.at.to_string())
            .env("FAULT_DO", fault.deed.setting())
            .env("FAULT_SEEN", seen)
    }
}

/// The hook, built once for all tests.
fn hook() -> &'static Path {
    static HOOK: OnceLock<PathBuf> = OnceLock::new();
    HOOK.get_or_init(|| {
        let name = format!("fault_hook-{}.so", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let mut compiler = Command::new(tool("cc"));
        compiler.args(["-O1", "-shared", "-fPIC", "-Wall", "-Werror", "-o"]).arg(&path);
        compiler.arg(fixture("fault_hook.c")).arg("-ldl");
        let made = compiler.output().expect("cc starts");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        path
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copies(fault: Fault, folder: &Path) -> Option<i32> {
        let seen = folder.join("seen");
        let script = "exec /bin/dd if=/dev/zero of=copy bs=100 count=5 conv=fsync status=none";
        let program = Program::new(Path::new("/bin/sh"), folder).args(["-c", script]);
        program.fault(fault, &seen).run().code
    }

    #[test]
    fn a_fault_happens_at_its_call_and_not_before() {
        let size = |deed, at| {
            let folder = tempfile::tempdir().unwrap();
            let code = copies(Fault { call: Call::Write, at, deed }, folder.path());
            let copied = std::fs::metadata(folder.path().join("copy")).map(|data| data.len()).unwrap_or(0);
            (code, copied, folder.path().join("seen").exists())
        };
        assert_eq!(size(Deed::Kill, 3), (None, 200, true));
        assert_eq!(size(Deed::KillAfter, 3), (None, 300, true));
        assert_eq!(size(Deed::Fail(ENOSPC), 2), (Some(1), 100, true));
        assert_eq!(size(Deed::Kill, 99), (Some(0), 500, false));
    }

    #[test]
    fn the_clock_jumps_and_a_sync_can_fail() {
        let folder = tempfile::tempdir().unwrap();
        let fault = Fault { call: Call::Sync, at: 1, deed: Deed::Fail(EIO) };
        assert_eq!(copies(fault, folder.path()), Some(1));
        let script = "echo >a; echo >b; exec /bin/date +%Y";
        let program = Program::new(Path::new("/bin/sh"), folder.path()).args(["-c", script]);
        let fault = Fault { call: Call::Write, at: 1, deed: Deed::StepClock(40 * 365 * 86_400) };
        let run = program.fault(fault, &folder.path().join("never")).run().ok();
        assert!(run.stdout.starts_with("20"), "another process has another count: {run}");
    }
}
