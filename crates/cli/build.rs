//! Notes how the program is built.

use std::env;
use std::process::Command;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
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
