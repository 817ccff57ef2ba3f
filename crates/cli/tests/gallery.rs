//! `docs/gallery/` is what its command draws.

#[path = "../examples/gallery.rs"]
mod gallery;

#[test]
fn the_gallery_is_up_to_date() {
    let pictures = gallery::pictures().unwrap();
    let page = std::fs::read_to_string(gallery::folder().join("README.md")).unwrap();
    let mut bytes = 0;
    for (name, fresh) in pictures {
        let path = gallery::folder().join(name);
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        let is_same = kept == fresh;
        assert!(
            is_same,
            "{} is out of date; refresh it with: cargo run --release -p heaplab --example gallery",
            path.display()
        );
        assert!(page.contains(&format!("({name})")), "{name} stands on no page");
        bytes += fresh.len();
    }
    assert!(bytes < 500_000, "the gallery has {bytes} bytes");
}
