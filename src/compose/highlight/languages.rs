//! What is known of each language, as data.

use super::grammar::Grammar;
use super::{Piece, lines, markup, words};

/// How a language is read.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Words, strings, numbers and comments.
    Words(&'static Grammar),
    /// Tags and attributes.
    Markup,
    /// Each line stands for itself: added, taken away, a place.
    Diff,
    /// A session at a prompt: what was typed, and what was answered.
    Console,
}

impl Kind {
    pub fn pieces(self, code: &str) -> Vec<Piece> {
        match self {
            Kind::Words(grammar) => words::pieces(grammar, code),
            Kind::Markup => markup::pieces(code),
            Kind::Diff => lines::diff(code),
            Kind::Console => lines::console(code),
        }
    }
}

/// The language of a fence's first word, as in ` ```rust,ignore `.
pub fn named(info: &str) -> Option<Kind> {
    let name = info.split([',', ' ', '{', '}', '\t']).find(|word| !word.is_empty())?.to_lowercase();
    let name = name.trim_start_matches('.');
    let is = |names: &str| names.split_ascii_whitespace().any(|known| known == name);
    if is("html xml svg vue svelte xhtml rss mjml") {
        return Some(Kind::Markup);
    }
    if is("diff patch") {
        return Some(Kind::Diff);
    }
    if is("console shell-session terminal shellsession") {
        return Some(Kind::Console);
    }
    GRAMMARS.iter().find(|grammar| is(grammar.names)).map(Kind::Words)
}

const PLAIN: Grammar = Grammar {
    names: "",
    line_comments: &["//"],
    block_comment: Some(("/*", "*/")),
    quotes: "\"'",
    long_quotes: "",
    has_keys: false,
    folds_case: false,
    in_words: "",
    keywords: "",
    constants: "true false null",
};

const HASH: Grammar = Grammar { line_comments: &["#"], block_comment: None, ..PLAIN };

