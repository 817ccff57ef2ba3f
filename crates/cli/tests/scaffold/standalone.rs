//! A package of its own is what stands under `examples`, which is built, judged and run on every change.

use std::path::Path;

use crate::checkout::{files, heaplab, must, root};

#[test]
fn the_example_is_what_the_command_makes() {
    let folder = tempfile::tempdir().unwrap();
    let line = format!("new-strategy lean-fit --standalone --heaplab {}", root().display());
    let answer = must(&mut heaplab(folder.path(), &line));
    assert!(answer.contains("lean-fit/src/main.rs"), "{answer}");
    let mut made = files(&folder.path().join("lean-fit"));
    let mut example = files(&root().join("examples/lean-fit"));
    // Where heaplab's crates are is all that differs: the example lies inside of the checkout.
    let manifest = Path::new("Cargo.toml");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let outside = format!("{}/crates/", root().display());
    let made_manifest = text(made.remove(manifest).unwrap()).replace(&outside, "../../crates/");
    assert_eq!(made_manifest, text(example.remove(manifest).unwrap()));
    let texts = |files: std::collections::BTreeMap<_, Vec<u8>>| -> Vec<_> {
        files.into_iter().map(|(path, bytes)| (path, text(bytes))).collect()
    };
    assert_eq!(texts(made), texts(example));
}

#[test]
fn without_a_checkout_it_depends_on_what_is_published() {
    let folder = tempfile::tempdir().unwrap();
    must(&mut heaplab(folder.path(), "new-strategy far-fit --standalone"));
    let made = files(&folder.path().join("far-fit"));
    let manifest = String::from_utf8(made[Path::new("Cargo.toml")].clone()).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    assert!(manifest.contains(&format!("\nheaplab-core = \"{version}\"\n")), "{manifest}");
    assert!(!manifest.contains("HEAPLAB") && !manifest.contains("my-fit"), "{manifest}");
}
