//! The process as a person meets it: environment, folder, streams, questions.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use crate::commands::{Colour, Plain};

impl Colour {
    /// Whether to colour what goes to `stream`; `auto` asks the terminal, `NO_COLOR` and `CLICOLOR_FORCE`.
    pub fn wanted(self, stream: &impl anstream::stream::RawStream) -> bool {
        match self {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => anstream::AutoStream::choice(stream) != anstream::ColorChoice::Never,
        }
    }
}

/// Makes DIR of `-C DIR` the current folder.
pub fn enter(directory: &Path) -> Result<(), Plain> {
    std::env::set_current_dir(directory).map_err(|error| Plain {
        message: format!("`-C {}`: the folder cannot be entered: {error}", directory.display()),
        help: Some("name a folder that is there".to_owned()),
    })
}

pub fn no_threads(error: &io::Error) -> Plain {
    let message = format!("the system gives no threads to work with: {error}");
    Plain { message, help: Some("close other programs, or raise the limit (`ulimit -u`)".to_owned()) }
}

/// The environment as a map; names and values that are not Unicode are none of ours.
pub fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Writes to standard error; there is nobody to tell if even that fails.
pub fn say_always(text: &str) {
    let mut stream = io::stderr().lock();
    let _ = writeln!(stream, "{text}");
}

/// Whether there is a person to ask: standard input and standard error are terminals.
pub fn is_attended() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Writes a file that must not be there yet; an existing one stays as it is and is an error.
pub fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all())
}

/// Asks on standard error and reads one line of standard input.
pub fn ask(question: &str) -> Result<String, Plain> {
    let broken = |error: io::Error| {
        Plain::new(format!("no answer could be read: {error}"), "say it with a flag; `--help` lists them")
    };
    let mut stream = io::stderr().lock();
    write!(stream, "{question}").and_then(|()| stream.flush()).map_err(broken)?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(broken)?;
    Ok(answer.trim().to_owned())
}

/// Writes bytes to standard output. A reader that went away (`| head`) is no failure.
pub fn write_out(bytes: &[u8]) -> Result<(), Plain> {
    write_result(bytes, false)
}

pub(super) fn write_result(bytes: &[u8], end_line: bool) -> Result<(), Plain> {
    let mut stream = io::stdout().lock();
    let end: &[u8] = if end_line && !bytes.ends_with(b"\n") { b"\n" } else { b"" };
    let written = stream.write_all(bytes).and_then(|()| stream.write_all(end)).and_then(|()| stream.flush());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let message = format!("the result could not be written: {error}");
            Err(Plain::new(message, "see that there is room where standard output goes"))
        }
        _ => Ok(()),
    }
}
