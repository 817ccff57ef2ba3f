//! Makes a list of the files of the default suite, so that they become part of the program, and notes how it is built.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    embed_suite()?;
    note_build()
}

/// What reports say of the build that measured.
fn note_build() -> Result<(), Failure> {
    let version = Command::new(env::var("RUSTC")?).arg("--version").output()?.stdout;
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let cpu = flags
        .split('\u{1f}')
        .find_map(|flag| flag.trim_start_matches("-C").strip_prefix("target-cpu="));
    println!("cargo::rustc-env=HEAPLAB_RUSTC={}", String::from_utf8_lossy(&version).trim());
    println!("cargo::rustc-env=HEAPLAB_PROFILE={}", env::var("PROFILE")?);
    println!("cargo::rustc-env=HEAPLAB_OPT_LEVEL={}", env::var("OPT_LEVEL")?);
    println!("cargo::rustc-env=HEAPLAB_TARGET={}", env::var("TARGET")?);
    println!("cargo::rustc-env=HEAPLAB_TARGET_CPU={}", cpu.unwrap_or("generic"));
    Ok(())
}

fn embed_suite() -> Result<(), Failure> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../suites");
    let definition = folder.join("default.toml");
    println!("cargo::rerun-if-changed={}", definition.display());
    let text = fs::read_to_string(&definition)
        .map_err(|error| format!("{}: {error}", definition.display()))?;
    let suite: toml::Table = text.parse()?;
    let traces = suite.get("trace").and_then(toml::Value::as_array).map_or(&[][..], Vec::as_slice);
    // Paths relative to the manifest's folder: the program must not hold the path of the machine that built it.
    let in_suites = |file: &str| {
        format!("concat!(env!(\"CARGO_MANIFEST_DIR\"), {:?})", format!("/../../suites/{file}"))
    };
    let mut code = String::new();
    writeln!(code, "/// The definition of the default suite.")?;
    writeln!(
        code,
        "pub(super) static DEFINITION: &str = include_str!({});\n",
        in_suites("default.toml")
    )?;
    writeln!(code, "/// Its traces by the names that the definition uses.")?;
    writeln!(code, "pub(super) static FILES: &[(&str, &[u8])] = &[")?;
    for file in traces.iter().filter_map(|trace| trace.get("file")?.as_str()) {
        println!("cargo::rerun-if-changed={}", folder.join(file).display());
        writeln!(code, "    ({file:?}, include_bytes!({})),", in_suites(file))?;
    }
    writeln!(code, "];")?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("default_suite.rs"), code)?;
    Ok(())
}
