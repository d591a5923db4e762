//! `courant init`, from an empty folder to a workspace, with and without a person at the terminal.

use crate::harness::scratch::Scratch;

#[test]
fn a_new_workspace_holds_all_that_is_needed_and_says_what_to_type() {
    let scratch = Scratch::empty();
    let run = scratch.run("init news --from ada@example.org --name News").ok();
    run.prints("news is a workspace now").prints("cd news").prints("courant send 1");
    let files = [
        "news/.env.example",
        "news/.gitignore",
        "news/courant.toml",
        "news/issues/001-welcome.md",
        "news/subscribers/example.csv",
        "news/templates/README.md",
    ];
    assert_eq!(scratch.files("news"), files);
    scratch.run("-C news new Second").ok().prints("issues/002-second.md");
}

#[test]
fn a_second_init_changes_nothing() {
    let scratch = Scratch::empty();
    scratch.run("init").ok();
    let before = scratch.read("courant.toml");
    scratch.run("init").expect_code(1).says("is a workspace already").says("courant new TITLE");
    assert_eq!(scratch.read("courant.toml"), before);
}

#[test]
fn files_that_are_there_stay_as_they_are_and_are_named() {
    let scratch = Scratch::empty().file(".gitignore", "mine\n");
    scratch.run("init").ok().prints(".gitignore was there already");
    assert_eq!(scratch.read(".gitignore"), "mine\n");
}

#[test]
fn a_sender_that_is_no_address_makes_no_workspace() {
    let scratch = Scratch::empty();
    scratch.run("init --from nobody").expect_code(1).says("--from: this is no e-mail address");
    assert_eq!(scratch.files(""), Vec::<String>::new());
}

#[test]
fn on_a_terminal_it_asks_and_asks_again_for_an_address() {
    let scratch = Scratch::empty();
    let answers = "nonsense\nAda <ada@mail.example>\n1 Road, Town\nThe Ada\n";
    let run = scratch.courant(["init"]).on_terminal().input(answers).run().ok();
    run.prints("Sender").prints("this is no e-mail address").prints("Postal address");
    let config = scratch.read("courant.toml");
    for line in
        ["from = \"Ada <ada@mail.example>\"", "postal_address = \"1 Road, Town\"", "name = \"The Ada\""]
    {
        assert!(config.lines().any(|there| there == line), "{line} in\n{config}");
    }
}
