//! Tells the build scripts of dependents where the header is. Compiles nothing.

fn main() {
    println!("cargo::rerun-if-changed=include");
    let folder = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    println!("cargo::metadata=include={folder}/include");
}
