//! How large a heap is to be, as users ask for it.

use std::fmt;
use std::str::FromStr;

use heaplab_core::Granule;
use heaplab_report::HeapSpec;

use crate::Decimal;

/// The capacity that stands for no limit: 2^62 bytes, a multiple of every granule up to itself.
pub const UNLIMITED_BYTES: u64 = 1 << 62;

const UNITS: [(&str, u32); 4] = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40)];

/// The size of a heap: unlimited, a number of bytes, or a multiple of a trace's peak of live bytes.
///
/// ```
/// use heaplab_core::Granule;
/// use heaplab_harness::HeapSize;
/// let size: HeapSize = "1.1x".parse()?;
/// assert_eq!(size.resolve(160, Granule::DEFAULT), Some(176));
/// assert_eq!("64KiB".parse(), Ok(HeapSize::Bytes(65_536)));
/// # Ok::<(), heaplab_harness::HeapSizeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeapSize {
    /// As large as addresses allow.
    Unlimited,
    /// So many bytes, rounded down to a granule.
    Bytes(u64),
    /// A multiple of the rounded peak of live bytes, rounded up to a granule, and at least one granule.
    Ratio(Decimal),
}

impl HeapSize {
    /// The capacity in bytes, a multiple of the granule; `None` where that exceeds 64 bits.
    ///
    /// `peak_live_bytes` is the trace's peak of live bytes, each block rounded to the granule.
    #[must_use]
    pub fn resolve(&self, peak_live_bytes: u64, granule: Granule) -> Option<u64> {
        match *self {
            Self::Unlimited => Some(granule.floor(UNLIMITED_BYTES.max(granule.bytes()))),
            Self::Bytes(bytes) => Some(granule.floor(bytes)),
            Self::Ratio(ratio) => {
                let bytes = u64::try_from(ratio.times_rounded_up(peak_live_bytes)).ok()?;
                granule.length_of(bytes)
            }
        }
    }

    /// What stands in the report for a heap of `bytes` that was asked for like this.
    #[must_use]
    pub fn to_spec(&self, bytes: u64) -> HeapSpec {
        let ratio = match self {
            Self::Ratio(ratio) => Some(ratio.to_f64()),
            Self::Unlimited | Self::Bytes(_) => None,
        };
        HeapSpec { bytes, ratio, spec: self.to_string() }
    }
}

impl fmt::Display for HeapSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Unlimited => f.write_str(HeapSpec::UNLIMITED),
            Self::Bytes(bytes) => {
                let whole = |&&(_, shift): &&(&str, u32)| bytes != 0 && bytes % (1 << shift) == 0;
                match UNITS.iter().rev().find(whole) {
                    Some((unit, shift)) => write!(f, "{}{unit}", bytes >> shift),
                    None => write!(f, "{bytes}"),
                }
            }
            Self::Ratio(ratio) => write!(f, "{ratio}x"),
        }
    }
}

/// The text names no heap size.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "heap size '{text}': expected 'unlimited', bytes such as '65536' or '64KiB' (KiB, MiB, GiB, TiB), \
     or a multiple of the peak of live bytes such as '1.25x'"
)]
pub struct HeapSizeError {
    /// The text.
    pub text: String,
}

impl FromStr for HeapSize {
    type Err = HeapSizeError;

    fn from_str(text: &str) -> Result<Self, HeapSizeError> {
        let error = || HeapSizeError { text: text.into() };
        if text == HeapSpec::UNLIMITED {
            return Ok(Self::Unlimited);
        }
        if let Some(ratio) = text.strip_suffix('x') {
            return ratio.parse().map(Self::Ratio).map_err(|_| error());
        }
        let unit = UNITS.iter().find_map(|&(unit, shift)| Some((text.strip_suffix(unit)?, shift)));
        let (number, shift) = unit.unwrap_or((text, 0));
        // `u64::from_str` would also take a leading plus sign.
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(error());
        }
        let bytes = number.parse().ok().and_then(|number: u64| number.checked_mul(1 << shift));
        bytes.map(Self::Bytes).ok_or_else(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> HeapSize {
        text.parse().unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn every_form_is_parsed_and_shown() {
        for (text, shown) in [
            ("unlimited", "unlimited"),
            ("0", "0"),
            ("1000", "1000"),
            ("65536", "64KiB"),
            ("64KiB", "64KiB"),
            ("3072MiB", "3GiB"),
            ("1.0x", "1.0x"),
            ("1.25x", "1.25x"),
            ("2x", "2x"),
            ("0.5x", "0.5x"),
            ("1.000000000000000001x", "1.000000000000000001x"),
        ] {
            assert_eq!(parse(text).to_string(), shown);
        }
        assert_eq!(parse("1x"), parse("1.00x"));
        assert_ne!(parse("1x"), parse("10x"));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "x",
            "0x",
            "0.0x",
            "1.x",
            ".5x",
            "-1x",
            "-1",
            "+1",
            "+1x",
            "1e3x",
            "1e3",
            "nanx",
            "1..2x",
            "1 x",
            "KiB",
            "64kb",
            "1.5MiB",
            "18446744073709551616",
            "18446744073709551615KiB",
            "1.0000000000000000001x",
            "99999999999999999999x",
            "١x",
            "Unlimited",
        ] {
            let error = text.parse::<HeapSize>().unwrap_err();
            assert_eq!(error.text, text);
        }
    }

    #[test]
    fn ratios_are_exact_and_rounded_up() {
        let resolve =
            |text, peak, granule| parse(text).resolve(peak, Granule::new(granule).unwrap());
        for (text, peak, granule, bytes) in [
            ("1.1x", 10, 1, 11),
            ("1.1x", 11, 1, 13),
            ("1.1x", 1_000_000_000_000_001, 1, 1_100_000_000_000_002),
            ("1.0x", 48, 16, 48),
            ("1.1x", 160, 16, 176),
            ("1.1x", 176, 16, 208),
            ("1.25x", 4_096, 16, 5_120),
            ("3x", 7, 1, 21),
            ("0.5x", 48, 16, 32),
            ("1x", 0, 16, 16),
            // In floating point, 1.1 * 50 and 3 * 0.1 * 10 come out above the exact product.
            ("1.1x", 50, 1, 55),
            ("0.3x", 10, 1, 3),
            ("1.000000000000000001x", 1_000_000_000_000_000_000, 1, 1_000_000_000_000_000_001),
        ] {
            assert_eq!(resolve(text, peak, granule), Some(bytes), "{text} of {peak}");
        }
        assert_eq!(resolve("2x", u64::MAX / 2 + 1, 1), None);
        assert_eq!(resolve("1x", u64::MAX, 16), None);
        assert_eq!(resolve("18446744073709551615x", u64::MAX, 1), None);
    }

    #[test]
    fn bytes_are_rounded_down() {
        let granule = Granule::DEFAULT;
        assert_eq!(HeapSize::Bytes(31).resolve(0, granule), Some(16));
        assert_eq!(HeapSize::Bytes(15).resolve(0, granule), Some(0));
        assert_eq!(HeapSize::Unlimited.resolve(0, granule), Some(UNLIMITED_BYTES));
        let huge = Granule::new(1 << 63).unwrap();
        assert_eq!(HeapSize::Unlimited.resolve(0, huge), Some(1 << 63));
    }
}
