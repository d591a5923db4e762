//! A program in a scrubbed environment: what it printed, how it ended, and how to end it first.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::tools::tool;

/// A run that takes longer is stuck: it is killed and the test fails with what it had printed.
const PATIENCE: Duration = Duration::from_secs(120);

/// A program about to be started, with no environment but what it is given.
#[derive(Debug, Clone)]
pub struct Program {
    path: PathBuf,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    folder: PathBuf,
    input: Vec<u8>,
    patience: Duration,
}

impl Program {
    pub fn new(path: &Path, folder: &Path) -> Program {
        let (path, folder) = (path.to_owned(), folder.to_owned());
        Program { path, folder, args: Vec::new(), env: Vec::new(), input: Vec::new(), patience: PATIENCE }
    }

    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Program {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Program {
        self.env.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// The current folder of the program.
    pub fn folder(mut self, folder: &Path) -> Program {
        self.folder = folder.to_owned();
        self
    }

    /// What it reads from standard input; nothing unless given.
    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Program {
        self.input = bytes.into();
        self
    }

    /// How long it may run.
    pub fn patience(mut self, patience: Duration) -> Program {
        self.patience = patience;
        self
    }

    /// Runs it on a terminal of its own, on which the input is typed. Both streams are then one: what the
    /// terminal shows is `stdout` of the run.
    pub fn on_terminal(self) -> Program {
        let words = std::iter::once(self.path.as_os_str()).chain(self.args.iter().map(OsString::as_os_str));
        let line: Vec<String> = words.map(|word| quoted(&word.to_string_lossy())).collect();
        let args = ["-q", "-e", "-f", "-c", &line.join(" "), "/dev/null"].map(OsString::from);
        let mut program = Program { path: tool("script"), args: args.into(), ..self };
        program.env.extend([("SHELL".into(), "/bin/sh".into()), ("TERM".into(), "xterm".into())]);
        program
    }

    /// Runs it to its end.
    pub fn run(self) -> Run {
        self.start().finish()
    }

    /// Starts it and goes on.
    pub fn start(self) -> Running {
        let mut command = Command::new(&self.path);
        command.args(&self.args).env_clear().envs(self.env).current_dir(&self.folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|why| panic!("{}: {why}", self.path.display()));
        let mut stdin = child.stdin.take().expect("standard input is a pipe");
        let input = self.input;
        // A program that ends without reading its input breaks the pipe, which is no failure of the test.
        thread::spawn(move || stdin.write_all(&input));
        Running {
            stdout: Some(collect(child.stdout.take().expect("standard output is a pipe"))),
            stderr: Some(collect(child.stderr.take().expect("standard error is a pipe"))),
            child,
            deadline: Instant::now() + self.patience,
        }
    }
}

/// Starts `courant LINE --json`, which goes on after it has printed one line, and gives that line.
pub fn start_and_hear(line: &str, folder: &Path, patience: Duration) -> (Running, Value) {
    let said = tempfile::NamedTempFile::new().expect("there is room for a file");
    let script = format!("exec {} {line} --json > {}", env!("CARGO_BIN_EXE_courant"), said.path().display());
    let program = Program::new(Path::new("/bin/sh"), folder).args(["-c", &script]).env("HOME", folder);
    let mut running = program.start();
    let until = Instant::now() + patience;
    loop {
        let text = std::fs::read_to_string(said.path()).expect("the file is ours");
        if let Some(first) = text.strip_suffix('\n') {
            return (running, serde_json::from_str(first).expect("it prints JSON"));
        }
        if running.is_over() || Instant::now() > until {
            panic!("`courant {line}` did not start\n{}", running.kill());
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// A word that a shell takes as it is.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn collect(mut pipe: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What came before a broken pipe is what there is to show.
        let _ = pipe.read_to_end(&mut bytes);
        bytes
    })
}

/// A program that was started. Dropping it kills it.
pub struct Running {
    child: Child,
    stdout: Option<JoinHandle<Vec<u8>>>,
    stderr: Option<JoinHandle<Vec<u8>>>,
    deadline: Instant,
}

impl Running {
    /// The process id, for the lock file and for signals.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn is_over(&mut self) -> bool {
        self.child.try_wait().expect("our own child can be asked").is_some()
    }

    /// SIGKILL: no chance to tidy up.
    pub fn kill(mut self) -> Run {
        // It may have ended in the meantime; that is a way to be over, too.
        let _ = self.child.kill();
        self.finish()
    }

    /// Any other signal, by its name: `INT`, `TERM`, `STOP`, `CONT`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new(tool("kill")).arg("-s").arg(name).arg(self.id().to_string()).status();
        assert!(sent.expect("kill starts").success(), "SIG{name} did not reach the program");
    }

