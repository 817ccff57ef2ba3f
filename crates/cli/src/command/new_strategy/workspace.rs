//! A checkout of heaplab, and the two lines of a strategy in its registry.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::{env, fs};

use super::name::Name;
use crate::failure::Failure;
use crate::lines::cannot_write;

const REGISTRY: &str = "crates/strategies/src/lib.rs";
const MANIFEST: &str = "crates/strategies/Cargo.toml";

/// A checkout of heaplab.
#[derive(Debug)]
pub(super) struct Workspace {
    root: PathBuf,
}

/// The registry crate's two files with other texts, not yet written.
#[derive(Debug)]
pub(super) struct Edit {
    manifest: Change,
    registry: Change,
}

#[derive(Debug)]
struct Change {
    path: PathBuf,
    before: String,
    after: String,
}

impl Workspace {
    /// The checkout that the current folder lies in.
    pub(super) fn find() -> Result<Self, Failure> {
        let here = env::current_dir()
            .map_err(|error| Failure::input(format!("the current folder is not known: {error}")))?;
        let is_root = |folder: &&Path| folder.join(REGISTRY).is_file();
        match here.ancestors().find(is_root) {
            Some(root) => Ok(Self { root: root.to_owned() }),
            None => Err(Failure::input(format!(
                "no checkout of heaplab: looked for {REGISTRY} in {} and the folders above it",
                here.display()
            ))
            .help("name one with -C DIR, or make a package of its own with --standalone")),
        }
    }

    /// The folder of the strategy's crate.
    pub(super) fn folder(&self, name: Name<'_>) -> PathBuf {
        self.root.join("crates").join(name.as_str())
    }

    /// A path as it is shown: from the root on.
    pub(super) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }

    /// What already bears the name, if anything does.
    pub(super) fn bearer(&self, name: Name<'_>) -> Result<Option<String>, Failure> {
        for folder in [self.folder(name), self.root.join(name.as_str())] {
            if folder.join("Cargo.toml").exists()
                || (folder.exists() && folder == self.folder(name))
            {
                return Ok(Some(format!("there is a folder {}", self.shown(&folder))));
            }
        }
        let edit = self.edit()?;
        let entry = format!("(\"{}\")", name.as_str());
        if edit.registry.before.contains(&entry) {
            return Ok(Some(format!("{REGISTRY} has an entry of that name")));
        }
        if edit.manifest.before.lines().any(|line| is_dependency(line, name)) {
            return Ok(Some(format!("{MANIFEST} depends on heaplab-{} already", name.as_str())));
        }
        Ok(None)
    }

    /// The registry with the strategy's two lines.
    pub(super) fn with(&self, name: Name<'_>) -> Result<Edit, Failure> {
        let mut edit = self.edit()?;
        let dependency = format!(
            "heaplab-{0} = {{ path = \"../{0}\", version = \"{1}\" }}",
            name.as_str(),
            env!("CARGO_PKG_VERSION")
        );
        let entry = format!(
            "        .with::<heaplab_{}::{}>(\"{}\")",
            name.module_name(),
            name.type_name(),
            name.as_str()
        );
        edit.manifest.insert_after(
            &dependency,
            |line| line.starts_with("heaplab-"),
            "heaplab-…",
        )?;
        edit.registry.insert_after(&entry, |line| line.contains(".with::<"), ".with::<…>(…)")?;
        Ok(edit)
    }

    /// The registry without the strategy's two lines; `None` if it has neither.
    pub(super) fn without(&self, name: Name<'_>) -> Result<Option<Edit>, Failure> {
        let mut edit = self.edit()?;
        let path = format!("heaplab_{}::", name.module_name());
        edit.manifest.retain(|line| !is_dependency(line, name));
        edit.registry.retain(|line| !line.contains(&path));
        let is_changed = |change: &Change| change.before != change.after;
        let is_any = is_changed(&edit.manifest) || is_changed(&edit.registry);
        Ok(is_any.then_some(edit))
    }

    /// A new folder on the same file system as the crates, that vanishes unless it is kept.
    pub(super) fn workshop(&self) -> Result<tempfile::TempDir, Failure> {
        tempfile::Builder::new()
            .prefix(".new-strategy-")
            .tempdir_in(&self.root)
            .map_err(|error| cannot_write(&self.root.join("crates"), &error))
    }

    fn edit(&self) -> Result<Edit, Failure> {
        let change = |path: &str| {
            let path = self.root.join(path);
            let before = fs::read_to_string(&path)
                .map_err(|error| Failure::input(format!("{}: {error}", path.display())))?;
            Ok(Change { path, after: before.clone(), before })
        };
        Ok(Edit { manifest: change(MANIFEST)?, registry: change(REGISTRY)? })
    }
}

impl Edit {
    /// Writes both files, or neither.
    pub(super) fn write(&self) -> Result<(), Failure> {
        self.manifest.write(&self.manifest.after)?;
        self.registry.write(&self.registry.after).inspect_err(|_| {
            // What was there before can be written, since the new text could; if not, the first error tells enough.
            let _ = self.manifest.write(&self.manifest.before);
        })
    }

    /// The two files.
    pub(super) fn paths(&self) -> [&Path; 2] {
        [&self.manifest.path, &self.registry.path]
    }
}

impl Change {
    /// Puts a line behind the last one that is like it.
    fn insert_after(
        &mut self,
        line: &str,
        is_like_it: impl Fn(&str) -> bool,
        what: &str,
    ) -> Result<(), Failure> {
        let mut lines: Vec<&str> = self.before.lines().collect();
        let Some(last) = lines.iter().rposition(|line| is_like_it(line)) else {
            return Err(Failure::input(format!(
                "{}: no line '{what}' to put a new one behind",
                self.path.display()
            )));
        };
        lines.insert(last + 1, line);
        self.after = lines.join("\n") + "\n";
        Ok(())
    }

    fn retain(&mut self, keeps: impl Fn(&str) -> bool) {
        let lines: Vec<&str> = self.before.lines().filter(|line| keeps(line)).collect();
        self.after = lines.join("\n") + "\n";
    }

    fn write(&self, text: &str) -> Result<(), Failure> {
        let write = || -> io::Result<()> {
            let folder = self.path.parent().unwrap_or(Path::new("."));
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(text.as_bytes())?;
            file.as_file().set_permissions(fs::metadata(&self.path)?.permissions())?;
            file.persist(&self.path)?;
            Ok(())
        };
        write().map_err(|error| cannot_write(&self.path, &error))
    }
}

/// Whether a manifest's line is the dependency on the strategy.
fn is_dependency(line: &str, name: Name<'_>) -> bool {
    let Some(rest) = line.trim_start().strip_prefix("heaplab-") else { return false };
    rest.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with([' ', '.', '=']))
}
