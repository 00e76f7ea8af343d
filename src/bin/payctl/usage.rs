use std::ffi::OsString;

use clap::Parser as _;
use clap::error::ErrorKind;

use crate::cli::{self, Cli};
use crate::error::Shown;
use crate::exit::Exit;

/// What came of reading the command line.
pub(crate) enum Read {
    /// A command.
    Command(Box<Cli>),
    /// Help or the version, asked for, or shown because nothing was.
    Help(Exit, clap::Error),
    /// It is wrong.
    Wrong(Shown),
}

/// Reads the command line.
pub(crate) fn read(arguments: impl IntoIterator<Item = OsString>) -> Read {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let error = match Cli::try_parse_from(&arguments) {
        Ok(cli) => return Read::Command(Box::new(cli)),
        Err(error) => error,
    };
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Read::Help(Exit::Ok, error),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Read::Help(Exit::Usage, error),
        _ => Read::Wrong(one_line(&error, &arguments)),
    }
}

/// clap explains over several lines; here an error is one line that ends with the next command to try.
fn one_line(error: &clap::Error, arguments: &[OsString]) -> Shown {
    let text = error.render().to_string();
    let explained = text.split("\nUsage:").next().unwrap_or_default().split("\nFor more information").next().unwrap_or_default();
    let parts: Vec<&str> = explained.lines().map(str::trim).filter(|line| !line.is_empty()).map(plain).collect();
    Shown { exit: Exit::Usage, messages: vec![join(&parts)], next: help_for(arguments) }
}

fn plain(line: &str) -> &str {
    let line = line.strip_prefix("error: ").or_else(|| line.strip_prefix("tip: ")).unwrap_or(line);
    line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(line)
}

fn join(parts: &[&str]) -> String {
    let mut text = String::new();
    for part in parts {
        let separator = match text.chars().next_back() {
            None => "",
            Some(':') => " ",
            Some(_) => "; ",
        };
        text.push_str(separator);
        text.push_str(part);
    }
    text
}

/// The help of the innermost command that was named.
fn help_for(arguments: &[OsString]) -> String {
    let mut command = cli::command();
    let mut path = "payctl".to_owned();
    for word in arguments.iter().skip(1).filter_map(|word| word.to_str()) {
        if let Some(inner) = command.find_subcommand(word).cloned() {
            path = format!("{path} {}", inner.get_name());
            command = inner;
        }
    }
    format!("{path} --help")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Read {
        read(std::iter::once("payctl").chain(line.split_whitespace()).map(OsString::from))
    }

    const PY: &str = "PY20260102030405ABCDEFGHJK";

    #[test]
    fn the_command_line_is_consistent() {
        cli::command().debug_assert();
    }

    #[test]
    fn valid_lines_are_commands() {
        for line in [
            "up",
            "up --demo",
            "--data-dir /x --port-offset 5 up",
            "up --data-dir /x --port-offset 5",
            "serve gateway",
            "serve gateway order --profile development",
            "payments create --amount 100",
            "payments create --amount 100 --currency jpy --email a@example.com --order-no O.1-2_3 --expire-minutes 5 -o json",
            "payments create --amount 100 --merchant 2e42829e-b6aa-4e63-964d-a45a49af106c --idempotency-key k --description d",
            "payments cancel PY20260102030405ABCDEFGHJK",
            "payments pay PY20260102030405ABCDEFGHJK --decline",
            "orders ship ORD-1",
            "orders complete ORD-1",
            "config show -o json -q --no-color",
            "config keys",
            "completions zsh",
            "man",
            "man --dir /x",
        ] {
            assert!(matches!(parse(line), Read::Command(_)), "{line}");
        }
    }

    #[test]
    fn help_and_version_are_fine_and_nothing_at_all_is_a_usage_error() {
        for line in ["--help", "help", "help payments create", "payments pay --help", "--version"] {
            assert!(matches!(parse(line), Read::Help(Exit::Ok, _)), "{line}");
        }
        assert!(matches!(parse(""), Read::Help(Exit::Usage, _)));
        assert!(matches!(parse("payments"), Read::Help(Exit::Usage, _)));
    }

    #[test]
    fn wrong_lines_get_one_line_that_says_what_is_expected_and_what_to_try() {
        for (line, said, next) in [
            ("paymets", "unrecognized subcommand 'paymets'; a similar subcommand exists: 'payments'", "payctl --help"),
            ("payments creat", "'create'", "payctl payments --help"),
            ("payments create", "were not provided: --amount <MINOR>", "payctl payments create --help"),
            ("payments create --amout 5", "'--amount'", "payctl payments create --help"),
            ("payments create --amount 5 --currency USDX", "ISO 4217", "payctl payments create --help"),
            ("payments create --amount 5 --email nobody", "e-mail address", "payctl payments create --help"),
            ("payments create --amount 5 --order-no a/b", "1 to 64 characters", "payctl payments create --help"),
            ("payments create --amount 5 --expire-minutes 0", "0 is not in 1", "payctl payments create --help"),
            ("payments pay", "were not provided: <PAYMENT_NO>", "payctl payments pay --help"),
            ("payments pay PY1", "a payment number is PY, 14 digits", "payctl payments pay --help"),
            ("payments pay py20260102030405ABCDEFGHJK", "a payment number is PY, 14 digits", "payctl payments pay --help"),
            ("orders ship", "were not provided: <ORDER_NO>", "payctl orders ship --help"),
            ("serve", "were not provided: <SERVICE>...", "payctl serve --help"),
            ("serve gatway", "possible values: gateway, order,", "payctl serve --help"),
            ("config show -o xml", "possible values: table, wide, json", "payctl config show --help"),
            ("completions tcsh", "possible values: bash,", "payctl completions --help"),
            ("up --port-offset", "a value is required", "payctl up --help"),
            ("--port-offset=1 --port-offset=2 up", "cannot be used multiple times", "payctl up --help"),
        ] {
            let Read::Wrong(shown) = parse(line) else { panic!("{line} was accepted") };
            assert_eq!((shown.exit, shown.messages.len()), (Exit::Usage, 1), "{line}");
            assert!(shown.messages[0].contains(said) && !shown.messages[0].contains('\n'), "{line}: {}", shown.messages[0]);
            assert_eq!(shown.next, next, "{line}");
        }
        let both = format!("payments pay {PY} --decline --cancel");
        assert!(matches!(parse(&both), Read::Wrong(shown) if shown.messages[0].contains("cannot be used with")));
    }
}
