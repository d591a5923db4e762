//! A send that went in three ways.

use courant::model::attempt::Phase;

use super::scratch::Scratch;
use super::server::Server;
use super::server::script::{Act, Script};

/// ada has it, bob is refused in words that hold his address, eve is put off.
pub fn mixed() -> (Scratch, Server) {
    let script = Script::default()
        .always(Phase::Recipient, "bob@example.org", Act::reply("550 5.1.1 <bob@example.org>: no such user"))
        .always(Phase::Recipient, "eve@example.org", Act::reply("450 4.2.0 greylisted, come back"));
    let server = Server::start(script);
    let scratch = Scratch::weekly()
        .file(".env", format!("SMTP_URL={}\n", server.url()))
        .settings("[send]\nwait = \"0 s\"");
    scratch.run("send 1 --yes --offline").expect_code(75);
    (scratch, server)
}
