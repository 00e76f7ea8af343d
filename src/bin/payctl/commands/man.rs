use std::path::{Path, PathBuf};

use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl man | man -l -
  payctl man --dir ~/.local/share/man/man1")]
pub(crate) struct ManArgs {
    /// Write one page for every command into this directory
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    dir: Option<PathBuf>,
}

pub(crate) fn run(console: &Console, args: &ManArgs, command: clap::Command) -> Result<Exit, Failure> {
    if let Some(dir) = &args.dir {
        return write_all(console, dir, command);
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    console.out.text(&String::from_utf8_lossy(&page))?;
    Ok(Exit::Ok)
}

fn write_all(console: &Console, dir: &Path, command: clap::Command) -> Result<Exit, Failure> {
    let fail =
        |error: std::io::Error| Failure::failed(format!("cannot write manual pages to {}: {error}", dir.display()), "payctl man --help");
    std::fs::create_dir_all(dir).map_err(fail)?;
    clap_mangen::generate_to(command, dir).map_err(fail)?;
    console.out.note(&format!("wrote the manual pages to {}", dir.display()));
    Ok(Exit::Ok)
}
