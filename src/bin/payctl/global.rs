use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use payctl::config::Flags;

use crate::output::Format;

/// What every command understands.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArgs {
    #[arg(long, global = true, value_name = "DIR", value_hint = clap::ValueHint::DirPath, help = "Where the platform's data is [env: PAYCTL_DATA_DIR]")]
    data_dir: Option<OsString>,
    #[arg(long, global = true, value_name = "N", help = "Added to every port [env: PAYCTL_PORT_OFFSET]")]
    port_offset: Option<OsString>,
    #[arg(long, global = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath, help = "Read this file instead of ./payctl.toml [env: PAYCTL_CONFIG]")]
    config: Option<PathBuf>,
    #[arg(long, global = true, value_name = "PROFILE", help = "development, production [env: PAYCTL_PROFILE]")]
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
        help = "table or wide for people, json or jsonl for programs"
    )]
    pub(crate) output: Format,
    #[arg(long, global = true, help = "No colour, also on a terminal [env: NO_COLOR]")]
    no_color: bool,
    /// Only data and errors
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
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

    /// What the configuration is told.
    pub(crate) fn flags(&self) -> Flags {
        Flags {
            config: self.config.clone(),
            profile: self.profile.clone(),
            data_dir: self.data_dir.clone(),
            port_offset: self.port_offset.clone(),
            no_color: self.no_color,
        }
    }
}
