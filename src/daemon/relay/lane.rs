use std::time::Duration;

use tokio::time::Instant;

/// Shards are carried together, in so many lanes: while one waits for the brokers another settles. A lane costs a commit each
/// time, however many shards and rows it carries …
pub(super) const LANES: u16 = 2;
/// … so it begins so long after it began before at the earliest, and takes along what came meanwhile.
const PACE: Duration = Duration::from_millis(20);

/// The lane of a shard.
pub(super) const fn lane_of(shard: u16) -> u16 {
    shard % LANES
}

/// Which lanes are under way, and which have something to do.
#[derive(Debug)]
pub(super) struct Lanes(Vec<Lane>);

#[derive(Debug)]
struct Lane {
    is_busy: bool,
    is_wanted: bool,
    not_before: Instant,
}

impl Lanes {
    /// Nothing is known of the outbox yet, so there is everything to do.
    pub(super) fn new(now: Instant) -> Self {
        Self((0..LANES).map(|_| Lane { is_busy: false, is_wanted: true, not_before: now }).collect())
    }

    /// There is, or may be, something to do in these.
    pub(super) fn want(&mut self, lanes: impl IntoIterator<Item = u16>) {
        for number in lanes {
            if let Some(lane) = self.0.get_mut(usize::from(number)) {
                lane.is_wanted = true;
            }
        }
    }

    /// When the next one may begin; `None` while there is none.
    pub(super) fn next(&self) -> Option<Instant> {
        self.0.iter().filter(|lane| lane.is_wanted && !lane.is_busy).map(|lane| lane.not_before).min()
    }

    /// Those that begin now.
    pub(super) fn begin(&mut self, now: Instant) -> Vec<u16> {
        let mut begun = Vec::new();
        for (number, lane) in (0..).zip(&mut self.0) {
            if lane.is_wanted && !lane.is_busy && lane.not_before <= now {
                *lane = Lane { is_busy: true, is_wanted: false, not_before: now + PACE };
                begun.push(number);
            }
        }
        begun
    }

    /// This one is done with what it found.
    pub(super) fn end(&mut self, number: u16) {
        if let Some(lane) = self.0.get_mut(usize::from(number)) {
            lane.is_busy = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_begins_at_once_and_then_keeps_its_pace() {
        let start = Instant::now();
        let mut lanes = Lanes::new(start);
        assert_eq!(lanes.begin(start), [0, 1]);
        lanes.want([1]);
        assert_eq!(lanes.next(), None, "it is under way");
        lanes.end(1);
        assert_eq!(lanes.next(), Some(start + PACE));
        assert_eq!(lanes.begin(start), [0; 0]);
        assert_eq!(lanes.begin(start + PACE), [1]);
        assert_eq!(lanes.next(), None, "nobody asked for the other");
    }
}
