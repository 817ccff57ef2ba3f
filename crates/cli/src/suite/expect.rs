//! Claims in a suite file: what a run of it must keep.

use globset::Glob;
use heaplab_harness::HeapSize;
use heaplab_report::expect::{Claim, is_metric, metric_names};
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::Suite;
use super::definition::{Definition, HeapText};
use super::locate::Text;
use crate::failure::Failure;
use crate::nearest;

/// A claim: a figure of some cells, and its limits.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ExpectDefinition {
    /// Glob over the names of the strategies; peers and floors are meant by their whole names alone.
    #[schemars(with = "String")]
    strategy: Spanned<String>,
    /// Glob over the names of the traces.
    #[schemars(with = "String")]
    trace: Spanned<String>,
    /// The heap, as listed under `heaps`; a cell that does not complete breaks the claim then. Without it all completed
    /// cells are meant.
    #[serde(default)]
    heap: Option<HeapText>,
    /// A metric (`heaplab list metrics`) or its end: `space.high_water_bytes`, `high_water_bytes`; with `_ratio` in the
    /// place of `_bytes` it is taken over the peak of live bytes: `min_heap_ratio`.
    #[schemars(with = "String")]
    metric: Spanned<String>,
    /// The least that it may be.
    #[serde(default)]
    min: Option<f64>,
    /// The most that it may be.
    #[serde(default)]
    max: Option<f64>,
}

impl ExpectDefinition {
    fn claim(&self) -> Claim {
        Claim {
            strategy: self.strategy.as_ref().clone(),
            trace: self.trace.as_ref().clone(),
            heap: self.heap.as_ref().map(|heap| heap.0.to_string()),
            metric: self.metric.as_ref().clone(),
            min: self.min,
            max: self.max,
        }
    }
}

/// Finds what is wrong with a claim whatever is run.
pub(super) fn check(definition: &Definition, text: Text<'_>) -> Result<(), Failure> {
    let traces: Vec<&str> = definition.trace.iter().map(|it| it.as_ref().name.as_str()).collect();
    for spanned in &definition.expect {
        let (at, it) = (spanned.span().start, spanned.as_ref());
        let metric = it.metric.as_ref();
        if !is_metric(metric) {
            return Err(unknown_metric(metric, it.metric.span().start, text));
        }
        let expected = |what: &str| Some(what.to_owned());
        if it.min.is_none() && it.max.is_none() {
            let message = format!("the claim about {metric} has no limit");
            return Err(text.failure_expecting(at, &message, expected("min, max, or both")));
        }
        let limits = [it.min, it.max];
        if limits.into_iter().flatten().any(|limit| !limit.is_finite()) {
            let message = format!("a limit of {metric} is no number");
            return Err(text.failure(at, &message));
        }
        if let [Some(min), Some(max)] = limits
            && min > max
        {
            let message = format!("no value is at least {min} and at most {max}");
            return Err(text.failure(at, &message));
        }
        globbed(&it.strategy, text)?;
        let matcher = globbed(&it.trace, text)?;
        if !traces.iter().any(|name| matcher.is_match(name)) {
            return Err(unknown("trace", &it.trace, &traces, text));
        }
    }
    Ok(())
}

fn unknown_metric(name: &str, at: usize, text: Text<'_>) -> Failure {
    let known = metric_names();
    let ends = known.iter().map(|it| it.rsplit_once('.').map_or(it.as_str(), |(_, end)| end));
    let names: Vec<&str> = known.iter().map(String::as_str).chain(ends).collect();
    let mut message = format!("no metric '{name}'");
    if let Some(nearest) = nearest::nearest(name, names.into_iter().filter(|it| is_metric(it))) {
        message.push_str(&format!("; did you mean '{nearest}'?"));
    }
    text.failure(at, &message)
        .detail(format!("known: {}", known.join(", ")))
        .help("heaplab list metrics says what each one is; _ratio in the place of _bytes is over peak live")
}

fn unknown(kind: &str, name: &Spanned<String>, known: &[&str], text: Text<'_>) -> Failure {
    let mut message = format!("no {kind} '{}'", name.as_ref());
    if let Some(nearest) = nearest::nearest(name.as_ref(), known.iter().copied()) {
        message.push_str(&format!("; did you mean '{nearest}'?"));
    }
    text.failure(name.span().start, &message).detail(format!("known: {}", known.join(", ")))
}

fn globbed(pattern: &Spanned<String>, text: Text<'_>) -> Result<globset::GlobMatcher, Failure> {
    Glob::new(pattern.as_ref()).map(|glob| glob.compile_matcher()).map_err(|error| {
        let message = format!("'{}' is no pattern: {}", pattern.as_ref(), error.kind());
        text.failure(pattern.span().start, &message)
    })
}

/// What takes part in a run, of all there is.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    /// Every strategy, peer and floor.
    pub(crate) known_strategies: &'a [&'a str],
    /// Those that run.
    pub(crate) strategies: &'a [&'a str],
    /// The traces that run.
    pub(crate) traces: &'a [&'a str],
    /// The heaps that run.
    pub(crate) heaps: &'a [HeapSize],
    /// Whether somebody narrowed the strategies, the traces and the heaps for this run.
    pub(crate) is_narrowed: [bool; 3],
}

impl Suite {
    /// The claims that a run can keep, and how many it cannot since somebody asked for a part of the suite.
    ///
    /// # Errors
    ///
    /// Exit 3, with file and line, for a claim that no run of the suite could keep.
    pub(crate) fn claims(&self, part: &Part<'_>) -> Result<(Vec<Claim>, usize), Failure> {
        let (mut claims, mut left_out) = (Vec::new(), 0);
        for it in self.definition.expect.iter().map(Spanned::as_ref) {
            let mut claim = it.claim();
            let matches = |glob: &Spanned<String>, names: &[&str]| {
                let matcher = globbed(glob, self.text())?;
                Ok::<_, Failure>(names.iter().any(|name| matcher.is_match(name)))
            };
            if !matches(&it.strategy, part.known_strategies)? {
                return Err(unknown("strategy", &it.strategy, part.known_strategies, self.text()));
            }
            // A heap may be written in two ways; reports know the one of the run.
            let heap = it.heap.as_ref().map(|heap| part.heaps.iter().find(|it| **it == heap.0));
            let has_heap = heap.is_none_or(|heap| heap.is_some());
            if let Some(Some(heap)) = heap {
                claim.heap = Some(heap.to_string());
            }
            let takes_part = [
                matches(&it.strategy, part.strategies)?,
                matches(&it.trace, part.traces)?,
                has_heap,
            ];
            let kinds = ["strategy", "trace", "heap"];
            let mut is_left_out = false;
            for ((takes_part, is_narrowed), kind) in
                takes_part.into_iter().zip(part.is_narrowed).zip(kinds)
            {
                if !takes_part && !is_narrowed {
                    let message =
                        format!("the {kind} of a claim takes no part in the suite's runs");
                    return Err(self.text().failure(it.strategy.span().start, &message));
                }
                is_left_out |= !takes_part;
            }
            if is_left_out {
                left_out += 1;
            } else {
                claims.push(claim);
            }
        }
        Ok((claims, left_out))
    }
}
