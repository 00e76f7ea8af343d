//! The binary: reads the command line, runs the command, tells the shell how it went.

mod arrange;
mod cell;
mod cli;
mod commands;
mod console;
mod document;
mod error;
mod exit;
mod format;
mod global;
mod live;
mod log_line;
mod nature;
mod natures;
mod output;
mod pager;
mod table;
mod telemetry;
mod usage;
mod wrap;

use std::process::ExitCode;

use payctl::config::{Flags, Inputs, Profile, Purpose};

use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;
use crate::output::Output;
use crate::usage::Read;

/// Many small rows are made and dropped on every thread; see docs/performance.md.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    if live::complete() {
        return Exit::Ok.into();
    }
    let exit = match usage::read(std::env::args_os()) {
        Read::Command(cli) => run(*cli),
        Read::Help(exit, help) => {
            // Whoever closes the pipe before the end has read enough.
            let _ = help.print();
            exit
        }
        Read::Wrong(shown) => {
            let around = Inputs::from_process(Flags::default(), Profile::Development, Purpose::Console);
            Output { no_color: around.no_color(), ..Output::default() }.failure(&shown);
            shown.exit
        }
    };
    exit.into()
}

fn run(cli: cli::Cli) -> Exit {
    let mut console = Console::new(cli.global, cli.command.nature());
    match console.check().and_then(|()| start(cli.command, &mut console)) {
        Ok(exit) => exit,
        Err(Failure::ClosedPipe) => Exit::Ok,
        Err(Failure::Shown(shown)) => {
            console.out.failure(&shown);
            shown.exit
        }
    }
}

fn start(command: cli::Command, console: &mut Console) -> Result<Exit, Failure> {
    // The first provider stays; nothing before this line can have installed another.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime =
        tokio::runtime::Runtime::new().map_err(|error| Failure::failed(format!("cannot start threads: {error}"), "payctl --help"))?;
    runtime.block_on(commands::run(command, console))
}
