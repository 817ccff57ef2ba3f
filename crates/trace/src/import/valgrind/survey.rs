//! Which processes a log holds, and which of their images is to be imported.

use std::io::{Read, Seek, SeekFrom};

use super::text::{self, Call, Text};
use super::{AddressSlots, Valgrind};
use crate::import::ImportError;
use crate::import::fields::printable;
use crate::import::lines::Lines;
use crate::import::output::Output;

/// One program that ran in one process.
#[derive(Clone, Debug)]
pub(super) struct Image {
    pub(super) process: u32,
    /// How many banners the process had written: 0 for a forked child, more after every `exec`.
    pub(super) generation: u32,
    pub(super) command: Option<String>,
    /// Calls that allocate or resize; a forked child may do no more than free what it inherited.
    requests: u64,
    /// Calls of any kind.
    calls: u64,
}

/// How many images a warning names.
const MAX_NAMED: usize = 4;

/// How many images are told apart; a log of more is none.
const MAX_IMAGES: usize = 1 << 16;

/// The program's command line in a banner's message.
pub(super) fn command(message: &[u8]) -> Option<&[u8]> {
    message.strip_prefix(b"Command: ")
}

/// Reads a log once to find its images, goes back to its start and returns the importer of one.
pub(in crate::import) fn survey<R: Read + Seek>(
    input: &mut R,
    file: &str,
    process: Option<u32>,
    out: &mut Output<'_>,
) -> Result<Valgrind, ImportError> {
    let images = images(&mut *input, file)?;
    input.seek(SeekFrom::Start(0)).map_err(|error| ImportError::read(file, None, error))?;
    let wanted = |image: &&Image| process.is_none_or(|process| process == image.process);
    let mut chosen: Option<&Image> = None;
    for image in images.iter().filter(wanted) {
        if chosen.is_none_or(|chosen| image.requests > chosen.requests) {
            chosen = Some(image);
        }
    }
    let Some(chosen) = chosen else {
        let Some(process) = process else { return Err(ImportError::no_operations(file)) };
        let found = format!("process {process} is not in the log");
        let mut known: Vec<_> = images.iter().take(20).map(|i| i.process.to_string()).collect();
        known.dedup();
        let expected = format!("one of: {}", known.join(", "));
        return Err(ImportError::option(file, found, expected));
    };
    warn_of_others(&images, chosen, out);
    let mut image = chosen.clone();
    if image.command.is_none() {
        // A forked child is the program of the process before it; the log does not say which that is.
        image.command = images.iter().find_map(|image| image.command.clone());
    }
    Ok(Valgrind { image, generation: 0, slots: AddressSlots::default(), pending: Vec::new() })
}

fn images<R: Read>(input: R, file: &str) -> Result<Vec<Image>, ImportError> {
    let mut images: Vec<Image> = Vec::new();
    // The current image of every process, by process.
    let mut current = foldhash::HashMap::<u32, usize>::default();
    let mut lines = Lines::new(input);
    while let Some(line) =
        lines.next_line().map_err(|fault| ImportError::line_fault(file, fault))?
    {
        let mut bytes = line.bytes;
        loop {
            count(bytes, &mut images, &mut current);
            let Some(next) = text::embedded_prefix(bytes.get(1..).unwrap_or_default()) else {
                break;
            };
            bytes = &bytes[1 + next..];
        }
    }
    images.retain(|image| image.calls > 0);
    Ok(images)
}

/// Counts a line to its image.
fn count(line: &[u8], images: &mut Vec<Image>, current: &mut foldhash::HashMap<u32, usize>) {
    let Some(prefix) = text::prefix(line) else { return };
    let known = current.get(&prefix.process).copied();
    let command = match command(&line[prefix.len..]) {
        Some(command) if !prefix.is_call => Some(command),
        _ => None,
    };
    let index = match (known, command) {
        (Some(index), None) => index,
        _ if images.len() == MAX_IMAGES => return,
        (known, command) => {
            let generation = known.map_or(0, |index| images[index].generation);
            images.push(Image {
                process: prefix.process,
                generation: generation + u32::from(command.is_some()),
                command: command.map(|text| printable(text).take(500).map(|part| part.1).collect()),
                requests: 0,
                calls: 0,
            });
            current.insert(prefix.process, images.len() - 1);
            images.len() - 1
        }
    };
    if !prefix.is_call {
        return;
    }
    let is_request = match text::text(line, prefix.len) {
        Ok(Text::Call(call, _)) => matches!(call, Call::Allocate { .. } | Call::Resize { .. }),
        Ok(_) => return,
        // A malformed call counts, so that its image is read and the call refused.
        Err(_) => true,
    };
    images[index].calls += 1;
    images[index].requests += u64::from(is_request);
}

fn warn_of_others(images: &[Image], chosen: &Image, out: &mut Output<'_>) {
    let others: Vec<_> = images
        .iter()
        .filter(|image| (image.process, image.generation) != (chosen.process, chosen.generation))
        .collect();
    if others.is_empty() {
        return;
    }
    let requests: u64 = others.iter().map(|image| image.requests).sum();
    let mut named: Vec<_> = others
        .iter()
        .take(MAX_NAMED)
        .map(|image| match &image.command {
            Some(command) => format!("{} '{command}'", image.process),
            None => format!("{} (forked)", image.process),
        })
        .collect();
    if others.len() > MAX_NAMED {
        named.push(format!("{} more", others.len() - MAX_NAMED));
    }
    let text = format!(
        "the log holds several processes; imported is process {} with {} allocations and resizes, \
         not {} with {requests}",
        chosen.process,
        chosen.requests,
        named.join(", "),
    );
    out.remark(None, text);
}
