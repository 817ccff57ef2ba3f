//! What a run is to do, and who said so: flag, variable, suite or nobody.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use clap::ArgMatches;
use clap::parser::ValueSource;
use heaplab_core::Granule;
use heaplab_harness::{
    CURVE_HEAPS, DEFAULT_HEAPS, DEFAULT_TIME_BUDGET, DEFAULT_TIMED_HEAPS, HeapSize, LatencyPass,
};

use crate::args::{ModeWish, Pass, RunArgs};
use crate::suite::{HeapText, RunSection};

/// How many timed rounds there are to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RoundsWish {
    /// As many as it takes, within the time budget.
    Auto,
    /// So many.
    Fixed(u32),
}

impl FromStr for RoundsWish {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.parse()) {
            ("auto", _) => Ok(Self::Auto),
            (_, Ok(rounds @ 1..=10_000)) => Ok(Self::Fixed(rounds)),
            _ => Err(format!("expected 'auto' or a number from 1 to 10000, found '{text}'")),
        }
    }
}

impl fmt::Display for RoundsWish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Fixed(rounds) => rounds.fmt(f),
        }
    }
}

/// Who decided about a setting, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decider {
    Flag,
    Variable,
    Suite,
    Default,
}

impl Decider {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Variable => "environment",
            Self::Suite => "suite",
            Self::Default => "default",
        }
    }
}

/// The settings of a run.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Globs over the registry; none means all.
    pub(crate) strategies: Vec<String>,
    /// Heap sizes, the timed ones included.
    pub(crate) heaps: Vec<HeapSize>,
    /// Heap sizes that are timed.
    pub(crate) timed: Vec<HeapSize>,
    /// Timed rounds.
    pub(crate) rounds: RoundsWish,
    /// Time for the whole run.
    pub(crate) time_budget: Duration,
    /// Time for one replay.
    pub(crate) timeout: Option<Duration>,
    /// Unit of sizes and addresses.
    pub(crate) granule: Granule,
    /// What to measure.
    pub(crate) passes: Vec<Pass>,
    /// How operations are timed one by one.
    pub(crate) latency: LatencyPass,
    /// Whether another process of the run finds what all would find alike: it verifies what is timed, and seeks the bounds.
    pub(crate) is_relieved: bool,
    /// Whether bytes stand behind the heap.
    pub(crate) mode: ModeWish,
    /// Seed of the order of the strategies.
    pub(crate) seed: u64,
    deciders: Vec<(&'static str, String, Decider)>,
}

/// Looks settings up by strength and remembers who decided.
struct Resolver<'a> {
    matches: Option<&'a ArgMatches>,
    deciders: Vec<(&'static str, String, Decider)>,
}

impl Resolver<'_> {
    /// `typed` comes from a flag or a variable; `id` is the argument's name for the parser.
    fn pick<T>(
        &mut self,
        id: &'static str,
        typed: Option<T>,
        suite: Option<T>,
        default: T,
        show: impl Fn(&T) -> String,
    ) -> T {
        let source = self.matches.and_then(|matches| matches.value_source(id));
        let (value, decider) = match (typed, suite) {
            (Some(value), _) if source == Some(ValueSource::EnvVariable) => {
                (value, Decider::Variable)
            }
            (Some(value), _) => (value, Decider::Flag),
            (None, Some(value)) => (value, Decider::Suite),
            (None, None) => (default, Decider::Default),
        };
        self.deciders.push((id, show(&value), decider));
        value
    }
}

impl Resolver<'_> {
    /// The heaps, and those that are timed, which are among them.
    fn pick_heaps(
        &mut self,
        args: &RunArgs,
        heaps: Option<Vec<HeapText>>,
        timed: Option<Vec<HeapText>>,
    ) -> (Vec<HeapSize>, Vec<HeapSize>) {
        let sizes = |heaps: Vec<HeapText>| heaps.into_iter().map(|heap| heap.0).collect();
        let usual = parse_all(if args.curve { CURVE_HEAPS } else { DEFAULT_HEAPS });
        let mut heaps =
            self.pick("heap", args.heap.clone(), heaps.map(sizes), usual, |it| join(it));
        let mut usual = parse_all(DEFAULT_TIMED_HEAPS);
        usual.retain(|heap| heaps.contains(heap));
        if usual.is_empty() || args.curve {
            usual.clone_from(&heaps);
        }
        let timed = self.pick("timed", args.timed.clone(), timed.map(sizes), usual, |it| join(it));
        // A heap that is to be timed takes part, whether it was listed twice or once.
        heaps.extend_from_slice(&timed);
        (unique(heaps), unique(timed))
    }
}

