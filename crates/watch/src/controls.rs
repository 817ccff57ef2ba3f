//! What keys do: a state machine that knows neither terminal nor strategies.

use std::time::Duration;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::show::Goal;

/// Operations a second, from slow to as fast as it goes.
const SPEEDS: [u64; 24] = [
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000,
    200_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000, 20_000_000, 50_000_000,
];
/// How long a whole trace takes at first, in seconds.
const SHOWTIME: u64 = 30;
/// The most digits that can be typed.
const DIGITS: usize = 19;

/// What colors stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colors {
    Size,
    Age,
}

/// What the user has asked for.
#[derive(Clone, Debug)]
pub(crate) struct Controls {
    pub(crate) playing: bool,
    pub(crate) colors: Colors,
    pub(crate) help: bool,
    /// The number being typed after `g`.
    pub(crate) typed: Option<String>,
    /// Where the show is on its way to, other than by playing.
    pub(crate) goal: Option<Goal>,
    speed: usize,
    /// Thousandths of an operation that playing is behind.
    owed: u64,
}

impl Controls {
    /// Playing, at a speed that fits the length of the trace.
    pub(crate) fn new(total: u64) -> Self {
        let fits = |&speed: &u64| speed >= 2 && total <= speed.saturating_mul(SHOWTIME);
        let speed = SPEEDS.iter().position(fits).unwrap_or(SPEEDS.len() - 1);
        let colors = Colors::Size;
        Self { playing: true, colors, help: false, typed: None, goal: None, speed, owed: 0 }
    }

    /// Operations a second.
    pub(crate) const fn speed(&self) -> u64 {
        SPEEDS[self.speed]
    }

    /// Operations due after so much time of playing; fractions are kept for the next time.
    pub(crate) fn due(&mut self, passed: Duration) -> u64 {
        let passed = u64::try_from(passed.as_millis()).unwrap_or(u64::MAX).min(1_000);
        self.owed += passed * self.speed();
        let due = self.owed / 1_000;
        self.owed %= 1_000;
        due
    }

