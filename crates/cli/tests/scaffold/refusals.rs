//! What is refused leaves nothing behind.

use std::fs;
use std::path::Path;

use crate::checkout::{files, heaplab, must, root, said};

/// The registry crate of this checkout and a crate's manifest: all that the command looks at.
fn small_checkout() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for path in
        ["crates/strategies/Cargo.toml", "crates/strategies/src/lib.rs", "crates/core/Cargo.toml"]
    {
        fs::create_dir_all(folder.path().join(path).parent().unwrap()).unwrap();
        fs::copy(root().join(path), folder.path().join(path)).unwrap();
    }
    folder
}

/// Runs a line that must be refused with this exit code and words, and change nothing.
fn refuse(folder: &Path, line: &str, exit: i32, words: &str) {
    let before = files(folder);
    let output = heaplab(folder, line).output().unwrap();
    let text = said(&output);
    assert_eq!(output.status.code(), Some(exit), "{line}: {text}");
    assert!(text.contains(words), "{line}: {text}");
    assert_eq!(files(folder), before, "{line} left something behind");
}

#[test]
fn taken_names_and_what_is_no_name_are_refused() {
    let checkout = small_checkout();
    for (name, words) in [
        ("best-fit", "the name 'best-fit' is taken: a contestant of this program is called so"),
        ("bump", "the name 'bump' is taken"),
        ("strategies", "the name 'strategies' is taken: there is a folder crates/strategies"),
        ("My_Fit", "'My_Fit' cannot name a strategy"),
        ("../evil", "'../evil' cannot name a strategy"),
        ("core", "'core' cannot name a strategy: Rust has that word for itself"),
    ] {
        refuse(checkout.path(), &format!("new-strategy {name}"), 2, words);
    }
}

#[test]
fn outside_of_a_checkout_it_says_what_was_looked_for() {
    let folder = tempfile::tempdir().unwrap();
    let words = "no checkout of heaplab: looked for crates/strategies/src/lib.rs in ";
    refuse(folder.path(), "new-strategy probe-fit", 3, words);
    refuse(folder.path(), "new-strategy probe-fit --remove", 3, words);
    refuse(
        folder.path(),
        "new-strategy first-fit --standalone",
        2,
        "the name 'first-fit' is taken",
    );
    let words = "absent: no checkout of heaplab: looked for absent/crates/core/Cargo.toml";
    refuse(folder.path(), "new-strategy probe-fit --standalone --heaplab absent", 3, words);
    refuse(
        folder.path(),
        "new-strategy probe-fit -C absent",
        3,
        "absent: cannot work in this folder",
    );
}

#[test]
fn a_registry_that_is_not_understood_is_left_alone() {
    let checkout = small_checkout();
    fs::write(checkout.path().join("crates/strategies/src/lib.rs"), "// nothing\n").unwrap();
    refuse(
        checkout.path(),
        "new-strategy probe-fit",
        3,
        "no line '.with::<…>(…)' to put a new one behind",
    );
}

#[test]
fn a_strategy_is_added_from_below_and_removed_without_a_trace() {
    let checkout = small_checkout();
    let before = files(checkout.path());
    let below = checkout.path().join("crates/core");
    let answer = must(&mut heaplab(&below, "new-strategy two-level-4k"));
    assert!(
        answer.contains("crates/two-level-4k/src/index.rs") && answer.contains("next: "),
        "{answer}"
    );
    let registry =
        fs::read_to_string(checkout.path().join("crates/strategies/src/lib.rs")).unwrap();
    let entry = "        .with::<heaplab_two_level_4k::TwoLevel4k>(\"two-level-4k\")\n";
    assert!(registry.contains(entry), "{registry}");
    refuse(
        checkout.path(),
        "new-strategy two-level-4k",
        2,
        "there is a folder crates/two-level-4k",
    );
    for text in files(&checkout.path().join("crates/two-level-4k")).values() {
        let text = String::from_utf8(text.clone()).unwrap();
        assert!(["my-fit", "my_fit", "MyFit"].iter().all(|word| !text.contains(word)), "{text}");
    }
    must(&mut heaplab(checkout.path(), "new-strategy two-level-4k --remove"));
    assert_eq!(files(checkout.path()), before);
    refuse(
        checkout.path(),
        "new-strategy two-level-4k --remove",
        2,
        "there is no strategy crate 'two-level-4k'",
    );
}

#[test]
fn work_is_not_removed_without_force() {
    let checkout = small_checkout();
    let before = files(checkout.path());
    for path in ["src/index.rs", "src/more.rs"] {
        must(&mut heaplab(checkout.path(), "new-strategy probe-fit"));
        fs::write(checkout.path().join("crates/probe-fit").join(path), "// an idea\n").unwrap();
        let words = format!(
            "crates/probe-fit/{path} is not as it was generated; removing it would lose work"
        );
        refuse(checkout.path(), "new-strategy probe-fit --remove", 2, &words);
        must(&mut heaplab(checkout.path(), "new-strategy probe-fit --remove --force"));
        assert_eq!(files(checkout.path()), before);
    }
}

#[test]
fn what_has_no_generated_folder_is_not_removed() {
    let checkout = small_checkout();
    refuse(
        checkout.path(),
        "new-strategy first-fit --remove",
        2,
        "there is no strategy crate 'first-fit'",
    );
    refuse(checkout.path(), "new-strategy probe-fit --force", 2, "--remove");
}
