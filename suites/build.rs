//! Makes a list of the files of the default suite, so that they become part of the program.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = env::var("CARGO_MANIFEST_DIR")?;
    println!("cargo::rerun-if-changed=default.toml");
    let text = fs::read_to_string(Path::new(&folder).join("default.toml"))
        .map_err(|error| format!("default.toml: {error}"))?;
    let suite: toml::Table = text.parse()?;
    let traces = suite.get("trace").and_then(toml::Value::as_array).map_or(&[][..], Vec::as_slice);
    // Paths relative to the manifest's folder: the program must not hold the path of the machine that built it.
    let here =
        |file: &str| format!("concat!(env!(\"CARGO_MANIFEST_DIR\"), {:?})", format!("/{file}"));
    let mut code = String::new();
    writeln!(code, "/// The definition of the default suite.")?;
    writeln!(code, "pub static DEFINITION: &str = include_str!({});\n", here("default.toml"))?;
    writeln!(code, "/// Its traces by the names that the definition uses.")?;
    writeln!(code, "pub static FILES: &[(&str, &[u8])] = &[")?;
    for file in traces.iter().filter_map(|trace| trace.get("file")?.as_str()) {
        println!("cargo::rerun-if-changed={file}");
        writeln!(code, "    ({file:?}, include_bytes!({})),", here(file))?;
    }
    writeln!(code, "];")?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("default_suite.rs"), code)?;
    Ok(())
}
