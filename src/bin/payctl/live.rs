use std::ffi::{OsStr, OsString};
use std::time::Duration;

use clap::{FromArgMatches as _, Parser as _};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use clap_complete::env::CompleteEnv;
use payctl::event::EventKind;
use payctl::ops::dlq::{self, LetterQuery};
use payctl::ops::events::{self, EventFilter};
use payctl::ops::{OpsError, Reader};

use crate::cli::{self, Cli};
use crate::commands::completions::VARIABLE;
use crate::console::Console;
use crate::global::GlobalArgs;

/// Nobody waits longer for a word.
const PATIENCE: Duration = Duration::from_millis(800);
/// So many of the newest are offered.
const OFFERED: i64 = 200;

/// Names that only the platform knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Live {
    Payments,
    Events,
    /// Causes, and single dead letters.
    Letters,
}

/// Answers a shell that wants a line completed; `false` where none asks. Whatever goes wrong, nothing is said: the shell
/// would show it between the words.
pub(crate) fn complete() -> bool {
    let current = std::env::current_dir().ok();
    let asked = CompleteEnv::with_factory(|| with_live(cli::command())).var(VARIABLE).bin("payctl");
    asked.try_complete(std::env::args_os(), current.as_deref()).unwrap_or(true)
}

fn with_live(command: clap::Command) -> clap::Command {
    let marked = command.mut_args(|arg| match live(&arg) {
        Some(live) => arg.add(ArgValueCompleter::new(move |typed: &OsStr| offered(live, typed))),
        None => arg,
    });
    marked.mut_subcommands(with_live)
}

/// What an argument's values are, by the name that it has in every command.
fn live(arg: &clap::Arg) -> Option<Live> {
    match arg.get_id().as_str() {
        "payment_no" | "payment" | "id" if !arg.is_global_set() && takes_payments(arg) => Some(Live::Payments),
        "event_id" => Some(Live::Events),
        "selector" | "selectors" => Some(Live::Letters),
        _ => None,
    }
}

/// `--id` of verify is an invariant; what trace is given by place is a payment or something else of it.
fn takes_payments(arg: &clap::Arg) -> bool {
    arg.get_id() != "id" || arg.is_positional()
}

fn offered(live: Live, typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(typed) = typed.to_str() else { return Vec::new() };
    let mut names = asked(live).unwrap_or_default();
    names.retain(|(name, _)| name.starts_with(typed));
    names.into_iter().map(|(name, help)| CompletionCandidate::new(name).help(Some(help.into()))).collect()
}

/// Asks the platform that the line names so far; nothing where it does not answer at once.
fn asked(live: Live) -> Option<Vec<(String, String)>> {
    let words = std::env::args_os().skip_while(|word| word != "--").skip(1);
    let mut console = Console::silent(global(words)?, Cli::try_parse_from(["payctl", "payments", "list"]).ok()?.command.nature());
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    let asking = async {
        let reader = console.reader().await.ok()?;
        names(live, &reader).await.ok()
    };
    let found = runtime.block_on(async { tokio::time::timeout(PATIENCE, asking).await });
    // A thread that still asks is not waited for: the process ends with the answer.
    runtime.shutdown_background();
    found.ok().flatten()
}

/// The options of every command on a line that is not finished.
fn global(words: impl Iterator<Item = OsString>) -> Option<GlobalArgs> {
    let matches = cli::command().ignore_errors(true).try_get_matches_from(words).ok()?;
    GlobalArgs::from_arg_matches(&matches).ok()
}

/// Names with what tells them apart.
async fn names(live: Live, reader: &Reader) -> Result<Vec<(String, String)>, OpsError> {
    let filter = EventFilter { limit: OFFERED, ..EventFilter::default() };
    match live {
        Live::Payments => {
            let created = events::list(reader, EventFilter { kind: Some(EventKind::PaymentCreated), ..filter }).await?;
            let records = created.events.into_iter().rev().map(|line| line.record);
            Ok(records.filter_map(|record| Some((record.payment_no?, record.summary))).collect())
        }
        Live::Events => {
            let newest = events::list(reader, filter).await?.events.into_iter().rev().map(|line| line.record);
            Ok(newest.filter_map(|record| Some((record.event_id?.to_string(), record.event_type.unwrap_or_default()))).collect())
        }
        Live::Letters => {
            let query = LetterQuery::default();
            let causes = dlq::causes(reader, &query).await?.causes.into_iter();
            let causes = causes.map(|cause| (cause.cause, format!("{} of {}: {}", cause.count, cause.group, cause.error_code)));
            let entries = dlq::entries(reader, &query, OFFERED).await?.entries.into_iter();
            Ok(causes.chain(entries.map(|entry| (entry.id.to_string(), entry.error_code))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(path: &[&str], id: &str) -> bool {
        let mut command = with_live(cli::command());
        command.build();
        let found = path.iter().fold(&command, |command, word| command.find_subcommand(word).unwrap());
        let arg = found.get_arguments().find(|arg| arg.get_id() == id).unwrap_or_else(|| panic!("{path:?} has no {id}"));
        arg.get::<ArgValueCompleter>().is_some()
    }

    #[test]
    fn what_only_the_platform_knows_is_asked_of_it() {
        for (path, id) in [
            (["payments", "get"].as_slice(), "payment_no"),
            (&["payments", "cancel"], "payment_no"),
            (&["trace"], "id"),
            (&["ledger", "entries"], "payment"),
            (&["topics", "tail"], "payment"),
            (&["events", "show"], "event_id"),
            (&["dlq", "show"], "selector"),
            (&["dlq", "replay"], "selectors"),
        ] {
            assert!(marked(path, id), "{path:?} {id}");
        }
        assert!(!marked(&["verify"], "id") && !marked(&["topics", "describe"], "topic"));
    }

    #[test]
    fn an_unfinished_line_says_which_platform_it_is_about() {
        let words = ["payctl", "payments", "get", "--data-dir", "/x", "--port-offset=7", "PY"];
        assert_eq!(global(words.into_iter().map(OsString::from)).unwrap().typed(), "--data-dir /x --port-offset 7 ");
    }
}
