//! What a suite file may hold.

use std::collections::BTreeMap;
use std::time::Duration;

use heaplab_core::Granule;
use heaplab_harness::HeapSize;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de};
use toml::Spanned;

use super::expect::ExpectDefinition;
use super::locate::Text;
use crate::args::{ModeWish, Pass};
use crate::failure::Failure;
use crate::settings::RoundsWish;
use crate::{nearest, units};

/// What `schema` says in a suite file that this version reads.
const SCHEMA: &str = "heaplab.suite/1";

/// Parameters of a generator, `kind` among them.
pub(super) type Generate = BTreeMap<String, Spanned<toml::Value>>;

/// A suite: a named set of traces, and how to run them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "Suite")]
pub(crate) struct Definition {
    /// Format and version: `heaplab.suite/1`.
    #[schemars(with = "String", extend("const" = SCHEMA))]
    schema: Spanned<String>,
    /// Name of the suite, as it stands in reports.
    pub(crate) name: String,
    /// What it is for, in one line.
    #[serde(default)]
    pub(crate) description: Option<String>,
    /// How to run it; flags and variables are stronger.
    #[serde(default)]
    pub(crate) run: RunSection,
    /// The traces, in the order of the run.
    #[schemars(with = "Vec<TraceDefinition>")]
    pub(crate) trace: Vec<Spanned<TraceDefinition>>,
    /// Claims that each run of the suite must keep.
    #[serde(default)]
    #[schemars(with = "Vec<ExpectDefinition>")]
    pub(crate) expect: Vec<Spanned<ExpectDefinition>>,
}

/// How a suite is run, where nothing stronger says otherwise.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct RunSection {
    /// Globs over the names of the strategies.
    pub(crate) strategies: Option<Vec<String>>,
    /// Heap sizes: `"1.25x"` (of the peak of live bytes), `"64MiB"`, `"unlimited"`.
    pub(crate) heaps: Option<Vec<HeapText>>,
    /// Heap sizes that are timed too.
    pub(crate) timed: Option<Vec<HeapText>>,
    /// Timed rounds: a number, or `"auto"`.
    pub(crate) rounds: Option<RoundsText>,
    /// Time for the whole run: `"5m"`.
    pub(crate) time_budget: Option<TimeText>,
    /// Time for one replay: `"60s"`.
    pub(crate) timeout: Option<TimeText>,
    /// Unit of sizes and addresses in bytes, a power of two.
    pub(crate) granule: Option<GranuleText>,
    /// What to measure.
    pub(crate) passes: Option<Vec<Pass>>,
    /// Whether bytes stand behind the heap while it is timed.
    pub(crate) mode: Option<ModeWish>,
    /// Seed of the order in which strategies take turns.
    pub(crate) seed: Option<u64>,
}

/// A trace of a suite: a file or a generator's product.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct TraceDefinition {
    /// Name of the trace, unique in the suite.
    pub(crate) name: String,
    /// A trace file of any format, relative to the suite file.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(super) file: Option<Spanned<String>>,
    /// A generator's `kind`, and values for its parameters.
    #[serde(default)]
    #[schemars(with = "Option<BTreeMap<String, GenerateValue>>")]
    pub(super) generate: Option<Generate>,
    /// Hash of the trace, as `heaplab inspect` shows it; another trace is an error.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(super) blake3: Option<Spanned<String>>,
    /// What the trace is in the suite for, in words.
    #[serde(default)]
    pub(crate) question: Option<String>,
}

/// A value of a generator's parameter.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "stands in the schema alone")]
enum GenerateValue {
    Integer(u64),
    Text(String),
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident($inner:ty), $parse:expr, $schema:ty) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $name(pub(crate) $inner);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = Word::deserialize(deserializer)?.into_text();
                let parse: fn(&str) -> Result<$inner, String> = $parse;
                parse(&word).map(Self).map_err(de::Error::custom)
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                <$schema>::json_schema(generator)
            }
        }
    };
}

/// A string, or a whole number that stands for its digits.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a string or a whole number")]
enum Word {
    Text(String),
    Integer(u64),
}

impl Word {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Integer(number) => number.to_string(),
        }
    }
}

text!(
    /// A heap size.
    HeapText(HeapSize),
    |text| text.parse().map_err(|error: heaplab_harness::HeapSizeError| error.to_string()),
    GenerateValue
);
text!(
    /// A number of rounds.
    RoundsText(RoundsWish),
    str::parse,
    GenerateValue
);
text!(
    /// A duration.
    TimeText(Duration),
    units::duration,
    GenerateValue
);
text!(
    /// A granule.
    GranuleText(Granule),
    units::granule,
    GenerateValue
);

impl Definition {
    /// Understands a suite file.
    pub(super) fn parse(text: Text<'_>) -> Result<Self, Failure> {
        let definition: Self =
            toml::from_str(text.text).map_err(|error| syntax_failure(text, &error))?;
        definition.check(text)?;
        super::expect::check(&definition, text)?;
        Ok(definition)
    }

    fn check(&self, text: Text<'_>) -> Result<(), Failure> {
        if self.schema.as_ref() != SCHEMA {
            let message = format!("a suite of the kind '{}'", self.schema.as_ref());
            let expected = Some(format!("\"{SCHEMA}\""));
            return Err(text.failure_expecting(self.schema.span().start, &message, expected));
        }
        if self.trace.is_empty() {
            let expected = Some("at least one [[trace]]".to_owned());
            return Err(text.failure_expecting(
                text.text.len(),
                "the suite has no trace",
                expected,
            ));
        }
        for (index, trace) in self.trace.iter().enumerate() {
            let (at, trace) = (trace.span().start, trace.as_ref());
            if self.trace[..index].iter().any(|other| other.as_ref().name == trace.name) {
                return Err(text.failure(at, &format!("two traces are named '{}'", trace.name)));
            }
            if trace.file.is_some() == trace.generate.is_some() {
                let found =
                    if trace.file.is_some() { "both a file and a generator" } else { "no source" };
                let message = format!("the trace '{}' has {found}", trace.name);
                let expected = Some("either 'file' or 'generate'".to_owned());
                return Err(text.failure_expecting(at, &message, expected));
            }
            if let Some(generate) = &trace.generate
                && generate.get("kind").is_none_or(|kind| !kind.as_ref().is_str())
            {
                let message = format!("the generator of '{}' has no kind", trace.name);
                let expected = Some("generate = { kind = \"…\" }".to_owned());
                return Err(text.failure_expecting(at, &message, expected));
            }
        }
        Ok(())
    }
}

fn syntax_failure(text: Text<'_>, error: &toml::de::Error) -> Failure {
    let at = error.span().map_or(text.text.len(), |span| span.start);
    let message = error.message().trim().replace('\n', ", ");
    // "unknown field `x`, expected one of `a`, `b`": the names stand between the backticks.
    let names: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    if let (true, [found, known @ ..]) = (message.starts_with("unknown "), names.as_slice()) {
        let mut said = format!("'{found}' is not known");
        if let Some(nearest) = nearest::nearest(found, known.iter().copied()) {
            said.push_str(&format!("; did you mean '{nearest}'?"));
        }
        let expected = Some(format!("one of: {}", known.join(", ")));
        return text.failure_expecting(at, &said, expected);
    }
    text.failure(at, &message.replace('`', "'"))
}

/// JSON Schema (draft 2020-12) of a suite file, for editors.
pub(crate) fn schema() -> serde_json::Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12();
    settings.into_generator().into_root_schema_for::<Definition>().to_value()
}
