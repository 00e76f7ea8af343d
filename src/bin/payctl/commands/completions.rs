use clap_complete::Shell;

use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl completions bash > ~/.local/share/bash-completion/completions/payctl
  payctl completions zsh > \"${fpath[1]}/_payctl\"
  payctl completions fish > ~/.config/fish/completions/payctl.fish")]
pub(crate) struct CompletionsArgs {
    /// Whose
    shell: Shell,
}

pub(crate) fn run(console: &Console, args: &CompletionsArgs, mut command: clap::Command) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "payctl", &mut script);
    console.out.text(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Ok)
}
