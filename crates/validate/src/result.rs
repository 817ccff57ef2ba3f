//! What came out: points, checks, results of cases.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Case;

/// A number with the precision that it is stated to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Figure {
    /// A whole number: bytes, words.
    Count(u64),
    /// A ratio, stated to three digits.
    Ratio(f64),
}

impl Figure {
    /// The figure for calculations; counts beyond 2^53 lose their last digits.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of these cases stay far below 2^53")]
    pub const fn value(self) -> f64 {
        match self {
            Self::Count(count) => count as f64,
            Self::Ratio(ratio) => ratio,
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Ratio(ratio) => write!(f, "{ratio:.3}"),
        }
    }
}

impl From<u64> for Figure {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<f64> for Figure {
    fn from(ratio: f64) -> Self {
        Self::Ratio(ratio)
    }
}

/// What our figure must be for a point to pass.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Demand {
    /// The published one; ratios to the digits that are stated.
    Equal,
    /// At least the published one.
    AtLeast,
    /// At most the published one.
    AtMost,
    /// No further than this from the published one.
    Within(f64),
    /// Below this, whatever the published one: an order is claimed, not a size.
    Below(f64),
    /// Above this, whatever the published one.
    Above(f64),
    /// Anything: the figure is shown for comparison.
    Shown,
}

/// One figure of ours beside a published one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Where it was taken: the parameters of the instance.
    pub at: String,
    /// The published figure; `None` where nobody states one.
    pub published: Option<Figure>,
    /// What ours must be.
    pub demand: Demand,
    /// Our figure; `None` where the strategy could not carry on.
    pub ours: Option<Figure>,
}

impl Point {
    /// A point with both figures.
    pub fn new(
        at: impl Into<String>,
        published: impl Into<Figure>,
        demand: Demand,
        ours: impl Into<Figure>,
    ) -> Self {
        Self { at: at.into(), published: Some(published.into()), demand, ours: Some(ours.into()) }
    }

    /// Whether our figure is what it must be.
    #[must_use]
    pub fn passes(&self) -> bool {
        let Some(ours) = self.ours else { return false };
        let with_published = |holds: &dyn Fn(Figure) -> bool| self.published.is_some_and(holds);
        match self.demand {
            Demand::Equal => with_published(&|published| is_same(published, ours)),
            Demand::AtLeast => with_published(&|published| ours.value() >= published.value()),
            Demand::AtMost => with_published(&|published| ours.value() <= published.value()),
            Demand::Within(tolerance) => {
                with_published(&|published| (ours.value() - published.value()).abs() <= tolerance)
            }
            Demand::Below(limit) => ours.value() < limit,
            Demand::Above(limit) => ours.value() > limit,
            Demand::Shown => true,
        }
    }

    /// The published figure with what is demanded, for people.
    #[must_use]
    pub fn expectation(&self) -> String {
        let published = self.published.map(|figure| figure.to_string());
        let stated = published.as_deref().unwrap_or("–");
        match self.demand {
            Demand::Equal | Demand::Shown => stated.to_owned(),
            Demand::AtLeast => format!("≥{stated}"),
            Demand::AtMost => format!("≤{stated}"),
            Demand::Within(tolerance) => format!("{stated} ±{tolerance}"),
            Demand::Below(limit) => beside(published, format!("<{}", brief(limit))),
            Demand::Above(limit) => beside(published, format!(">{}", brief(limit))),
        }
    }
}

/// Three digits, or fewer where those are all there are.
fn brief(limit: f64) -> String {
    let text = format!("{limit:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn beside(published: Option<String>, limit: String) -> String {
    match published {
        Some(published) => format!("{published} ({limit})"),
        None => limit,
    }
}

/// Counts must be equal, ratios equal to the three digits that are stated.
fn is_same(published: Figure, ours: Figure) -> bool {
    match (published, ours) {
        (Figure::Count(published), Figure::Count(ours)) => published == ours,
        // A little more than half of the last digit, since the stated one was rounded from binary.
        _ => (published.value() - ours.value()).abs() <= 0.000_500_1,
    }
}

/// How a check or a case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It could not be carried out here; the reason stands beside it.
    Skipped,
    /// Every figure is what it must be.
    Passed,
    /// A figure is not what it must be, or a strategy broke off.
    Failed,
}

impl Verdict {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Skipped => "skipped",
            Self::Passed => "pass",
            Self::Failed => "FAIL",
        }
    }
}

/// One strategy, or one formula, held against one published row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// Who is judged: a strategy's name, mostly.
    pub subject: String,
    /// What is compared, with its unit.
    pub quantity: String,
    /// The figures.
    pub points: Vec<Point>,
    /// Why figures are missing, if some are.
    pub obstacle: Option<Obstacle>,
}

