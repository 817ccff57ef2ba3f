//! Licences: only those that `deny.toml` names.
#![expect(clippy::unwrap_used, reason = "a repository that cannot be read has failed its checks")]

use std::fs;

use heaplab_tidy::{licences, root};

/// Whether a licence expression can be met by the accepted licences: one of its alternatives, all of its parts.
fn is_accepted(expression: &str, accepted: &[String]) -> bool {
    let expression = expression.replace('/', " OR ").replace(['(', ')'], "");
    expression.split(" OR ").any(|alternative| {
        alternative.split(" AND ").all(|licence| accepted.iter().any(|name| name == licence.trim()))
    })
}

/// The names in the list `allow` of `deny.toml`.
fn accepted() -> Vec<String> {
    let text = fs::read_to_string(root().join("deny.toml")).unwrap();
    let list = text.split("allow = [").nth(1).and_then(|rest| rest.split(']').next()).unwrap();
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_dependency_has_an_accepted_licence() {
    let accepted = accepted();
    assert!(accepted.len() > 3, "{accepted:?}");
    let packages = licences().unwrap();
    assert!(packages.len() > 20);
    let refused: Vec<_> =
        packages.iter().filter(|(_, licence)| !is_accepted(licence, &accepted)).collect();
    assert!(refused.is_empty(), "{refused:?}");
}

#[test]
fn expressions_are_understood() {
    let accepted = ["MIT".to_owned(), "Zlib".to_owned()];
    for (expression, expected) in [
        ("MIT", true),
        ("MIT/Apache-2.0", true),
        ("GPL-3.0", false),
        ("(MIT OR GPL-2.0) AND Zlib", true),
        ("MIT AND GPL-2.0", false),
        ("", false),
    ] {
        assert_eq!(is_accepted(expression, &accepted), expected, "{expression}");
    }
}
