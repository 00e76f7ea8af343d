use crate::event::Record;
use crate::log::{Bounds, Standing};

use super::record::event_id_of;

/// What the log itself says about where a group stands.
pub(super) struct Evidence<'a> {
    pub(super) cluster_id: &'a str,
    pub(super) bounds: Bounds,
    /// The first record from the group's last one on, where one lies there.
    pub(super) last: Option<&'a Record>,
}

/// From where the group reads on, or why it must not: the log is not the one that it has read.
pub(super) fn judge(group: &str, standing: &Standing, evidence: &Evidence<'_>) -> Result<i64, String> {
    let (at, next, Bounds { start, end }) = (standing.at, standing.next_offset, evidence.bounds);
    let reset = format!("payctl groups reset-offsets {group} --topic {}", at.topic);
    let republish = format!("payctl events republish --topic {}", at.topic);
    let told = |what: String, cure: String| Err(format!("{at}: {what}; {cure}"));
    // Nothing was read, so nothing can be mixed up; whoever is behind the group tells what was gone before it came.
    if next == 0 {
        return Ok(start);
    }
    if let Some(known) = standing.cluster_id.as_deref().filter(|known| *known != evidence.cluster_id) {
        let what = format!("{group} has read cluster {known}, and these brokers are cluster {}", evidence.cluster_id);
        return told(
            what,
            format!(
                "point KAFKA_BROKERS at the cluster it has read, or fill this one with `{republish}` and start it there with `{reset}`"
            ),
        );
    }
    if next > end {
        let what = format!("{group} stands at offset {next}, but the log ends at {end}: the topic was emptied or made anew");
        return told(what, format!("fill it with `{republish}`, then start {group} again with `{reset}`"));
    }
    if next < start {
        let what = format!("{group} stands at offset {next}, but the log begins at {start}: retention has overtaken it");
        return told(what, format!("publish what it missed with `{republish}`, then go on at the log's start with `{reset}`"));
    }
    if next == start {
        return Ok(next);
    }
    let Some(last) = evidence.last.filter(|record| record.offset == next - 1) else {
        let what = format!("offset {}, which {group} has read, is not in the log: the topic was made anew", next - 1);
        return told(what, format!("fill it with `{republish}`, then start {group} again with `{reset}`"));
    };
    match (standing.last_event_id, event_id_of(last)) {
        (Some(known), Some(found)) if known != found => {
            let what = format!("at offset {} {group} has read event {known}, but {found} lies there: the topic was made anew", next - 1);
            told(what, format!("fill it with `{republish}`, then start {group} again with `{reset}`"))
        }
        _ => Ok(next),
    }
}
