//! `heaplab new-strategy`: a crate that works, to be changed into one's own.

mod files;
mod name;
mod workspace;

use std::fs;
use std::path::{Path, PathBuf};

use heaplab_core::{Registry, StrategyList};
use heaplab_report::table::{Block, Column, Entry, Role, Table};

use crate::Exit;
use crate::args::NewStrategyArgs;
use crate::failure::Failure;
use crate::lines::cannot_write;
use crate::output::Terminal;
use files::File;
use name::Name;
use workspace::Workspace;

pub(super) fn run<L: StrategyList>(
    registry: &Registry<L>,
    args: &NewStrategyArgs,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let name = Name::parse(&args.name)?;
    if args.remove {
        return remove(name, args.force, terminal);
    }
    let is_taken = super::contestants(registry).iter().any(|entry| entry.name == name.as_str());
    if is_taken {
        return Err(taken(name, "a contestant of this program is called so"));
    }
    if args.standalone { make_package(name, args, terminal) } else { make_crate(name, terminal) }
}

fn taken(name: Name<'_>, why: &str) -> Failure {
    Failure::usage(format!("the name '{}' is taken: {why}", name.as_str()))
        .help("heaplab list strategies names those that there are")
}

/// A crate of the workspace, and its two lines.
fn make_crate(name: Name<'_>, terminal: &Terminal) -> Result<Exit, Failure> {
    let workspace = Workspace::find()?;
    if let Some(bearer) = workspace.bearer(name)? {
        return Err(taken(name, &bearer));
    }
    // Everything that can fail comes first; then the folder appears whole, and the registry names it.
    let edit = workspace.with(name)?;
    let workshop = workspace.workshop()?;
    let folder = workspace.folder(name);
    write_files(workshop.path(), &files::of_crate(name))?;
    fs::rename(workshop.path(), &folder).map_err(|error| cannot_write(&folder, &error))?;
    // The folder has another name now, so there is nothing left to vanish.
    let _ = workshop.keep();
    edit.write().inspect_err(|_| {
        let _ = fs::remove_dir_all(&folder);
    })?;
    let mut rows: Vec<_> = files::of_crate(name)
        .iter()
        .map(|(path, _)| (workspace.shown(&folder.join(path)), meaning(path)))
        .collect();
    rows.extend(edit.paths().map(|path| (workspace.shown(path), "one line more")));
    terminal.answer(&terminal.render_uncut(&table(rows)))?;
    terminal.next(&format!(
        "cargo test -p heaplab-{0} && cargo run --release -- run -s {0},best-fit",
        name.as_str()
    ));
    Ok(Exit::Done)
}

/// A package of its own in the current folder.
fn make_package(
    name: Name<'_>,
    args: &NewStrategyArgs,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let folder = PathBuf::from(name.as_str());
    if folder.exists() {
        return Err(taken(name, &format!("there is a folder {}", folder.display())));
    }
    if let Some(checkout) = &args.heaplab {
        let witness = checkout.join("crates/core/Cargo.toml");
        if !witness.is_file() {
            let what = format!("{}: no checkout of heaplab", checkout.display());
            return Err(Failure::input(format!("{what}: looked for {}", witness.display())));
        }
    }
    let files = files::of_package(name, |crate_folder| match &args.heaplab {
        None => format!("\"{}\"", env!("CARGO_PKG_VERSION")),
        Some(checkout) => {
            // A relative path is meant from here, and stands in a manifest one folder below.
            let crates = Path::new("..").join(checkout).join("crates").join(crate_folder);
            // Forward slashes are understood everywhere, and no string needs an escape for them.
            format!("{{ path = \"{}\" }}", crates.display().to_string().replace('\\', "/"))
        }
    });
    let workshop = tempfile::Builder::new()
        .prefix(".new-strategy-")
        .tempdir_in(".")
        .map_err(|error| cannot_write(&folder, &error))?;
    write_files(workshop.path(), &files)?;
    fs::rename(workshop.path(), &folder).map_err(|error| cannot_write(&folder, &error))?;
    let _ = workshop.keep();
    let rows = files
        .iter()
        .map(|(path, _)| (folder.join(path).display().to_string(), meaning(path)))
        .collect();
    terminal.answer(&terminal.render_uncut(&table(rows)))?;
    terminal
        .next(&format!("cd {0} && cargo test && cargo run --release -- run -s {0}", name.as_str()));
    Ok(Exit::Done)
}

