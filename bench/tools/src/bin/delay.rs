//! `delay PORT TO_PORT MILLISECONDS`: a relay that holds every byte so long, each way. It stops when its
//! standard input ends.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

fn main() -> io::Result<()> {
    let args: Vec<u64> = std::env::args().skip(1).filter_map(|arg| arg.parse().ok()).collect();
    let [port, to, delay] = args[..] else { return Err(io::Error::other("delay PORT TO_PORT MILLISECONDS")) };
    let (port, to) = (port as u16, to as u16);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    thread::spawn(move || {
        for near in listener.incoming().flatten() {
            // A connection that cannot be made further on is closed by being dropped.
            let _ = join(near, to, Duration::from_millis(delay));
        }
    });
    io::stdin().read_to_end(&mut Vec::new()).map(|_| ())
}

fn join(near: TcpStream, to: u16, delay: Duration) -> io::Result<()> {
    let far = TcpStream::connect((Ipv4Addr::LOCALHOST, to))?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    carry(near.try_clone()?, far.try_clone()?, delay);
    carry(far, near, delay);
    Ok(())
}

/// Bytes keep their distance in time: reading never waits for writing.
fn carry(from: TcpStream, to: TcpStream, delay: Duration) {
    let (sender, receiver) = channel();
    thread::spawn(move || read(from, &sender, delay));
    thread::spawn(move || write(to, &receiver));
}

fn read(mut from: TcpStream, blocks: &Sender<(Instant, Vec<u8>)>, delay: Duration) {
    let mut block = vec![0; 64 * 1024];
    while let Ok(read) = from.read(&mut block) {
        if read == 0 || blocks.send((Instant::now() + delay, block[..read].to_vec())).is_err() {
            return;
        }
    }
}

fn write(mut to: TcpStream, blocks: &Receiver<(Instant, Vec<u8>)>) {
    for (due, block) in blocks {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        if to.write_all(&block).is_err() {
            break;
        }
    }
    // Whether the other side is still there does not matter any more.
    let _ = to.shutdown(Shutdown::Write);
}
