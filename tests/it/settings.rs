//! What a person sees when the settings are wrong, through a verb that needs nothing else.

use crate::harness::scratch::Scratch;

#[test]
fn an_unknown_key_is_shown_with_line_caret_and_suggestion() {
    let scratch = Scratch::weekly().file("courant.toml", "name = \"N\"\n\n[send]\nretry_fro = \"24h\"\n");
    let run = scratch.run("new X").expect_code(1);
    let expected = "\
error: `retry_fro` is not a key of `[send]`
 --> courant.toml:4:1
  |
4 | retry_fro = \"24h\"
  | ^^^^^^^^^
  |
help: did you mean `retry_for`?
";
    assert_eq!(run.stderr, expected);
    assert_eq!(run.stdout, "");
}

#[test]
fn a_missing_variable_names_itself_and_the_file_it_belongs_in() {
    let scratch = Scratch::weekly()
        .settings("transport = \"relay\"")
        .settings("[transports.relay]\nurl = \"${RELAY}\"");
    let run = scratch.run("new X").expect_code(1);
    run.says("`RELAY` is not set").says("courant.toml:").says("^^^^^^^^").says("RELAY=… into .env");
    scratch.write(".env", "RELAY=smtps://u:p@mail.example\n");
    scratch.run("new X").ok();
}

#[test]
fn a_password_is_never_shown() {
    let url = "smtp://ada:geheim@mail.example";
    let scratch = Scratch::weekly();
    let run = scratch.courant(["new", "X"]).env("SMTP_URL", url).run().expect_code(1);
    assert!(run.says("SMTP_URL: the password would travel without TLS").stderr.contains("smtps://"), "{run}");
    let scratch = Scratch::weekly().settings(&format!("transport = \"{url}\""));
    let also = scratch.run("new X").expect_code(1);
    also.says("courant.toml:").says("smtp://ada:******@mail.example");
    assert!(!run.stderr.contains("geheim") && !also.stderr.contains("geheim"), "{run}{also}");
}

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    let scratch = Scratch::weekly().file("courant.toml", "nmae = 1\n");
    let is_coloured = |args: &str| scratch.run(args).expect_code(1).stderr.contains('\u{1b}');
    assert!(!is_coloured("new X") && !is_coloured("new X --color never"));
    assert!(is_coloured("new X --color always"));
    let program = || scratch.courant(["new", "X"]).on_terminal();
    assert!(program().run().stdout.contains('\u{1b}'));
    assert!(!program().env("NO_COLOR", "1").run().stdout.contains('\u{1b}'));
}

#[test]
fn secrets_that_others_can_read_are_warned_about_once() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = Scratch::weekly().file(".env", "SMTP_URL=smtp://127.0.0.1:2525\n");
    let permissions = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(scratch.path(".env"), permissions).expect("the file is ours");
    let run = scratch.run("new X").ok();
    assert_eq!(run.stderr.matches("warning:").count(), 1, "{run}");
    run.says("chmod 600 .env");
    assert_eq!(scratch.run("new Y -q").ok().stderr, "");
}

#[test]
fn usage_errors_end_with_1_and_help_with_0() {
    let scratch = Scratch::empty();
    scratch.run("").expect_code(1);
    scratch.run("snd 1").expect_code(1).says("send");
    scratch.run("new X --frm y").expect_code(1).says("--from");
    scratch.run("--help").ok().prints("Exit codes");
    scratch.run("new --help").ok().prints("every paragraph of it is kept");
    scratch.run("-C nowhere new X").expect_code(1).says("the folder cannot be entered");
}

#[test]
fn completions_and_manual_pages_are_written() {
    let scratch = Scratch::empty();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        scratch.run(&format!("completions {shell}")).ok().prints("courant");
    }
    scratch.run("man").ok().prints(".TH courant 1");
    scratch.run("man --out pages").ok();
    assert!(scratch.files("pages").contains(&"pages/courant-send.1".to_owned()));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let scratch = Scratch::empty();
    let binary = env!("CARGO_BIN_EXE_courant");
    let script = format!(
        "{binary} completions bash | head -c 1 > /dev/null; {binary} man | true; echo \"${{PIPESTATUS[@]}}\""
    );
    let bash = crate::harness::program::Program::new(std::path::Path::new("/bin/bash"), &scratch.path(""));
    let run = bash.args(["-c", &script]).env("PATH", "/usr/bin:/bin").run().ok();
    assert_eq!((run.stdout.trim(), run.stderr.as_str()), ("0 0", ""));
}
