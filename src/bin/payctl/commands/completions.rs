use clap_complete::Shell;
use clap_complete::env::Shells;

use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Asks payctl to complete a line, and names the shell; what is printed here sets it.
pub(crate) const VARIABLE: &str = "PAYCTL_COMPLETE";

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
    console.out.bytes(&registration(&args.shell.to_string()).ok_or_else(unknown)?)?;
    Ok(Exit::Ok)
}

/// The script that makes `shell` ask payctl; `None` where it is not known.
fn registration(shell: &str) -> Option<Vec<u8>> {
    let mut script = Vec::new();
    Shells::builtins().completer(shell)?.write_registration(VARIABLE, "payctl", "payctl", "payctl", &mut script).ok()?;
    Some(script)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_has_a_script() {
        for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
            let script = String::from_utf8(registration(shell).unwrap()).unwrap();
            assert!(script.contains(VARIABLE), "{shell}: {script}");
        }
        assert!(registration("tcsh").is_none());
    }
}
