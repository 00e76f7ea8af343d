use std::io::Read as _;
use std::path::PathBuf;

use clap::Args;
use payctl::ops::dlq::{self, LetterState};
use payctl::services::Service;

use super::select::{SelectArgs, WhyArgs, state};
use crate::commands::value;
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// The largest file of dead letters, in bytes.
const FILE_LIMIT: u64 = 256 * 1024 * 1024;

/// Write dead letters with their bytes, one JSON document a line
///
/// For keeping, and for `payctl dlq import` elsewhere. Nothing is masked: keep the lines as you would keep the database.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  payctl dlq export --group accounting > letters.jsonl
  payctl dlq export --topic orders-dlt > foreign.jsonl")]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    select: SelectArgs,
    /// Only in this state; open is failed, held or being replayed
    #[arg(long, value_name = "STATE", value_parser = state(), default_value = "open")]
    state: LetterState,
    /// The records of this topic of the brokers instead, whoever has written it
    #[arg(long, value_name = "TOPIC", conflicts_with_all = ["selectors", "payment", "since", "state"])]
    topic: Option<String>,
}

/// Take dead letters in from elsewhere, so that their group can be asked to try them
///
/// Shows what can be read; --execute parks them, with a record in audit.logs. What a group has applied, or has among its dead
/// letters, is left out.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  payctl dlq import letters.jsonl
  payctl dlq import foreign.jsonl --group accounting --reason 'ticket 4711' --execute")]
pub(crate) struct ImportArgs {
    /// Lines as `payctl dlq export` writes them; - for standard input
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,
    /// The group that they are for, whatever they say
    #[arg(short, long, value_name = "GROUP", value_parser = value::group())]
    group: Option<Service>,
    #[command(flatten)]
    why: WhyArgs,
    /// Do it, instead of showing what can be read
    #[arg(long)]
    execute: bool,
}

impl ImportArgs {
    /// Whether it is to be done, and not only shown.
    pub(crate) const fn changes(&self) -> bool {
        self.execute
    }
}

pub(super) async fn export(console: &mut Console, args: ExportArgs) -> Result<Exit, Failure> {
    let reader = console.reader().await?;
    let out = &console.out;
    if let Some(topic) = &args.topic {
        let found = dlq::foreign(&reader, topic, usize::MAX).await.map_err(|error| console.unread(error))?;
        for letter in &found.letters {
            out.json_line(&letter.importable(args.select.group()))?;
        }
        out.note(&format!("{} of {topic}{}", found.letters.len(), if found.is_complete { "" } else { ", and there are more" }));
        return Ok(if found.is_complete { Exit::Ok } else { Exit::Partial });
    }
    let query = args.select.query(args.state, console.ambient.now());
    let mut failure = None;
    let done = dlq::export(&reader, &query, |letter| match out.json_line(letter) {
        Ok(()) => true,
        Err(error) => {
            failure = Some(error);
            false
        }
    });
    let count = done.await.map_err(|error| console.unread(error))?;
    if let Some(failure) = failure {
        return Err(failure);
    }
    out.note(&format!("{count} dead letters"));
    Ok(Exit::Ok)
}

pub(super) async fn import(console: &mut Console, args: ImportArgs) -> Result<Exit, Failure> {
    let text = text(&args.file)
        .map_err(|error| Failure::usage(format!("{} cannot be read: {error}", args.file.display()), "payctl dlq import --help"))?;
    let done = if args.execute {
        let (_, desk) = console.desk().await?;
        dlq::import(&text, args.group, Some((&desk, &args.why.by.by, &args.why.reason))).await
    } else {
        dlq::import(&text, args.group, None).await
    };
    let done = done.map_err(|error| console.unread(error))?;
    console.out.report(&done)?;
    if !args.execute {
        console.out.note("nothing was changed; add --execute to do it");
    }
    Ok(if done.refused.is_empty() { Exit::Ok } else { Exit::Partial })
}

fn text(file: &std::path::Path) -> std::io::Result<String> {
    let mut text = String::new();
    if file.as_os_str() == "-" {
        std::io::stdin().lock().take(FILE_LIMIT).read_to_string(&mut text)?;
    } else {
        std::fs::File::open(file)?.take(FILE_LIMIT).read_to_string(&mut text)?;
    }
    Ok(text)
}
