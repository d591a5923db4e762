//! Events of Amazon SES that wait in a queue of SQS: moto plays both SNS and SQS, and boto3 fills them.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::events_pull::Provider;
use crate::harness::hooks::Serve;
use crate::harness::program::Program;
use crate::harness::scratch::Scratch;
use crate::harness::tools::{Daemon, installed, moto};
use crate::harness::webhooks::{Reader, Sent, fixture, now};

/// A queue with a topic that fills it, in a region of its own.
struct Queue {
    endpoint: String,
    url: String,
    _moto: Daemon,
}

const CLIENTS: &str = "
import boto3, json, sys
def client(name):
    return boto3.client(name, region_name='eu-west-1', endpoint_url=sys.argv[1],
                        aws_access_key_id='a', aws_secret_access_key='b')
sns, sqs = client('sns'), client('sqs')
";

const MAKE: &str = "
topic = sns.create_topic(Name='mail')['TopicArn']
queue = sqs.create_queue(QueueName='mail')['QueueUrl']
arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=['QueueArn'])['Attributes']['QueueArn']
sns.subscribe(TopicArn=topic, Protocol='sqs', Endpoint=arn)
print(queue)
";

const PUBLISH: &str = "
for text in json.load(sys.stdin):
    sns.publish(TopicArn=sns.list_topics()['Topics'][0]['TopicArn'], Message=text)
";

const PUT: &str = "
for text in json.load(sys.stdin):
    sqs.send_message(QueueUrl=sys.argv[2], MessageBody=text)
";

const COUNT: &str = "
names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible']
told = sqs.get_queue_attributes(QueueUrl=sys.argv[2], AttributeNames=names)['Attributes']
print(sum(int(told[name]) for name in names))
";

impl Queue {
    fn start() -> Queue {
        let (moto, endpoint) = moto();
        let url = boto3(MAKE, &[&endpoint], &[]);
        Queue { endpoint, url, _moto: moto }
    }

    /// Through the topic, in an envelope.
    fn publish(&self, texts: &[String]) {
        boto3(PUBLISH, &[&self.endpoint], texts);
    }

    /// Into the queue, as raw delivery does.
    fn put(&self, texts: &[String]) {
        boto3(PUT, &[&self.endpoint, &self.url], texts);
    }

    /// Messages that are in it, be they hidden or not.
    fn count(&self) -> String {
        boto3(COUNT, &[&self.endpoint, &self.url], &[])
    }

    fn transport(&self) -> String {
        format!("ses://AKIDEXAMPLE:secret@eu-west-1?endpoint={}&queue={}", self.endpoint, self.url)
    }
}

fn boto3(script: &str, args: &[&str], texts: &[String]) -> String {
    let python = Program::new(&installed("python/bin/python"), std::path::Path::new("/"));
    let program = format!("{CLIENTS}{script}");
    let run = python.args(["-c", &program]).args(args).input(json!(texts).to_string()).run().ok();
    run.stdout.trim().to_owned()
}

/// The event of this kind about this reader, as SES writes it.
fn event(kind: &str, reader: &Reader) -> Value {
    let all = fixture("ses", reader, now());
    all.into_iter().find(|(name, _)| name == kind).expect("there is such an event").1
}

#[test]
fn a_queue_and_a_webhook_that_tell_the_same_count_once_whatever_it_travels_in() {
    let (queue, sent) = (Queue::start(), Sent::to(4));
    let readers = sent.readers();
    let kinds = ["delivered", "bounced_hard", "complained", "delivered"];
    let events: Vec<Value> = kinds.iter().zip(&readers).map(|(kind, reader)| event(kind, reader)).collect();
    let texts: Vec<String> = events.iter().map(Value::to_string).collect();
    let serve = Serve::start(&sent.scratch);
    assert_eq!(serve.post(&sent.providers.post("ses", &events[0], 0, now())), 200);
    serve.kill();
    queue.publish(&texts[..3]);
    queue.put(&texts[1..]);
    queue.put(&["no event at all".to_owned()]);
    let told = sent.scratch.run(&format!("events pull --json --transport {}", queue.transport())).ok().json();
    let counted = ["new", "known", "unmatched", "unreadable"].map(|name| told[name].as_u64().unwrap());
    assert_eq!(counted, [3, 3, 0, 1], "{told}");
    assert_eq!(sent.kept(), 4);
    let (states, suppressed) = sent.end();
    let states: Vec<&str> = readers.iter().map(|reader| states[&reader.address].as_str()).collect();
    assert_eq!(states, ["delivered", "bounced", "complained", "delivered"]);
    assert!(suppressed.len() >= 2, "{suppressed:?}");
    assert_eq!(queue.count(), "1", "what cannot be read is not deleted");
}

