//! Pictures of maps that were drawn by hand.

use heaplab_report::map::pack_rows;
use heaplab_report::{HeapMap, HeapSpec, MapFailure, MapLayer, MapPoint, MapRows};

use super::{ColorBy, Figure, PictureError, figure, png};

/// `X-X.`, then `XXX.`, and a request refused.
fn sample(name: &str) -> HeapMap {
    let (fill, born) = ([8, 0, 4, 0, 8, 8, 8, 0], [1, 0, 1, 0, 1, 2, 1, 0]);
    HeapMap {
        trace: name.into(),
        strategy: name.into(),
        heap: HeapSpec { bytes: 4, ratio: None, spec: "4".into() },
        granule_bytes: 1,
        extent_bytes: 4,
        to_operation: 3,
        high_water: Some(MapPoint { operation: 0, bytes: 3 }),
        failure: Some(MapFailure { operation: 2, requested_bytes: 2, ..MapFailure::default() }),
        sites: vec![name.into()],
        rows: MapRows {
            columns: 4,
            operation_index: vec![0, 1],
            end_bytes: vec![3, 3],
            live_bytes: vec![2, 3],
            compacted_rows: vec![1],
            layers: vec![MapLayer::Fill, MapLayer::Born],
            data: pack_rows(&[&fill, &born], 4),
            ..MapRows::default()
        },
        ..HeapMap::default()
    }
}

/// Red, green, blue and opacity of each pixel.
fn pixels(bytes: &[u8]) -> Vec<[u8; 4]> {
    let mut decoder = ::png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(::png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut buffer = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut buffer).unwrap();
    assert_eq!((info.width, info.height, info.color_type), (4, 2, ::png::ColorType::Rgba));
    buffer.chunks(4).map(|pixel| pixel.try_into().unwrap()).collect()
}

#[test]
fn a_picture_has_a_pixel_for_each_column() {
    let pixels = pixels(&png(&sample("a"), ColorBy::Age).unwrap());
    let opacity: Vec<u8> = pixels.iter().map(|pixel| pixel[3]).collect();
    assert_eq!(opacity, [255, 0, 193, 90, 255, 255, 255, 90], "full, hole, half, wilderness");
    let [first_row, second_row] = [&pixels[..4], &pixels[4..]];
    assert_eq!(first_row[0][..3], [240, 160, 48], "a new block is orange");
    assert_ne!(second_row[0][..3], first_row[0][..3], "an old one is not");
    assert_eq!(second_row[1][..3], first_row[0][..3]);
}

#[test]
fn every_color_has_a_picture() {
    for by in [ColorBy::Age, ColorBy::Size, ColorBy::Thread, ColorBy::Site] {
        assert_eq!(pixels(&png(&sample("a"), by).unwrap()).len(), 8, "{by:?}");
    }
}

#[test]
fn names_in_a_figure_are_text() {
    let name = "<script>alert(1)</script>&\"";
    for by in [ColorBy::Age, ColorBy::Site] {
        let maps = [sample(name)];
        let svg = figure(&Figure { title: name, maps: &maps, by, height: 40 }).unwrap();
        assert!(!svg.contains("<script"), "{svg}");
        assert!(svg.contains("&lt;script&gt;alert(1)&lt;/script&gt;&amp;"), "{svg}");
    }
}

#[test]
fn a_figure_says_what_it_shows() {
    let maps = [sample("best-fit"), HeapMap { failure: None, ..sample("first-fit") }];
    let figure = || Figure { title: "Two", maps: &maps, by: ColorBy::Age, height: 40 };
    let svg = super::figure(&figure()).unwrap();
    for text in ["best-fit", "refused at operation 2: 2 B asked for", "high-water mark 3 B", "hole"]
    {
        assert!(svg.contains(text), "no {text:?} in {svg}");
    }
    assert_eq!(svg, super::figure(&figure()).unwrap());
    assert!(super::figure(&Figure { maps: &[], ..figure() }).is_ok());
}

#[test]
fn a_map_that_is_none_has_no_picture() {
    let mut broken = sample("a");
    broken.rows.data = "AAAA".into();
    let error = png(&broken, ColorBy::Age).unwrap_err();
    assert!(matches!(error, PictureError::Map { .. }), "{error}");
    let maps = [broken];
    assert!(figure(&Figure { title: "", maps: &maps, by: ColorBy::Age, height: 40 }).is_err());
}
