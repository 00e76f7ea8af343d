use payctl::config::Profile;
use payctl::ops::Masking;
use payctl::store::DeskOrder;

use crate::console::Console;
use crate::error::Failure;

/// Whether people's addresses are shown as they are.
#[derive(Debug, clap::Args)]
pub(crate) struct Unmask {
    /// People's addresses as they are; in production audit.logs keeps who looked
    #[arg(long)]
    pub(crate) unmask: bool,
    /// Who looks at what is unmasked; kept in the audit trail
    #[arg(long, value_name = "NAME", default_value = "console", requires = "unmask")]
    by: String,
}

impl Unmask {
    /// Whether the audit trail may have to keep who looked.
    pub(crate) const fn changes(&self) -> bool {
        self.unmask
    }

    /// How addresses are shown by the command of these `words`; whoever sees `target` unmasked has been named then.
    pub(crate) async fn masking(&self, console: &mut Console, words: &str, target: &str) -> Result<Masking, Failure> {
        if !self.unmask {
            return Ok(Masking::Masked);
        }
        let action = format!("{}.unmask", words.split(' ').next().unwrap_or(words));
        tell(console, &action, target, &self.by, &format!("{words} --unmask")).await?;
        Ok(Masking::Unmasked)
    }
}

/// Whoever looks at what is unmasked in production is named in the audit trail first.
pub(crate) async fn tell(console: &mut Console, action: &str, target: &str, actor: &str, reason: &str) -> Result<(), Failure> {
    if console.config()?.profile == Profile::Development {
        return Ok(());
    }
    let (_, desk) = console.desk().await?;
    let order = DeskOrder::Record {
        action: action.to_owned(),
        target: target.to_owned(),
        after: serde_json::Value::Null,
        actor: actor.to_owned(),
        reason: reason.to_owned(),
    };
    desk.carry_out(&order).await.map(drop).map_err(|error| console.unread(error))
}
