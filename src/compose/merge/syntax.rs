//! What merge syntax means: checks an expression or a statement, and finds whether it is the same for all.

use std::ops::Range;

use minijinja::value::{Serde, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Value};

use super::MarkKind;
use crate::compose::expression::{self, ROOTS};
use crate::model::finding::suggest;

/// Statements may stand in one another this deep.
const MAX_DEPTH: usize = 50;

/// What is wrong, and where inside the text that was looked at.
pub(super) struct Problem {
    pub(super) message: String,
    pub(super) range: Range<usize>,
    pub(super) help: Option<String>,
}

/// A statement that is open, and the names that it makes.
struct Block {
    kind: &'static str,
    span: Range<usize>,
    has_else: bool,
    locals: Vec<String>,
}

/// Understands the merge syntax of one text, in order.
pub(super) struct Syntax {
    strict: Environment<'static>,
    lenient: Environment<'static>,
    roots: Value,
    blocks: Vec<Block>,
    /// Names made by `set` outside of any block.
    locals: Vec<String>,
}

impl Syntax {
    pub(super) fn new(roots: &serde_json::Value) -> Syntax {
        Syntax {
            strict: expression::strict(),
            lenient: expression::lenient(),
            roots: Value::from(Serde(roots)),
            blocks: Vec::new(),
            locals: Vec::new(),
        }
    }

    /// The meaning of `{{ text }}`.
    pub(super) fn value(&self, text: &str) -> Result<MarkKind, Problem> {
        if text.is_empty() {
            return Err(problem(
                "there is nothing between `{{` and `}}`",
                text,
                "name a field, such as `{{ name }}`",
            ));
        }
        let compiled =
            self.strict.compile_expression(text).map_err(|error| syntax_problem(&error, text, 0))?;
        self.try_out(&format!("{{{{ {text} }}}}"), text)?;
        let is_constant = compiled.undeclared_variables(false).iter().all(|name| self.is_same_for_all(name));
        if !is_constant {
            return Ok(MarkKind::Value(text.to_owned()));
        }
        let value = compiled.eval(self.roots.clone()).map_err(|error| self.unknown_root(&error, text))?;
        self.constant(&value, text).map(MarkKind::Constant)
    }

    fn is_same_for_all(&self, name: &str) -> bool {
        let is_local =
            self.blocks.iter().flat_map(|block| &block.locals).chain(&self.locals).any(|n| n == name);
        !is_local && (ROOTS.contains(&name) || expression::is_builtin(name))
    }

    fn constant(&self, value: &Value, text: &str) -> Result<String, Problem> {
        match value.kind() {
            ValueKind::Undefined | ValueKind::None => Err(Problem {
                message: format!("`{text}` has no value"),
                range: 0..text.len(),
                help: self.help_for_root(text),
            }),
            ValueKind::Seq | ValueKind::Map | ValueKind::Iterable => {
                let help = "write a list with `| join(\", \")`, or name one of its entries";
                Err(problem(format!("`{text}` is more than one value"), text, help))
            }
            _ => Ok(value.to_string()),
        }
    }

    fn unknown_root(&self, error: &Error, text: &str) -> Problem {
        let help = match error.kind() {
            ErrorKind::UndefinedError => self.help_for_root(text),
            _ => None,
        };
        Problem { message: format!("`{text}`: {}", expression::reason(error)), range: 0..text.len(), help }
    }

    /// The nearest name that there is, or how to make one.
    fn help_for_root(&self, text: &str) -> Option<String> {
        let path = text.split(|letter: char| !letter.is_alphanumeric() && !"._".contains(letter)).next()?;
        let (root, key) = path.split_once('.')?;
        let known: Vec<String> =
            self.roots.get_attr(root).ok()?.try_iter().ok()?.map(|name| name.to_string()).collect();
        match suggest(key, known.iter().map(String::as_str)) {
            Some(near) => Some(format!("did you mean `{root}.{near}`?")),
            None if root == "vars" => Some(format!("set `{key}` under `vars` in the front matter")),
            None => Some(format!("`{root}` has {}", known.join(", "))),
        }
    }

    /// The meaning of `{% text %}` at `span`; keeps account of what is open.
    pub(super) fn statement(&mut self, text: &str, span: Range<usize>) -> Result<MarkKind, Problem> {
        let keyword = text.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default();
        match keyword {
            "if" => self.open("if", text, span)?,
            "for" => self.open("for", text, span)?,
            "set" => self.set(text)?,
            "elif" => {
                self.branch(text, "if")?;
                let condition = &text["elif".len()..];
                self.check(&format!("{{% if{condition} %}}{{% endif %}}"), text, 1)?;
            }
            "else" => self.branch(text, "")?,
            "endif" => self.close("if", text)?,
            "endfor" => self.close("for", text)?,
            _ => return Err(problem(format!("`{keyword}` is not a statement"), text, STATEMENTS)),
        }
        Ok(MarkKind::Logic(text.to_owned()))
    }

