//! The files of a new strategy.

use super::name::Name;

macro_rules! template {
    ($path:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/", $path, ".template"))
    };
}

/// A file's path inside its package, and its text.
pub(super) type File = (&'static str, String);

const SHARED: &[(&str, &str)] = &[
    ("README.md", template!("README.md")),
    ("src/lib.rs", template!("lib.rs")),
    ("src/policy.rs", template!("policy.rs")),
    ("src/index.rs", template!("index.rs")),
    ("tests/conformance.rs", template!("conformance.rs")),
    ("tests/placement.rs", template!("placement.rs")),
];

/// The files of a crate of this workspace.
pub(super) fn of_crate(name: Name<'_>) -> Vec<File> {
    let mut files = vec![("Cargo.toml", rendered(template!("Cargo.toml"), name))];
    files.extend(SHARED.iter().map(|(path, text)| (*path, rendered(text, name))));
    files
}

/// The files of a package of its own; `dependency` says where a crate of heaplab comes from.
pub(super) fn of_package(name: Name<'_>, dependency: impl Fn(&str) -> String) -> Vec<File> {
    let mut manifest = rendered(template!("standalone/Cargo.toml"), name);
    for folder in ["cli", "blocks", "core", "strategies", "conformance"] {
        manifest = manifest.replace(&format!("HEAPLAB({folder})"), &dependency(folder));
    }
    let main = rendered(template!("standalone/main.rs"), name);
    let mut files = vec![
        ("Cargo.toml", manifest),
        (".gitignore", "/target\n".to_owned()),
        ("src/main.rs", main),
    ];
    // Outside of this workspace nothing is called heaplab-something.
    let own =
        |text: &str| text.replace("heaplab-my-fit", "my-fit").replace("heaplab_my_fit", "my_fit");
    files.extend(SHARED.iter().map(|(path, text)| (*path, rendered(&own(text), name))));
    files
}

fn rendered(template: &str, name: Name<'_>) -> String {
    template
        .replace("my-fit", name.as_str())
        .replace("my_fit", &name.module_name())
        .replace("MyFit", &name.type_name())
}