#[test]
fn a_queue_of_many_calls_is_emptied_and_what_stays_is_said() {
    let (queue, sent) = (Queue::start(), Sent::to(25));
    let events: Vec<String> =
        sent.readers().iter().map(|reader| event("delivered", reader).to_string()).collect();
    queue.put(&["{}".to_owned()]);
    queue.publish(&events);
    let run = sent.scratch.run(&format!("events pull --transport {}", queue.transport())).ok();
    run.prints("Amazon SES: 25 new events, 0 known already");
    run.prints("1 message stays in the queue unread: ").prints("it is no event of SES");
    assert_eq!((queue.count().as_str(), sent.kept()), ("1", 25));
    let (states, _) = sent.end();
    assert!(states.values().all(|state| state == "delivered"), "{states:?}");
}

#[test]
fn a_queue_that_is_not_there_or_not_named_is_an_error_that_says_what_to_do() {
    let (queue, sent) = (Queue::start(), Sent::to(1));
    let nowhere = queue.transport().replace("/mail", "/male");
    let run = sent.scratch.run(&format!("events pull --transport {nowhere}")).expect_code(1);
    run.says("Amazon SES answers 400: QueueDoesNotExist");
    let unnamed = format!("ses://AKIDEXAMPLE:secret@eu-west-1?endpoint={}", queue.endpoint);
    let run = sent.scratch.run(&format!("events pull --transport {unnamed}")).expect_code(1);
    run.says("the transport names none").says("`queue`");
}

/// A queue of one message that says what the ledger held when the message was deleted.
fn watched(text: String, held: &Arc<Mutex<Vec<i64>>>, ledger: &Arc<OnceLock<PathBuf>>) -> Provider {
    let (held, ledger) = (Arc::clone(held), Arc::clone(ledger));
    Provider::start(move |request, body, _| {
        assert_eq!(request, "POST /");
        assert_eq!(body["QueueUrl"].as_str().map(|url| url.ends_with("/1/mail")), Some(true), "{body}");
        let mut held = held.lock().unwrap();
        match body["Entries"].as_array() {
            None if held.len() == 2 => (200, json!({})),
            None => (200, json!({"Messages": [{"MessageId": "m", "ReceiptHandle": "r", "Body": text}]})),
            Some(entries) => {
                assert_eq!(entries[0]["ReceiptHandle"], "r");
                let connection = Connection::open(ledger.get().expect("it is known by then")).unwrap();
                let sql = "SELECT count(*) FROM raw_event";
                held.push(connection.query_row(sql, [], |row| row.get(0)).unwrap());
                let failed = json!([{"Id": "0", "Code": "InternalError", "SenderFault": false}]);
                (200, if held.len() == 1 { json!({"Failed": failed}) } else { json!({}) })
            }
        }
    })
}

#[test]
fn a_message_is_deleted_after_the_ledger_has_it_and_one_that_comes_again_is_known() {
    let sent = Sent::to(1);
    let (held, ledger): (Arc<Mutex<Vec<i64>>>, _) = (Arc::default(), Arc::new(OnceLock::new()));
    ledger.set(sent.scratch.path(".courant/ledger.db")).expect("it is set once");
    let text = event("delivered", &sent.readers()[0]).to_string();
    let provider = watched(text, &held, &ledger);
    let pull = |scratch: &Scratch, provider: &Provider| {
        let endpoint = provider.endpoint();
        let url = format!("ses://AKID:secret@eu-west-1?endpoint={endpoint}&queue={endpoint}/1/mail");
        scratch.run(&format!("events pull --json --transport {url}"))
    };
    pull(&sent.scratch, &provider).expect_code(1).says("InternalError");
    assert_eq!(*held.lock().unwrap(), [1], "the event was on disk before its message was deleted");
    let told = pull(&sent.scratch, &provider).ok().json();
    assert_eq!((&told["new"], &told["known"]), (&json!(0), &json!(1)), "{told}");
    assert_eq!((sent.kept(), held.lock().unwrap().len()), (1, 2));
}
