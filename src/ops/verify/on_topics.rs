use crate::event::Topic;
use crate::ops::span::millis_between;
use crate::ops::{OpsError, Reader};

use super::found::EXAMPLES;
use super::report::TOPICS;
use super::topic::verify_topics;
use super::{Checked, INVARIANTS, LEFT_OUT, TopicFinding, TopicVerified, TopicsVerified, Verdict, Verification, Violation, verify};

/// What a topic is held against.
struct OnTopic {
    id: &'static str,
    /// What a finding is called.
    what: &'static str,
    /// What holds.
    says: &'static str,
    count: fn(&TopicVerified) -> u64,
}

const ON_TOPICS: [OnTopic; 3] = [
    OnTopic { id: "I9", what: "missing", says: "what is published lies in its topic", count: |topic| topic.missing },
    OnTopic { id: "I10", what: "foreign", says: "a record is an event of the store, byte for byte", count: |topic| topic.foreign },
    OnTopic { id: "I11", what: "out of order", says: "an aggregate's versions lie in their order", count: |topic| topic.out_of_order },
];

/// Every invariant, in the database and on the topics. Where the brokers do not answer, what the topics would say is unknown.
pub async fn verify_all(reader: &Reader) -> Result<Verification, OpsError> {
    let every: Vec<_> = INVARIANTS.iter().collect();
    let mut found = verify(reader, &every, None).await?;
    found.left_out = LEFT_OUT.to_vec();
    // On the embedded log a topic is the event store itself.
    if reader.log.has_gaps() {
        return Ok(found);
    }
    let before = reader.ambient.now();
    let topics: Vec<Topic> = Topic::ALL.iter().copied().filter(|topic| !topic.is_dead_letter()).collect();
    let read = verify_topics(reader, &topics).await;
    let elapsed_ms = millis_between(before, reader.ambient.now());
    found.checks.extend(checks(&read, elapsed_ms));
    found.elapsed_ms += elapsed_ms;
    found.topics = read.map(|read| read.topics).unwrap_or_default();
    Ok(found)
}

fn checks(read: &Result<TopicsVerified, OpsError>, elapsed_ms: i64) -> impl Iterator<Item = Checked> {
    ON_TOPICS.iter().map(move |OnTopic { id, what, says, count }| {
        let mut checked = Checked {
            id,
            invariant: says,
            source: TOPICS,
            verdict: Verdict::Unknown,
            checked: None,
            subjects: "records",
            violations: None,
            examples: Vec::new(),
            reason: None,
            elapsed_ms,
        };
        match read {
            Err(error) => checked.reason = Some(error.to_string()),
            Ok(read) => {
                let violations: u64 = read.topics.iter().map(count).sum();
                let records: u64 = read.topics.iter().map(|topic| topic.records).sum();
                checked.verdict = if violations == 0 { Verdict::Holds } else { Verdict::Broken };
                checked.checked = i64::try_from(records).ok();
                checked.violations = i64::try_from(violations).ok();
                let findings = read.topics.iter().flat_map(|topic| &topic.findings).filter(|finding| finding.what == *what);
                checked.examples = findings.take(EXAMPLES).map(example).collect();
            }
        }
        checked
    })
}

fn example(finding: &TopicFinding) -> Violation {
    let subject = finding.event_id.map_or_else(|| finding.place.clone(), |id| id.to_string());
    let detail = format!("{} {}: {}", finding.what, finding.place, finding.detail);
    Violation::new(subject, detail)
}
