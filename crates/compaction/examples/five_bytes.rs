//! The five-byte story, told with a real heap: `cargo run -p heaplab-compaction --example five_bytes`.
#![expect(clippy::print_stdout, reason = "an example shows its output")]

use std::error::Error;

use heaplab_compaction::Compaction;
use heaplab_core::{Allocator, Config, Granule, Handle, Heap, Request};

fn main() -> Result<(), Box<dyn Error>> {
    let mut heap = Heap::<Compaction>::new(5, &Config::new().with_granule(Granule::BYTE))?;
    println!("A heap of five bytes, granule 1.\n");
    show("", &heap);

    let blocks: Vec<Handle> =
        (0..5).map(|_| heap.allocate(Request::new(1))).collect::<Result<_, _>>()?;
    for (block, letter) in blocks.iter().zip(b'a'..) {
        heap.write(*block)?.fill(letter);
    }
    show("five blocks of one byte, holding a, b, c, d and e", &heap);

    heap.free(blocks[1])?;
    heap.free(blocks[3])?;
    show("the second and the fourth freed", &heap);

    for (name, freed) in [("second", blocks[1]), ("fourth", blocks[3])] {
        match heap.read(freed) {
            Ok(bytes) => println!("        reading the {name}: {bytes:?}"),
            Err(refusal) => println!("        reading the {name}: refused, {refusal}"),
        }
        match heap.write(freed) {
            Ok(bytes) => println!("        writing the {name}: {} bytes", bytes.len()),
            Err(refusal) => println!("        writing the {name}: refused, {refusal}"),
        }
    }

    let before = heap.allocator().usage();
    println!(
        "\n        two bytes wanted: {} free, longest hole {}",
        heap.allocator().capacity_bytes() - before.live_bytes,
        before.largest_hole_bytes.unwrap_or(0),
    );
    let pair = heap.allocate(Request::new(2))?;
    heap.write(pair)?.copy_from_slice(b"fg");
    let after = heap.allocator().usage();
    show("a block of two bytes, holding f and g", &heap);
    println!(
        "        compactions: {}, bytes moved: {}\n",
        after.compactions, after.compaction_relocated_bytes
    );

    for block in [blocks[0], blocks[2], blocks[4], pair] {
        let offset = heap.allocator().block(block).map(|block| block.offset);
        let text = String::from_utf8_lossy(heap.read(block)?).into_owned();
        println!("        {block:?} at {} holds {text}", offset.unwrap_or_default());
    }
    Ok(())
}

fn show(what: &str, heap: &Heap<Compaction>) {
    println!("{}   {what}", heap.map());
}
