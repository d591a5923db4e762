//! `courant-bench-lettre HOST:PORT LETTERS CONNECTIONS send|encode|sign`: lettre as one would use it, with its pool
//! and a `Message` for each subscriber. LETTER is the folder with letter.html and letter.txt, KEY the file of a key
//! (PKCS#1).

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use lettre::message::dkim::{DkimConfig, DkimSigningAlgorithm, DkimSigningKey};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::PoolConfig;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

type Failure = Box<dyn Error + Send + Sync>;

struct Edition {
    html: String,
    text: String,
}

impl Edition {
    fn open() -> Result<Edition, Failure> {
        let folder = PathBuf::from(std::env::var("LETTER")?);
        let part = |name: &str| std::fs::read_to_string(folder.join(name));
        Ok(Edition { html: part("letter.html")?, text: part("letter.txt")? })
    }

    fn letter(&self, number: u64) -> Result<Message, Failure> {
        let name = format!("Zoë Example {number}");
        let email = format!("user{number}@example{}.org", number % 997);
        let token = format!("{number:064x}");
        let fill = |part: &str| part.replace("{{name}}", &name).replace("{{email}}", &email).replace("{{token}}", &token);
        let message = Message::builder()
            .from("The Bench <bench@example.org>".parse()?)
            .to(Mailbox::new(Some(name.clone()), email.parse()?))
            .subject("An issue — for the bench")
            .message_id(Some(format!("<{number}.peer@example.org>")))
            .multipart(MultiPart::alternative_plain_html(fill(&self.text), fill(&self.html)))?;
        Ok(message)
    }
}

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [address, letters, connections, mode] = &args[..] else {
        return Err("HOST:PORT LETTERS CONNECTIONS send|encode|sign".into());
    };
    let (letters, connections) = (letters.parse()?, connections.parse()?);
    let edition = Arc::new(Edition::open()?);
    match mode.as_str() {
        "encode" => encode(&edition, letters),
        "sign" => sign(&edition, letters),
        _ => send(edition, address, letters, connections).await,
    }
}

fn encode(edition: &Edition, letters: u64) -> Result<(), Failure> {
    let began = Instant::now();
    for number in 0..letters {
        std::hint::black_box(edition.letter(number)?.formatted());
    }
    println!("{{\"us_per_letter\": {:.2}}}", began.elapsed().as_secs_f64() * 1e6 / letters as f64);
    Ok(())
}

/// What a signature adds: the same letters with and without, one after the other.
fn sign(edition: &Edition, letters: u64) -> Result<(), Failure> {
    let pem = std::fs::read_to_string(std::env::var("KEY")?)?;
    let key = DkimSigningKey::new(&pem, DkimSigningAlgorithm::Rsa)?;
    let config = DkimConfig::default_config("s1".into(), "example.org".into(), key);
    let make = |number, is_signed| -> Result<f64, Failure> {
        let began = Instant::now();
        let mut message = edition.letter(number)?;
        if is_signed {
            message.sign(&config);
        }
        std::hint::black_box(message.formatted());
        Ok(began.elapsed().as_secs_f64())
    };
    let mut added = 0.0;
    for number in 0..letters {
        added += make(number, true)? - make(number, false)?;
    }
    println!("{{\"us_per_letter\": {:.2}}}", added * 1e6 / letters as f64);
    Ok(())
}

async fn send(edition: Arc<Edition>, address: &str, letters: u64, connections: u32) -> Result<(), Failure> {
    let (host, port) = address.split_once(':').ok_or("HOST:PORT")?;
    let pool = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
        .port(port.parse()?)
        .pool_config(PoolConfig::new().max_size(connections))
        .build();
    let next = Arc::new(AtomicU64::new(0));
    let couriers: Vec<_> = (0..connections)
        .map(|_| tokio::spawn(courier(edition.clone(), pool.clone(), next.clone(), letters)))
        .collect();
    for courier in couriers {
        courier.await??;
    }
    Ok(())
}

async fn courier(
    edition: Arc<Edition>,
    pool: AsyncSmtpTransport<Tokio1Executor>,
    next: Arc<AtomicU64>,
    letters: u64,
) -> Result<(), Failure> {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= letters {
            return Ok(());
        }
        pool.send(edition.letter(number)?).await?;
    }
}
