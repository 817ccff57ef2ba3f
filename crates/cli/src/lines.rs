//! Files of lines that come into being whole, when everything is written.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::failure::Failure;

/// Large enough that system calls do not show in the time of a replay.
const BUFFER_BYTES: usize = 256 * 1024;

/// A file that is written under another name and renamed at the end; dropped before, it vanishes.
///
/// What is no ordinary file, such as a pipe or a device, is written directly: a rename would replace it.
#[derive(Debug)]
pub(crate) struct LineFile {
    path: PathBuf,
    output: BufWriter<Output>,
}

#[derive(Debug)]
enum Output {
    Temporary(NamedTempFile),
    Direct(File),
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Temporary(file) => file.write(bytes),
            Self::Direct(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Temporary(file) => file.flush(),
            Self::Direct(file) => file.flush(),
        }
    }
}

impl LineFile {
    /// Starts the file with its header line.
    ///
    /// # Errors
    ///
    /// Exit 4 when no file can be made in the folder of `path`.
    pub(crate) fn create(path: &Path, header: &str) -> Result<Self, Failure> {
        let create = || {
            let output = if is_special(path) {
                Output::Direct(File::options().write(true).open(path)?)
            } else {
                Output::Temporary(temporary_beside(path)?)
            };
            let mut output = BufWriter::with_capacity(BUFFER_BYTES, output);
            writeln!(output, "{header}")?;
            Ok(Self { path: path.to_owned(), output })
        };
        create().map_err(|error| cannot_write(path, &error))
    }

    /// Adds a line of numbers separated by commas.
    ///
    /// # Errors
    ///
    /// Those of the file system.
    pub(crate) fn line(&mut self, numbers: [u64; 3]) -> io::Result<()> {
        let [first, second, third] = numbers;
        writeln!(self.output, "{first},{second},{third}")
    }

    /// The same with four numbers.
    ///
    /// # Errors
    ///
    /// Those of the file system.
    pub(crate) fn long_line(&mut self, numbers: [u64; 4]) -> io::Result<()> {
        let [first, second, third, fourth] = numbers;
        writeln!(self.output, "{first},{second},{third},{fourth}")
    }

    /// For lines of another form.
    pub(crate) fn writer(&mut self) -> &mut dyn Write {
        &mut self.output
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    ///
    /// Exit 4 when it cannot be written or renamed; what stood at the path before is still there then.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        let Self { path, output } = self;
        let finish = || match output.into_inner().map_err(io::IntoInnerError::into_error)? {
            // Where the path is a link, what it leads to is replaced, and the link stays.
            Output::Temporary(file) => file
                .persist(path.canonicalize().as_ref().unwrap_or(&path))
                .map_err(|error| error.error)
                .map(drop),
            Output::Direct(mut file) => file.flush(),
        };
        finish().map_err(|error| cannot_write(&path, &error))
    }
}

/// Makes sure that a file can be written later on: its folder exists and takes new files.
///
/// # Errors
///
/// Exit 4 where it does not, and for a path that is a folder.
pub(crate) fn check_writable(path: &Path) -> Result<(), Failure> {
    if is_special(path) {
        return Ok(());
    }
    fs::create_dir_all(folder_of(path))
        .and_then(|()| temporary_beside(path))
        .map(drop)
        .map_err(|error| cannot_write(path, &error))
}

/// Makes sure that the folder of an output is there, where none is to be made.
///
/// # Errors
///
/// Exit 4 where it is not.
pub(crate) fn check_folder(path: &Path) -> Result<(), Failure> {
    if folder_of(path).is_dir() {
        return Ok(());
    }
    Err(cannot_write(path, &io::ErrorKind::NotFound.into()))
}

/// Refuses an output that is one of the inputs, whatever both are called: it would be lost.
///
/// # Errors
///
/// Exit 2; `what` says what the input is, such as `the trace`.
pub(crate) fn keep_input<P: AsRef<Path>>(
    output: &Path,
    inputs: impl IntoIterator<Item = P>,
    what: &str,
) -> Result<(), Failure> {
    let is_same = |input: &Path| {
        let whole = |path: &Path| path.canonicalize().ok().filter(|_| !is_special(path));
        whole(input).zip(whole(output)).is_some_and(|(input, output)| input == output)
    };
    if inputs.into_iter().any(|input| is_same(input.as_ref())) {
        let output = output.display();
        return Err(Failure::usage(format!("{output} is {what}: it would be overwritten"))
            .help("name another file for the output"));
    }
    Ok(())
}

/// Whether the path is there and neither an ordinary file nor a folder: a pipe, a device, a terminal.
pub(crate) fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

/// The error for an output that the file system refuses.
pub(crate) fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    let folder = folder_of(path);
    let reason = if folder.is_dir() {
        // The kind alone: the full text may name the temporary file, which is nobody's business.
        error.kind().to_string()
    } else {
        format!("there is no folder {}", folder.display())
    };
    Failure::output(format!("{}: cannot be written: {reason}", path.display()))
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn temporary_beside(path: &Path) -> io::Result<NamedTempFile> {
    if path.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".heaplab-").suffix(".tmp");
    // Temporary files are private by default; this one is to become an ordinary file.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    // Beside what a link leads to, as a rename cannot cross file systems.
    builder.tempfile_in(folder_of(path.canonicalize().as_deref().unwrap_or(path)))
}
