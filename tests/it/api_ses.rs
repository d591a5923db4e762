//! Amazon SES, held against what others wrote: botocore's signatures and model, and two servers that play SES.

use std::process::Command;

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::harness::program::Program;
use crate::harness::provider::dialects::SES;
use crate::harness::provider::http::Call;
use crate::harness::provider::{Fate, Provider};
use crate::harness::scratch::Scratch;
use crate::harness::tools::{Daemon, fixture, free_port, installed, moto};

const KEYS: &str = "ses://AKIDEXAMPLE:wJalrXUtnFEMI%2FK7MDENG@eu-central-1";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG";

fn url(endpoint: &str) -> String {
    format!("{KEYS}?endpoint={endpoint}&configuration_set=news")
}

/// What botocore says of calls that were captured.
fn botocore(calls: &[Call], endpoint: &str) -> Vec<Value> {
    let described: Vec<Value> = calls
        .iter()
        .map(|call| {
            json!({
                "method": call.method, "url": format!("{endpoint}{}", call.path), "headers": call.headers,
                "body": BASE64.encode(&call.body), "access": "AKIDEXAMPLE", "secret": SECRET,
                "session": call.headers.get("x-amz-security-token"),
                "region": "eu-central-1", "service": "ses", "operation": "SendEmail",
            })
        })
        .collect();
    let python = installed("python/bin/python");
    let check = Program::new(&python, std::path::Path::new("/")).args([fixture("botocore_check.py")]);
    let told = check.input(serde_json::to_vec(&described).expect("it is JSON")).run().ok().json();
    told.as_array().expect("it writes a list").clone()
}

fn sendings(provider: &Provider) -> Vec<Call> {
    provider.calls().into_iter().filter(|call| call.method == "POST").collect()
}

#[test]
fn signatures_are_botocores_and_bodies_fit_its_model() {
    let provider = Provider::start(SES);
    let scratch = Scratch::weekly_for(50);
    scratch.run(&format!("send 1 --yes --offline --transport {}", url(&provider.endpoint()))).ok();
    let calls = sendings(&provider);
    assert_eq!(calls.len(), 50);
    for (call, told) in calls.iter().zip(botocore(&calls, &provider.endpoint())) {
        assert_eq!(told["problems"], "", "{call:?}");
        assert_eq!(told["authorization"], call.headers["authorization"]);
    }
}

#[test]
fn keys_of_a_session_sign_as_botocore_does() {
    let provider = Provider::start(SES);
    let scratch = Scratch::weekly();
    let transport = format!("ses://eu-central-1?endpoint={}", provider.endpoint());
    let send = scratch.courant(["send", "1", "--yes", "--offline", "--transport", &transport]);
    let send = send.env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE").env("AWS_SECRET_ACCESS_KEY", SECRET);
    send.env("AWS_SESSION_TOKEN", "session/token+1=").run().ok();
    let calls = sendings(&provider);
    for (call, told) in calls.iter().zip(botocore(&calls, &provider.endpoint())) {
        assert_eq!(call.headers["x-amz-security-token"], "session/token+1=");
        assert_eq!(told["authorization"], call.headers["authorization"]);
    }
    assert_eq!(calls.len(), 3);
}

#[test]
fn a_letter_goes_whole_and_unsigned_with_its_token_and_configuration_set() {
    let provider = Provider::start(SES);
    let scratch = Scratch::weekly();
    scratch.run("dkim keygen").ok();
    let keys = scratch.files(".courant");
    let key = keys.iter().find(|path| path.ends_with(".pem")).expect("a key was made");
    let scratch = scratch.settings(&format!("[[dkim]]\nselector = \"s1\"\nkey_file = \"{key}\""));
    scratch.run(&format!("send 1 --yes --offline --transport {}", url(&provider.endpoint()))).ok();
    for call in sendings(&provider) {
        let body = call.json();
        let raw = BASE64.decode(body["Content"]["Raw"]["Data"].as_str().expect("it is text").as_bytes());
        let raw = String::from_utf8(raw.expect("it is base64")).expect("a letter is ASCII");
        assert!(raw.contains("List-Unsubscribe-Post: ") && !raw.contains("DKIM-Signature"), "{raw}");
        assert_eq!(body["ConfigurationSetName"], "news");
        assert_eq!(body["EmailTags"][0]["Name"], "courant");
        let token = body["EmailTags"][0]["Value"].as_str().expect("it is text");
        assert!(token.len() <= 256 && token.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{token}");
    }
}

#[test]
fn a_key_that_is_not_there_or_not_taken_stops_the_run_and_marks_nobody() {
    let scratch = Scratch::weekly();
    let provider = Provider::start(SES).fate(|_| Fate::Status(403));
    let transport = url(&provider.endpoint());
    let refused = scratch.run(&format!("send 1 --yes --offline --transport {transport}")).expect_code(4);
    refused.prints("403");
    let nowhere = format!("ses://eu-central-1?endpoint={}", provider.endpoint());
    let send = scratch.courant(["send", "1", "--yes", "--offline", "--transport", &nowhere]);
    let missing = send.env("AWS_EC2_METADATA_DISABLED", "true").run().expect_code(4);
    missing.prints("no keys for Amazon");
    let status = scratch.run("status 1 --json").json();
    assert_eq!(status["counts"]["planned"], 3, "{status}");
}

#[test]
fn moto_takes_our_calls_once_the_sender_is_verified() {
    let (_moto, endpoint) = moto();
    let scratch = Scratch::weekly();
    let send = format!("send 1 --yes --offline --transport {}", url(&endpoint));
    scratch.run(&send).expect_code(4).prints("MessageRejected");
    let python = Program::new(&installed("python/bin/python"), std::path::Path::new("/"));
    let verify = "import boto3, sys\nboto3.client('sesv2', region_name='eu-central-1', endpoint_url=sys.argv[1], \
                  aws_access_key_id='a', aws_secret_access_key='b').create_email_identity(EmailIdentity='weekly.example')";
    python.args(["-c", verify, &endpoint]).run().ok();
    scratch.run(&send).ok();
    let status = scratch.run("status 1 --json").json();
    assert_eq!(status["counts"]["accepted"], 3, "{status}");
}

#[test]
fn the_local_ses_of_the_npm_world_takes_our_calls() {
    let port = free_port();
    let mut command = Command::new(crate::harness::tools::tool("node"));
    command.arg(installed("node/node_modules/aws-ses-v2-local/dist/cli.js"));
    command.args(["--port", &port.to_string(), "--host", "127.0.0.1"]).stderr(std::process::Stdio::null());
    let _local = Daemon::listening_on(port, &mut command);
    let scratch = Scratch::weekly();
    let endpoint = format!("http://127.0.0.1:{port}");
    scratch.run(&format!("send 1 --yes --offline --transport {}", url(&endpoint))).ok();
    let python = Program::new(&installed("python/bin/python"), std::path::Path::new("/"));
    let read =
        "import sys, urllib.request\nprint(urllib.request.urlopen(sys.argv[1] + '/store').read().decode())";
    let store = python.args(["-c", read, &endpoint]).run().ok().json();
    let emails = store["emails"].as_array().expect("it keeps a list");
    assert_eq!(emails.len(), 3, "{store}");
    assert!(emails.iter().all(|email| email["subject"] == "Hello"), "{store}");
}
