use clap_complete::Shell;

use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;
use crate::live;

/// Print the script that lets a shell complete payctl's words, and names of the platform
///
/// The script asks payctl itself, which has to be in PATH: for commands, options and their values, and for payments, events, causes
/// and dead letters of the platform that the line names. Where that does not answer at once, nothing is offered.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl completions bash > ~/.local/share/bash-completion/completions/payctl
  payctl completions zsh > \"${fpath[1]}/_payctl\"
  payctl completions fish > ~/.config/fish/completions/payctl.fish")]
pub(crate) struct CompletionsArgs {
    /// Whose
    shell: Shell,
}

pub(crate) fn run(console: &Console, args: &CompletionsArgs) -> Result<Exit, Failure> {
    let unknown = || Failure::usage(format!("no completions for {}", args.shell), "payctl completions --help");
    console.out.bytes(&live::registration(&args.shell.to_string()).ok_or_else(unknown)?)?;
    Ok(Exit::Ok)
}
