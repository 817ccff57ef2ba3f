//! What is independent of what: rounds of one process share its luck, so with several processes those are counted.

use crate::model::Time;
use crate::stats::median;

/// What one independent sample is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A round of the one process that measured.
    Round,
    /// A process: the median of its rounds.
    Process,
    /// Two processes that ran next to each other, one of each side: the ratio of their medians.
    Pair,
}

impl Unit {
    /// The word for one of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Round => "round",
            Self::Process => "process",
            Self::Pair => "pair of processes",
        }
    }

    /// The word for several.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Round => "rounds",
            Self::Process => "processes",
            Self::Pair => "pairs of processes",
        }
    }
}

/// The logarithms of a cell's samples, in ns per operation, by process.
#[expect(clippy::cast_precision_loss, reason = "2^53 ns are 104 days")]
pub(super) fn log_samples(time: &Time) -> Vec<Vec<f64>> {
    let operations = time.operations.max(1) as f64;
    let all: Vec<f64> =
        time.samples_ns.iter().map(|&ns| (ns.max(1) as f64 / operations).ln()).collect();
    let total: usize = time.process_rounds.iter().map(|&rounds| rounds as usize).sum();
    if time.process_rounds.is_empty() || total != all.len() {
        return vec![all];
    }
    let mut rest = all.as_slice();
    time.process_rounds
        .iter()
        .map(|&rounds| {
            let (own, others) = rest.split_at(rounds as usize);
            rest = others;
            own.to_vec()
        })
        .collect()
}

/// The samples that a test may count as independent.
pub(super) fn independent(by_process: &[Vec<f64>], unit: Unit) -> Vec<f64> {
    match unit {
        Unit::Round => by_process.concat(),
        Unit::Process | Unit::Pair => by_process.iter().filter_map(|it| median(it)).collect(),
    }
}

/// What all of `others` had in common in each round of processes that took so many.
///
/// Each of the others is measured against `levels`, its own usual level on both sides together; the median of what is
/// left is what the machine did in that round. Only others with as many rounds can say so.
pub(super) fn common(rounds: &[usize], others: &[&[Vec<f64>]], levels: &[f64]) -> Vec<Vec<f64>> {
    let of_round = |process: usize, rounds: usize, round: usize| {
        let left: Vec<f64> = others
            .iter()
            .zip(levels)
            .filter_map(|(other, level)| {
                let samples = other.get(process)?;
                (samples.len() == rounds).then(|| samples[round] - level)
            })
            .collect();
        median(&left).unwrap_or(0.0)
    };
    let of_process = |(process, &rounds): (usize, &usize)| {
        (0..rounds).map(|round| of_round(process, rounds, round)).collect()
    };
    rounds.iter().enumerate().map(of_process).collect()
}

/// The samples without what their rounds had in [`common`] with others.
pub(super) fn without(own: &[Vec<f64>], common: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let of_process = |(own, common): (&Vec<f64>, &Vec<f64>)| {
        own.iter().zip(common).map(|(sample, common)| sample - common).collect()
    };
    own.iter().zip(common).map(of_process).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_told_apart_by_process() {
        let mut time =
            Time { samples_ns: vec![10, 20, 30, 40, 50], operations: 10, ..Time::default() };
        assert_eq!(log_samples(&time).len(), 1);
        time.process_rounds = vec![2, 0, 3];
        let by_process = log_samples(&time);
        assert_eq!(by_process.iter().map(Vec::len).collect::<Vec<_>>(), [2, 0, 3]);
        assert_eq!(independent(&by_process, Unit::Round).len(), 5);
        assert_eq!(independent(&by_process, Unit::Process), [(2.0_f64.ln()) / 2.0, 4.0_f64.ln()]);
        // A sum that does not fit says nothing about who took what.
        time.process_rounds = vec![2];
        assert_eq!(log_samples(&time).len(), 1);
    }

    #[test]
    fn what_all_others_did_is_taken_off() {
        let own = vec![vec![1.0, 1.5, 1.0]];
        let (one, two) = (vec![vec![5.0, 5.5, 5.0]], vec![vec![7.0, 7.5, 7.0]]);
        let short = vec![vec![0.0]];
        let others: Vec<&[Vec<f64>]> = vec![&one, &two, &short];
        let machine = common(&[3], &others, &[5.0, 7.0, 0.0]);
        assert_eq!(machine, [[0.0, 0.5, 0.0]]);
        assert_eq!(without(&own, &machine), [[1.0, 1.0, 1.0]]);
        assert_eq!(without(&own, &common(&[3], &[], &[])), own);
    }
}
