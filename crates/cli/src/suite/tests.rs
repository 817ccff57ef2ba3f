//! The default suite is whole.

use super::*;

#[test]
fn every_trace_of_the_default_suite_opens() {
    let suite = Suite::embedded().map_err(|failure| failure.text()).unwrap();
    for trace in &suite.definition.trace {
        let opened = suite.open(trace).map_err(|failure| failure.text()).unwrap();
        assert_eq!(opened.name, trace.as_ref().name);
        assert!(opened.question.is_some(), "{} asks no question", opened.name);
        assert!(opened.source.summary().operations.total() > 0);
    }
}

#[test]
fn every_trace_of_the_default_suite_has_its_hash() {
    let suite = Suite::embedded().map_err(|failure| failure.text()).unwrap();
    for trace in &suite.definition.trace {
        let trace = trace.as_ref();
        assert!(trace.blake3.is_some(), "{}", trace.name);
    }
}
