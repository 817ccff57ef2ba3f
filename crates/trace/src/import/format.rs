//! The formats that can be imported, by name.

use std::fmt;
use std::str::FromStr;

/// A foreign trace format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// CMU malloc lab traces (`.rep`).
    Rep,
    /// The text form of the `wee_alloc` traces.
    WeeAlloc,
    /// Android's `memory_replay`, as text or as a zip of one text.
    Aosp,
    /// MiniMalloc's CSV of buffers with life spans.
    MiniMalloc,
    /// The log of `valgrind --trace-malloc=yes`.
    Valgrind,
}

/// Something that a source does not record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Lack {
    /// Which alignment a request asked for.
    Alignment,
    /// When an operation took place.
    Time,
    /// Which thread performed it.
    Thread,
    /// Where in the program it was asked for.
    CallSite,
    /// Resizes: there are none, or they are written as a free and an allocation.
    Resize,
    /// The order of operations at equal times.
    EqualTimeOrder,
}

impl Lack {
    /// The words that stand for it in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Alignment => "alignment",
            Self::Time => "time",
            Self::Thread => "thread",
            Self::CallSite => "call site",
            Self::Resize => "resize",
            Self::EqualTimeOrder => "order of equal times",
        }
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What there is to know of a format before reading a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FormatInfo {
    /// The format.
    pub format: Format,
    /// Its name on a command line.
    pub name: &'static str,
    /// One line of meaning.
    pub description: &'static str,
    /// What every file of the format lacks; a single file may lack less where the format has options.
    pub lacks: &'static [Lack],
    /// Usual endings of file names, without the dot. Files are recognised by content, not by these.
    pub extensions: &'static [&'static str],
}

const FORMATS: &[FormatInfo] = &[
    FormatInfo {
        format: Format::Rep,
        name: "rep",
        description: "CMU malloc lab traces: lines 'a ID BYTES', 'r ID BYTES', 'f ID'",
        lacks: &[Lack::Alignment, Lack::Time, Lack::Thread, Lack::CallSite],
        extensions: &["rep"],
    },
    FormatInfo {
        format: Format::WeeAlloc,
        name: "wee-alloc",
        description: "wee_alloc's text traces: lines 'Alloc(BYTES),' and 'Free(N),'",
        lacks: &[Lack::Alignment, Lack::Time, Lack::Thread, Lack::CallSite, Lack::Resize],
        extensions: &["trace"],
    },
    FormatInfo {
        format: Format::Aosp,
        name: "aosp",
        description: "Android's memory_replay recordings, as text or as a zip of one text",
        lacks: &[Lack::Time, Lack::CallSite],
        extensions: &["zip", "txt"],
    },
    FormatInfo {
        format: Format::MiniMalloc,
        name: "minimalloc",
        description: "MiniMalloc's CSV of buffers: id,lower,upper,size",
        lacks: &[
            Lack::Alignment,
            Lack::Time,
            Lack::Thread,
            Lack::CallSite,
            Lack::Resize,
            Lack::EqualTimeOrder,
        ],
        extensions: &["csv"],
    },
    FormatInfo {
        format: Format::Valgrind,
        name: "valgrind",
        description: "the log of valgrind --trace-malloc=yes, of any of its tools",
        lacks: &[Lack::Time, Lack::Thread, Lack::CallSite],
        extensions: &["log"],
    },
];

/// All formats that can be imported, in the order in which they are tried.
#[must_use]
pub const fn formats() -> &'static [FormatInfo] {
    FORMATS
}

impl Format {
    /// What there is to know of the format.
    #[must_use]
    pub const fn info(self) -> &'static FormatInfo {
        match self {
            Self::Rep => &FORMATS[0],
            Self::WeeAlloc => &FORMATS[1],
            Self::Aosp => &FORMATS[2],
            Self::MiniMalloc => &FORMATS[3],
            Self::Valgrind => &FORMATS[4],
        }
    }

    /// Its name on a command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.info().name
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A format name that is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no format '{name}'{}", suggestion_text(*.nearest))]
pub struct UnknownFormatName {
    /// The name that was asked for.
    pub name: String,
    /// The known name that is most like it, if one is like it at all.
    pub nearest: Option<&'static str>,
}

fn suggestion_text(nearest: Option<&'static str>) -> String {
    if let Some(nearest) = nearest {
        return format!("; did you mean '{nearest}'?");
    }
    let names: Vec<_> = FORMATS.iter().map(|info| info.name).collect();
    format!("; known are {}", names.join(", "))
}

impl FromStr for Format {
    type Err = UnknownFormatName;

    /// Reads a name as in [`FormatInfo::name`]; case, and `_` for `-`, do not matter.
    fn from_str(name: &str) -> Result<Self, UnknownFormatName> {
        /// Below this a suggestion would be a guess.
        const MIN_SIMILARITY: f64 = 0.7;
        let normal = name.to_lowercase().replace('_', "-");
        if let Some(info) = FORMATS.iter().find(|info| info.name == normal) {
            return Ok(info.format);
        }
        let nearest = FORMATS
            .iter()
            .map(|info| (strsim::jaro_winkler(info.name, &normal), info.name))
            .filter(|&(similarity, _)| similarity >= MIN_SIMILARITY)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, name)| name);
        Err(UnknownFormatName { name: name.to_owned(), nearest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_finds_itself() {
        for info in formats() {
            assert_eq!(info.format.info(), info);
            assert_eq!(info.name.parse(), Ok(info.format));
        }
        assert_eq!("Wee_Alloc".parse(), Ok(Format::WeeAlloc));
    }

    #[test]
    fn an_unknown_name_suggests_the_nearest_or_lists_all() {
        let error = "valgrnd".parse::<Format>().unwrap_err();
        assert_eq!(error.to_string(), "no format 'valgrnd'; did you mean 'valgrind'?");
        let error = "xyz".parse::<Format>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "no format 'xyz'; known are rep, wee-alloc, aosp, minimalloc, valgrind"
        );
    }
}
