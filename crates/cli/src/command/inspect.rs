//! `heaplab inspect`: what a trace asks of a heap.

use heaplab_core::Granule;
use heaplab_report::number;
use heaplab_report::table::{Block, Column, Entry, Format, Table};
use heaplab_trace::hlt::HltFile;
use heaplab_trace::import::ImportOptions;
use heaplab_trace::{
    Histogram, Operation, OperationError, Origin, PeakLive, Sink, Summary, SummaryBuilder,
    TraceInfo, peak_live_bytes,
};
use serde_json::{Map, Value, json};

use crate::args::InspectArgs;
use crate::failure::Failure;
use crate::input::InfoSink;
use crate::output::Terminal;
use crate::{Exit, input};

pub(super) fn run(args: &InspectArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let options = input::import_options(&args.source)?;
    if args.trace.exists() {
        if !input::is_hlt(&args.trace, &options)? {
            return inspect_foreign(args, &options, terminal);
        }
        // What the file says of itself is shown only where its operations say the same.
        HltFile::open(&args.trace)
            .and_then(|file| file.verify())
            .map_err(|error| input::trace_failure(&error))?;
    }
    let opened = input::open(&args.trace, &args.source)?;
    let source = &*opened.source;
    let peak = peak_live_bytes(source, args.granule.bytes())
        .map_err(|error| input::trace_failure(&error))?;
    describe(args, (source.info(), source.summary(), peak), &opened.remarks, terminal)
}

/// Another tool's file is described while it streams by: its operations are kept nowhere.
fn inspect_foreign(
    args: &InspectArgs,
    options: &ImportOptions,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let mut survey = Survey {
        info: TraceInfo::named(input::name_of(&args.trace)),
        summary: SummaryBuilder::new(),
        peak: PeakLive::new(args.granule.bytes()),
    };
    let complete = |info: &mut TraceInfo, source| info.source = source;
    let remarks = input::import(&args.trace, options, &mut survey, complete)?;
    let Survey { info, summary, peak } = survey;
    describe(args, (&info, &summary.finish(), peak.peak_bytes()), &remarks, terminal)
}

fn describe(
    args: &InspectArgs,
    (info, summary, peak): (&TraceInfo, &Summary, u64),
    remarks: &[String],
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    for remark in remarks {
        terminal.warn(&format!("{}: {remark}", args.trace.display()));
    }
    let description = Description { info, summary, rounded_peak: Some((args.granule, peak)) };
    terminal.answer(&description.render(terminal))?;
    terminal.next(&format!("heaplab run {}", args.trace.display()));
    Ok(Exit::Done)
}

/// What is told of a trace whose operations pass by.
struct Survey {
    info: TraceInfo,
    summary: SummaryBuilder,
    peak: PeakLive,
}

impl Sink for Survey {
    fn push(&mut self, operation: Operation, origin: Origin) -> Result<(), OperationError> {
        self.summary.push(operation, origin)?;
        self.peak.apply(&operation);
        Ok(())
    }
}

impl InfoSink for Survey {
    fn info_mut(&mut self) -> &mut TraceInfo {
        &mut self.info
    }
}

/// A trace in words and figures.
#[derive(Clone, Copy)]
pub(super) struct Description<'a> {
    pub(super) info: &'a TraceInfo,
    pub(super) summary: &'a Summary,
    /// A granule, and the peak of live bytes with every block rounded to it.
    pub(super) rounded_peak: Option<(Granule, u64)>,
}

