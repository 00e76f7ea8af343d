use std::collections::{BTreeMap, BTreeSet};

use crate::event::{Topic, TopicPartition};
use crate::log::{Bounds, LogError};
use crate::ops::group;
use crate::ops::{OpsError, Reader};
use crate::services::Service;
use crate::store::Tx;

use super::outbox::outbox;
use super::unpublished::{Unpublished, unpublished};
use super::{OutboxLag, Source};

pub(super) type Commits = BTreeMap<(String, TopicPartition), group::Commit>;

/// What is asked outside of the snapshot, where the log is not in the database.
pub(super) struct Brokers {
    pub(super) outbox: OutboxLag,
    pub(super) unpublished: BTreeMap<&'static str, Unpublished>,
    pub(super) commits: Commits,
    pub(super) bounds: BTreeMap<TopicPartition, Bounds>,
    /// Why they did not answer for every topic.
    pub(super) fault: Option<String>,
    pub(super) sources: Vec<Source>,
}

/// The outbox before the log, and commits before ends: what moves meanwhile is then counted twice and not overlooked, and a group
/// that works meanwhile is not ahead of the log.
pub(super) async fn ask(reader: &Reader, services: &[Service]) -> Result<Brokers, OpsError> {
    let wanted = services.to_vec();
    let before = async move |tx: &mut Tx| {
        let mut waiting = BTreeMap::new();
        for service in &wanted {
            if let Some(group) = service.group() {
                let now = tx.now();
                waiting.insert(service.name(), unpublished(tx, *service, &group, now).await?);
            }
        }
        Ok::<_, OpsError>((outbox(tx).await?, waiting, group::commits(tx).await?))
    };
    let (outbox, unpublished, commits) = reader.store.read(before).await?;
    let topics: BTreeSet<Topic> = services.iter().flat_map(|service| service.topics()).copied().collect();
    let (bounds, fault) = ends(reader, &topics).await;
    let from = format!("the brokers {}", reader.log.brokers().unwrap_or_default());
    let sources = vec![
        Source { facts: "commits, members, money and rates", from: "the database".to_owned(), fault: None },
        Source { facts: "ends", from, fault: fault.clone() },
    ];
    Ok(Brokers { outbox, unpublished, commits, bounds, fault, sources })
}

/// Where each partition begins and ends. Brokers that are away are asked once; a topic that is not there keeps no other from being
/// asked for.
async fn ends(reader: &Reader, topics: &BTreeSet<Topic>) -> (BTreeMap<TopicPartition, Bounds>, Option<String>) {
    let (mut bounds, mut fault) = (BTreeMap::new(), None);
    for topic in topics {
        match reader.bounds(*topic).await {
            Ok(found) => bounds.extend(found.into_iter().map(|(partition, found)| (TopicPartition { topic: *topic, partition }, found))),
            Err(error) => {
                let is_about_topic = matches!(error, LogError::Unsettled(_));
                fault.get_or_insert(if is_about_topic { format!("{topic}: {error}") } else { error.to_string() });
                // What the database knows is worth telling without them, and now most of all.
                if !is_about_topic {
                    break;
                }
            }
        }
    }
    (bounds, fault)
}
