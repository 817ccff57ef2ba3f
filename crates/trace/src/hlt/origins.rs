//! Origins to bytes and back: one column each for threads, times and sites.

use super::cursor::{Cursor, push_varint};
use crate::Origin;

/// Bits of the first byte: which columns follow.
const THREADS: u8 = 1;
const TIMES: u8 = 2;
const SITES: u8 = 4;

/// Replaces the contents of `out` by the payload of one origins section.
///
/// In each column 0 stands for an unknown value; times are differences to the time known last in the
/// section, starting from 0.
pub(super) fn encode(origins: &[Origin], out: &mut Vec<u8>) {
    let column = |bit, known: bool| if known { bit } else { 0 };
    let columns = column(THREADS, origins.iter().any(|origin| origin.thread.is_some()))
        | column(TIMES, origins.iter().any(|origin| origin.time_ns.is_some()))
        | column(SITES, origins.iter().any(|origin| origin.site.is_some()));
    out.clear();
    out.push(columns);
    let plus_one = |value: Option<u32>| value.map_or(0, |value| u128::from(value) + 1);
    if columns & THREADS != 0 {
        origins.iter().for_each(|origin| push_varint(plus_one(origin.thread), out));
    }
    if columns & TIMES != 0 {
        let mut last = 0_u64;
        for origin in origins {
            let code = origin.time_ns.map_or(0, |time| {
                let difference = time.wrapping_sub(last).cast_signed();
                last = time;
                u128::from(zigzag(difference)) + 1
            });
            push_varint(code, out);
        }
    }
    if columns & SITES != 0 {
        origins.iter().for_each(|origin| push_varint(plus_one(origin.site), out));
    }
}

/// Replaces the contents of `origins` by `count` origins; `None` when the bytes do not hold them.
pub(super) fn decode(payload: &[u8], count: usize, origins: &mut Vec<Origin>) -> Option<()> {
    let mut cursor = Cursor::new(payload);
    let columns = cursor.byte()?;
    if columns > THREADS | TIMES | SITES {
        return None;
    }
    origins.clear();
    origins.resize(count, Origin::default());
    if columns & THREADS != 0 {
        for origin in origins.iter_mut() {
            origin.thread = number(&mut cursor)?;
        }
    }
    if columns & TIMES != 0 {
        let mut last = 0_u64;
        for origin in origins.iter_mut() {
            if let Some(code) = cursor.varint()?.checked_sub(1) {
                last = last.wrapping_add_signed(unzigzag(u64::try_from(code).ok()?));
                origin.time_ns = Some(last);
            }
        }
    }
    if columns & SITES != 0 {
        for origin in origins.iter_mut() {
            origin.site = number(&mut cursor)?;
        }
    }
    (cursor.len() == 0).then_some(())
}

fn number(cursor: &mut Cursor<'_>) -> Option<Option<u32>> {
    match cursor.varint()?.checked_sub(1) {
        None => Some(None),
        Some(value) => u32::try_from(value).ok().map(Some),
    }
}

/// Small numbers of either sign to small numbers.
const fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63).cast_unsigned()
}

const fn unzigzag(code: u64) -> i64 {
    (code >> 1).cast_signed() ^ -(code & 1).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mix_of_columns_round_trips() {
        let times = [Some(u64::MAX), Some(0), None, Some(1 << 63), Some(5)];
        let numbers = [Some(0), None, Some(u32::MAX), Some(7), Some(7)];
        for columns in 0..8 {
            let origins: Vec<Origin> = (0..5)
                .map(|index| Origin {
                    thread: numbers[index].filter(|_| columns & THREADS != 0),
                    time_ns: times[index].filter(|_| columns & TIMES != 0),
                    site: numbers[4 - index].filter(|_| columns & SITES != 0),
                })
                .collect();
            let mut bytes = Vec::new();
            encode(&origins, &mut bytes);
            let mut decoded = Vec::new();
            decode(&bytes, 5, &mut decoded).unwrap();
            assert_eq!(decoded, origins);
            assert_eq!(decode(&bytes[..bytes.len() - 1], 5, &mut decoded), None);
        }
    }
}
