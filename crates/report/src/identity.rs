//! Hashes that name a report and a machine.

use std::io;

use serde::Serialize;

use crate::model::{Environment, Known, Report};

/// Feeds a hasher with what a serializer writes.
struct Sink(blake3::Hasher);

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn hash_of(value: &impl Serialize) -> String {
    let mut sink = Sink(blake3::Hasher::new());
    let written = serde_json::to_writer(&mut sink, value);
    // The sink takes everything, and these types have string keys only.
    assert!(written.is_ok(), "a report type must serialize: {written:?}");
    sink.0.finalize().to_hex().to_string()
}

impl Report {
    /// BLAKE3 of the report's compact JSON with an empty `id`, keys in the order of the types; 64 hex digits.
    ///
    /// Unknown fields of a newer writer are not part of it, so it names what was understood.
    pub fn content_id(&self) -> String {
        let anonymous = Self { id: String::new(), ..self.clone() };
        hash_of(&anonymous)
    }

    /// Sets [`Report::id`] to the hash of the content as it is now.
    pub fn seal(&mut self) {
        self.id = self.content_id();
    }
}

impl Environment {
    /// BLAKE3 of what stays the same between two runs on one machine; 64 hex digits.
    ///
    /// Left out: the id itself, the host's name, load, throttling, the clock's measured figures,
    /// affinity, frequency governor and turbo, which are the state of a run and not the machine.
    pub fn stable_id(&self) -> String {
        let mut stable = self.clone();
        stable.id = String::new();
        stable.host = None;
        stable.load_before = Known::Unknown;
        stable.load_after = Known::Unknown;
        stable.throttled = Known::Unknown;
        stable.affinity = Known::Unknown;
        stable.clock.resolution_ns = Known::Unknown;
        stable.clock.cost_ns = Known::Unknown;
        stable.cpu.governor = Known::Unknown;
        stable.cpu.turbo = Known::Unknown;
        hash_of(&stable)
    }
}
