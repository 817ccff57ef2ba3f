//! A strategy's name, and the forms that it takes in Rust.

use crate::failure::Failure;

/// The longest name: it stands in tables.
const MOST_SIGNS: usize = 40;

/// Types that the generated code names itself, or that every file has in scope.
const TAKEN_TYPES: &[&str] = &[
    "Allocator",
    "Capabilities",
    "CheapestHole",
    "Config",
    "ConfigError",
    "Declaration",
    "Entries",
    "Entry",
    "Err",
    "ExitCode",
    "FitPolicy",
    "Fits",
    "Granule",
    "Hole",
    "HoleIndex",
    "Id",
    "Iterator",
    "Judged",
    "None",
    "Ok",
    "Option",
    "Request",
    "Result",
    "Self",
    "Some",
    "Step",
    "Strategy",
    "String",
];

/// Words that a package cannot be called in a repository of its own.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield", "test", "core", "std",
    "alloc",
];

/// A name such as `my-fit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Name<'a>(&'a str);

impl<'a> Name<'a> {
    /// Checks that packages, modules and types can be called so.
    pub(super) fn parse(text: &'a str) -> Result<Self, Failure> {
        let refuse = |reason: &str| {
            let shown: String = text.chars().filter(|sign| !sign.is_control()).take(60).collect();
            let failure = Failure::usage(format!("'{shown}' cannot name a strategy: {reason}"));
            let wanted = "lowercase words of a to z and 0 to 9, joined by hyphens, such as my-fit";
            Err(match normal(text) {
                Some(normal) => failure.help(format!("heaplab new-strategy {normal}")),
                None => failure.help(wanted),
            })
        };
        let is_word = |word: &str| {
            let plain = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit();
            !word.is_empty() && word.chars().all(plain)
        };
        if text.is_empty() {
            return refuse("it is empty");
        }
        if !text.split('-').all(is_word) {
            return refuse("it must be lowercase words joined by hyphens");
        }
        if !text.starts_with(|sign: char| sign.is_ascii_lowercase()) {
            return refuse("it must begin with a letter");
        }
        if text.len() > MOST_SIGNS {
            return refuse(&format!("it has {} letters, at most {MOST_SIGNS}", text.len()));
        }
        let name = Self(text);
        if KEYWORDS.contains(&text) {
            return refuse("Rust has that word for itself");
        }
        if TAKEN_TYPES.contains(&name.type_name().as_str()) {
            return refuse(&format!("the type {} is there already", name.type_name()));
        }
        Ok(name)
    }

    /// As users type it: `my-fit`.
    pub(super) const fn as_str(self) -> &'a str {
        self.0
    }

    /// As crates and modules are called: `my_fit`.
    pub(super) fn module_name(self) -> String {
        self.0.replace('-', "_")
    }

    /// As types are called: `MyFit`.
    pub(super) fn type_name(self) -> String {
        let capitalized = |word: &str| -> String {
            let mut signs = word.chars();
            signs.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(signs).collect()
        };
        self.0.split('-').map(capitalized).collect()
    }
}

/// The nearest name that can be one: `MyFit`, `my_fit` and `My Fit` all mean `my-fit`.
fn normal(text: &str) -> Option<String> {
    let mut name = String::new();
    for sign in text.chars() {
        if sign.is_ascii_uppercase() && name.ends_with(|last: char| last.is_ascii_lowercase()) {
            name.push('-');
        }
        match sign {
            'a'..='z' | '0'..='9' | 'A'..='Z' => name.push(sign.to_ascii_lowercase()),
            '_' | ' ' | '-' if !name.ends_with('-') => name.push('-'),
            _ => {}
        }
    }
    let name = name.trim_matches(|sign: char| sign == '-' || sign.is_ascii_digit());
    (name != text && Name::parse(name).is_ok()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_identifiers() {
        let name = Name::parse("two-level-4k").unwrap();
        assert_eq!(name.module_name(), "two_level_4k");
        assert_eq!(name.type_name(), "TwoLevel4k");
    }

    #[test]
    fn what_is_no_identifier_is_refused_with_the_nearest_that_is_one() {
        for (text, reason) in [
            ("", "'' cannot name a strategy: it is empty"),
            ("3-way", "it must begin with a letter\n  help: heaplab new-strategy way"),
            ("MyFit", "joined by hyphens\n  help: heaplab new-strategy my-fit"),
            ("my_fit", "joined by hyphens\n  help: heaplab new-strategy my-fit"),
            ("my--fit", "joined by hyphens\n  help: heaplab new-strategy my-fit"),
            ("my-fit-", "joined by hyphens\n  help: heaplab new-strategy my-fit"),
            ("../../etc", "joined by hyphens\n  help: heaplab new-strategy etc"),
            ("größer", "joined by hyphens\n  help: heaplab new-strategy grer"),
            ("self", "Rust has that word for itself\n  help: lowercase words"),
            ("fn", "Rust has that word for itself"),
            ("hole-index", "the type HoleIndex is there already"),
            (
                "a-name-that-no-table-could-ever-show-in-full",
                "it has 44 letters, at most 40\n  help: lowercase",
            ),
        ] {
            let failure = Name::parse(text).unwrap_err();
            assert!(failure.text().contains(reason), "{text}: {}", failure.text());
            assert_eq!(failure.exit(), crate::Exit::Usage);
        }
    }
}
