//! `heaplab compare`: what a change did, in space to the byte, in time beyond the noise.

mod confirm;

use std::fs;
use std::path::Path;

use heaplab_report::Report;
use heaplab_report::compare::{self, Comparison, Only, Options};
use heaplab_report::table::Format;

use super::reports;
use crate::Exit;
use crate::args::{CompareArgs, Part};
use crate::failure::Failure;
use crate::lines::check_writable;
use crate::output::Terminal;

pub(super) fn run(args: &CompareArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let commands = confirm::Commands::of(args)?;
    let old = reports::read(&args.old, terminal)?;
    let new = reports::read(&args.new, terminal)?;
    check_page(args)?;
    let selection = reports::selection(&[&old, &new], &args.filter, &[], "heaplab show")?;
    let options = Options {
        only: args.only.map(|part| match part {
            Part::Space => Only::Space,
            Part::Time => Only::Time,
        }),
        threshold_ratio: args.threshold,
        all_heaps: args.all_heaps,
        force: args.force,
    };
    let mut comparison = compare::compare(&old, &new, &selection, &options);
    let is_for_people = matches!(terminal.format, Format::Table | Format::Md);
    if comparison.is_same {
        // Nothing can differ, so there is nothing to say but why.
        if !is_for_people {
            terminal.answer(&compare::show(&comparison, false, terminal.format, terminal.style))?;
        }
        terminal.note(&compare::summary(&comparison));
        write_page(args, &old, &new, &comparison, terminal)?;
        return Ok(Exit::Done);
    }
    refuse(args, &comparison)?;
    for obstacle in comparison.obstacles.iter().filter(|_| options.only != Some(Only::Space)) {
        terminal.warn(&format!("times are compared all the same: {obstacle}"));
    }
    if let Some(commands) = &commands {
        confirm::confirm(args, commands, [&old, &new], &mut comparison, terminal)?;
    }
    if is_for_people {
        let head = head(args, &old, &new, &comparison);
        terminal.answer(&terminal.plain(&format!("{head}\n\n")))?;
    }
    let text = compare::show(&comparison, args.all, terminal.format, terminal.style);
    terminal.answer(&text)?;
    let exit = conclude(args, &comparison, is_for_people, !text.is_empty(), terminal)?;
    write_page(args, &old, &new, &comparison, terminal)?;
    Ok(exit)
}

/// Refuses a page that cannot be written, before anything else is done.
fn check_page(args: &CompareArgs) -> Result<(), Failure> {
    let Some(page) = &args.html else { return Ok(()) };
    let same = |path: &Path| {
        path == page
            || fs::canonicalize(path)
                .is_ok_and(|path| fs::canonicalize(page).is_ok_and(|page| page == path))
    };
    if same(&args.old) || same(&args.new) {
        return Err(Failure::usage(format!(
            "{}: the page would take the place of what it is made from",
            page.display()
        ))
        .help("name another file with --html"));
    }
    check_writable(page)
}

/// Writes the page, where one was asked for.
fn write_page(
    args: &CompareArgs,
    old: &Report,
    new: &Report,
    comparison: &Comparison,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let Some(page) = &args.html else { return Ok(()) };
    let (old_name, new_name) = (args.old.display().to_string(), args.new.display().to_string());
    let compared =
        heaplab_page::Compared { old, new, old_name: &old_name, new_name: &new_name, comparison };
    let text = heaplab_page::render_comparison(&compared, &heaplab_page::Options::default());
    reports::write_text(page, &text)?;
    terminal.note(&format!("written: {}", page.display()));
    Ok(())
}

/// Refuses what has nothing in common, and times that say nothing about each other.
fn refuse(args: &CompareArgs, comparison: &Comparison) -> Result<(), Failure> {
    let (old, new) = (args.old.display(), args.new.display());
    let refused = |text: String| Failure::new(Exit::Incomparable, text);
    let wants_time = args.only != Some(Part::Space);
    if wants_time && !args.force && !comparison.obstacles.is_empty() {
        let failure = refused(format!("times in {old} and {new} cannot be compared"));
        let failure = comparison
            .obstacles
            .iter()
            .fold(failure, |failure, obstacle| failure.detail(obstacle.to_string()));
        return Err(failure.help("exact figures can be: add --only space (or --force)"));
    }
    if comparison.cells == 0 {
        return Err(refused(format!("{old} and {new} have no cell in common"))
            .detail("a cell is matched by trace, strategy, parameters, heap, granule and mode")
            .help("heaplab show --by cell lists the cells of a report"));
    }
    if args.only == Some(Part::Time) && comparison.times.is_none() {
        return Err(refused(format!("{old} and {new} have no timed cell in common"))
            .help("measure both with: heaplab run --passes space,verify,throughput"));
    }
    Ok(())
}

/// What is compared with what, in one line.
fn head(args: &CompareArgs, old: &Report, new: &Report, comparison: &Comparison) -> String {
    let side = |path: &Path, report: &Report| {
        let mut words = vec![path.display().to_string()];
        words.extend(report.tool.git_commit.iter().map(|it| it.chars().take(7).collect()));
        words.push(report.created_at.chars().take(10).collect());
        words.join(" ")
    };
    let mut words = vec![side(&args.old, old), side(&args.new, new)];
    words.push(if old.environment.id == new.environment.id {
        "one machine".into()
    } else {
        "two machines".into()
    });
    let plural = |count: usize, word: &str| match count {
        1 => format!("1 {word}"),
        _ => format!("{count} {word}s"),
    };
    words.push(format!(
        "{} of {} in common",
        plural(comparison.cells, "cell"),
        plural(comparison.traces, "trace")
    ));
    words.join(" · ")
}

/// Says in words what the tables show, and how the program is to end.
fn conclude(
    args: &CompareArgs,
    comparison: &Comparison,
    is_for_people: bool,
    has_tables: bool,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    for note in compare::notes(comparison) {
        terminal.note(&note);
    }
    let summary = compare::summary(comparison);
    if is_for_people {
        let gap = if has_tables { "\n" } else { "" };
        terminal.answer(&terminal.plain(&format!("{gap}{summary}\n")))?;
    } else {
        terminal.note(&summary);
    }
    let bad = comparison.has_regression();
    if bad {
        let new = super::run::quoted(&args.new.display().to_string());
        terminal.next(&format!("heaplab show {new} --by cell"));
    }
    Ok(if bad { Exit::Bad } else { Exit::Done })
}