impl Settings {
    /// Joins what was typed with what the suite says; `matches` are those of `run`.
    pub(crate) fn resolve(
        args: &RunArgs,
        mut suite: RunSection,
        matches: Option<&ArgMatches>,
    ) -> Self {
        if args.curve {
            // Whoever asks for a curve asks for its heaps, passes and copies.
            suite = RunSection { heaps: None, timed: None, passes: None, mode: None, ..suite };
        }
        let mut resolver = Resolver { matches, deciders: Vec::new() };
        let typed = Some(args.filter.strategies.clone()).filter(|globs| !globs.is_empty());
        let all = vec!["*".to_owned()];
        let strategies =
            resolver.pick("strategies", typed, suite.strategies, all, |it| it.join(","));
        let (heaps, timed) = resolver.pick_heaps(args, suite.heaps, suite.timed);
        let rounds = suite.rounds.map(|rounds| rounds.0);
        let rounds =
            resolver.pick("rounds", args.rounds, rounds, RoundsWish::Auto, ToString::to_string);
        let show_time = |it: &Duration| humantime::format_duration(*it).to_string();
        let budget = suite.time_budget.map(|time| time.0);
        let time_budget =
            resolver.pick("time_budget", args.time_budget, budget, DEFAULT_TIME_BUDGET, show_time);
        let timeout = suite.timeout.map(|time| Some(time.0));
        let timeout = resolver.pick("timeout", args.timeout.map(Some), timeout, None, |it| {
            it.as_ref().map_or_else(|| "a share of the time budget".to_owned(), show_time)
        });
        let granule = suite.granule.map(|granule| granule.0);
        let granule = resolver
            .pick("granule", args.granule, granule, Granule::DEFAULT, |it| it.bytes().to_string());
        let is_usual = !args.check && args.passes.is_none() && suite.passes.is_none();
        let typed =
            if args.check { Some(vec![Pass::Space, Pass::Verify]) } else { args.passes.clone() };
        let all = vec![Pass::Space, Pass::Verify, Pass::Throughput];
        let passes = resolver.pick("passes", typed, suite.passes, all, |it| {
            it.iter().map(|pass| pass.as_str()).collect::<Vec<_>>().join(",")
        });
        let latency = if passes.contains(&Pass::Latency) {
            LatencyPass::Full
        } else if is_usual {
            LatencyPass::Brief
        } else {
            LatencyPass::Off
        };
        let usual = if args.curve { ModeWish::Payload } else { ModeWish::Placement };
        let mode = resolver.pick("mode", args.mode, suite.mode, usual, |it| it.as_str().to_owned());
        let seed = resolver.pick("seed", args.seed, suite.seed, 1, ToString::to_string);
        let deciders = resolver.deciders;
        Self {
            strategies,
            heaps,
            timed,
            rounds,
            time_budget,
            timeout,
            granule,
            passes,
            latency,
            is_relieved: false,
            mode,
            seed,
            deciders,
        }
    }

    /// Whether that is to be measured; what is timed is verified before.
    pub(crate) fn has(&self, pass: Pass) -> bool {
        let is_timed = |pass: &Pass| matches!(pass, Pass::Throughput | Pass::Latency);
        if pass == Pass::Verify {
            return !self.is_relieved && self.passes.iter().any(|it| *it == pass || is_timed(it));
        }
        self.passes.contains(&pass)
    }

    /// Each setting with its value and who decided, one a line.
    pub(crate) fn explain(&self) -> Vec<String> {
        self.deciders
            .iter()
            .map(|(name, value, decider)| {
                format!("{:<12} {value}  ({})", name.replace('_', "-"), decider.as_str())
            })
            .collect()
    }
}

fn unique(heaps: Vec<HeapSize>) -> Vec<HeapSize> {
    let mut kept: Vec<HeapSize> = Vec::new();
    for heap in heaps {
        if !kept.contains(&heap) {
            kept.push(heap);
        }
    }
    kept
}

