use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::config::{Ambient, Config, Profile, Secret};

use super::StartError;

const FILE: &str = "development-secrets.json";

/// What services show each other, and what may have signed a webhook.
#[derive(Debug, Clone)]
pub(super) struct Secrets {
    pub(super) internal_token: Secret,
    pub(super) webhook_secrets: Arc<Vec<Secret>>,
}

/// The secrets that the development profile makes at its first start, so that nobody has to configure any.
#[derive(Serialize, Deserialize)]
struct Made {
    internal_token: String,
    webhook_secret: String,
}

/// The configured secrets; what is missing is made in development and refused elsewhere.
pub(super) fn load(config: &Config, ambient: &Ambient) -> Result<Secrets, StartError> {
    let missing = config.internal_token.is_none() || config.stripe.webhook_secrets.is_empty();
    let made = match (missing, config.profile) {
        (false, _) => None,
        (true, Profile::Development) => Some(read_or_make(&config.data_dir, ambient)?),
        (true, Profile::Production) => {
            return Err(StartError::Refused(
                "set PAYCTL_INTERNAL_TOKEN and STRIPE_WEBHOOK_SECRET: production makes no secrets of its own".to_owned(),
            ));
        }
    };
    let internal = config.internal_token.clone().or_else(|| made.as_ref().map(|made| Secret::new(&made.internal_token)));
    let webhook = if config.stripe.webhook_secrets.is_empty() {
        made.iter().map(|made| Secret::new(&made.webhook_secret)).collect()
    } else {
        config.stripe.webhook_secrets.clone()
    };
    Ok(Secrets { internal_token: internal.unwrap_or_else(|| Secret::new("")), webhook_secrets: Arc::new(webhook) })
}

/// What a platform with this configuration believes webhooks by, where one is configured or was made at its first start.
pub fn webhook_secret(config: &Config) -> Option<Secret> {
    config.stripe.webhook_secrets.first().cloned().or_else(|| made(config).map(|made| Secret::new(&made.webhook_secret)))
}

/// What the services of such a platform show each other, where it is configured or was made at its first start.
pub fn internal_token(config: &Config) -> Option<Secret> {
    config.internal_token.clone().or_else(|| made(config).map(|made| Secret::new(&made.internal_token)))
}

fn made(config: &Config) -> Option<Made> {
    let text = std::fs::read_to_string(config.data_dir.join(FILE)).ok().filter(|_| config.profile == Profile::Development)?;
    serde_json::from_str(&text).ok()
}

fn read_or_make(dir: &Path, ambient: &Ambient) -> Result<Made, StartError> {
    let path = dir.join(FILE);
    let fail = |reason: String| StartError::Refused(format!("{}: {reason}", path.display()));
    if let Ok(text) = std::fs::read_to_string(&path) {
        return serde_json::from_str(&text)
            .map_err(|_| fail("not the file that payctl wrote; remove it to have a new one made".to_owned()));
    }
    let made = Made {
        internal_token: hex::encode(ambient.random_bytes()),
        webhook_secret: format!("whsec_{}", hex::encode(ambient.random_bytes())),
    };
    let text = serde_json::to_string_pretty(&made).map_err(|error| fail(error.to_string()))?;
    std::fs::create_dir_all(dir).map_err(|error| fail(error.to_string()))?;
    // Whole under another name first: of several processes that start together one file wins, and all read that one.
    let own = dir.join(format!("{FILE}.{}", std::process::id()));
    let file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&own);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| fail(error.to_string()))?;
    let linked = std::fs::hard_link(&own, &path);
    std::fs::remove_file(&own).map_err(|error| fail(error.to_string()))?;
    match linked {
        Ok(()) => Ok(made),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => read_or_make(dir, ambient),
        Err(error) => Err(fail(error.to_string())),
    }
}
