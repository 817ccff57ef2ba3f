//! Values on a command line that have a unit.

use std::ops::RangeInclusive;
use std::time::Duration;

use heaplab_core::Granule;
use heaplab_harness::HeapSize;

/// Reads a granule: bytes, a power of two, with an optional unit (`16`, `4KiB`).
pub(crate) fn granule(text: &str) -> Result<Granule, String> {
    let expected =
        || format!("expected a power of two in bytes such as 1, 16 or 4KiB, found '{text}'");
    match text.parse::<HeapSize>() {
        Ok(HeapSize::Bytes(bytes)) => Granule::new(bytes).ok_or_else(expected),
        _ => Err(expected()),
    }
}

/// Reads a window of operations such as `1200..1210`, where either end may be left out; both are shown.
pub(crate) fn window(text: &str) -> Result<(Option<u64>, Option<u64>), String> {
    let expected = || format!("expected operations from..to such as 1200..1210, found '{text}'");
    let end = |text: &str| match text.trim().replace(['_', ','], "") {
        text if text.is_empty() => Ok(None),
        text => text.parse().map(Some).map_err(|_| expected()),
    };
    let (from, to) = text.split_once("..").ok_or_else(expected)?;
    Ok((end(from)?, end(to)?))
}

/// Reads a duration such as `90s`, `5m` or `1m30s`; a bare number is seconds.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let expected = || format!("expected a duration such as 90s, 5m or 1m30s, found '{text}'");
    let duration = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => humantime::parse_duration(text).map_err(|_| expected())?,
    };
    if duration.is_zero() { Err(expected()) } else { Ok(duration) }
}

/// Reads a whole number of a range.
pub(crate) fn whole<T: TryFrom<u64>>(
    range: RangeInclusive<u64>,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static {
    move |text| {
        let number = text.trim().replace('_', "").parse().ok().filter(|it| range.contains(it));
        number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| {
            let (from, to) = (range.start(), range.end());
            format!("expected a whole number from {from} to {to}, found '{text}'")
        })
    }
}

/// Reads `key=value`, where the value is a whole number.
pub(crate) fn setting(text: &str) -> Result<(String, u64), String> {
    let expected = || format!("expected key=value with a whole number such as c=4, found '{text}'");
    let (key, value) = text.split_once('=').ok_or_else(expected)?;
    let value = value.trim().replace('_', "").parse().map_err(|_| expected())?;
    if key.trim().is_empty() { Err(expected()) } else { Ok((key.trim().to_owned(), value)) }
}

/// Reads `key=value`, where the value is for somebody else to understand.
pub(crate) fn text_setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=').map(|(key, value)| (key.trim(), value.trim())) {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(format!("expected key=value such as max_size=64KiB, found '{text}'")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn granules_are_powers_of_two() {
        assert_eq!(granule("16"), Ok(Granule::DEFAULT));
        assert_eq!(granule("4KiB"), Ok(Granule::new(4096).unwrap()));
        for bad in ["0", "24", "2x", "unlimited", "", "-1"] {
            assert!(granule(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn durations_are_never_nothing() {
        assert_eq!(duration("5m"), Ok(Duration::from_secs(300)));
        assert_eq!(duration("90"), Ok(Duration::from_secs(90)));
        for bad in ["0", "0s", "soon", "", "-1s"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn whole_numbers_stay_in_their_range() {
        assert_eq!(whole::<u32>(1..=64)("64"), Ok(64));
        assert_eq!(whole::<u64>(0..=u64::MAX)("1_000"), Ok(1000));
        for bad in ["0", "65", "-1", "1e1", "nan", "", "1.5", "99999999999999999999999"] {
            let expected = format!("expected a whole number from 1 to 64, found '{bad}'");
            assert_eq!(whole::<u32>(1..=64)(bad), Err(expected));
        }
    }

    #[test]
    fn windows_have_two_ends() {
        assert_eq!(window("1_200..1210"), Ok((Some(1_200), Some(1_210))));
        assert_eq!(window("7.."), Ok((Some(7), None)));
        assert_eq!(window("..7"), Ok((None, Some(7))));
        for bad in ["7", "", "a..b", "-1..3", "1...3"] {
            assert!(window(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn settings_are_whole_numbers() {
        assert_eq!(setting("c=4"), Ok(("c".into(), 4)));
        assert_eq!(setting("operations = 1_000"), Ok(("operations".into(), 1000)));
        for bad in ["c", "=4", "c=", "c=four", "c=-1"] {
            assert!(setting(bad).is_err(), "{bad}");
        }
    }
}