/// Why a check has no figures, or not all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Obstacle {
    /// Nothing is wrong: it does not apply here, or something that it needs is not there.
    Skipped(String),
    /// The strategy broke off or broke its contract.
    Broken(String),
    /// A file that it needs is there and cannot be read.
    Unreadable(String),
}

impl Check {
    /// A check with all its figures.
    pub fn new(
        subject: impl Into<String>,
        quantity: impl Into<String>,
        points: Vec<Point>,
    ) -> Self {
        Self { subject: subject.into(), quantity: quantity.into(), points, obstacle: None }
    }

    /// A check that could not be carried out.
    pub fn without_figures(
        subject: impl Into<String>,
        quantity: impl Into<String>,
        obstacle: Obstacle,
    ) -> Self {
        Self { obstacle: Some(obstacle), ..Self::new(subject, quantity, Vec::new()) }
    }

    /// Failed if one point fails or the strategy broke off; skipped without figures.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let fails = self.points.iter().any(|point| !point.passes());
        match self.obstacle {
            Some(Obstacle::Broken(_) | Obstacle::Unreadable(_)) => Verdict::Failed,
            _ if fails => Verdict::Failed,
            _ if self.points.is_empty() => Verdict::Skipped,
            _ => Verdict::Passed,
        }
    }
}

/// What one case came to.
#[derive(Clone, Debug)]
pub struct CaseResult {
    /// The case.
    pub case: &'static Case,
    /// Its checks, in a fixed order.
    pub checks: Vec<Check>,
}

impl CaseResult {
    /// Failed if one check failed, passed if none did and one passed, else skipped.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.checks.iter().map(Check::verdict).max().unwrap_or(Verdict::Skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(demand: Demand, published: impl Into<Figure>, ours: impl Into<Figure>) -> bool {
        Point::new("here", published, demand, ours).passes()
    }

    #[test]
    fn every_demand_can_fail_and_pass() {
        assert!(passes(Demand::Equal, 753_u64, 753_u64));
        assert!(!passes(Demand::Equal, 753_u64, 754_u64));
        assert!(passes(Demand::Equal, 1.534, 1.53449));
        assert!(!passes(Demand::Equal, 1.534, 1.5346));
        assert!(passes(Demand::AtLeast, 23_u64, 24_u64));
        assert!(!passes(Demand::AtLeast, 23_u64, 22_u64));
        assert!(passes(Demand::AtMost, 23_u64, 23_u64));
        assert!(!passes(Demand::AtMost, 23_u64, 24_u64));
        assert!(passes(Demand::Within(0.02), 0.5, 0.485));
        assert!(!passes(Demand::Within(0.02), 0.5, 0.479));
        assert!(passes(Demand::Below(1.0), 2.0, 0.9));
        assert!(!passes(Demand::Below(1.0), 2.0, 1.0));
        assert!(passes(Demand::Above(1.0), 0.5, 1.1));
        assert!(!passes(Demand::Above(1.0), 0.5, 1.0));
        assert!(passes(Demand::Shown, 0.5, 9.0));
    }

    #[test]
    fn a_figure_that_is_missing_fails() {
        let point = Point { ours: None, ..Point::new("here", 1_u64, Demand::Shown, 1_u64) };
        assert!(!point.passes());
        let nothing = Point { published: None, ..Point::new("here", 1_u64, Demand::Equal, 1_u64) };
        assert!(!nothing.passes());
    }

    #[test]
    fn the_worst_check_decides_and_skipped_ones_do_not() {
        let check =
            |ours: u64| Check::new("a", "b", vec![Point::new("here", 1_u64, Demand::Equal, ours)]);
        let skipped = Check::without_figures("a", "b", Obstacle::Skipped("no file".into()));
        let broken = Check::without_figures("a", "b", Obstacle::Broken("panicked".into()));
        let case = &crate::cases()[0];
        let verdict = |checks: &[&Check]| {
            CaseResult { case, checks: checks.iter().map(|&check| check.clone()).collect() }
                .verdict()
        };
        assert_eq!(verdict(&[&skipped]), Verdict::Skipped);
        assert_eq!(verdict(&[&skipped, &check(1)]), Verdict::Passed);
        assert_eq!(verdict(&[&check(1), &check(2)]), Verdict::Failed);
        assert_eq!(verdict(&[&check(1), &broken]), Verdict::Failed);
        assert_eq!(verdict(&[]), Verdict::Skipped);
    }
}
