//! Parameters of generators: their descriptions and their values.

use super::emitter::{Emitter, Stop};
use super::error::GeneratorError;
use super::random::Random;

/// A parameter of a generator; all are whole numbers.
#[derive(Clone, Copy, Debug)]
pub struct ParameterInfo {
    /// Name, as in `name=value`.
    pub name: &'static str,
    /// Unit of the value; empty for a bare number.
    pub unit: &'static str,
    /// Value unless another is given.
    pub default: u64,
    /// Least value that is accepted.
    pub min: u64,
    /// Greatest value that is accepted.
    pub max: u64,
    /// What it does, in a phrase.
    pub help: &'static str,
}

/// A kind of generator.
#[derive(Clone, Copy, Debug)]
pub struct GeneratorInfo {
    /// Name, as on the command line.
    pub kind: &'static str,
    /// What it makes, in a phrase.
    pub summary: &'static str,
    /// Its parameters, in the order in which they are shown.
    pub parameters: &'static [ParameterInfo],
    pub(super) run: fn(&Values, &mut Random, &mut Emitter<'_>) -> Result<(), Stop>,
}

/// A value for each parameter of a kind, in the same order.
#[derive(Clone, Debug)]
pub(super) struct Values {
    info: &'static GeneratorInfo,
    values: Vec<u64>,
}

impl Values {
    pub(super) fn defaults(info: &'static GeneratorInfo) -> Self {
        Self { info, values: info.parameters.iter().map(|parameter| parameter.default).collect() }
    }

    pub(super) const fn info(&self) -> &'static GeneratorInfo {
        self.info
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static ParameterInfo, u64)> + '_ {
        self.info.parameters.iter().zip(self.values.iter().copied())
    }

    /// The value of a parameter that the kind has.
    pub(super) fn get(&self, name: &str) -> u64 {
        match self.iter().find(|(parameter, _)| parameter.name == name) {
            Some((_, value)) => value,
            // Every run function and its parameters stand together in one table, which a test runs.
            None => unreachable!("{} has no parameter {name}", self.info.kind),
        }
    }

    pub(super) fn set(&mut self, name: &str, text: &str) -> Result<(), GeneratorError> {
        let found = self.info.parameters.iter().zip(&mut self.values);
        let Some((parameter, value)) = found.into_iter().find(|(info, _)| info.name == name) else {
            return Err(GeneratorError::unknown_parameter(self.info, name));
        };
        let range = parameter.min..=parameter.max;
        *value = parse(text).filter(|value| range.contains(value)).ok_or_else(|| {
            GeneratorError::BadValue {
                kind: self.info.kind,
                parameter: parameter.name,
                found: text.to_owned(),
                expected: format!("a number from {} to {}", parameter.min, parameter.max),
            }
        })?;
        Ok(())
    }

    /// Checks what holds between parameters: every `min_…` is at most its `max_…`.
    pub(super) fn check(&self) -> Result<(), GeneratorError> {
        for (parameter, least) in self.iter() {
            let upper = parameter.name.strip_prefix("min_").and_then(|what| {
                self.iter().find(|(upper, _)| upper.name.strip_prefix("max_") == Some(what))
            });
            if let Some((upper, most)) = upper.filter(|&(_, most)| least > most) {
                return Err(GeneratorError::BadValue {
                    kind: self.info.kind,
                    parameter: parameter.name,
                    found: least.to_string(),
                    expected: format!("at most {}, which is {most}", upper.name),
                });
            }
        }
        Ok(())
    }
}

fn parse(text: &str) -> Option<u64> {
    let digits_end = text.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(text.len());
    let (digits, unit) = text.split_at(digits_end);
    let shift = match unit.trim() {
        "" | "B" => 0,
        "K" | "KiB" => 10,
        "M" | "MiB" => 20,
        "G" | "GiB" => 30,
        _ => return None,
    };
    let value: u64 = digits.replace('_', "").parse().ok()?;
    value.checked_mul(1 << shift)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn values_with_groups_and_units() {
        assert_eq!(parse("100_000"), Some(100_000));
        assert_eq!(parse("64KiB"), Some(65_536));
        assert_eq!(parse("2 M"), Some(2 << 20));
        for wrong in ["", "_", "-1", "1.5", "3 apples", "18446744073709551616", "99999999999999G"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