    /// Waits until it is over.
    pub fn finish(mut self) -> Run {
        let status = self.wait();
        let text = |pipe: Option<JoinHandle<Vec<u8>>>| {
            let bytes = pipe.expect("a run is finished once").join().expect("a pipe is read without panic");
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let (stdout, stderr) = (text(self.stdout.take()), text(self.stderr.take()));
        let Some(status) = status else { panic!("it did not end in time\n{stdout}\n{stderr}") };
        Run { code: status.code(), stdout, stderr }
    }

    /// The status, or `None` where it had to be killed because it took too long.
    fn wait(&mut self) -> Option<ExitStatus> {
        loop {
            if let Some(status) = self.child.try_wait().expect("our own child can be waited for") {
                return Some(status);
            }
            if Instant::now() > self.deadline {
                let _ = self.child.kill();
                let _ = self.child.wait();
                return None;
            }
            thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only where it is over already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How a program ended and what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// `None` where a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// Fails the test, with all that was printed, unless it ended with this code.
    #[track_caller]
    pub fn expect_code(self, code: i32) -> Run {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// Fails the test unless it went well.
    #[track_caller]
    pub fn ok(self) -> Run {
        self.expect_code(0)
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|why| panic!("no JSON: {why}\n{self}"))
    }

    /// Fails the test unless standard error holds the text.
    #[track_caller]
    pub fn says(&self, text: &str) -> &Run {
        assert!(self.stderr.contains(text), "standard error does not say `{text}`\n{self}");
        self
    }

    /// Fails the test unless standard output holds the text.
    #[track_caller]
    pub fn prints(&self, text: &str) -> &Run {
        assert!(self.stdout.contains(text), "standard output does not hold `{text}`\n{self}");
        self
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code.map_or("a signal".to_owned(), |code| format!("exit code {code}"));
        write!(f, "ended with {code}\n--- stdout\n{}\n--- stderr\n{}", self.stdout, self.stderr)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Program {
        Program::new(Path::new("/bin/sh"), Path::new("/")).args(["-c", script])
    }

    #[test]
    fn a_program_sees_only_the_environment_it_is_given() {
        let run =
            shell("/usr/bin/env; pwd; cat; echo trouble >&2; exit 3").env("A", "b").input("typed").run();
        let run = run.expect_code(3);
        run.prints("A=b").prints("/\ntyped").says("trouble");
        assert!(!run.stdout.contains("CARGO"), "{run}");
    }

    #[test]
    fn a_killed_program_has_no_exit_code_and_keeps_what_it_printed() {
        let mut running = shell("echo here; exec /bin/sleep 60").folder(Path::new("/tmp")).start();
        thread::sleep(Duration::from_millis(200));
        assert!(running.id() > 1 && !running.is_over());
        let run = running.kill();
        assert_eq!((run.code, run.stdout.as_str()), (None, "here\n"));
    }

    #[test]
    fn a_signal_can_be_caught() {
        let running =
            shell("trap 'echo caught; exit 7' USR1; echo ready; while :; do /bin/sleep 0.01; done").start();
        thread::sleep(Duration::from_millis(300));
        running.signal("USR1");
        running.finish().expect_code(7).prints("caught");
    }

    #[test]
    fn a_program_on_a_terminal_can_ask_and_be_answered() {
        let asks = shell(r#"test -t 0 && test -t 1 && printf 'sure? ' && read -r it && echo "got $it""#);
        let run = asks.on_terminal().input("yes\n").patience(Duration::from_secs(20)).run().ok();
        run.prints("sure?").prints("got yes");
    }

    #[test]
    fn standard_output_can_be_read_as_json() {
        assert_eq!(shell(r#"echo '{"a": 1}'"#).run().ok().json()["a"], 1);
    }
}
