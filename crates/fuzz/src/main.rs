//! The long runs.

#![expect(clippy::print_stdout, reason = "its answer is for whoever started it")]

use std::ops::Range;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use clap::{Args, Parser, Subcommand};
use heaplab_fuzz::importers::{Fed, Reader, feed};
use heaplab_fuzz::kills::{self, Survived, UNDER_FIRE};
use heaplab_fuzz::memory::Counting;
use heaplab_fuzz::strategies;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Fuzzing of heaplab: strategies against the oracle, mutated files against readers.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Random operations on every strategy, compared with the oracle
    Strategies {
        /// How many operations over all strategies, such as 1e9
        #[arg(long, default_value = "1e8", value_parser = count)]
        operations: u64,
        #[command(flatten)]
        common: Common,
    },
    /// Mutated files for every importer
    Importers {
        /// How many files for each of them, such as 1e6
        #[arg(long, default_value = "1e5", value_parser = count)]
        files: u64,
        #[command(flatten)]
        common: Common,
    },
    /// Kill the program at random moments of a run, and have it taken up
    Kills {
        /// How often
        #[arg(long, default_value_t = 100)]
        times: u32,
        /// Seed of the moments
        #[arg(long, default_value_t = 0)]
        seed: u64,
    },
}

#[derive(Args, Debug)]
struct Common {
    /// How many threads share the work
    #[arg(long, default_value_t = thread::available_parallelism().map_or(1, usize::from))]
    threads: usize,
    /// The first seed
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Only what has this in its name
    #[arg(long, default_value = "")]
    only: String,
}

/// A whole number, in digits or as 1e9.
fn count(text: &str) -> Result<u64, String> {
    let wrong = || format!("'{text}' is no count, expected a whole number such as 1000000 or 1e6");
    let plain = text.replace('_', "");
    let (digits, zeros) = plain.split_once(['e', 'E']).unwrap_or((&plain, "0"));
    let digits: u64 = digits.parse().map_err(|_| wrong())?;
    let zeros: u32 = zeros.parse().map_err(|_| wrong())?;
    let factor = 10_u64.checked_pow(zeros).ok_or_else(wrong)?;
    digits.checked_mul(factor).filter(|count| *count > 0).ok_or_else(wrong)
}

/// Seeds are handed out in stretches of this length.
const STRETCH: u64 = 100;

/// Performs `work` on all stretches of the seeds, on several threads, until one fails.
fn share<E: Send>(
    seeds: Range<u64>,
    threads: usize,
    work: impl Fn(Range<u64>) -> Result<(), E> + Sync,
) -> Result<(), E> {
    let next = AtomicU64::new(seeds.start);
    let failure: Mutex<Option<E>> = Mutex::new(None);
    let lock = || failure.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                loop {
                    let start = next.fetch_add(STRETCH, Ordering::Relaxed);
                    if start >= seeds.end || lock().is_some() {
                        return;
                    }
                    let stretch = start..(start + STRETCH).min(seeds.end);
                    if let Err(error) = work(stretch) {
                        lock().get_or_insert(error);
                    }
                }
            });
        }
    });
    failure.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).map_or(Ok(()), Err)
}

fn fuzz_strategies(operations: u64, common: &Common) -> bool {
    let fuzzed = strategies::of(&heaplab_strategies::registry());
    let chosen: Vec<_> = fuzzed.iter().filter(|(name, _)| name.contains(&common.only)).collect();
    // A case has a thousand operations.
    let cases = operations.div_ceil(1_000 * chosen.len().max(1) as u64);
    let (mut total, mut is_sound) = (0, true);
    let started = Instant::now();
    for (name, judge) in &chosen {
        let (began, judged) = (Instant::now(), AtomicU64::new(0));
        let seeds = common.seed..common.seed.saturating_add(cases);
        let result = share(seeds, common.threads, |seeds| {
            judged.fetch_add(judge(seeds)?, Ordering::Relaxed);
            Ok(())
        });
        let judged = judged.into_inner();
        total += judged;
        let seconds = began.elapsed().as_secs_f64();
        let ending = match &result {
            Ok(()) => "no difference".to_owned(),
            Err(failure) => format!("FAILED\n{failure}"),
        };
        println!("{name:<20} {judged:>13} operations  {seconds:>8.1} s  {ending}");
        let _: Result<(), Box<heaplab_conformance::kit::Failure>> =
            result.inspect_err(|_| is_sound = false);
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("{:<20} {total:>13} operations  {seconds:>8.1} s", "together");
    is_sound && !chosen.is_empty()
}

fn fuzz_importers(files: u64, common: &Common) -> bool {
    let readers = Reader::all().into_iter().filter(|reader| reader.name().contains(&common.only));
    let (mut is_sound, mut is_any) = (true, false);
    for reader in readers {
        let (began, sum) = (Instant::now(), Mutex::new(Fed::default()));
        let seeds = common.seed..common.seed.saturating_add(files);
        let result = share(seeds, common.threads, |seeds| {
            let fed = feed(reader, seeds)?;
            let mut sum = sum.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            sum.files += fed.files;
            sum.accepted += fed.accepted;
            sum.operations += fed.operations;
            sum.most_bytes = sum.most_bytes.max(fed.most_bytes);
            Ok::<(), Box<heaplab_fuzz::importers::Choked>>(())
        });
        let sum = sum.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Fed { files, accepted, operations, most_bytes } = sum;
        let seconds = began.elapsed().as_secs_f64();
        println!(
            "{:<12} {files:>9} files, {accepted} accepted with {operations} operations, at most {most_bytes} bytes of memory  {seconds:.1} s",
            reader.name()
        );
        if let Err(choked) = result {
            println!("FAILED {choked}");
            is_sound = false;
        }
        is_any = true;
    }
    is_sound && is_any
}

fn kill(times: u32, seed: u64) -> bool {
    let started = Instant::now();
    let killed = std::env::current_exe()
        .map_err(|error| error.to_string())
        .and_then(|program| kills::kill(&program, times, seed));
    match &killed {
        Ok(Survived { kills, parts, runs, cells_kept }) => println!(
            "{kills} kills, {parts} with a partial report of {cells_kept} cells in all; {runs} runs taken up to their end, each with the report of an undisturbed one  {:.1} s",
            started.elapsed().as_secs_f64()
        ),
        Err(what) => println!("FAILED: {what}"),
    }
    killed.is_ok()
}

fn main() -> ExitCode {
    if std::env::var_os(UNDER_FIRE).is_some() {
        return heaplab::run(heaplab_strategies::registry());
    }
    let is_sound = match Cli::parse().command {
        Command::Strategies { operations, common } => fuzz_strategies(operations, &common),
        Command::Importers { files, common } => fuzz_importers(files, &common),
        Command::Kills { times, seed } => kill(times, seed),
    };
    if is_sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_whole_numbers_in_any_notation() {
        assert_eq!(count("1e9"), Ok(1_000_000_000));
        assert_eq!(count("25_000"), Ok(25_000));
        for wrong in ["", "0", "1e99", "-1", "1.5e6", "many"] {
            assert!(count(wrong).is_err(), "{wrong}");
        }
    }
}
