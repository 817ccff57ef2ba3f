//! Integers that survive JSON readers whose numbers are doubles.
//!
//! Below 2^53 an integer is written as a JSON number; from there on as a string of decimal digits.
//! Both are read, whatever the size, so a script may write either.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Known;

/// The first integer that is written as a string: 2^53.
pub(super) const FIRST_AS_STRING: u64 = 1 << 53;

/// An unsigned integer as it stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uint(
    /// The integer.
    pub u64,
);

impl Serialize for Uint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 < FIRST_AS_STRING {
            serializer.serialize_u64(self.0)
        } else {
            serializer.collect_str(&self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Uint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UintVisitor)
    }
}

struct UintVisitor;

impl Visitor<'_> for UintVisitor {
    type Value = Uint;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an unsigned 64-bit integer, as a number or as a string of digits")
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Uint, E> {
        Ok(Uint(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Uint, E> {
        u64::try_from(value)
            .map(Uint)
            .map_err(|_| E::invalid_value(de::Unexpected::Signed(value), &self))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Uint, E> {
        // `u64::from_str` would also take a leading plus sign.
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(value) if digits => Ok(Uint(value)),
            _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
        }
    }
}

impl JsonSchema for Uint {
    fn schema_name() -> Cow<'static, str> {
        "Uint".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An unsigned 64-bit integer: a number below 2^53, a string of digits from there on.",
            "anyOf": [
                {"type": "integer", "minimum": 0, "exclusiveMaximum": FIRST_AS_STRING},
                {"type": "string", "pattern": "^[0-9]{16,20}$"}
            ]
        })
    }
}

/// The shapes in which such integers occur in the report.
pub(crate) trait Shape: Sized {
    /// Writes the value with every integer as [`Uint`].
    ///
    /// # Errors
    /// Those of the serializer.
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// Reads what [`Shape::write`] wrote.
    ///
    /// # Errors
    /// Those of the deserializer, and text that is no unsigned 64-bit integer.
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

impl Shape for u64 {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Uint(*self).serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Uint::deserialize(deserializer).map(|value| value.0)
    }
}

impl Shape for Option<u64> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.map(Uint).serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<Uint>::deserialize(deserializer)?.map(|value| value.0))
    }
}

impl Shape for Vec<u64> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().copied().map(Uint))
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<Uint>::deserialize(deserializer)?.into_iter().map(|value| value.0).collect())
    }
}

impl Shape for Known<u64> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.map(Uint).serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Known::<Uint>::deserialize(deserializer)?.map(|value| value.0))
    }
}

/// For `#[serde(with = "big_uint")]`.
pub(crate) fn serialize<T: Shape, S: Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    value.write(serializer)
}

/// For `#[serde(with = "big_uint")]`.
pub(crate) fn deserialize<'de, T: Shape, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    T::read(deserializer)
}
