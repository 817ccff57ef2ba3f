//! The arguments of the commands that read reports: `report`, `compare`, `rank`, `merge` and `export`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{FilterArgs, MapArgs};

#[derive(Args, Debug)]
pub(crate) struct ReportArgs {
    /// The reports, or pages that carry one [default: the latest of results/local/]; with --map a trace: .hlt, any
    /// importable file, or the name of a trace of the default suite
    #[arg(value_name = "REPORT|TRACE")]
    pub(crate) reports: Vec<PathBuf>,
    /// The page to write [default: beside the first report, ending in .html]
    #[arg(short, long, value_name = "FILE.html")]
    pub(crate) output: Option<PathBuf>,
    /// Open the page in the browser
    #[arg(long)]
    pub(crate) open: bool,
    #[command(flatten)]
    pub(crate) maps: MapArgs,
}

#[derive(Args, Debug)]
pub(crate) struct CompareArgs {
    /// The report from before the change
    pub(crate) old: PathBuf,
    /// The report from after it
    pub(crate) new: PathBuf,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// Compare one half alone: exact figures on any machine, or times
    #[arg(long, value_name = "PART")]
    pub(crate) only: Option<Part>,
    /// Changes in time up to this one do not matter
    #[arg(long, value_name = "PERCENT", value_parser = percent, default_value = "2%")]
    pub(crate) threshold: f64,
    /// Test the times of every heap, instead of one for each trace and strategy
    #[arg(long)]
    pub(crate) all_heaps: bool,
    /// List every row, those without a difference too
    #[arg(long)]
    pub(crate) all: bool,
    /// Compare times of other machines, builds or traces all the same
    #[arg(long)]
    pub(crate) force: bool,
    /// Measure again what looks better or worse in time, in fresh processes that take turns: given twice, the command
    /// of the build that made OLD and that of NEW, without `run`
    #[arg(long, value_name = "CMD")]
    pub(crate) confirm: Vec<String>,
    /// A trace for --confirm that neither the reports' commands nor the default suite lead to; may be repeated
    #[arg(long, value_name = "TRACE")]
    pub(crate) confirm_trace: Vec<PathBuf>,
    /// Write the comparison as a page too: one file that needs no network
    #[arg(long, value_name = "FILE.html")]
    pub(crate) html: Option<PathBuf>,
}

/// A part of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// What is the same on every machine.
    Space,
    /// What a clock or a counter measured.
    Time,
}

#[derive(Args, Debug)]
pub(crate) struct RankArgs {
    /// The reports; from several machines too, as ratios are taken inside each
    #[arg(value_name = "REPORT", required = true)]
    pub(crate) reports: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// Only heaps asked for like this (1.25x): globs, separated by commas
    #[arg(long, value_name = "GLOB,…", value_delimiter = ',')]
    pub(crate) heap: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct MergeArgs {
    /// The reports
    #[arg(value_name = "REPORT", required = true)]
    pub(crate) reports: Vec<PathBuf>,
    /// The report to write
    #[arg(short, long, value_name = "F.json")]
    pub(crate) output: PathBuf,
    /// Leave the times out, so that reports of several machines can be joined
    #[arg(long, value_name = "PART")]
    pub(crate) only: Option<SpaceOnly>,
}

/// The part that reports of several machines have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SpaceOnly {
    /// What is the same on every machine.
    Space,
}

#[derive(Args, Debug)]
pub(crate) struct ExportArgs {
    /// The report
    pub(crate) report: PathBuf,
    /// The form
    #[arg(long, value_name = "FORM")]
    pub(crate) to: Form,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// Hand on one part alone: exact figures bear a tighter threshold than times
    #[arg(long, value_name = "PART")]
    pub(crate) only: Option<Part>,
    /// For gab, which takes one direction a file: figures of which less, or more, is better
    #[arg(long, value_name = "DIRECTION", default_value = "smaller")]
    pub(crate) better: Direction,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// The forms of other tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// github-action-benchmark: `customSmallerIsBetter`, `customBiggerIsBetter`.
    Gab,
    /// Bencher Metric Format.
    Bmf,
    /// One line a cell, every figure.
    Csv,
    /// `OpenMetrics` text.
    Openmetrics,
}

/// Which way is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Direction {
    /// Less is better.
    Smaller,
    /// More is better.
    Bigger,
}

/// A share such as `2%`, as a ratio.
fn percent(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').map(str::trim_end).unwrap_or_default();
    match number.parse::<f64>() {
        Ok(percent) if percent.is_finite() && percent >= 0.0 => Ok(percent / 100.0),
        _ => Err(format!("expected a percentage such as 2% or 0.5%, found '{text}'")),
    }
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn a_share_needs_its_sign() {
        assert_eq!(percent("2%"), Ok(0.02));
        assert_eq!(percent("0 %"), Ok(0.0));
        for wrong in ["", "%", "2", "-1%", "nan%", "inf%", "two%"] {
            assert!(percent(wrong).is_err(), "{wrong}");
        }
    }
}
