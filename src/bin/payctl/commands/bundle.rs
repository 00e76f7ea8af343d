use std::fs::OpenOptions;
use std::io::BufWriter;
use std::path::PathBuf;

use payctl::config::{Profile, Purpose};
use payctl::ops::Probe;
use payctl::ops::bundle::{self, Scene};

use super::config::Shown;
use super::value::{self, Moment};
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Gather what somebody who helps needs to see into one file, masked
///
/// Status, lag, dead letters, the invariants, the configuration without its secrets, and what operators did (audit.logs), as JSON
/// in a .tar.gz. What could not be read is named in its manifest.json and here, and the exit code is 5.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl bundle
  payctl bundle --since 2h --file incident-4711.tar.gz")]
pub(crate) struct BundleArgs {
    /// From when on dead letters and operators' deeds are told: 90s, 10m, 2h, 3d ago or RFC 3339
    #[arg(long, value_name = "TIME", default_value = "30m", value_parser = value::moment)]
    since: Moment,
    /// Which file; never one that is there already [default: payctl-bundle-TIME.tar.gz]
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: Option<PathBuf>,
}

pub(crate) async fn run(console: &mut Console, args: BundleArgs) -> Result<Exit, Failure> {
    let loaded = console.load(Profile::Development, Purpose::Console)?;
    let now = console.ambient.now();
    let file = args.file.unwrap_or_else(|| PathBuf::from(format!("payctl-bundle-{}.tar.gz", now.format("%Y%m%dT%H%M%SZ"))));
    let again = console.again("bundle --file OTHER");
    let refused = |error: &dyn std::fmt::Display| Failure::failed(format!("{} cannot be written: {error}", file.display()), again.clone());
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let open = options.open(&file).map_err(|error| refused(&error))?;
    let probe = Probe::new().map_err(|error| console.refused(&error, "status", None))?;
    let reader = console.reader().await;
    let scene = Scene {
        config: &loaded.config,
        probe: &probe,
        reader: reader.as_ref().map_err(Failure::message),
        ambient: &console.ambient,
        since: args.since.before(now),
    };
    let gathered = bundle::gather(&scene, &Shown::new(&loaded)).await;
    if let Err(error) = bundle::write(&gathered, BufWriter::new(open)) {
        // Half an archive helps nobody.
        let _ = std::fs::remove_file(&file);
        return Err(refused(&error));
    }
    console.out.report(&gathered)?;
    console.out.note(&format!("written to {}", file.display()));
    Ok(if gathered.is_partial() { Exit::Partial } else { Exit::Ok })
}
