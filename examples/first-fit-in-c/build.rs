//! Compiles the strategy. The folder of the header comes from the build script of heaplab-foreign.

fn main() {
    println!("cargo::rerun-if-changed=src/first_fit.c");
    let include = std::env::var("DEP_HEAPLAB_STRATEGY_INCLUDE").unwrap();
    cc::Build::new()
        .file("src/first_fit.c")
        .include(include)
        .std("c11")
        .warnings_into_errors(true)
        .compile("first_fit_in_c");
}
