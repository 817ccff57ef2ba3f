//! Numbers for people: three significant digits, binary units for bytes.

/// Three significant digits: `3.12`, `41.0`, `588`, `12 300`.
///
/// ```
/// use heaplab_report::number::significant;
/// assert_eq!([0.0512, 3.1249, 41.0, 588.4].map(significant), ["0.0512", "3.12", "41.0", "588"]);
/// ```
pub fn significant(value: f64) -> String {
    fixed(value, decimals(value))
}

/// Decimal places that show three significant digits.
pub fn decimals(value: f64) -> usize {
    let magnitude = value.abs();
    if !magnitude.is_finite() || magnitude < 1e-9 {
        return 2;
    }
    // Rounding to three digits may add a digit in front: 9.995 is 10.0.
    (0..12)
        .find(|&places| magnitude * 10_f64.powi(places) >= 99.5)
        .and_then(|places| usize::try_from(places).ok())
        .unwrap_or(11)
}

/// So many decimal places, digits in front of them in groups of three.
pub fn fixed(value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), ""), |parts| parts);
    let mut grouped = group(whole);
    if !fraction.is_empty() {
        grouped.push('.');
        grouped.push_str(fraction);
    }
    grouped
}

/// An exact count, digits in groups of three: `40 112`.
pub fn exact(count: u64) -> String {
    group(&count.to_string())
}

fn group(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let mut text = String::from(sign);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) && digits.len() > 4 {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// A count for a table: exact below 1,000, else three digits and `k`, `M`, `G`, `T`.
///
/// ```
/// use heaplab_report::number::count;
/// assert_eq!([999, 9_100, 4_210_000].map(count), ["999", "9.10 k", "4.21 M"]);
/// ```
pub fn count(count: u64) -> String {
    scaled(count, 1000.0, &["", " k", " M", " G", " T"])
}

/// A size in bytes, with binary units: `48 B`, `38.2 MiB`, `64 KiB`.
///
/// ```
/// use heaplab_report::number::bytes;
/// assert_eq!([48, 65_536, 40_055_603].map(bytes), ["48 B", "64 KiB", "38.2 MiB"]);
/// ```
pub fn bytes(bytes: u64) -> String {
    scaled(bytes, 1024.0, &[" B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB"])
}

#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
fn scaled(value: u64, step: f64, units: &[&str]) -> String {
    let mut rest = value as f64;
    let mut unit = 0;
    // What would be rounded up to the next unit belongs there.
    while rest >= step - 0.5 && unit + 1 < units.len() {
        rest /= step;
        unit += 1;
    }
    // An exact multiple needs no digits behind the point; a thousand of something does.
    let whole = unit == 0 || (step > 1000.0 && rest.fract() == 0.0);
    let text = if whole { format!("{rest:.0}") } else { significant(rest) };
    format!("{text}{}", units[unit])
}

#[cfg(test)]
mod tests {
    use super::{bytes, count, decimals, exact, fixed, significant};

    #[test]
    fn three_digits_also_where_rounding_adds_one() {
        assert_eq!(significant(9.996), "10.0");
        assert_eq!(significant(99.96), "100");
        assert_eq!(significant(0.0), "0.00");
        assert_eq!(significant(12_345.6), "12 346");
        assert_eq!(decimals(41.2), 1);
        assert_eq!(fixed(-1234.5, 1), "-1234.5");
    }

    #[test]
    fn units_step_up_before_a_thousand_is_shown() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(1024 * 1024 - 1), "1.00 MiB");
        assert_eq!(bytes(u64::MAX), "16 EiB");
        assert_eq!(count(999_999), "1.00 M");
        assert_eq!(exact(3_102_447), "3 102 447");
        assert_eq!(exact(9999), "9999");
    }
}