    /// Takes a key; `false` when the user wants to leave.
    pub(crate) fn press(&mut self, key: KeyEvent, done: u64, total: u64) -> bool {
        let far = key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::SHIFT);
        if key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c') {
            return false;
        }
        if self.typed.is_some() {
            self.type_number(key.code);
            return true;
        }
        // Whatever is on its way stops at any key, so that nothing has to be waited for.
        let was_on_its_way = self.goal.take().is_some();
        let page = (total / 20).max(10);
        match key.code {
            KeyCode::Esc if self.help || was_on_its_way => self.help = false,
            KeyCode::Char('q') | KeyCode::Esc => return false,
            KeyCode::Char(' ') => self.playing = !self.playing && done < total,
            KeyCode::Right if far => self.go(done.saturating_add(10)),
            KeyCode::Left if far => self.go(done.saturating_sub(10)),
            KeyCode::Right => self.go(done.saturating_add(1)),
            KeyCode::Left => self.go(done.saturating_sub(1)),
            KeyCode::PageDown => self.go(done.saturating_add(page)),
            KeyCode::PageUp => self.go(done.saturating_sub(page)),
            KeyCode::Home => self.go(0),
            KeyCode::End => self.go(total),
            KeyCode::Char('g') => {
                self.playing = false;
                self.typed = Some(String::new());
            }
            KeyCode::Char('/') => {
                self.playing = false;
                self.goal = Some(Goal::Event);
            }
            KeyCode::Char('+' | '=') => self.speed = (self.speed + 1).min(SPEEDS.len() - 1),
            KeyCode::Char('-') => self.speed = self.speed.saturating_sub(1),
            KeyCode::Char('c') => {
                self.colors = match self.colors {
                    Colors::Size => Colors::Age,
                    Colors::Age => Colors::Size,
                }
            }
            KeyCode::Char('?' | 'h') => self.help = !self.help,
            _ => {}
        }
        true
    }

    fn go(&mut self, done: u64) {
        self.playing = false;
        self.goal = Some(Goal::After(done));
    }

    fn type_number(&mut self, code: KeyCode) {
        let Some(typed) = &mut self.typed else { return };
        match code {
            KeyCode::Char(digit) if digit.is_ascii_digit() && typed.len() < DIGITS => {
                typed.push(digit);
            }
            KeyCode::Backspace => {
                typed.pop();
            }
            KeyCode::Enter => {
                // The operation itself is performed: what it did is what one wants to see.
                if let Ok(index) = typed.parse::<u64>() {
                    self.goal = Some(Goal::After(index.saturating_add(1)));
                }
                self.typed = None;
            }
            KeyCode::Esc => self.typed = None,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(keys: &[KeyCode], done: u64) -> Controls {
        let mut controls = Controls::new(1_000);
        for &code in keys {
            assert!(controls.press(KeyEvent::from(code), done, 1_000), "{code:?}");
        }
        controls
    }

    #[test]
    fn the_speed_fits_the_trace() {
        for (total, speed) in [(0, 2), (8, 2), (1_000, 50), (10_000_000, 500_000)] {
            assert_eq!(Controls::new(total).speed(), speed, "{total}");
        }
        assert_eq!(Controls::new(u64::MAX).speed(), 50_000_000);
        assert_eq!(after(&[KeyCode::Char('+')], 0).speed(), 100);
        assert_eq!(after(&[KeyCode::Char('-'); 50], 0).speed(), 1);
        assert_eq!(after(&[KeyCode::Char('+'); 50], 0).speed(), 50_000_000);
    }

    #[test]
    fn fractions_of_operations_add_up() {
        let mut controls = Controls::new(8);
        let due: u64 = (0..20).map(|_| controls.due(Duration::from_millis(50))).sum();
        assert_eq!(due, 2);
    }

    #[test]
    fn steps_pause_and_go() {
        for (code, done, goal) in [
            (KeyCode::Right, 7, 8),
            (KeyCode::Left, 7, 6),
            (KeyCode::Left, 0, 0),
            (KeyCode::PageDown, 7, 57),
            (KeyCode::PageUp, 60, 10),
            (KeyCode::Home, 7, 0),
            (KeyCode::End, 7, 1_000),
        ] {
            let controls = after(&[code], done);
            assert_eq!(controls.goal, Some(Goal::After(goal)), "{code:?}");
            assert!(!controls.playing);
        }
        let mut controls = after(&[], 0);
        controls.press(KeyEvent::new(KeyCode::Right, KeyModifiers::SHIFT), 7, 1_000);
        assert_eq!(controls.goal, Some(Goal::After(17)));
    }

    #[test]
    fn a_number_is_typed_after_g() {
        let keys = ['g', '4', 'x', '2', '1'].map(KeyCode::Char);
        let mut controls = after(&keys, 0);
        assert_eq!(controls.typed.as_deref(), Some("421"));
        controls.press(KeyCode::Backspace.into(), 0, 1_000);
        controls.press(KeyCode::Enter.into(), 0, 1_000);
        assert_eq!((controls.goal, controls.typed), (Some(Goal::After(43)), None));
        let left = after(&[KeyCode::Char('g'), KeyCode::Char('q'), KeyCode::Esc], 0);
        assert_eq!((left.goal, left.typed), (None, None));
        let endless = [[KeyCode::Char('g')].as_slice(), &[KeyCode::Char('9'); 40]].concat();
        assert_eq!(after(&endless, 0).typed.map(|typed| typed.len()), Some(DIGITS));
    }

    #[test]
    fn leaving_and_toggling() {
        let mut controls = after(&[KeyCode::Char('c'), KeyCode::Char('?'), KeyCode::Char('/')], 0);
        assert_eq!((controls.colors, controls.help), (Colors::Age, true));
        assert_eq!(controls.goal, Some(Goal::Event));
        assert!(controls.press(KeyCode::Esc.into(), 0, 1_000));
        assert!(!controls.help && controls.goal.is_none());
        assert!(!controls.press(KeyCode::Esc.into(), 0, 1_000));
        assert!(!controls.press(KeyCode::Char('q').into(), 0, 1_000));
        let control_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        controls.press(KeyCode::Char('g').into(), 0, 1_000);
        assert!(!controls.press(control_c, 0, 1_000));
        // At the end there is nothing to play.
        assert!(!after(&[KeyCode::Char(' '); 2], 1_000).playing);
        assert!(after(&[KeyCode::Char(' '); 2], 7).playing);
    }
}
