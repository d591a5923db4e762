//! The keys that letters are signed with: made, named in the settings, and called what they are where they are none.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::harness::dkim::verified_letter;
use crate::harness::scratch::Scratch;
use crate::harness::sink::SmtpSink;
use crate::harness::tools::tool;

const ED25519: &str =
    "[[dkim]]\nselector = \"courant-ed25519\"\nkey_file = \".courant/dkim-courant-ed25519.pem\"";

#[test]
fn two_lines_of_env_sign_without_a_word_in_the_settings() {
    let scratch = Scratch::weekly();
    scratch.run("dkim keygen").ok();
    let pem = scratch.read(".courant/dkim-courant.pem");
    let on_one_line = pem.trim().replace('\n', "\\n");
    for key in [format!("\"{pem}\""), on_one_line] {
        let scratch = Scratch::weekly().file(".env", format!("DKIM_SELECTOR=courant\nDKIM_KEY={key}\n"));
        let letter = scratch.run("render 1 --format eml").ok().stdout.clone();
        assert_eq!(verified_letter(&scratch, letter.as_bytes()), [true]);
    }
}

fn openssl(args: &[&str], folder: &Path) {
    let made = Command::new(tool("openssl")).args(args).current_dir(folder).output().expect("openssl starts");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// A weekly whose key is the file that these arguments make openssl write as `k.pem`.
fn with_key_of(args: &[&str]) -> Scratch {
    let scratch = Scratch::weekly().settings("[dkim]\nselector = \"s1\"\nkey_file = \"k.pem\"");
    openssl(args, &scratch.path(""));
    fs::set_permissions(scratch.path("k.pem"), fs::Permissions::from_mode(0o600)).expect("the file is ours");
    scratch
}

#[test]
fn keys_that_openssl_made_sign_and_have_the_public_half_that_it_says() {
    let kinds: [&[&str]; 4] = [
        &["genrsa", "-out", "k.pem", "2048"],
        &["genrsa", "-traditional", "-out", "k.pem", "3072"],
        &["genpkey", "-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:4096", "-out", "k.pem"],
        &["genpkey", "-algorithm", "ed25519", "-out", "k.pem"],
    ];
    for kind in kinds {
        let scratch = with_key_of(kind);
        let letter = scratch.run("render 1 --format eml").ok().stdout.clone();
        assert_eq!(verified_letter(&scratch, letter.as_bytes()), [true], "{kind:?}");
        openssl(&["pkey", "-in", "k.pem", "-pubout", "-out", "public.pem"], &scratch.path(""));
        let public: String =
            scratch.read("public.pem").lines().filter(|line| !line.starts_with('-')).collect();
        let shown = scratch.run("dkim show --json").ok().json();
        let record = shown["keys"][0]["record"].as_str().expect("a record is text").to_owned();
        // The public half of Ed25519 is the end of openssl's, which has 12 octets of frame: 16 characters.
        let expected = if kind.contains(&"ed25519") { &public[16..] } else { &public };
        assert_eq!(record.rsplit("p=").next(), Some(expected), "{kind:?}");
    }
}

#[test]
fn a_file_that_is_no_key_is_called_what_it_is_and_shown_nothing_of() {
    let kinds: [(&[&str], &str); 6] = [
        (&["genrsa", "-out", "k.pem", "1024"], "fewer than 2048 bits"),
        (
            &["genpkey", "-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:5120", "-out", "k.pem"],
            "more than 4096 bits",
        ),
        (
            &["genrsa", "-aes256", "-passout", "pass:geheim", "-out", "k.pem", "2048"],
            "locked with a passphrase",
        ),
        (
            &["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "k.pem"],
            "a kind that DKIM does not know",
        ),
        (
            &["genpkey", "-algorithm", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "k.pem"],
            "a kind that DKIM does not know",
        ),
        (&["genpkey", "-algorithm", "ed448", "-out", "k.pem"], "a kind that DKIM does not know"),
    ];
    for (kind, words) in kinds {
        let scratch = with_key_of(kind);
        let run = scratch.run("render 1 --format eml").expect_code(1);
        run.says("error: k.pem holds a")
            .says(words)
            .says("courant.toml:")
            .says("key_file = \"k.pem\"")
            .says("help: ");
        let key = scratch.read("k.pem");
        let inside = key.lines().filter(|line| line.len() > 40);
        assert!(inside.clone().count() > 0 || key.len() < 300);
        inside.for_each(|line| assert!(!run.stderr.contains(line), "{run}"));
    }
    let scratch = with_key_of(&["genrsa", "-out", "k.pem", "2048"]);
    openssl(&["pkey", "-in", "k.pem", "-pubout", "-out", "public.pem"], &scratch.path(""));
    openssl(
        &["req", "-x509", "-new", "-key", "k.pem", "-subj", "/CN=x", "-out", "certificate.pem"],
        &scratch.path(""),
    );
    for (file, words) in [("public.pem", "holds a public key"), ("certificate.pem", "holds a certificate")] {
        scratch.write("k.pem", scratch.read(file));
        scratch.run("render 1 --format eml").expect_code(1).says(words).says("BEGIN PRIVATE KEY");
    }
    for (content, words) in [(&b"\xff\x00der"[..], "neither PEM nor base64"), (b"\n", "k.pem is empty")] {
        scratch.write("k.pem", content);
        scratch.run("render 1 --format eml").expect_code(1).says(words).says("courant dkim keygen");
    }
}

/// What stands on standard error where a letter is asked for with these lines in `courant.toml`.
fn refused(lines: &str) -> String {
    let scratch = Scratch::weekly().settings(lines);
    let run = scratch.run("render 1 --format eml").expect_code(1);
    assert_eq!(run.stdout, "", "{run}");
    run.stderr.clone()
}

#[test]
fn what_is_wrong_with_the_settings_is_shown_where_it_stands() {
    insta::assert_snapshot!(refused("[dkim]\nselector = \"s1\"\nkey_file = \"no.pem\""), @r#"
    error: the DKIM key no.pem cannot be read: No such file or directory (os error 2)
      --> courant.toml:11:12
       |
    11 | key_file = "no.pem"
       |            ^^^^^^^^
       |
    help: correct the path, or make a key with `courant dkim keygen`
    "#);
    insta::assert_snapshot!(refused("[dkim]\nselector = \"\"\nkey_file = \"no.pem\""), @r#"
    error: the selector is empty
      --> courant.toml:10:12
       |
    10 | selector = ""
       |            ^^
       |
    help: write the name that stands before `._domainkey` in DNS: letters, digits and hyphens, such as "s1"
    "#);
    insta::assert_snapshot!(refused("[dkim]\nselector = \"s1._domainkey\"\nkey_file = \"no.pem\""), @r#"
    error: `s1._domainkey` is no selector
      --> courant.toml:10:12
       |
    10 | selector = "s1._domainkey"
       |            ^^^^^^^^^^^^^^^
       |
    help: write the name that stands before `._domainkey` in DNS: letters, digits and hyphens, such as "s1"
    "#);
    insta::assert_snapshot!(refused("[dkim]\nkey_file = \"no.pem\""), @r#"
    error: the key has no `selector`
     --> courant.toml:9:1
      |
    9 | [dkim]
      | ^^^^^^
      |
    help: write the name that stands before `._domainkey` in DNS: selector = "…"
    "#);
    insta::assert_snapshot!(refused("[dkim]\nselector = \"s1\""), @r#"
    error: no key is named
      --> courant.toml:10:12
       |
    10 | selector = "s1"
       |            ^^^^
       |
    help: write key_file = "dkim.pem", or key = "${DKIM_KEY}"; `courant dkim keygen` makes a key
    "#);
    insta::assert_snapshot!(refused("[dkim]\nselector = \"s1\"\nkey = \"${DKIM_KEY}\""), @r#"
    error: `DKIM_KEY` is not set
      --> courant.toml:11:7
       |
    11 | key = "${DKIM_KEY}"
       |       ^^^^^^^^^^^^^
       |
    help: write a line DKIM_KEY=… into .env, or set it in the environment
    "#);
    insta::assert_snapshot!(refused("[dkim]\nselector = \"s1\"\nkey = \"MIIEgeheim\""), @r#"
    error: courant.toml is no place for a secret key
      --> courant.toml:10:12
       |
    10 | selector = "s1"
       |            ^^^^
       |
    help: put it into .env as DKIM_KEY="…" and write key = "${DKIM_KEY}", or name its file: key_file = "dkim.pem"
    "#);
    insta::assert_snapshot!(refused("[dkim]\nselector = \"s1\"\nkey = \"${K}\"\nkey_file = \"k.pem\""), @r#"
    error: the key is named twice, by `key` and by `key_file`
      --> courant.toml:12:12
       |
    12 | key_file = "k.pem"
       |            ^^^^^^^
       |
    help: keep one of the two
    "#);
    insta::assert_snapshot!(refused("[dkim]\nselektor = \"s1\"\nkey_file = \"k.pem\""), @r#"
    error: `selektor` is not a key of `[dkim]`
      --> courant.toml:10:1
       |
    10 | selektor = "s1"
       | ^^^^^^^^
       |
    help: did you mean `selector`?
    "#);
    insta::assert_snapshot!(refused("[dkim]\ndomain = \"no domain\"\nselector = \"s1\"\nkey_file = \"k.pem\""), @r#"
    error: `no domain` is no domain
      --> courant.toml:10:10
       |
    10 | domain = "no domain"
       |          ^^^^^^^^^^^
       |
    help: write that of the sender, such as "example.org", or leave it out
    "#);
    insta::assert_snapshot!(refused("dkim = true"), @r#"
    error: `dkim` must be a table, or several
     --> courant.toml:8:8
      |
    8 | dkim = true
      |        ^^^^
      |
    help: write `[dkim]` on a line of its own, or `[[dkim]]` for each of several keys
    "#);
}

#[test]
fn half_of_a_key_in_env_says_which_half_is_missing() {
    for (line, words) in [
        ("DKIM_KEY=AAAA", "DKIM_KEY (line 1 of .env) is set, and DKIM_SELECTOR is not"),
        ("DKIM_SELECTOR=s1", "DKIM_SELECTOR (line 1 of .env) is set, and DKIM_KEY is not"),
        ("DKIM_SELECTOR=a_b\nDKIM_KEY=AAAA", "DKIM_SELECTOR (line 1 of .env): `a_b` is no selector"),
        ("DKIM_SELECTOR=s1\nDKIM_KEY=geheim", "DKIM_KEY (line 2 of .env) is neither PEM nor base64"),
    ] {
        let scratch = Scratch::weekly().file(".env", format!("{line}\n"));
        let run = scratch.run("render 1 --format eml").expect_code(1);
        run.says(words).says("help: ");
        assert!(!run.stderr.contains("geheim"), "{run}");
    }
}

#[test]
fn without_its_key_nothing_is_sent_and_everything_else_works() {
    let sink = SmtpSink::start(&[]);
    let scratch = Scratch::weekly()
        .file(".env", format!("SMTP_URL={}\n", sink.url()))
        .settings("[dkim]\nselector = \"s1\"\nkey = \"${DKIM_KEY}\"");
    scratch
        .run("send 1 --yes --offline")
        .expect_code(1)
        .says("`DKIM_KEY` is not set")
        .says("DKIM_KEY=… into .env");
    scratch.run("test 1").expect_code(1).says("`DKIM_KEY` is not set");
    assert_eq!(sink.messages(), []);
    scratch.run("render 1").ok();
    scratch.run("status").ok();
    scratch.run("check 1 --offline").expect_code(2).prints("dkim-key").prints("`DKIM_KEY` is not set");
    let rehearsal = Scratch::weekly().settings("[dkim]\nselector = \"s1\"\nkey = \"${DKIM_KEY}\"");
    rehearsal.run("check 1 --offline").ok().prints("warning").prints("`DKIM_KEY` is not set");
}

#[test]
fn a_key_of_ed25519_alone_and_a_key_that_others_can_read_are_warned_of() {
    let scratch = Scratch::weekly();
    scratch.run("dkim keygen --ed25519").ok();
    let scratch = scratch.settings(ED25519);
    scratch.run("check 1 --offline").ok().prints("dkim-no-rsa").prints("Gmail and Outlook");
    let file = scratch.path(".courant/dkim-courant-ed25519.pem");
    fs::set_permissions(file, fs::Permissions::from_mode(0o644)).expect("the file is ours");
    let run = scratch.run("render 1 --format eml").ok();
    run.says("warning:").says("chmod 600 .courant/dkim-courant-ed25519.pem");
}

#[test]
fn a_new_key_is_kept_from_others_and_never_takes_the_place_of_an_old_one() {
    let scratch = Scratch::weekly();
    let run = scratch.run("dkim keygen --selector s1").ok();
    run.prints("Name   s1._domainkey.weekly.example")
        .prints("[[dkim]]\nselector = \"s1\"\nkey_file = \".courant/dkim-s1.pem\"");
    let mode =
        fs::metadata(scratch.path(".courant/dkim-s1.pem")).expect("it was written").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let old = scratch.read(".courant/dkim-s1.pem");
    scratch.run("dkim keygen --selector s1").expect_code(1).says("is already there").says("--selector");
    assert_eq!(scratch.read(".courant/dkim-s1.pem"), old);
    scratch.run("dkim keygen --selector a_b").expect_code(1).says("letters, digits and hyphens");
    scratch.run("dkim show").expect_code(1).says("no key is named").says("courant dkim keygen");
    let made = scratch.run("dkim keygen -o mine.pem --domain other.example").ok();
    made.prints("Publish this record in the DNS of other.example").prints("domain = \"other.example\"\n");
    assert!(!made.stdout.contains("PRIVATE"), "{made}");
    let lone = Scratch::empty();
    lone.run("dkim keygen").expect_code(1).says("not known which domain").says("--domain");
    lone.run("dkim keygen --domain a.example").expect_code(1).says("no workspace");
    lone.run("dkim keygen --domain a.example -o k.pem").ok();
}