    fn open(&mut self, kind: &'static str, text: &str, span: Range<usize>) -> Result<(), Problem> {
        if self.blocks.len() >= MAX_DEPTH {
            let message = format!("statements are nested more than {MAX_DEPTH} deep");
            return Err(problem(message, text, "close some of them first: `{% endif %}`, `{% endfor %}`"));
        }
        self.check(&format!("{{% {text} %}}{{% end{kind} %}}"), text, 3)?;
        let locals = if kind == "for" { loop_names(text) } else { Vec::new() };
        self.blocks.push(Block { kind, span, has_else: false, locals });
        Ok(())
    }

    fn set(&mut self, text: &str) -> Result<(), Problem> {
        let Some((names, _)) = text["set".len()..].split_once('=') else {
            return Err(problem("`set` needs a value", text, "write it as `{% set greeting = \"Hello\" %}`"));
        };
        self.check(&format!("{{% {text} %}}"), text, 3)?;
        let names = words(names);
        match self.blocks.iter_mut().rfind(|block| block.kind == "for") {
            Some(block) => block.locals.extend(names),
            None => self.locals.extend(names),
        }
        Ok(())
    }

    fn branch(&mut self, text: &str, only: &str) -> Result<(), Problem> {
        match self.blocks.last_mut() {
            Some(block) if !block.has_else && (only.is_empty() || block.kind == only) => {
                block.has_else = text == "else";
                Ok(())
            }
            _ => Err(problem(format!("`{text}` belongs to no open `if`"), text, PAIRS)),
        }
    }

    fn close(&mut self, kind: &str, text: &str) -> Result<(), Problem> {
        match self.blocks.last() {
            Some(block) if block.kind == kind => {
                self.blocks.pop();
                Ok(())
            }
            Some(block) => {
                let message = format!("`{text}` stands where `end{}` is due", block.kind);
                Err(problem(message, text, PAIRS))
            }
            None => Err(problem(format!("`{text}` closes nothing"), text, PAIRS)),
        }
    }

    /// Nothing may be left open: the statement that is, and where it stands.
    pub(super) fn finish(&self) -> Result<(), Problem> {
        match self.blocks.last() {
            None => Ok(()),
            Some(block) => Err(Problem {
                message: format!("`{{% {} %}}` is never closed", block.kind),
                range: block.span.clone(),
                help: Some(format!("add `{{% end{} %}}` where it ends", block.kind)),
            }),
        }
    }

    /// Whether `template` parses, in which `text` begins `before` bytes later.
    fn check(&self, template: &str, text: &str, before: usize) -> Result<(), Problem> {
        match self.strict.template_from_str(template) {
            Err(error) => Err(syntax_problem(&error, text, before)),
            Ok(_) => self.try_out(template, text),
        }
    }

    /// Finds filters, tests and functions that there are not; other errors depend on values.
    fn try_out(&self, template: &str, text: &str) -> Result<(), Problem> {
        match self.lenient.render_str(template, &self.roots) {
            Err(error) if is_unknown_word(error.kind()) => Err(Problem {
                message: expression::reason(&error),
                range: 0..text.len(),
                help: help_for(&error),
            }),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

const STATEMENTS: &str = "there are `if`, `elif`, `else`, `endif`, `for`, `endfor`, `set` and `raw`; \
     to show braces as they are, put them in code or after a backslash";
const PAIRS: &str = "every `if` needs its `endif`, every `for` its `endfor`, one inside the other";

fn is_unknown_word(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::UnknownFilter | ErrorKind::UnknownTest | ErrorKind::UnknownFunction)
}

fn help_for(error: &Error) -> Option<String> {
    let detail = error.detail()?;
    let needless = ["filter safe", "filter escape", "filter e "].iter().any(|word| detail.starts_with(word));
    needless.then(|| "leave it out: a value is escaped by where it stands".to_owned())
}

/// The names that `for NAMES in …` makes.
fn loop_names(text: &str) -> Vec<String> {
    let names = text["for".len()..].split(" in ").next().unwrap_or_default();
    let mut names = words(names);
    names.push("loop".to_owned());
    names
}

fn words(text: &str) -> Vec<String> {
    let is_mark = |letter: char| !letter.is_alphanumeric() && letter != '_';
    text.split(is_mark).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn problem(message: impl Into<String>, text: &str, help: &str) -> Problem {
    Problem { message: message.into(), range: 0..text.len(), help: Some(help.to_owned()) }
}

/// MiniJinja's error at its place in `text`, which begins `before` bytes after what was compiled.
fn syntax_problem(error: &Error, text: &str, before: usize) -> Problem {
    let range = error.range().unwrap_or(0..text.len() + before);
    let start = floor(text, range.start.saturating_sub(before));
    let end = floor(text, range.end.saturating_sub(before)).max(start);
    Problem { message: expression::reason(error), range: start..end, help: None }
}

fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at.min(text.len()))
}
