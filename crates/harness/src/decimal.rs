//! Exact decimal numbers, for heap sizes such as `1.1x`.

use std::fmt;
use std::str::FromStr;

/// The most digits behind the point.
const MAX_SCALE: usize = 18;

/// A positive decimal number such as `1.25`, kept as whole digits and a power of ten.
///
/// It remembers the zeros that it was written with, so that `1.0` is shown as `1.0`; they take no part in
/// comparisons.
#[derive(Clone, Copy, Debug)]
pub struct Decimal {
    digits: u64,
    scale: u32,
}

impl Decimal {
    /// `digits` divided by ten to the power of `scale`; `None` for 0 and for more than 18 decimal places.
    #[must_use]
    pub const fn new(digits: u64, scale: u32) -> Option<Self> {
        if digits == 0 || scale as usize > MAX_SCALE { None } else { Some(Self { digits, scale }) }
    }

    /// The product with `bytes`, rounded up to a whole number; exact, so it may exceed 64 bits.
    #[must_use]
    pub const fn times_rounded_up(self, bytes: u64) -> u128 {
        // Two factors of 64 bits each: the product fits.
        (bytes as u128 * self.digits as u128).div_ceil(10_u128.pow(self.scale))
    }

    /// The nearest floating-point number, for reports.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        // Parsing rounds correctly, which a division of two rounded numbers would not.
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// Without zeros at the end of the decimal places.
    const fn reduced(self) -> (u64, u32) {
        let (mut digits, mut scale) = (self.digits, self.scale);
        while scale > 0 && digits.is_multiple_of(10) {
            digits /= 10;
            scale -= 1;
        }
        (digits, scale)
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.reduced() == other.reduced()
    }
}

impl Eq for Decimal {}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let power = 10_u64.pow(self.scale);
        write!(f, "{}", self.digits / power)?;
        if self.scale > 0 {
            write!(f, ".{:0places$}", self.digits % power, places = self.scale as usize)?;
        }
        Ok(())
    }
}

/// The text is no positive decimal number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a positive decimal number such as 1.25, with at most {MAX_SCALE} decimal places")]
pub struct DecimalError;

impl FromStr for Decimal {
    type Err = DecimalError;

    /// Digits, and where there is a point, digits on both sides of it. No sign, no exponent.
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let (whole, places) = match text.split_once('.') {
            Some((_, "")) => return Err(DecimalError),
            Some(parts) => parts,
            None => (text, ""),
        };
        let all_digits = whole.bytes().chain(places.bytes()).all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !all_digits || places.len() > MAX_SCALE {
            return Err(DecimalError);
        }
        let digits = format!("{whole}{places}").parse().map_err(|_| DecimalError)?;
        let scale = u32::try_from(places.len()).map_err(|_| DecimalError)?;
        Self::new(digits, scale).ok_or(DecimalError)
    }
}