fn join(heaps: &[HeapSize]) -> String {
    heaps.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn parse_all(texts: &[&str]) -> Vec<HeapSize> {
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heaps(settings: &Settings) -> (String, String) {
        (join(&settings.heaps), join(&settings.timed))
    }

    fn resolve(heap: Option<&[&str]>, timed: Option<&[&str]>) -> (String, String) {
        let args = RunArgs {
            heap: heap.map(parse_all),
            timed: timed.map(parse_all),
            ..RunArgs::default()
        };
        heaps(&Settings::resolve(&args, RunSection::default(), None))
    }

    #[test]
    fn latencies_are_brief_until_passes_are_named() {
        let of = |args: &RunArgs, text: &str| {
            Settings::resolve(args, toml::from_str(text).unwrap(), None).latency
        };
        let usual = RunArgs::default();
        assert_eq!(of(&usual, ""), LatencyPass::Brief);
        assert_eq!(of(&usual, "passes = [\"throughput\"]"), LatencyPass::Off);
        assert_eq!(of(&usual, "passes = [\"latency\"]"), LatencyPass::Full);
        let args = |passes| RunArgs { passes, ..RunArgs::default() };
        assert_eq!(of(&args(Some(vec![Pass::Latency])), ""), LatencyPass::Full);
        assert_eq!(of(&args(Some(vec![Pass::Space])), ""), LatencyPass::Off);
        assert_eq!(of(&RunArgs { check: true, ..RunArgs::default() }, ""), LatencyPass::Off);
    }

    #[test]
    fn timed_heaps_follow_the_heaps() {
        let all = DEFAULT_HEAPS.join(",");
        assert_eq!(resolve(None, None), (all.clone(), "1.25x,2x".into()));
        assert_eq!(resolve(Some(&["1.0x", "2x"]), None), ("1.0x,2x".into(), "2x".into()));
        assert_eq!(
            resolve(Some(&["1.5x", "64KiB"]), None),
            ("1.5x,64KiB".into(), "1.5x,64KiB".into())
        );
        assert_eq!(resolve(None, Some(&["4x"])), (format!("{all},4x"), "4x".into()));
        assert_eq!(resolve(Some(&["2x", "2.0x"]), None), ("2x".into(), "2x".into()));
    }

    #[test]
    fn a_curve_times_all_its_heaps_with_copies() {
        let suite: RunSection =
            toml::from_str("heaps = [\"2x\"]\nmode = \"placement\"\npasses = [\"space\"]").unwrap();
        let args = RunArgs { curve: true, ..RunArgs::default() };
        let settings = Settings::resolve(&args, suite, None);
        assert_eq!(heaps(&settings), (CURVE_HEAPS.join(","), CURVE_HEAPS.join(",")));
        assert!(settings.has(Pass::Throughput) && settings.mode == ModeWish::Payload);
        let args = RunArgs { curve: true, heap: Some(parse_all(&["1.0x", "2x"])), ..args };
        let settings = Settings::resolve(&args, RunSection::default(), None);
        assert_eq!(heaps(&settings), ("1.0x,2x".into(), "1.0x,2x".into()));
    }

    #[test]
    fn a_flag_beats_the_suite_and_the_suite_the_default() {
        let suite: RunSection =
            toml::from_str("rounds = 3\ntime-budget = \"5m\"\nheaps = [\"2x\"]\ntimeout = \"9s\"")
                .unwrap();
        let args = RunArgs { rounds: Some(RoundsWish::Fixed(9)), ..RunArgs::default() };
        let settings = Settings::resolve(&args, suite, None);
        assert_eq!(settings.rounds, RoundsWish::Fixed(9));
        assert_eq!(settings.time_budget, Duration::from_secs(300));
        assert_eq!(settings.timeout, Some(Duration::from_secs(9)));
        assert_eq!(heaps(&settings), ("2x".into(), "2x".into()));
        let explained = settings.explain().join("\n");
        assert!(explained.contains("rounds       9  (flag)"), "{explained}");
        assert!(explained.contains("time-budget  5m  (suite)"), "{explained}");
        assert!(explained.contains("seed         1  (default)"), "{explained}");
    }

    #[test]
    fn rounds_are_a_number_or_auto() {
        assert_eq!("auto".parse(), Ok(RoundsWish::Auto));
        assert_eq!("8".parse(), Ok(RoundsWish::Fixed(8)));
        for bad in ["0", "-1", "many", "", "10001"] {
            assert!(bad.parse::<RoundsWish>().is_err(), "{bad}");
        }
    }
}
