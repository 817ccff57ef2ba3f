//! A fact about the machine, or the word `"unknown"`.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value, or the honest admission that nobody could tell: `"unknown"` in the file.
///
/// ```
/// use heaplab_report::Known;
/// let cores: Known<u32> = serde_json::from_str("\"unknown\"")?;
/// assert_eq!(cores, Known::Unknown);
/// assert_eq!(serde_json::to_string(&Known::Value(8))?, "8");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Known<T> {
    /// The value as found.
    Value(T),
    /// It could not be found out.
    #[default]
    Unknown,
}

impl<T> Known<T> {
    /// The value, if there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Unknown => None,
        }
    }

    /// The same knowledge about something derived from the value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Known<U> {
        match self {
            Self::Value(value) => Known::Value(f(value)),
            Self::Unknown => Known::Unknown,
        }
    }
}

impl<T> From<Option<T>> for Known<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Unknown, Self::Value)
    }
}

impl<T: fmt::Display> fmt::Display for Known<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => value.fmt(f),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

impl<T: Serialize> Serialize for Known<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Value(value) => value.serialize(serializer),
            Self::Unknown => serializer.serialize_str("unknown"),
        }
    }
}

#[derive(Deserialize)]
enum Word {
    #[serde(rename = "unknown")]
    Unknown,
}

/// The word is tried first, so that `Known<String>` never holds the text "unknown".
#[derive(Deserialize)]
#[serde(untagged, expecting = "neither the word \"unknown\" nor a value of this field's type")]
enum Either<T> {
    Word(Word),
    Value(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Known<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Either::deserialize(deserializer)? {
            Either::Word(Word::Unknown) => Self::Unknown,
            Either::Value(value) => Self::Value(value),
        })
    }
}

impl<T: JsonSchema> JsonSchema for Known<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Known_{}", T::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [generator.subschema_for::<T>(), {"const": "unknown"}]
        })
    }
}
