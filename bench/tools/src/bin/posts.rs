//! `posts PORT FILE CONNECTIONS`: posts the requests of a file to 127.0.0.1, each once, over so many connections, and
//! prints what that took as JSON. In the file a request stands whole behind its length, four bytes, the most
//! significant first.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

fn main() -> io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [port, file, connections] = &args[..] else { return Err(wrong("posts PORT FILE CONNECTIONS")) };
    let port: u16 = port.parse().map_err(|_| wrong("the port is none"))?;
    let connections: usize = connections.parse().map_err(|_| wrong("the number of connections is none"))?;
    let bytes = std::fs::read(file)?;
    let requests = split(&bytes)?;
    let (next, waits) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(requests.len())));
    let began = Instant::now();
    std::thread::scope(|scope| {
        let lanes: Vec<_> = (0..connections).map(|_| scope.spawn(|| lane(port, &requests, &next, &waits))).collect();
        lanes.into_iter().try_for_each(|lane| lane.join().map_err(|_| wrong("a lane broke down"))?)
    })?;
    let seconds = began.elapsed().as_secs_f64();
    let mut waits = waits.into_inner().map_err(|_| wrong("a lane broke down"))?;
    waits.sort_unstable();
    let at = |part: f64| waits[((waits.len() - 1) as f64 * part) as usize] as f64 / 1e3;
    let (number, half, late) = (waits.len(), at(0.5), at(0.99));
    println!("{{\"requests\": {number}, \"seconds\": {seconds:.4}, \"p50_ms\": {half:.3}, \"p99_ms\": {late:.3}}}");
    Ok(())
}

fn wrong(why: &str) -> io::Error {
    io::Error::other(why.to_owned())
}

fn split(mut bytes: &[u8]) -> io::Result<Vec<&[u8]>> {
    let mut requests = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        let (request, rest) = rest.split_at_checked(length).ok_or_else(|| wrong("the file is cut"))?;
        requests.push(request);
        bytes = rest;
    }
    Ok(requests)
}

/// Posts whatever nobody else has, one after the other; an answer that is neither 2xx nor 3xx ends everything.
fn lane(port: u16, requests: &[&[u8]], next: &AtomicUsize, waits: &Mutex<Vec<u64>>) -> io::Result<()> {
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_nodelay(true)?;
    let (mut reader, mut own) = (BufReader::new(stream), Vec::new());
    while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
        let began = Instant::now();
        reader.get_mut().write_all(request)?;
        answer(&mut reader)?;
        own.push(began.elapsed().as_micros() as u64);
    }
    waits.lock().map_err(|_| wrong("a lane broke down"))?.extend(own);
    Ok(())
}

fn answer(reader: &mut BufReader<TcpStream>) -> io::Result<()> {
    let (mut line, mut length) = (String::new(), 0);
    reader.read_line(&mut line)?;
    if !["HTTP/1.1 2", "HTTP/1.1 3"].iter().any(|good| line.starts_with(good)) {
        return Err(wrong(&format!("the answer is {line}")));
    }
    while line.trim() != "" {
        line.clear();
        reader.read_line(&mut line)?;
        let header = line.to_ascii_lowercase();
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(|_| wrong("the length is none"))?;
        }
    }
    reader.read_exact(&mut vec![0; length])
}