impl Description<'_> {
    /// The description in the format that was asked for.
    pub(super) fn render(self, terminal: &Terminal) -> String {
        if terminal.format == Format::Json {
            return format!("{:#}\n", self.to_json());
        }
        let mut text = terminal.render_uncut(&self.facts());
        if terminal.format == Format::Table {
            let tables = [
                histogram("sizes", "bytes", "requests", &self.summary.sizes, number::bytes),
                histogram(
                    "lifetimes",
                    "operations from allocation to free",
                    "blocks",
                    &self.summary.lifetimes,
                    number::count,
                ),
            ];
            for table in tables.iter().filter(|table| !table.blocks[0].rows.is_empty()) {
                text.push('\n');
                text.push_str(&terminal.render_uncut(table));
            }
        }
        text
    }

    /// Every figure of the summary at the top level, with name and provenance beside them.
    fn to_json(self) -> Value {
        let mut object = Map::new();
        if let Ok(Value::Object(summary)) = serde_json::to_value(self.summary) {
            object.extend(summary);
        }
        let classes = |histogram: &Histogram| -> Value {
            histogram
                .classes()
                .map(|(from, to, count)| json!({ "from": from, "to": to, "count": count }))
                .collect()
        };
        object.insert("sizes".into(), classes(&self.summary.sizes));
        object.insert("lifetimes".into(), classes(&self.summary.lifetimes));
        object.insert("name".into(), self.info.name.clone().into());
        if let Ok(source) = serde_json::to_value(&self.info.source) {
            object.insert("source".into(), source);
        }
        if let Some((granule, peak)) = self.rounded_peak {
            object.insert("granule_bytes".into(), granule.bytes().into());
            object.insert("peak_live_bytes".into(), peak.into());
        }
        Value::Object(object)
    }

    fn facts(self) -> Table {
        let (source, summary) = (&self.info.source, self.summary);
        let mut facts = Facts::default();
        facts.word("name", "name", &self.info.name);
        facts.word("hash", "hash", &summary.hash);
        facts.word("source", "source", source.kind.as_str());
        facts.maybe("format", "format", source.format.as_deref());
        facts.maybe("program", "program", source.program.as_deref());
        let lacks = source.lacks.join(", ");
        facts.word("lacks", "its source lacks", if lacks.is_empty() { "nothing" } else { &lacks });
        facts.count("operations", "operations", summary.operations.total());
        facts.count("allocate", "  allocations", summary.operations.allocate);
        facts.count("resize", "  resizes", summary.operations.resize);
        facts.count("free", "  frees", summary.operations.free);
        facts.count("dropped_null_frees", "frees of null, dropped", source.dropped_null_frees);
        if let Some((granule, peak)) = self.rounded_peak {
            let name = format!("peak live, rounded to {}", granule.bytes());
            facts.bytes("peak_live_bytes", &name, peak);
        }
        facts.bytes(
            "peak_live_requested_bytes",
            "peak live, requested",
            summary.peak_live_requested_bytes,
        );
        facts.count("peak_live_index", "  at operation", summary.peak_live_index);
        facts.count("peak_live_blocks", "peak live blocks", summary.peak_live_blocks);
        facts.bytes(
            "end_live_requested_bytes",
            "live at the end, requested",
            summary.end_live_requested_bytes,
        );
        facts.count("end_live_blocks", "live blocks at the end", summary.end_live_blocks);
        facts.bytes("max_request_bytes", "largest request", summary.max_request_bytes);
        facts.count("zero_size_requests", "requests of 0 bytes", summary.zero_size_requests);
        facts.count("distinct_sizes", "distinct sizes", summary.distinct_sizes);
        facts.count("aligned_requests", "requests with an alignment", summary.aligned_requests);
        facts.bytes("max_align_bytes", "largest alignment", summary.max_align_bytes);
        match summary.threads {
            Some(threads) => facts.count("threads", "threads", threads.into()),
            None => facts.word("threads", "threads", "unknown"),
        }
        for note in &source.notes {
            facts.word("note", "note", note);
        }
        facts.into_table()
    }
}

/// Rows of a name and a value.
#[derive(Default)]
struct Facts {
    rows: Vec<Vec<Entry>>,
}

impl Facts {
    fn push(&mut self, key: &str, name: &str, value: Entry) {
        self.rows.push(vec![Entry { text: name.to_owned(), value: key.into() }, value]);
    }

    fn word(&mut self, key: &str, name: &str, word: &str) {
        self.push(key, name, Entry::word(word));
    }

    fn maybe(&mut self, key: &str, name: &str, word: Option<&str>) {
        if let Some(word) = word {
            self.word(key, name, word);
        }
    }

    fn count(&mut self, key: &str, name: &str, count: u64) {
        self.push(key, name, Entry { text: number::exact(count), value: count.into() });
    }

    fn bytes(&mut self, key: &str, name: &str, bytes: u64) {
        let text = match bytes {
            0..1024 => format!("{bytes} bytes"),
            _ => format!("{} bytes ({})", number::exact(bytes), number::bytes(bytes)),
        };
        self.push(key, name, Entry { text, value: bytes.into() });
    }

    fn into_table(self) -> Table {
        let column = |key: &str| Column { key: key.into(), ..Column::default() };
        Table {
            columns: vec![column("fact"), column("value")],
            blocks: vec![Block { label: None, rows: self.rows }],
            ..Table::default()
        }
    }
}

/// A table of a histogram, with a bar for each class.
fn histogram(
    what: &str,
    unit: &str,
    counted: &str,
    histogram: &Histogram,
    show: fn(u64) -> String,
) -> Table {
    const BAR: u64 = 40;
    let most = histogram.classes().map(|(_, _, count)| count).max().unwrap_or(1).max(1);
    let rows = histogram
        .classes()
        .map(|(from, to, count)| {
            let range =
                if from == to { show(from) } else { format!("{} to {}", show(from), show(to)) };
            // The products of counts and forty stay far below 2^128.
            let bar = u128::from(count) * u128::from(BAR) / u128::from(most);
            let bar = "#".repeat(usize::try_from(bar).unwrap_or(0).max(1));
            vec![
                Entry { text: range, value: from.into() },
                Entry { text: number::exact(count), value: count.into() },
                Entry::word(bar),
            ]
        })
        .collect();
    let column = |key: &str, unit: &str, is_number| Column {
        key: key.into(),
        heading: key.into(),
        unit: unit.into(),
        is_number,
        ..Column::default()
    };
    Table {
        columns: vec![column(what, unit, false), column(counted, "", true), column("", "", false)],
        blocks: vec![Block { label: None, rows }],
        ..Table::default()
    }
}
