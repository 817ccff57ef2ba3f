//! The terminal: drawing while the show goes on, and keys.

use std::io;
use std::time::{Duration, Instant};

use heaplab_core::{Registry, StrategyList};
use heaplab_trace::OperationSource;
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyEventKind};

use crate::WatchError;
use crate::controls::Controls;
use crate::draw::{Scene, draw};
use crate::show::{Goal, Show};
use crate::stage::{Part, with_stages};

/// From one frame to the next.
const FRAME: Duration = Duration::from_millis(40);
/// The part of a frame in which operations are performed; the rest is for drawing.
const WORK: Duration = Duration::from_millis(25);
/// How long a terminal without a user's wish may sleep.
const SLEEP: Duration = Duration::from_secs(3_600);

/// What the terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Nothing beyond ASCII.
    pub ascii: bool,
    /// Colors.
    pub color: bool,
}

/// Shows the replay in the terminal until the user leaves; the terminal is as before then, after a panic too.
///
/// # Errors
///
/// [`WatchError`] when a strategy cannot be made, the trace not be read, or the terminal fails.
pub fn watch<L: StrategyList>(
    registry: &Registry<L>,
    source: &dyn OperationSource,
    parts: &[Part],
    capacity_bytes: u64,
    look: Look,
) -> Result<(), WatchError> {
    with_stages(registry, parts, capacity_bytes, &mut |stages| {
        let mut show = Show::new(source, stages)?;
        let mut terminal = ratatui::try_init()?;
        let result = run(&mut terminal, &mut show, look);
        ratatui::try_restore()?;
        result
    })
}

fn run(
    terminal: &mut DefaultTerminal,
    show: &mut Show<'_, '_>,
    look: Look,
) -> Result<(), WatchError> {
    let mut controls = Controls::new(show.total());
    let mut scene = Scene::new(look);
    let mut before = Instant::now();
    loop {
        let now = Instant::now();
        advance(show, &mut controls, now - before, now + WORK)?;
        before = now;
        scene.update(show);
        terminal
            .draw(|frame| draw(frame.area(), frame.buffer_mut(), show, &controls, &mut scene))?;
        let is_moving = controls.playing || controls.goal.is_some();
        let pause = if is_moving { FRAME.saturating_sub(now.elapsed()) } else { SLEEP };
        if !listen(pause, show, &mut controls)? {
            return Ok(());
        }
        if !is_moving {
            // Time that passed while nothing played is not owed.
            before = Instant::now();
        }
    }
}

/// Does what is due: on the way to a goal as much as fits, while playing what the speed asks for.
fn advance(
    show: &mut Show<'_, '_>,
    controls: &mut Controls,
    passed: Duration,
    deadline: Instant,
) -> Result<(), WatchError> {
    if let Some(goal) = controls.goal {
        // A goal behind us becomes one ahead once the rewind is done, and so it is the same goal in the next frame.
        if show.advance(goal, deadline)? {
            controls.goal = None;
        }
    } else if controls.playing {
        let due = controls.due(passed);
        show.advance(Goal::After(show.done().saturating_add(due)), deadline)?;
        if show.is_over() {
            controls.playing = false;
        }
    }
    Ok(())
}

/// Waits for a key or a new size, or until it is time for the next frame; `false` when the user leaves.
#[expect(clippy::collapsible_match, reason = "a guard should not change the controls")]
fn listen(
    pause: Duration,
    show: &Show<'_, '_>,
    controls: &mut Controls,
) -> Result<bool, io::Error> {
    let mut pause = pause;
    while event::poll(pause)? {
        match event::read()? {
            Event::Key(key) if key.kind != KeyEventKind::Release => {
                if !controls.press(key, show.done(), show.total()) {
                    return Ok(false);
                }
            }
            // Drawing asks for the size by itself.
            _ => {}
        }
        if controls.goal.is_some() {
            break;
        }
        pause = Duration::ZERO;
    }
    Ok(true)
}
