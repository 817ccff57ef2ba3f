//! Frames as they look, in three sizes.

use std::time::{Duration, Instant};

use heaplab_core::{Config, Granule};
use heaplab_trace::Trace;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::{Scene, draw};
use crate::controls::Controls;
use crate::screen::Look;
use crate::show::{Goal, Show};
use crate::stage::{Part, with_stages};
use crate::{WatchError, five_bytes};

/// The frame after so many operations, without trailing spaces.
fn frame(names: &[&str], done: u64, size: (u16, u16), look: Look, help: bool) -> String {
    let config = Config::new().with_granule(Granule::BYTE);
    let parts: Vec<_> = names.iter().map(|&name| Part::new(name, config.clone())).collect();
    let trace: Trace = five_bytes();
    let registry = heaplab_strategies::registry();
    let drawn: Result<String, WatchError> = with_stages(&registry, &parts, 5, &mut |stages| {
        let mut show = Show::new(&trace, stages)?;
        let mut controls = Controls::new(show.total());
        (controls.playing, controls.help) = (false, help);
        let mut scene = Scene::new(look);
        let far = Instant::now() + Duration::from_secs(60);
        for goal in [done.saturating_sub(1), done] {
            assert!(show.advance(Goal::After(goal), far)?);
            scene.update(&mut show);
        }
        let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
        terminal
            .draw(|frame| draw(frame.area(), frame.buffer_mut(), &show, &controls, &mut scene))
            .unwrap();
        let buffer = terminal.backend().buffer();
        let rows = buffer.content().chunks(usize::from(size.0)).map(|row| {
            let text: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
            text.trim_end().to_owned()
        });
        Ok(rows.collect::<Vec<_>>().join("\n"))
    });
    drawn.unwrap()
}

const PLAIN: Look = Look { ascii: true, color: false };
const RICH: Look = Look { ascii: false, color: true };

#[test]
fn side_by_side() {
    let frame = frame(&["first-fit", "compaction"], 8, (120, 30), RICH, false);
    insta::assert_snapshot!("120x30", frame);
}

#[test]
fn ascii_in_the_usual_size() {
    insta::assert_snapshot!("80x24", frame(&["compaction"], 7, (80, 24), PLAIN, false));
    insta::assert_snapshot!("80x24-slid", frame(&["compaction"], 8, (80, 24), PLAIN, false));
    insta::assert_snapshot!("80x24-help", frame(&["compaction"], 8, (80, 24), PLAIN, true));
}

#[test]
fn twenty_columns_are_enough_for_something() {
    insta::assert_snapshot!(
        "20x10",
        frame(&["first-fit", "compaction"], 8, (20, 10), PLAIN, false)
    );
}

#[test]
fn no_size_is_too_small() {
    for width in 1..24 {
        for height in 1..14 {
            for help in [false, true] {
                frame(&["first-fit", "best-fit", "compaction"], 8, (width, height), RICH, help);
            }
        }
    }
}
