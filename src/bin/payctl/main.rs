//! The binary: reads the command line, runs the command, tells the shell how it went.

mod cli;
mod commands;
mod console;
mod error;
mod exit;
mod global;
mod log_line;
mod output;
mod table;
mod telemetry;
mod usage;

use std::process::ExitCode;

use payctl::config::{Flags, Inputs, Profile, Purpose};

use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;
use crate::output::{Format, Output};
use crate::usage::Read;

/// Many small rows are made and dropped on every thread; see docs/performance.md.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let exit = match usage::read(std::env::args_os()) {
        Read::Command(cli) => run(*cli),
        Read::Help(exit, help) => {
            // Whoever closes the pipe before the end has read enough.
            let _ = help.print();
            exit
        }
        Read::Wrong(shown) => {
            let around = Inputs::from_process(Flags::default(), Profile::Development, Purpose::Console);
            Output::new(Format::Table, false, around.no_color()).failure(&shown);
            shown.exit
        }
    };
    exit.into()
}

fn run(cli: cli::Cli) -> Exit {
    let mut console = Console::new(cli.global);
    match start(cli.command, &mut console) {
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
