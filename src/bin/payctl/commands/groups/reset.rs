use payctl::event::Topic;
use payctl::ops::groups::{self, Reset, ResetTo};
use payctl::services::Service;

use crate::commands::value;
use crate::console::Console;
use crate::error::Failure;
use crate::exit::Exit;

/// Set a group to another place of a topic, such as the start of one that was made anew
///
/// Shows what it would do; --execute does it, only while no member of the group is alive, and with a record in audit.logs. The
/// group then takes the log for its own whatever it has read before. Events that it has applied it skips; what `end` or an
/// offset leaves out it never sees, and payctl verify will name it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  payctl groups reset-offsets accounting --topic payment.events --to start
  payctl groups reset-offsets order --topic payment.events --partition 3 --to offset:120 --reason 'ticket 4711' --execute")]
pub(crate) struct ResetArgs {
    /// Which group; its full name does as well
    #[arg(value_name = "GROUP", value_parser = group)]
    group: Service,
    /// Which of its topics
    #[arg(long, value_name = "TOPIC", value_parser = value::topic(), hide_possible_values = true)]
    topic: Topic,
    /// Only this partition
    #[arg(short, long, value_name = "P")]
    partition: Option<u16>,
    /// start, end, or offset:N
    #[arg(long, value_name = "PLACE", value_parser = place)]
    to: ResetTo,
    /// Why; kept in the audit trail
    #[arg(long, value_name = "TEXT", default_value = "no reason was given")]
    reason: String,
    /// Do it, instead of showing what would be done
    #[arg(long)]
    execute: bool,
}

impl ResetArgs {
    /// Whether it is to be done, and not only shown.
    pub(crate) const fn changes(&self) -> bool {
        self.execute
    }
}

/// Messages of the log name groups in full.
fn group(text: &str) -> Result<Service, String> {
    let name = text.rsplit('.').next().unwrap_or(text);
    Service::parse(name).filter(|service| service.group().is_some()).ok_or_else(|| {
        let groups = Service::ALL.iter().filter(|service| service.group().is_some());
        format!("the groups are {}", groups.map(|service| service.name()).collect::<Vec<_>>().join(", "))
    })
}

fn place(text: &str) -> Result<ResetTo, String> {
    match text {
        "start" => Ok(ResetTo::Start),
        "end" => Ok(ResetTo::End),
        _ => text
            .strip_prefix("offset:")
            .and_then(|number| number.parse().ok())
            .filter(|offset| *offset >= 0)
            .map(ResetTo::Offset)
            .ok_or_else(|| "a place is start, end or offset:N".to_owned()),
    }
}

pub(super) async fn run(console: &mut Console, args: ResetArgs) -> Result<Exit, Failure> {
    let why = "a group's offsets are in the same file as the log, so they cannot part; replay what is parked instead";
    let reader = if args.execute { console.operator(why).await? } else { console.inspector(why).await? };
    let wanted = Reset { service: args.group, topic: args.topic, partition: args.partition, to: args.to, reason: args.reason };
    let done = if args.execute { groups::execute(&reader, &wanted).await } else { groups::plan(&reader, &wanted).await };
    console.out.report(&done.map_err(|error| console.unread(error))?)?;
    if !args.execute {
        console.out.note("add --execute to do it");
    }
    Ok(Exit::Ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_start_end_or_an_offset() {
        assert_eq!(place("start"), Ok(ResetTo::Start));
        assert_eq!(place("offset:12"), Ok(ResetTo::Offset(12)));
        assert!(place("offset:-1").is_err() && place("12").is_err());
    }

    #[test]
    fn a_group_may_be_named_in_full_as_messages_name_it() {
        assert_eq!(group("payctl.order"), group("order"));
        assert!(group("channel").is_err(), "channel reads no topic");
    }
}
