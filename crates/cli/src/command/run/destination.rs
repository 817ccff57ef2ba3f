//! Where the report of a run goes.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use heaplab_page::Options;
use heaplab_report::Report;

use crate::args::RunArgs;
use crate::command::reports::{self, write_text};
use crate::command::show::LATEST;
use crate::failure::Failure;
use crate::input;
use crate::lines::{check_writable, is_special, keep_input};

/// Where reports go by default, below the current folder.
const FOLDER: &str = "results/local";

/// A place that has been found to take files.
#[derive(Debug)]
pub(super) struct Destination {
    path: PathBuf,
    /// A second copy under a name that stays the same.
    latest: Option<PathBuf>,
    /// The page, and its second copy.
    pages: Vec<PathBuf>,
    /// Where partial reports go while the run goes on.
    unfinished: Option<PathBuf>,
}

/// The files that were written.
#[derive(Debug)]
pub(super) struct Written {
    paths: Vec<PathBuf>,
}

impl Written {
    /// The report under its own name.
    pub(super) fn path(&self) -> String {
        self.paths[0].display().to_string()
    }
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.paths.iter().map(|path| path.display().to_string()).collect();
        f.write_str(&names.join(", "))
    }
}

impl Destination {
    /// The file asked for, or a dated one of `results/local/`.
    ///
    /// # Errors
    ///
    /// Exit 4 where no file can be made there: better known before a long run than after it.
    pub(super) fn new(args: &RunArgs) -> Result<Self, Failure> {
        let (path, latest) = match &args.json {
            Some(path) => (path.clone(), None),
            None => (dated(args), Some(PathBuf::from(LATEST))),
        };
        let pages = match &args.html {
            _ if args.no_html => Vec::new(),
            Some(page) => vec![page.clone()],
            // Beside a pipe there is no place for a page.
            None if is_special(&path) => Vec::new(),
            None => {
                let all = std::iter::once(&path).chain(&latest);
                all.map(|path| path.with_extension("html")).collect()
            }
        };
        for output in std::iter::once(&path).chain(&pages) {
            keep_input(output, &args.files, "the trace")?;
            keep_input(output, &args.suite, "the suite")?;
        }
        // What cannot be written at all is the plainer complaint.
        check_writable(&path)?;
        if pages.contains(&path) {
            return Err(Failure::usage(format!(
                "{}: the report and its page would be the same file",
                path.display()
            ))
            .help("name the page with --html, or leave it out with --no-html"));
        }
        // What is no ordinary file has no neighbors.
        let unfinished = (!is_special(&path)).then(|| path.with_extension("part.json"));
        let destination = Self { path, latest, pages, unfinished };
        destination.pages.iter().try_for_each(|page| check_writable(page))?;
        Ok(destination)
    }

    /// Puts a partial report beside the place of the whole one.
    ///
    /// # Errors
    ///
    /// Exit 4 where it cannot be written.
    pub(super) fn keep(&self, partial: &Report) -> Result<(), Failure> {
        self.unfinished.as_deref().map_or(Ok(()), |path| reports::write(path, partial))
    }

    /// One file, of which nothing is known yet.
    pub(super) fn file(path: &Path) -> Self {
        Self { path: path.to_owned(), latest: None, pages: Vec::new(), unfinished: None }
    }

    /// Writes the report and its page, each whole or not at all.
    ///
    /// # Errors
    ///
    /// Exit 4 where it cannot be written.
    pub(super) fn write(self, report: &Report) -> Result<Written, Failure> {
        let mut paths = Vec::new();
        for path in std::iter::once(self.path).chain(self.latest) {
            reports::write(&path, report)?;
            paths.push(path);
        }
        if !self.pages.is_empty() {
            let page = heaplab_page::render(std::slice::from_ref(report), &Options::default());
            for path in self.pages {
                write_text(&path, &page)?;
                paths.push(path);
            }
        }
        if let Some(unfinished) = self.unfinished {
            // The whole report is there now. That the part cannot be removed, or was never made, is nobody's concern.
            let _ = std::fs::remove_file(unfinished);
        }
        Ok(Written { paths })
    }
}

/// A name that tells runs apart: what was run, and when.
fn dated(args: &RunArgs) -> PathBuf {
    let what = match (&args.suite, args.files.as_slice()) {
        (Some(suite), _) => input::name_of(suite),
        (None, []) => "default".to_owned(),
        (None, [one]) => input::name_of(one),
        (None, _) => "traces".to_owned(),
    };
    let plain =
        |sign: char| if sign.is_alphanumeric() || "-_.".contains(sign) { sign } else { '-' };
    let what: String = what.chars().map(plain).collect();
    // 2026-01-31T12:34:56Z becomes 20260131-123456.
    let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let now: String = now.replace('T', "-").chars().filter(|c| !"Z:".contains(*c)).collect();
    let now = now.replacen('-', "", 2);
    let name = |number: u32| match number {
        1 => format!("{what}-{now}.json"),
        _ => format!("{what}-{now}-{number}.json"),
    };
    let path = |number| Path::new(FOLDER).join(name(number));
    let free = (1..1000).map(path).find(|path| !path.exists());
    free.unwrap_or_else(|| path(1))
}
