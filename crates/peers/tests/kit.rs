//! The conformance kit against every peer. Peers keep their holes to themselves, so what is judged is what a user of
//! their blocks can see. Each judgment runs in a process of its own, since some peers bring theirs down.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test program without a test harness"
)]

use std::process::{Command, ExitCode};

use heaplab_conformance::Config;
use heaplab_conformance::kit::{self, Verdict};
use heaplab_core::{Entry, Strategy, Visitor};

const TESTS: [&str; 7] = [
    "random_operations",
    "aligned_operations",
    "exhaustion_and_recovery",
    "hostile_requests",
    "foreign_handles",
    "stale_handles",
    "determinism",
];

/// What the kit finds: peer, test, and words of the finding. A finding that goes away must leave this list.
const KNOWN: &[(&str, &str, &str)] = &[
    // A block that ends near 2^64. It wraps where overflows are not checked.
    ("range-alloc", "hostile_requests", "attempt to add with overflow"),
];

fn judge<S: Strategy>(test: &str) -> Verdict {
    let test: fn(&Config) -> Verdict = match test {
        "random_operations" => kit::random_operations::<S>,
        "aligned_operations" => kit::aligned_operations::<S>,
        "exhaustion_and_recovery" => kit::exhaustion_and_recovery::<S>,
        "hostile_requests" => kit::hostile_requests::<S>,
        "foreign_handles" => kit::foreign_handles::<S>,
        "stale_handles" => kit::stale_handles::<S>,
        _ => kit::determinism::<S>,
    };
    test(&Config::new())
}

/// One judgment, in this process.
struct One {
    test: String,
    verdict: Verdict,
}

impl Visitor for One {
    fn visit<S: Strategy>(&mut self, _entry: Entry) {
        self.verdict = judge::<S>(&self.test);
    }
}

/// What one judgment comes to, in a process of its own: nothing, or the finding.
fn finding(peer: &str, test: &str) -> Option<String> {
    let output =
        Command::new(std::env::current_exe().unwrap()).args([peer, test]).output().unwrap();
    if output.status.success() {
        return None;
    }
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    Some(format!("{peer}, {test}: {}\n{said}", output.status))
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [peer, test] = arguments.as_slice()
        && TESTS.contains(&test.as_str())
    {
        let mut one = One { test: test.clone(), verdict: Ok(()) };
        heaplab_peers::registry().visit(peer, &mut one);
        return match one.verdict {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                println!("{failure}");
                ExitCode::FAILURE
            }
        };
    }
    let mut unexpected = Vec::new();
    for entry in heaplab_peers::registry().entries() {
        for test in TESTS {
            let known = KNOWN.iter().find(|known| (known.0, known.1) == (entry.name, test));
            match (finding(entry.name, test), known) {
                (None, None) => {}
                (Some(found), Some((_, _, words))) if found.contains(words) => {}
                (Some(found), _) => unexpected.push(found),
                (None, Some(_)) if cfg!(not(debug_assertions)) => {}
                (None, Some(_)) => unexpected.push(format!("{}, {test}: nothing", entry.name)),
            }
        }
    }
    for finding in &unexpected {
        println!("{finding}\n");
    }
    println!(
        "test every_peer_is_judged ... {}",
        if unexpected.is_empty() { "ok" } else { "FAILED" }
    );
    if unexpected.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