/// Takes a strategy out of the workspace again.
fn remove(name: Name<'_>, is_forced: bool, terminal: &Terminal) -> Result<Exit, Failure> {
    let workspace = Workspace::find()?;
    let folder = workspace.folder(name);
    let edit = workspace.without(name)?;
    let Some(edit) = edit.filter(|_| folder.is_dir()) else {
        return Err(Failure::usage(format!(
            "there is no strategy crate '{}': looked for {} and its lines in {}",
            name.as_str(),
            workspace.shown(&folder),
            workspace.with(name)?.paths().map(|path| workspace.shown(path)).join(" and ")
        )));
    };
    if !is_forced && let Some(path) = first_difference(&folder, &files::of_crate(name)) {
        return Err(Failure::usage(format!(
            "{} is not as it was generated; removing it would lose work",
            workspace.shown(&path)
        ))
        .help(format!("heaplab new-strategy {} --remove --force", name.as_str())));
    }
    edit.write()?;
    fs::remove_dir_all(&folder).map_err(|error| cannot_write(&folder, &error))?;
    let mut rows = vec![(workspace.shown(&folder), "removed")];
    rows.extend(edit.paths().map(|path| (workspace.shown(path), "one line less")));
    terminal.answer(&terminal.render_uncut(&table(rows)))?;
    Ok(Exit::Done)
}

fn write_files(folder: &Path, files: &[File]) -> Result<(), Failure> {
    for (path, text) in files {
        let path = folder.join(path);
        let write = || {
            fs::create_dir_all(path.parent().unwrap_or(folder))?;
            fs::write(&path, text)
        };
        write().map_err(|error| cannot_write(&path, &error))?;
    }
    // Temporary folders are for their owner alone; this one is to become an ordinary one.
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(folder, mode).map_err(|error| cannot_write(folder, &error))?;
    }
    Ok(())
}

/// The first file that was changed, added or taken away since it was generated.
fn first_difference(folder: &Path, files: &[File]) -> Option<PathBuf> {
    let mut expected: Vec<PathBuf> = files.iter().map(|(path, _)| folder.join(path)).collect();
    for ((_, text), path) in files.iter().zip(&expected) {
        if fs::read_to_string(path).ok().as_ref() != Some(text) {
            return Some(path.clone());
        }
    }
    expected.extend([folder.join("src"), folder.join("tests")]);
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).ok()?.flatten() {
            let path = entry.path();
            if !expected.contains(&path) {
                return Some(path);
            }
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    None
}

/// What a generated file is for.
fn meaning(path: &str) -> &'static str {
    match path {
        "src/index.rs" => "the rule: which hole is taken",
        "src/policy.rs" => "what the strategy declares of itself",
        "src/main.rs" => "the command line with this strategy in it",
        "tests/conformance.rs" => "the judge, one line",
        "tests/placement.rs" => "drawn cases",
        "README.md" => "when to choose it, how it works, what it costs",
        _ => "",
    }
}

fn table(rows: Vec<(String, &'static str)>) -> Table {
    let column = |key: &str, role| Column {
        key: key.into(),
        heading: key.into(),
        role,
        ..Column::default()
    };
    let rows = rows.into_iter().map(|(path, what)| vec![Entry::word(path), Entry::word(what)]);
    Table {
        columns: vec![column("file", Role::Name), column("what", Role::default())],
        blocks: vec![Block { label: None, rows: rows.collect() }],
        ..Table::default()
    }
}
