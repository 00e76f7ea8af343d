use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use super::LoadError;
use super::Op;
use super::line::{Acked, Line, RunLine};

/// Acknowledgements that are compared at once: what is held of a journal does not grow with it.
const PAGE: usize = 1000;
/// A line of ours is far shorter.
const MAX_LINE_BYTES: u64 = 64 * 1024;

/// Reads the acknowledgements of a journal page by page.
pub(super) struct Pages {
    path: PathBuf,
    file: BufReader<io::Take<File>>,
    line: u64,
    pub(super) seen: Seen,
}

/// What a journal holds beside the acknowledgements.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    pub(super) runs: Vec<RunLine>,
    /// Changes that were asked for.
    pub(super) invoked: u64,
    /// Changes whose fate nobody knows.
    pub(super) unknown: u64,
    /// Changes that were refused.
    pub(super) refused: u64,
    /// Answers to repetitions.
    pub(super) repeated: u64,
    /// Whether the last line breaks off, as it does when the client was killed.
    pub(super) torn: bool,
}

/// Acknowledgements, by what was promised.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) created: Vec<Acked>,
    pub(super) paid: Vec<Acked>,
    pub(super) cancelled: Vec<Acked>,
}

impl Pages {
    /// Opens a journal as it is now; what a run that goes on adds later is left for the next time.
    pub(super) fn open(path: &Path) -> Result<Self, LoadError> {
        let opened = File::open(path).and_then(|file| file.metadata().map(|about| (file, about.len())));
        let (file, length) = opened.map_err(|error| unreadable(path, &error))?;
        Ok(Self { path: path.to_owned(), file: BufReader::new(file.take(length)), line: 0, seen: Seen::default() })
    }

    /// The next acknowledgements; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Page>, LoadError> {
        let mut page = Page::default();
        let mut count = 0;
        while count < PAGE {
            match self.read()? {
                None => break,
                Some(Line::Run(run)) => self.seen.runs.push(run),
                Some(Line::Invoke { .. }) => self.seen.invoked += 1,
                Some(Line::Fail { .. }) => self.seen.refused += 1,
                Some(Line::Info { .. }) => self.seen.unknown += 1,
                Some(Line::Other) => {}
                Some(Line::Ok(acked)) if acked.repeated => self.seen.repeated += 1,
                Some(Line::Ok(acked)) => {
                    count += 1;
                    match acked.op {
                        Op::Create => page.created.push(acked),
                        Op::Pay => page.paid.push(acked),
                        Op::Cancel => page.cancelled.push(acked),
                        Op::Query => {}
                    }
                }
            }
        }
        Ok((count > 0).then_some(page))
    }

    fn read(&mut self) -> Result<Option<Line>, LoadError> {
        let mut bytes = Vec::new();
        let limited = &mut (&mut self.file).take(MAX_LINE_BYTES);
        let read = limited.read_until(b'\n', &mut bytes).map_err(|error| unreadable(&self.path, &error))?;
        if read == 0 {
            return Ok(None);
        }
        self.line += 1;
        let parsed = serde_json::from_slice(&bytes);
        if parsed.is_err() && bytes.last() != Some(&b'\n') && read < usize::try_from(MAX_LINE_BYTES).unwrap_or(usize::MAX) {
            self.seen.torn = true;
            return Ok(None);
        }
        parsed.map(Some).map_err(|_| LoadError::Malformed { path: self.path.display().to_string(), line: self.line })
    }
}

fn unreadable(path: &Path, error: &io::Error) -> LoadError {
    LoadError::Unreadable { path: path.display().to_string(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OK: &str = r#"{"type":"ok","op":"create","payment_no":"PY1","merchant_id":"2e42829e-b6aa-4e63-964d-a45a49af106c","amount":1,"currency":"USD"}"#;

    fn pages(text: &str) -> Pages {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("j");
        std::fs::write(&path, text).unwrap();
        Pages::open(&path).unwrap()
    }

    #[test]
    fn a_long_journal_comes_in_pages_and_nothing_is_left_out() {
        let mut pages = pages(&format!("{OK}\n").repeat(2 * PAGE + 1));
        let counts: Vec<usize> = std::iter::from_fn(|| pages.next().unwrap()).map(|page| page.created.len()).collect();
        assert_eq!(counts, [PAGE, PAGE, 1]);
    }

    #[test]
    fn a_line_that_a_killed_client_left_unfinished_is_no_acknowledgement() {
        let mut torn = pages(&format!("{OK}\n{}", &OK[..40]));
        assert_eq!(torn.next().unwrap().unwrap().created.len(), 1);
        assert!(torn.next().unwrap().is_none() && torn.seen.torn);
        let mut broken = pages(&format!("{OK}\n{}\n{OK}\n", &OK[..40]));
        assert!(matches!(broken.next(), Err(LoadError::Malformed { line: 2, .. })));
    }
}
