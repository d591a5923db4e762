//! What Prometheus is told by `courant serve`.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

use crate::harness::hooks::Serve;
use crate::harness::tools::installed;
use crate::harness::webhooks::{Sent, fixture, now};

/// Samples by name and labels, as the parser of Prometheus' own client reads them.
const READ: &str = "
import json, sys
from prometheus_client.parser import text_string_to_metric_families
samples = {}
for family in text_string_to_metric_families(open(sys.argv[1]).read()):
    assert family.documentation and family.type in ('gauge', 'counter'), family
    for sample in family.samples:
        labels = ','.join(f'{name}={value}' for name, value in sorted(sample.labels.items()))
        assert (sample.name, labels) not in samples, sample
        samples[sample.name + '{' + labels + '}'] = sample.value
print(json.dumps(samples))
";

const PATH: &str = "/metrics";

fn samples(serve: &Serve) -> BTreeMap<String, f64> {
    let answer = serve.ask("GET", PATH, "Authorization: Bearer hunter2\r\n", "");
    assert!(answer.head.contains("\ncontent-type: text/plain; version=0.0.4"), "{}", answer.head);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), answer.body).unwrap();
    let python = installed("python/bin/python");
    let read = Command::new(python).args(["-c", READ]).arg(file.path()).output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let samples: BTreeMap<String, Value> = serde_json::from_slice(&read.stdout).unwrap();
    samples.into_iter().map(|(name, value)| (name, value.as_f64().unwrap())).collect()
}

#[test]
fn prometheus_reads_what_became_of_letters_events_and_readers() {
    let sent = Sent::to(2);
    let env = sent.scratch.read(".env");
    sent.scratch.write(".env", format!("{env}METRICS_TOKEN=hunter2\n"));
    let serve = Serve::start(&sent.scratch);
    let before = samples(&serve);
    let accepted = format!("courant_letters{{issue={},realm=live,state=accepted}}", issue(&sent));
    assert_eq!((before[&accepted], before["courant_ledger_usable{}"]), (2.0, 1.0));
    let (_, event) = fixture("brevo", &sent.readers()[0], now()).swap_remove(0);
    let post = sent.providers.post("brevo", &event, 0, now());
    assert_eq!((serve.post(&post), serve.post(&post)), (200, 200));
    let mut forged = post.clone();
    forged.headers.clear();
    assert_eq!(serve.post(&forged), 429);
    let after = samples(&serve);
    let of = |result: &str| after[&format!("courant_events_total{{provider=brevo,result={result}}}")];
    assert_eq!((of("new"), of("known"), of("unmatched")), (1.0, 1.0, 0.0));
    assert_eq!(after["courant_webhooks_refused_total{provider=brevo}"], 1.0);
    serve.kill();
}

fn issue(sent: &Sent) -> String {
    sent.ledger().query_row("SELECT issue FROM edition", [], |row| row.get(0)).unwrap()
}

#[test]
fn who_has_no_token_is_told_nothing_on_this_machine_either() {
    let sent = Sent::to(1);
    let serve = Serve::start(&sent.scratch);
    let of = |header: &str| serve.ask("GET", PATH, header, "").status;
    assert_eq!(of(""), 404);
    assert_eq!(of("Authorization: Bearer \r\n"), 404, "no token is set, so that none is right");
    serve.kill();
    let env = sent.scratch.read(".env");
    sent.scratch.write(".env", format!("{env}METRICS_TOKEN=hunter2\n"));
    let serve = Serve::start(&sent.scratch);
    let of = |header: &str| serve.ask("GET", PATH, header, "").status;
    assert_eq!(of("Authorization: Bearer hunter3\r\n"), 404);
    assert_eq!(of("Authorization: Bearer hunter2\r\n"), 200);
    assert_eq!(serve.ask("POST", PATH, "Authorization: Bearer hunter2\r\n", "").status, 405);
    assert_eq!(serve.get("/health"), 200);
    serve.kill();
}
