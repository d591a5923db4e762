//! The programs that `tests/setup` installs, and how to start those that stay.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Where Debian keeps the programs the tests need; the `PATH` of the caller plays no part.
const FOLDERS: [&str; 5] = ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/bin"];

/// How long a server may take until it listens: generous, for a machine that compiles at the same time.
const START: Duration = Duration::from_secs(30);

/// The path of a program from a Debian package.
pub fn tool(name: &str) -> PathBuf {
    let found = FOLDERS.iter().map(|folder| Path::new(folder).join(name)).find(|path| path.exists());
    found.unwrap_or_else(|| missing(name))
}

/// A path under `tests/.tools`, such as `python/bin/python`.
pub fn installed(path: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/.tools").join(path);
    if !path.exists() {
        missing(&path.display().to_string())
    }
    path
}

/// A path under `tests/it/fixtures`.
pub fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures").join(path)
}

fn missing(what: &str) -> ! {
    panic!("{what} is missing: run tests/setup, which installs it")
}

/// The user the tests run as.
pub fn user_id() -> u32 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells a process about itself");
    let uids = status.lines().find_map(|line| line.strip_prefix("Uid:")).expect("every process has a user");
    uids.split_whitespace().nth(1).and_then(|uid| uid.parse().ok()).expect("the second is the effective one")
}

/// Whether the tests run as root, for whom Postfix's programs behave differently.
pub fn is_root() -> bool {
    user_id() == 0
}

/// A command that needs root: as it is for root, through `sudo` without a question for others.
pub fn as_root(program: &Path) -> Command {
    if is_root() {
        return Command::new(program);
    }
    let mut command = Command::new(tool("sudo"));
    command.arg("-n").arg(program);
    command
}

/// Makes a certificate for `localhost` and `127.0.0.1` at this path; the path of its key. It signs itself, so
/// that a client has to be told to trust it.
pub fn make_certificate(certificate: &Path) -> PathBuf {
    let key = certificate.with_extension("key");
    let mut openssl = Command::new(tool("openssl"));
    openssl.args([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]);
    openssl
        .arg("-config")
        .arg(fixture("certificate.cnf"))
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(certificate);
    let made = openssl.output().expect("openssl starts");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    key
}

/// A port on loopback that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}

/// Waits until somebody listens on the port; `alive` says whether there is still somebody to wait for.
pub fn wait_until_listening(port: u16, mut alive: impl FnMut() -> Result<(), String>) {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let deadline = Instant::now() + START;
    while TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_err() {
        alive().unwrap_or_else(|why| panic!("no server on port {port}: {why}"));
        assert!(Instant::now() < deadline, "no server on port {port} after {START:?}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// A program that runs until it is dropped.
pub struct Daemon {
    child: Child,
}

impl Daemon {
    /// Starts it and waits until it listens on the port.
    pub fn listening_on(port: u16, command: &mut Command) -> Daemon {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        let mut daemon = Daemon { child: child.unwrap_or_else(|why| panic!("{command:?}: {why}")) };
        wait_until_listening(port, || daemon.still_runs());
        daemon
    }

    fn still_runs(&mut self) -> Result<(), String> {
        match self.child.try_wait().expect("our own child can be asked") {
            None => Ok(()),
            Some(status) => Err(format!("it ended with {status}")),
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended by itself, as smtp-sink does after `-M n`; then there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// moto, which plays Amazon for the users of botocore.
pub fn moto() -> (Daemon, String) {
    let port = free_port();
    let mut command = Command::new(installed("python/bin/moto_server"));
    command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
    // It writes a line for every call.
    command.stderr(Stdio::null());
    (Daemon::listening_on(port, &mut command), format!("http://127.0.0.1:{port}"))
}

#[test]
fn a_missing_tool_names_its_remedy() {
    let panic = std::panic::catch_unwind(|| tool("no-such-tool")).expect_err("there is no such tool");
    let message = panic.downcast_ref::<String>().expect("the message is formatted");
    assert!(message.contains("run tests/setup"), "{message}");
}
