use super::*;
use crate::model::theme::contrast;
use proptest::prelude::*;

fn roles(language: &str, code: &str) -> Vec<(Role, String)> {
    let coloured = pieces(language, code).into_iter();
    coloured.filter_map(|(role, text)| Some((role?, text.trim().to_owned()))).collect()
}

fn check(language: &str, code: &str, expected: &[(Role, &str)]) {
    let found = roles(language, code);
    let expected: Vec<_> = expected.iter().map(|(role, text)| (*role, (*text).to_owned())).collect();
    assert_eq!(found, expected, "{language}");
}

#[test]
fn comments_strings_and_names_have_their_colours() {
    check(
        "rust",
        "// hi\nfn main() -> Vec<u8> { \"a\\\"b\"; 12.5 }",
        &[
            (Role::Comment, "// hi"),
            (Role::Keyword, "fn"),
            (Role::Function, "main"),
            (Role::Type, "Vec"),
            (Role::String, "\"a\\\"b\""),
            (Role::Constant, "12.5"),
        ],
    );
    check(
        "python",
        "def f(x):\n    \"\"\"two\n    lines\"\"\"\n    return None  # done",
        &[
            (Role::Keyword, "def"),
            (Role::Function, "f"),
            (Role::String, "\"\"\"two\n    lines\"\"\""),
            (Role::Keyword, "return"),
            (Role::Constant, "None"),
            (Role::Comment, "# done"),
        ],
    );
    check(
        "sql",
        "SELECT name FROM t -- all",
        &[(Role::Keyword, "SELECT"), (Role::Keyword, "FROM"), (Role::Comment, "-- all")],
    );
}

#[test]
fn keys_stand_out_in_languages_of_data() {
    check(
        "json",
        "{\"a\": \"b\", \"c\": true}",
        &[(Role::Type, "\"a\""), (Role::String, "\"b\""), (Role::Type, "\"c\""), (Role::Constant, "true")],
    );
    check(
        "toml",
        "[server]\nport = 80 # http",
        &[(Role::Type, "server"), (Role::Type, "port"), (Role::Constant, "80"), (Role::Comment, "# http")],
    );
    check("yaml", "- name: Ada\n", &[(Role::Type, "name")]);
}

#[test]
fn tags_patches_and_prompts_are_read_in_their_own_way() {
    check(
        "html",
        "<!-- x --><a href=\"/\">1 < 2</a>",
        &[
            (Role::Comment, "<!-- x -->"),
            (Role::Keyword, "a"),
            (Role::Type, "href"),
            (Role::String, "\"/\""),
            (Role::Keyword, "a"),
        ],
    );
    check(
        "diff",
        "@@ -1 +1 @@\n-old\n+new\n same",
        &[(Role::Function, "@@ -1 +1 @@"), (Role::Keyword, "-old"), (Role::String, "+new")],
    );
    check("console", "$ ls\na b\n", &[(Role::Comment, "a b")]);
}

#[test]
fn a_fence_may_say_more_than_its_language() {
    for info in ["rust,ignore", "Rust", "rust {1,3}", "{.rust}"] {
        assert_eq!(roles(info, "fn").len(), 1, "{info}");
    }
}

#[test]
fn what_is_no_language_stays_as_it_is() {
    for language in ["", "text", "nonsense"] {
        assert_eq!(pieces(language, "fn main() {}"), [(None, "fn main() {}")]);
    }
}

#[test]
fn unfinished_and_very_long_code_ends() {
    for language in ["js", "html", "python", "lua", "css"] {
        for code in ["x /*", "<", "\"\"\"", "<a b=\"", "'\\", "--[[", "/*"] {
            let joined: String = pieces(language, code).into_iter().map(|(_, text)| text).collect();
            assert_eq!(joined, code);
        }
    }
    let long = "fn ".repeat(MOST_BYTES);
    assert_eq!(pieces("rust", &long), [(None, long.as_str())]);
}

#[test]
fn every_colour_can_be_read_in_both_modes() {
    for role in Role::ALL {
        let (light, dark) = role.colours();
        for ground in ["#f1f4f7", "#ffffff"] {
            assert!(contrast(light, ground) >= 4.5, "{role:?} on {ground}");
        }
        for ground in ["#222a32", "#181d23"] {
            assert!(contrast(dark, ground) >= 4.5, "{role:?} on {ground}");
        }
    }
}

proptest! {
    #[test]
    fn nothing_of_the_code_is_lost(
        code in "([a-z\"'`/*#{}()<>é:=$@\\\\\\-\n\t ]|fn |let |<!--|\"\"\"){0,60}",
        language in "rust|js|html|yaml|sh|css|json|python|ruby|lua|diff|console|toml|haskell",
    ) {
        let joined: String = pieces(&language, &code).into_iter().map(|(_, text)| text).collect();
        prop_assert_eq!(joined, code);
    }
}
