use crate::config::Ambient;
use crate::log::EventLog;
use crate::ops::{OpsError, Reader};
use crate::services::Service;

use super::foreign::{BrokerLooks, own, unknown};
use super::gather::of_services;
use super::retention::Retention;
use super::{By, Foreign, LagReport, Source};

/// Which groups are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Of the platform.
    pub services: Vec<Service>,
    /// Of others.
    pub foreign: Foreign,
}

impl Wanted {
    /// The groups of these names, short or as the brokers call them; every group of the platform where none is named. What only
    /// brokers could know is an error where there are none.
    pub fn of(log: &EventLog, names: &[String], is_foreign: bool) -> Result<Self, OpsError> {
        let every = || Service::ALL.iter().copied().filter(|service| service.group().is_some()).collect();
        let (mut services, mut strangers) = (Vec::new(), Vec::new());
        for name in names {
            let full = || own(log).into_iter().find(|(_, full)| full == name).map(|(short, _)| short);
            let known = Service::parse(name).filter(|service| service.group().is_some());
            match known.or_else(|| Service::parse(full()?)) {
                Some(service) => services.push(service),
                None if log.brokers().is_none() => return Err(unknown(name)),
                None => strangers.push(name.clone()),
            }
        }
        let foreign = match (is_foreign, strangers.is_empty()) {
            (true, _) => Foreign::All,
            (false, true) => Foreign::None,
            (false, false) => Foreign::Named(strangers),
        };
        Ok(Self { services: if names.is_empty() { every() } else { services }, foreign })
    }
}

/// What one look leaves for the next.
#[derive(Debug, Default)]
pub struct Looks {
    brokers: BrokerLooks,
    retention: Retention,
}

/// How far these groups are behind, those of the platform on one snapshot, others by two looks at the brokers.
pub async fn look(reader: &Reader, wanted: &Wanted, looks: &mut Looks, by: By) -> Result<LagReport, OpsError> {
    let mut report = of_services(reader, &wanted.services, by).await?;
    looks.retention.tell(&reader.log, &mut report).await;
    // Brokers that have just not answered are not asked again.
    if report.log_fault.is_none() {
        report.foreign = looks.brokers.look((&reader.log, &reader.ambient), &wanted.foreign).await?;
    }
    Ok(report)
}

/// The same without the database, because of `fault`: the platform's groups by what they have told the brokers.
pub async fn look_without_store(
    (log, ambient): (&EventLog, &Ambient),
    wanted: &Wanted,
    looks: &mut Looks,
    (by, fault): (By, &str),
) -> Result<LagReport, OpsError> {
    let names: Vec<String> = wanted.services.iter().filter_map(|service| service.group()).map(|group| log.group_name(&group)).collect();
    let all = log.broker_groups().await?;
    let is_own = |name: &String| own(log).iter().any(|(_, own)| own == name);
    let is_wanted = |name: &String| {
        names.contains(name)
            || match &wanted.foreign {
                Foreign::None => false,
                Foreign::Named(strangers) => strangers.contains(name),
                Foreign::All => !is_own(name),
            }
    };
    let groups = all.into_iter().filter(|group| is_wanted(&group.name)).collect();
    let foreign = looks.brokers.compare((log, ambient), groups).await?;
    let brokers = format!("the brokers {}", log.brokers().unwrap_or_default());
    let sources = vec![
        Source { facts: "members, money and the outbox", from: "the database".to_owned(), fault: Some(fault.to_owned()) },
        Source { facts: "commits, ends and rates", from: brokers, fault: None },
    ];
    let store_fault = Some(fault.to_owned());
    Ok(LagReport {
        at: ambient.now(),
        groups: Vec::new(),
        foreign,
        mail: None,
        outbox: None,
        log_fault: None,
        store_fault,
        sources,
        by,
        is_watched: false,
    })
}
