use clap::Subcommand;
use payctl::config::{Fallback, KnownProfile, Loaded, Profile, Purpose, SETTINGS, Spec};
use payctl::ops::{Report, Table};
use serde::Serialize;

use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show every setting with its value and where it came from; secrets are redacted
    #[command(after_help = "Defaults < payctl.toml < environment < flags: what stands further right wins.

Example: payctl config show --port-offset 1000")]
    Show,
    /// List every setting: its key in payctl.toml, its variable, its default
    #[command(after_help = "Example: payctl config keys | grep -i smtp")]
    Keys,
    /// List the profiles: those of payctl.toml beside development and production, and which one is in force
    #[command(
        after_help = "A [profiles.staging] in payctl.toml holds settings that win over the others of the file with --profile staging,
and its kind: production (unless it says so) or development.

Example: payctl config profiles --profile staging"
    )]
    Profiles,
    /// Print a payctl.toml with every key, its meaning and its default, all commented out
    #[command(after_help = "Example: payctl config example > payctl.toml")]
    Example,
}

pub(crate) fn run(console: &mut Console, command: &ConfigCommand) -> Result<Exit, Failure> {
    match command {
        ConfigCommand::Show => {
            let loaded = console.load(Profile::Development, Purpose::Console)?;
            for warning in &loaded.warnings {
                console.out.warn(warning);
            }
            console.out.report(&Shown::new(&loaded))?;
        }
        ConfigCommand::Profiles => {
            let loaded = console.load(Profile::Development, Purpose::Console)?;
            console.out.report(&Profiles::new(loaded.profiles))?;
        }
        ConfigCommand::Example => console.out.text(&example())?,
        ConfigCommand::Keys => console.out.report(&Keys { settings: SETTINGS.iter().map(Known::new).collect() })?,
    }
    Ok(Exit::Ok)
}

/// Every setting as a commented line of TOML under its section.
fn example() -> String {
    let mut lines = vec![
        "# payctl.toml: read from the directory where payctl starts, or from --config FILE.".to_owned(),
        "# The environment wins over this file, flags win over both.".to_owned(),
        "# What stands under [profiles.NAME] wins over the rest of the file with --profile NAME.".to_owned(),
    ];
    let mut section = "";
    for spec in SETTINGS {
        lines.push(String::new());
        if spec.section() != section {
            section = spec.section();
            lines.push(format!("[{section}]"));
        }
        let name = spec.key.rsplit('.').next().unwrap_or(spec.key);
        let (value, otherwise) = match spec.default {
            Fallback::Text(text) if is_bare(text) => (text.to_owned(), String::new()),
            Fallback::Text(text) => (format!("\"{text}\""), String::new()),
            Fallback::Found(words) | Fallback::Unset(words) => ("\"\"".to_owned(), format!(" (unless set: {words})")),
        };
        lines.push(format!("# {}: {}{otherwise}", spec.env, spec.about));
        lines.push(format!("# {name} = {value}"));
    }
    lines.push(String::new());
    lines.join("\n")
}

/// Whether TOML takes the text without quotes.
fn is_bare(text: &str) -> bool {
    text.parse::<i64>().is_ok() || text.parse::<bool>().is_ok()
}

/// The configuration as it is shown: secrets are redacted.
#[derive(Serialize)]
pub(crate) struct Shown {
    file: Option<String>,
    settings: Vec<ShownSetting>,
}

#[derive(Serialize)]
struct ShownSetting {
    key: &'static str,
    value: Option<String>,
    origin: String,
}

impl Shown {
    pub(super) fn new(loaded: &Loaded) -> Self {
        let settings = loaded.origins.iter().map(|setting| ShownSetting {
            key: setting.key,
            value: setting.value_shown.clone(),
            origin: setting.origin.to_string(),
        });
        Self { file: loaded.file.as_ref().map(|file| file.display().to_string()), settings: settings.collect() }
    }
}

impl Report for Shown {
    const LISTS: &'static [&'static str] = &["settings"];

    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["KEY", "VALUE", "ORIGIN"]);
        for setting in &self.settings {
            table.push([setting.key.to_owned(), setting.value.clone().unwrap_or_else(|| "-".to_owned()), setting.origin.clone()]);
        }
        table.notes.push(self.file.as_ref().map_or_else(|| "no payctl.toml was read".to_owned(), |file| format!("read {file}")));
        vec![table]
    }
}

/// What `--profile` takes.
#[derive(Serialize)]
pub(crate) struct Profiles {
    profiles: Vec<ShownProfile>,
}

#[derive(Serialize)]
struct ShownProfile {
    profile: String,
    kind: &'static str,
    active: bool,
    settings: Vec<String>,
}

impl Profiles {
    fn new(known: Vec<KnownProfile>) -> Self {
        let shown = known.into_iter().map(|profile| ShownProfile {
            profile: profile.name,
            kind: profile.kind.as_str(),
            active: profile.is_active,
            settings: profile.settings,
        });
        Self { profiles: shown.collect() }
    }
}

impl Report for Profiles {
    const LISTS: &'static [&'static str] = &["profiles"];
    const NAMES: Option<&'static str> = Some("profiles");

    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["PROFILE", "KIND", "ACTIVE", "SETTINGS"]);
        for profile in &self.profiles {
            let settings = if profile.settings.is_empty() { "-".to_owned() } else { profile.settings.join(", ") };
            let active = if profile.active { "yes" } else { "no" };
            table.push([profile.profile.clone(), profile.kind.to_owned(), active.to_owned(), settings]);
        }
        vec![table]
    }

    fn names(&self) -> Vec<String> {
        self.profiles.iter().map(|profile| profile.profile.clone()).collect()
    }
}

#[derive(Serialize)]
pub(crate) struct Keys {
    settings: Vec<Known>,
}

#[derive(Serialize)]
struct Known {
    key: &'static str,
    variable: &'static str,
    default: Option<&'static str>,
    #[serde(rename = "otherwise")]
    fallback: Option<&'static str>,
    secret: bool,
    about: &'static str,
}

impl Known {
    fn new(spec: &Spec) -> Self {
        let (default, fallback) = match spec.default {
            Fallback::Text(text) => (Some(text), None),
            Fallback::Found(words) | Fallback::Unset(words) => (None, Some(words)),
        };
        Self { key: spec.key, variable: spec.env, default, fallback, secret: spec.is_secret(), about: spec.about }
    }
}

impl Report for Keys {
    const LISTS: &'static [&'static str] = &["settings"];

    fn tables(&self) -> Vec<Table> {
        let mut table = Table::new(&["KEY", "VARIABLE", "ABOUT (DEFAULT)"]);
        for key in &self.settings {
            let default = key.default.or(key.fallback).unwrap_or("none");
            table.push([key.key.to_owned(), key.variable.to_owned(), format!("{} ({default})", key.about)]);
        }
        table.notes.push("a secret may also come from a file: NAME_FILE=PATH in place of NAME".to_owned());
        vec![table]
    }
}