static GRAMMARS: [Grammar; 27] = [
    Grammar {
        names: "rust rs",
        quotes: "\"",
        long_quotes: "\"",
        keywords: "as async await break const continue crate dyn else enum extern fn for if impl in let loop \
                   match mod move mut pub ref return self static struct super trait type unsafe use where while",
        constants: "true false None Some Ok Err Self",
        ..PLAIN
    },
    Grammar {
        names: "javascript js jsx mjs cjs node",
        quotes: "\"'`",
        long_quotes: "`",
        in_words: "$",
        keywords: "async await break case catch class const continue debugger default delete do else export \
                   extends finally for from function get if import in instanceof let new of return set static \
                   super switch this throw try typeof var void while with yield",
        constants: "true false null undefined NaN Infinity",
        ..PLAIN
    },
    Grammar {
        names: "typescript ts tsx",
        quotes: "\"'`",
        long_quotes: "`",
        in_words: "$",
        keywords: "abstract as async await break case catch class const continue declare default delete do else \
                   enum export extends finally for from function get if implements import in infer instanceof \
                   interface is keyof let namespace new of private protected public readonly return satisfies \
                   set static super switch this throw try type typeof var void while with yield",
        constants: "true false null undefined any boolean never number object string symbol unknown",
        ..PLAIN
    },
    Grammar {
        names: "python py python3",
        long_quotes: "",
        keywords: "and as assert async await break case class continue def del elif else except finally for \
                   from global if import in is lambda match nonlocal not or pass raise return try while with \
                   yield",
        constants: "True False None self cls",
        ..HASH
    },
    Grammar {
        names: "go golang",
        quotes: "\"'`",
        long_quotes: "`",
        keywords: "break case chan const continue default defer else fallthrough for func go goto if import \
                   interface map package range return select struct switch type var",
        constants: "true false nil iota bool byte error float32 float64 int int32 int64 rune string uint uint8 \
                    uint32 uint64 any",
        ..PLAIN
    },
    Grammar {
        names: "java",
        in_words: "@",
        keywords: "abstract assert break case catch class continue default do else enum extends final finally \
                   for if implements import instanceof interface native new package private protected public \
                   record return sealed static super switch synchronized this throw throws try var void \
                   volatile while yield",
        constants: "true false null boolean byte char double float int long short",
        ..PLAIN
    },
    Grammar {
        names: "kotlin kt kts",
        in_words: "@",
        keywords: "abstract as break by catch class companion const constructor continue data do else enum \
                   finally for fun if import in init inline interface internal is lateinit object open override \
                   package private protected public return sealed super suspend this throw try typealias val \
                   var vararg when where while",
        ..PLAIN
    },
    Grammar {
        names: "swift",
        quotes: "\"",
        in_words: "@",
        keywords: "actor as async await break case catch class continue default defer deinit do else enum \
                   extension fallthrough fileprivate for func guard if import in init inout internal is lazy let \
                   mutating open operator override private protocol public repeat rethrows return self some \
                   static struct subscript super switch throw throws try typealias var weak where while",
        constants: "true false nil",
        ..PLAIN
    },
    Grammar {
        names: "c h",
        in_words: "#",
        keywords: "auto break case const continue default do else enum extern for goto if inline register \
                   restrict return sizeof static struct switch typedef union volatile while #include #define \
                   #ifdef #ifndef #if #else #endif #pragma",
        constants: "NULL true false bool char double float int long short signed size_t unsigned void",
        ..PLAIN
    },
    Grammar {
        names: "c++ cpp cc cxx hpp objc objective-c",
        in_words: "#@",
        keywords: "alignas auto break case catch class co_await co_return co_yield concept const consteval \
                   constexpr continue decltype default delete do else enum explicit export extern final for \
                   friend if inline mutable namespace new noexcept operator override private protected public \
                   requires return sizeof static static_cast struct switch template this throw try typedef \
                   typename union using virtual volatile while #include #define #ifdef #ifndef #if #else #endif \
                   #pragma @interface @implementation @end @property",
        constants: "nullptr NULL nil true false YES NO bool char double float int long short signed size_t \
                    unsigned void",
        ..PLAIN
    },
    Grammar {
        names: "csharp c# cs f# fsharp",
        keywords: "abstract as async await base break case catch class const continue default delegate do else \
                   enum event explicit extern finally fixed for foreach get if implicit in init interface \
                   internal is let lock match member module mutable namespace new of open operator out override \
                   params private protected public readonly record ref required return sealed set static struct \
                   switch then this throw try type typeof using var virtual void when where while with yield",
        constants: "true false null bool byte char decimal double float int long object short string uint",
        ..PLAIN
    },
    Grammar {
        names: "ruby rb",
        in_words: "?!@",
        keywords: "alias and begin break case class def defined? do else elsif end ensure extend for if in \
                   include loop module next not or private protected public raise redo require rescue retry \
                   return self super then undef unless until when while yield",
        constants: "true false nil",
        ..HASH
    },
    Grammar {
        names: "php",
        line_comments: &["//", "#"],
        in_words: "$",
        keywords: "abstract and array as break case catch class clone const continue declare default do echo \
                   else elseif enum extends final finally fn for foreach function global if implements include \
                   instanceof interface match namespace new or private protected public readonly require \
                   require_once return static switch throw trait try use var while yield",
        constants: "true false null TRUE FALSE NULL",
        ..PLAIN
    },
    Grammar {
        names: "bash sh shell zsh fish",
        in_words: "-$",
        long_quotes: "\"'",
        keywords: "alias case cd do done echo elif else esac eval exec exit export fi for function if in local \
                   read readonly return set shift source sudo test then trap unset until while",
        ..HASH
    },
    Grammar {
        names: "powershell ps1 pwsh",
        block_comment: Some(("<#", "#>")),
        folds_case: true,
        in_words: "-$",
        keywords: "begin break catch class continue do else elseif end exit filter finally for foreach function \
                   if in param process return switch throw try until using while",
        constants: "$true $false $null",
        ..HASH
    },
    Grammar {
        names: "sql mysql postgres postgresql pgsql sqlite plsql tsql",
        line_comments: &["--"],
        long_quotes: "'",
        folds_case: true,
        keywords: "add all alter and as asc begin between by cascade case check column commit conflict constraint \
                   create cross database default delete desc distinct do drop else end exists explain foreign \
                   from full grant group having if in index inner insert intersect into is join key left like \
                   limit not nothing offset on or order outer over partition primary references returning right \
                   rollback select set table then transaction trigger union unique update using values view \
                   when where window with",
        constants: "true false null bigint boolean char date decimal integer int numeric real serial smallint \
                    text timestamp timestamptz uuid varchar",
        ..PLAIN
    },
    Grammar {
        names: "css scss less sass",
        in_words: "-@#.%$",
        has_keys: true,
        keywords: "@media @import @font-face @keyframes @supports @layer @container @property @page @mixin \
                   @include @use @extend @if @else @for @each @function @return",
        constants: "auto block bold center flex grid inherit initial inline none normal relative absolute fixed \
                    solid transparent unset",
        ..PLAIN
    },
    Grammar { names: "json json5 jsonc geojson webmanifest", has_keys: true, ..PLAIN },
    Grammar {
        names: "yaml yml",
        has_keys: true,
        in_words: "-.",
        constants: "true false null yes no on off",
        ..HASH
    },
    Grammar {
        names: "toml ini cfg conf properties dotenv env editorconfig",
        line_comments: &["#", ";"],
        has_keys: true,
        in_words: "-.",
        ..HASH
    },
    Grammar {
        names: "dockerfile docker containerfile",
        long_quotes: "",
        keywords: "ADD ARG AS CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL ONBUILD RUN SHELL STOPSIGNAL \
                   USER VOLUME WORKDIR",
        ..HASH
    },
    Grammar {
        names: "make makefile mk just justfile cmake",
        has_keys: true,
        in_words: "-.",
        keywords: "define else endef endif export ifdef ifeq ifndef ifneq include override set add_executable \
                   target_link_libraries find_package project",
        ..HASH
    },
    Grammar {
        names: "zig",
        block_comment: None,
        in_words: "@",
        keywords: "align and asm async await break catch comptime const continue defer else enum errdefer error \
                   export extern fn for if inline noalias or orelse packed pub resume return struct suspend \
                   switch test threadlocal try union unreachable usingnamespace var volatile while",
        constants: "true false null undefined bool f32 f64 i32 i64 u8 u16 u32 u64 usize void",
        ..PLAIN
    },
    Grammar {
        names: "elixir ex exs erlang erl",
        line_comments: &["#", "%"],
        in_words: "?!@",
        keywords: "after alias and case catch cond def defimpl defmacro defmodule defp defprotocol defstruct do \
                   else end fn for if import in not or quote raise receive require rescue try unless unquote use \
                   when with",
        constants: "true false nil ok error",
        ..HASH
    },
    Grammar {
        names: "haskell hs elm ocaml ml purescript",
        line_comments: &["--"],
        block_comment: Some(("{-", "-}")),
        quotes: "\"",
        in_words: "'",
        keywords: "as begin case class data deriving do else end exposing forall foreign fun hiding if import in \
                   infix instance let match module newtype of open port qualified rec then try type val where \
                   with",
        constants: "True False Nothing Just Left Right None Some",
        ..PLAIN
    },
    Grammar {
        names: "lua",
        line_comments: &["--"],
        block_comment: Some(("--[[", "]]")),
        keywords: "and break do else elseif end for function goto if in local not or repeat return then until \
                   while",
        constants: "true false nil self",
        ..PLAIN
    },
    Grammar {
        names: "r julia jl perl pl nim",
        in_words: "$@%",
        keywords: "and begin break const do else elseif elsif end export finally for foreach function global if \
                   import in let library local macro module my next not or our package proc quote repeat require \
                   return struct sub then try unless until use using var where while",
        constants: "TRUE FALSE NULL NA Inf true false nothing missing undef nil",
        ..HASH
    },
];
