//! Draws `docs/gallery/`: `cargo run --release -p heaplab --example gallery`.
//!
//! Every picture is made by replays alone, so the same files come out each time.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use heaplab_core::Granule;
use heaplab_harness::{HeapSize, MapRequest, heap_map};
use heaplab_page::map::{ColorBy, Figure, figure};
use heaplab_report::HeapMap;
use heaplab_trace::generate::Generator;
use heaplab_trace::hlt::HltFile;
use heaplab_trace::{Operation, OperationSource, Trace, TraceBuilder, TraceInfo};

type Error = Box<dyn std::error::Error>;

/// Where the pictures lie in the repository.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/gallery")
}

#[cfg_attr(test, expect(dead_code, reason = "the test draws and does not write"))]
fn main() -> Result<(), Error> {
    std::fs::create_dir_all(folder())?;
    for (name, svg) in pictures()? {
        let path = folder().join(name);
        std::fs::write(&path, &svg)?;
        writeln!(std::io::stdout(), "{name}: {} bytes", svg.len())?;
    }
    Ok(())
}

/// The pictures by file name.
pub(crate) fn pictures() -> Result<Vec<(&'static str, String)>, Error> {
    let gcc = suite_trace("gcc")?;
    let lua = suite_trace("lua")?;
    let adversary =
        generated("adversary", &[("holes", "400"), ("operations", "3000"), ("live", "40")])?;
    Ok(vec![
        (
            "five-bytes.svg",
            draw(
                "Five bytes: two free ones apart do not hold a block of two, until the blocks slide together",
                &five_bytes()?,
                &["best-fit", "compaction"],
                "5",
                Granule::BYTE,
                264,
            )?,
        ),
        (
            "fits.svg",
            draw(
                "Best fit beside first fit on a recorded run of GCC",
                &gcc,
                &["best-fit", "first-fit"],
                "unlimited",
                Granule::DEFAULT,
                300,
            )?,
        ),
        (
            "slide.svg",
            draw(
                "Compaction beside best fit on a recorded run of Lua",
                &lua,
                &["compaction", "best-fit"],
                "1.05x",
                Granule::DEFAULT,
                300,
            )?,
        ),
        (
            "adversary.svg",
            draw(
                "The adversary of linear searches: a comb of small holes that every larger request has to pass",
                &adversary,
                &["first-fit", "compaction"],
                "1.25x",
                Granule::DEFAULT,
                260,
            )?,
        ),
    ])
}

fn draw(
    title: &str,
    source: &dyn OperationSource,
    strategies: &[&str],
    heap: &str,
    granule: Granule,
    height: usize,
) -> Result<String, Error> {
    let mut request = MapRequest::new(source);
    request.heap = heap.parse::<HeapSize>()?;
    request.granule = granule;
    let registry = heaplab_strategies::registry();
    let maps = strategies
        .iter()
        .map(|strategy| heap_map(&registry, strategy, &request))
        .collect::<Result<Vec<HeapMap>, _>>()?;
    Ok(figure(&Figure { title, maps: &maps, by: ColorBy::Age, height })?)
}

/// `XXXXX`, `X-X-X`, and then two bytes more.
fn five_bytes() -> Result<Trace, Error> {
    let allocate = |slot, size| Operation::Allocate { slot, size, align: 1 };
    let mut operations: Vec<_> = (0..5).map(|slot| allocate(slot, 1)).collect();
    operations.extend([Operation::Free { slot: 1 }, Operation::Free { slot: 3 }, allocate(1, 2)]);
    Ok(Trace::from_operations(TraceInfo::named("five bytes"), operations)?)
}

fn suite_trace(name: &str) -> Result<HltFile, Error> {
    let suites = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../suites");
    Ok(HltFile::open(suites.join(name).with_extension("hlt"))?)
}

fn generated(kind: &str, parameters: &[(&str, &str)]) -> Result<Trace, Error> {
    let generator = Generator::parse(kind, parameters)?;
    let mut builder = TraceBuilder::new(generator.trace_info());
    generator.run(&mut builder)?;
    Ok(builder.finish())
}
