//! What the checks of the repository have in common: its files and its packages.
//!
//! Each check is a test under `tests/`, so that `cargo test --workspace` is the only gate.

#![forbid(unsafe_code)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

/// The root of the checkout.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Folders that hold no sources.
const SKIPPED: &[&str] = &["target", ".git", "local", "node_modules"];

/// All files below `folder` that end in one of `endings`, as paths from the root, in order.
///
/// # Errors
///
/// Whatever reading the folders brings.
pub fn files(folder: &str, endings: &[&str]) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = folder.join(&name);
            if entry.file_type()?.is_dir() {
                if !SKIPPED.contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// A package of the workspace: the folder it lies in, and the packages of the workspace that it depends on.
#[derive(Debug, Default)]
pub struct Package {
    /// Folder from the root, such as `crates/core`.
    pub folder: String,
    /// Dependencies of the library and the binary.
    pub dependencies: BTreeSet<String>,
    /// Dependencies of tests and examples.
    pub dev_dependencies: BTreeSet<String>,
}

/// What cargo says of the workspace.
fn metadata(arguments: &[&str]) -> Result<serde_json::Value, String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--offline", "--format-version", "1"])
        .args(arguments)
        .current_dir(root())
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
}

/// The packages of the workspace by name, as cargo sees them.
///
/// # Errors
///
/// A description of what cargo said, if it failed or could not be understood.
pub fn packages() -> Result<BTreeMap<String, Package>, String> {
    let metadata = metadata(&["--no-deps"])?;
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let workspace = text(&metadata["workspace_root"]);
    let mut packages = BTreeMap::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let manifest = text(&package["manifest_path"]);
        let folder = manifest.trim_start_matches(&workspace).trim_matches('/');
        let mut entry = Package {
            folder: folder.trim_end_matches("/Cargo.toml").to_owned(),
            ..Package::default()
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let name = text(&dependency["name"]);
            if !name.starts_with("heaplab") {
                continue;
            }
            if dependency["kind"] == "dev" {
                entry.dev_dependencies.insert(name);
            } else {
                entry.dependencies.insert(name);
            }
        }
        packages.insert(text(&package["name"]), entry);
    }
    Ok(packages)
}

/// The platform that this compiler builds for, as a triple.
fn host() -> Result<String, String> {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| format!("rustc -vV names no host: {text}"))
}

/// Every package that the workspace is built from, with its licence expression.
///
/// # Errors
///
/// As [`packages`].
pub fn licences() -> Result<Vec<(String, String)>, String> {
    // Packages for other platforms need not have been fetched.
    let metadata = metadata(&["--filter-platform", &host()?])?;
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let packages = metadata["packages"].as_array().into_iter().flatten();
    Ok(packages.map(|package| (text(&package["name"]), text(&package["license"]))).collect())
}
