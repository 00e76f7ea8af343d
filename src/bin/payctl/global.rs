use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use payctl::config::Flags;

use crate::format::{self, Format, Layout, Sort};
use crate::output::Output;

/// What every command understands.
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArgs {
    #[arg(long, global = true, value_name = "DIR", value_hint = clap::ValueHint::DirPath, help = "Where the platform's data is [env: PAYCTL_DATA_DIR]")]
    data_dir: Option<OsString>,
    #[arg(long, global = true, value_name = "N", help = "Added to every port [env: PAYCTL_PORT_OFFSET]")]
    port_offset: Option<OsString>,
    #[arg(long, global = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath, help = "Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]")]
    config: Option<PathBuf>,
    #[arg(long, global = true, value_name = "PROFILE", help = "development, production, or one of payctl.toml [env: PAYCTL_PROFILE]")]
    profile: Option<OsString>,
    /// How data is printed
    #[arg(
        short,
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        hide_possible_values = true,
        help = "table or wide for people; json, jsonl, yaml or csv for programs; name for the words other commands take"
    )]
    output: Format,
    #[arg(long, global = true, value_name = "A,B", value_delimiter = ',', help = "Only these columns of tables and csv, in this order")]
    columns: Vec<String>,
    #[arg(
        long,
        global = true,
        value_name = "COLUMN",
        value_parser = format::sort,
        allow_hyphen_values = true,
        help = "Sort tables and csv by this column's values; -COLUMN: the largest first"
    )]
    sort: Option<Sort>,
    #[arg(long, global = true, help = "Rows only: no names of columns, no titles of tables")]
    no_headers: bool,
    #[arg(long, global = true, help = "No pager for long lists on a terminal [env: PAYCTL_PAGER, PAGER]")]
    no_pager: bool,
    #[arg(long, global = true, help = "Refuse whatever changes something [env: PAYCTL_READ_ONLY]")]
    read_only: bool,
    #[arg(
        long,
        global = true,
        value_name = "SPAN",
        help = "How long to wait for database and brokers [default: 10s] [env: PAYCTL_TIMEOUT]"
    )]
    timeout: Option<OsString>,
    #[arg(long, global = true, help = "No colour, also on a terminal [env: NO_COLOR]")]
    no_color: bool,
    /// Only data and errors
    #[arg(short, long, global = true)]
    quiet: bool,
}

impl GlobalArgs {
    /// The global flags that choose a platform, as they were typed, for commands that are suggested.
    pub(crate) fn typed(&self) -> String {
        self.typed_without("")
    }

    /// The same but for one flag, which the suggestion sets itself.
    pub(crate) fn typed_without(&self, flag: &str) -> String {
        let flags = [
            ("--data-dir", self.data_dir.as_deref()),
            ("--port-offset", self.port_offset.as_deref()),
            ("--config", self.config.as_deref().map(std::path::Path::as_os_str)),
            ("--profile", self.profile.as_deref()),
        ];
        let given = flags
            .iter()
            .filter(|(name, _)| *name != flag)
            .filter_map(|(name, value)| value.map(|value| format!("{name} {} ", value.display())));
        given.collect()
    }

    /// The printer that is asked for.
    pub(crate) fn output(&self, no_color: bool, pager: Option<&str>) -> Output {
        Output {
            format: self.output,
            layout: Layout { columns: self.columns.clone(), sort: self.sort.clone(), no_headers: self.no_headers },
            quiet: self.quiet,
            no_color,
            pager: pager.filter(|_| !self.no_pager).map(str::to_owned),
        }
    }

    /// What the configuration is told.
    pub(crate) fn flags(&self) -> Flags {
        Flags {
            config: self.config.clone(),
            profile: self.profile.clone(),
            data_dir: self.data_dir.clone(),
            port_offset: self.port_offset.clone(),
            no_color: self.no_color,
            read_only: self.read_only,
            timeout: self.timeout.clone(),
        }
    }
}
