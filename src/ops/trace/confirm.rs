use std::collections::{BTreeMap, BTreeSet};

use crate::event::Topic;
use crate::log::Bounds;
use crate::ops::Reader;

use super::source::{Origin, Source};
use super::story::Story;

/// Holds the places that the database has noted against the log. Asked after the database: what was noted then must lie below
/// the end now.
pub(super) async fn confirm(reader: &Reader, story: &mut Story) {
    let topics: BTreeSet<Topic> = story.steps.iter().filter_map(|step| step.lies).map(|(at, _)| at.topic).collect();
    // A short question first: brokers that are away are found out sooner by it.
    let mut answer = reader.log.ping().await;
    let mut bounds: BTreeMap<Topic, BTreeMap<u16, Bounds>> = BTreeMap::new();
    for topic in &topics {
        if answer.is_err() {
            break;
        }
        answer = reader.bounds(*topic).await.map(|found| drop(bounds.insert(*topic, found)));
    }
    if let Err(error) = answer {
        story.sources.push(Source::lacking("log", format!("{error}; places are as the database has noted them")));
        return;
    }
    let mut gone = 0_usize;
    let mut beyond = Vec::new();
    for step in &mut story.steps {
        let Some((at, offset)) = step.lies else { continue };
        let Some(found) = bounds.get(&at.topic).and_then(|partitions| partitions.get(&at.partition)) else { continue };
        if offset >= found.end {
            beyond.push(format!("the database has {} at {at}@{offset}, but the log ends at {}", step.what, found.end));
        } else if offset < found.start {
            gone += 1;
        } else {
            step.from = Origin::DatabaseAndLog;
        }
    }
    story.contradictions.extend(beyond);
    let detail = if gone > 0 {
        format!("places are within its bounds; retention has taken {gone} of them")
    } else {
        "places are within its bounds".to_owned()
    };
    story.sources.push(Source::used("log", detail));
}
