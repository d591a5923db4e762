//! The page of `courant preview` in a real browser: one walk through it, each step of which is a test.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use crate::harness::program::Program;
use crate::harness::scratch::Scratch;
use crate::harness::tools::{fixture, installed, tool};

/// The issue on the desk: a conditional with both branches taken, and something to find in every part.
const TIDE: &str = r#"---
title: What the tide left
subject: What the tide left, {{ name | default("reader") }}
preheader: Three finds from the beach, and one that was a shoe
number: 2
template: shore
---

# What the tide left

Dear {{ name | default("reader") }}, the storm moved the whole beach to the east.

{% if city %}

It cannot have been quiet in {{ city }} either.

{% else %}

Wherever you are: I hope your roof is still on.

{% endif %}

## A bottle, empty

Green glass, no letter. The sea has **no sense of drama**.

![](hill@2x.png)

## A rope, forty metres

> Whoever lost it has lost it well.

- north groyne, at low water
- slipway, half under the shingle
- the café, where it is for sale

It had been a good rope. It still is, says the harbour master, who has measured it twice and
written the number on his door, where the rain will take it off before the owner comes.

## And a shoe

Click [here](http://example.com/shoe) to see the shoe. TODO: the other one.

Until the next tide, and thank you for the letters about the last one.
"#;

const HELLO: &str = "---\ntitle: Hello\nnumber: 1\n---\n\n# Hello\n\nDear {{ name }}, this is the weekly.\n";

const PEOPLE: &str = "email,name,city\nada@example.org,Ada Lovell,London\nbob@example.net,Bob Harrow,\n\
                      eve@example.org,Eve,Galway\n";

fn workspace() -> Scratch {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let template = fs::read(root.join("templates/letter.mjml")).expect("it is built in");
    let picture = fs::read(fixture("issues/pictures/hill@2x.png")).expect("it is there");
    Scratch::weekly()
        .settings(
            "[links]\nallow_private = true\nskip = [\"http://example.com\", \"https://weekly.example\"]",
        )
        .issue("001-hello", HELLO)
        .issue("002-tide", TIDE)
        .list("weekly", PEOPLE)
        .file("templates/shore.mjml", template)
        .file("issues/hill@2x.png", picture)
}

/// What went wrong in each step, by its name; nothing where all was well.
static WALK: LazyLock<BTreeMap<String, Option<String>>> = LazyLock::new(|| {
    let workspace = workspace();
    let run = Program::new(&tool("node"), &workspace.path("."))
        .args([fixture("preview.mjs"), installed("node/node_modules")])
        .args([Path::new(env!("CARGO_BIN_EXE_courant")), &workspace.path("")])
        .env("HOME", workspace.path(""))
        .patience(Duration::from_secs(600))
        .run()
        .ok();
    let step = |line: &str| serde_json::from_str::<serde_json::Value>(line).expect("each line is a step");
    let told = |step: serde_json::Value| {
        (step["step"].as_str().unwrap_or_default().to_owned(), step["fault"].as_str().map(str::to_owned))
    };
    run.stdout.lines().map(step).map(told).collect()
});

/// Fails with what went wrong in the step of this name.
#[track_caller]
fn went_well(test: &str) {
    let name = test.replace('_', " ");
    let fault = WALK.get(&name).unwrap_or_else(|| panic!("the walk has no step `{name}`"));
    assert_eq!(fault.as_deref(), None, "{name}");
}

macro_rules! steps {
    ($($name:ident)*) => {
        const STEPS: &[&str] = &[$(stringify!($name)),*];
        $(#[test] fn $name() { went_well(stringify!($name)); })*
    };
}

steps! {
    an_edit_shows_at_once_and_the_message_stays_where_it_was_scrolled
    a_list_a_template_and_the_settings_are_followed_too
    the_message_is_as_wide_as_the_device_and_the_handle_makes_it_wider
    light_dark_forced_dark_no_images_and_no_style_sheets_are_shown
    a_reader_is_found_by_name_and_gets_their_own_letter
    a_reader_is_searched_for_once_what_was_typed_is_whole
    it_is_said_of_a_reader_whom_no_list_knows
    made_up_readers_show_the_edges
    every_branch_of_the_conditionals_can_be_stepped_through
    a_finding_leads_to_its_line_and_to_its_place_in_the_message
    findings_are_stepped_through_by_key_and_filtered_by_severity
    a_click_in_the_message_leads_to_the_line_of_the_manuscript
    the_letter_is_taken_apart_in_its_tabs
    where_no_letter_can_be_made_its_tabs_show_what_there_is_and_say_why
    a_test_is_sent_and_lies_in_the_mailbox
    letters_that_come_are_counted_until_they_are_seen_or_deleted
    what_breaks_is_told_with_its_place_over_the_last_good_letter_until_it_is_mended
    a_list_that_cannot_be_read_is_told_over_the_letter_of_somebody_made_up
    an_issue_with_a_slug_stays_in_the_page_while_its_front_matter_is_broken
    an_address_of_no_issue_shows_the_newest
    an_issue_that_is_deleted_is_told_and_is_there_again_when_it_is_back
    a_verdict_on_a_link_arrives_while_the_page_is_open
    another_issue_is_opened_by_its_name
    of_two_issues_with_one_id_each_is_opened
    everything_is_reached_by_the_keyboard_alone
    a_narrow_screen_scrolls_in_one_direction_only
    axe_finds_nothing_wrong_in_any_view_in_light_and_in_dark
    a_preview_that_ends_is_told_and_found_again_when_it_is_back
}

#[test]
fn every_step_of_the_walk_is_a_test() {
    let mut tested: Vec<String> = STEPS.iter().map(|name| name.replace('_', " ")).collect();
    tested.sort();
    assert_eq!(WALK.keys().cloned().collect::<Vec<_>>(), tested);
}
