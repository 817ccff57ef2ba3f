//! The check of a plan: shares nothing with the ways in which plans are made.

use std::collections::BTreeMap;

use super::Buffer;

/// Checks that no two buffers that stand at one instant have a byte in common, that each is aligned, and that none ends
/// above `bytes`.
///
/// # Errors
///
/// The first contradiction, in words.
pub(super) fn check(buffers: &[Buffer], offsets: &[u64], bytes: u64) -> Result<(), String> {
    if buffers.len() != offsets.len() {
        return Err(format!("{} buffers have {} offsets", buffers.len(), offsets.len()));
    }
    // At one instant ends come before beginnings.
    let mut events: Vec<(u64, bool, usize)> = Vec::with_capacity(2 * buffers.len());
    for (index, buffer) in buffers.iter().enumerate() {
        events.push((buffer.lower, true, index));
        events.push((buffer.upper, false, index));
    }
    events.sort_unstable();
    let mut standing: BTreeMap<u64, usize> = BTreeMap::new();
    for (_, begins, index) in events {
        let (buffer, offset) = (&buffers[index], offsets[index]);
        if !begins {
            standing.remove(&offset);
            continue;
        }
        let Some(end) = offset.checked_add(buffer.len).filter(|&end| end <= bytes) else {
            return Err(format!("buffer {index} at {offset} ends above {bytes}"));
        };
        if !offset.is_multiple_of(buffer.align) {
            return Err(format!("buffer {index} at {offset} is not aligned to {}", buffer.align));
        }
        // All that stand are apart from each other, so only the nearest below can reach into this one.
        let below = standing.range(..end).next_back();
        if let Some((&other_offset, &other)) = below
            && other_offset + buffers[other].len > offset
        {
            return Err(format!(
                "buffers {other} at {other_offset} and {index} at {offset} overlap"
            ));
        }
        standing.insert(offset, index);
    }
    Ok(())
}
