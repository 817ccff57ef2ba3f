//! The JSON Schema, made from the types.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::explain::Explanations;
use crate::model::Report;

impl Report {
    /// JSON Schema (draft 2020-12) of the report as it is written.
    ///
    /// Field descriptions are the documentation of the types, so they cannot drift apart.
    pub fn schema() -> Value {
        schema_of::<Self>()
    }
}

impl Explanations {
    /// JSON Schema (draft 2020-12) of explanations as they are written.
    pub fn schema() -> Value {
        schema_of::<Self>()
    }
}

fn schema_of<T: JsonSchema>() -> Value {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<T>().to_value();
    forbid_null(&mut schema);
    schema
}

/// Absent is absent: what an `Option` adds to a schema for `null` is taken out again.
fn forbid_null(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    object.insert("type".into(), only);
                }
            }
            if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
                choices.retain(|choice| choice.get("type").is_none_or(|name| name != "null"));
                if let [only] = choices.as_slice() {
                    let only = only.clone();
                    object.remove("anyOf");
                    if let Value::Object(only) = only {
                        object.extend(only);
                    }
                }
            }
            if object.get("default").is_some_and(Value::is_null) {
                object.remove("default");
            }
            object.values_mut().for_each(forbid_null);
        }
        Value::Array(items) => items.iter_mut().for_each(forbid_null),
        _ => {}
    }
}
