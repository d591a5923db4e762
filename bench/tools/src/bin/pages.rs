//! `pages PORT MILLISECONDS`: a web server on every address of loopback that answers each request so late,
//! paths that begin with `/gone` with 404. It keeps connections open, and stops when its standard input ends.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

fn main() -> io::Result<()> {
    let args: Vec<u64> = std::env::args().skip(1).filter_map(|arg| arg.parse().ok()).collect();
    let [port, late] = args[..] else { return Err(io::Error::other("pages PORT MILLISECONDS")) };
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port as u16))?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || serve(stream, Duration::from_millis(late)));
        }
    });
    io::stdin().read_to_end(&mut Vec::new()).map(|_| ())
}

/// A client that leaves ends it.
fn serve(stream: TcpStream, late: Duration) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let request = head(&mut reader)?;
        thread::sleep(late);
        let path = request.split(' ').nth(1).unwrap_or_default();
        let status = if path.starts_with("/gone") { "404 Not Found" } else { "200 OK" };
        let body = if request.starts_with("HEAD") { "" } else { "<title>page</title>\n" };
        let reply = format!("HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: 20\r\n\r\n{body}");
        reader.get_mut().write_all(reply.as_bytes()).ok()?;
    }
}

/// The request line; its headers are read over.
fn head(reader: &mut BufReader<TcpStream>) -> Option<String> {
    let mut request = String::new();
    reader.read_line(&mut request).ok().filter(|read| *read > 0)?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        if line.trim().is_empty() {
            return Some(request);
        }
    }
}
