use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::event::TopicPartition;

/// News are told so often at most.
const NEWS_EVERY: Duration = Duration::from_millis(500);
/// And all of it is told so often: the client library says of no commit whether the brokers took it.
const ALL_EVERY: Duration = Duration::from_secs(15);

/// Where a member's partitions stand and when Kafka is told, for tools that ask it; the database has the truth.
#[derive(Debug, Default)]
pub(super) struct Mirror {
    stands: BTreeMap<TopicPartition, i64>,
    news_due: Option<Instant>,
    all_due: Option<Instant>,
}

impl Mirror {
    /// When there will be something to tell.
    pub(super) fn due(&self) -> Option<Instant> {
        [self.news_due, self.all_due].into_iter().flatten().min()
    }

    /// Whether it is time to tell; `has_news` that a partition stands elsewhere by now.
    pub(super) fn is_time(&mut self, now: Instant, has_news: bool) -> bool {
        if has_news {
            self.news_due.get_or_insert(now + NEWS_EVERY);
        }
        self.due().is_some_and(|due| due <= now)
    }

    /// What to tell now.
    pub(super) fn told(&mut self, now: Instant, mut news: BTreeMap<TopicPartition, i64>) -> BTreeMap<TopicPartition, i64> {
        self.news_due = None;
        self.stands.append(&mut news.clone());
        if self.all_due.is_none_or(|due| due <= now) {
            news.clone_from(&self.stands);
            self.all_due = (!self.stands.is_empty()).then(|| now + ALL_EVERY);
        }
        news
    }

    /// The partitions are others' to tell of.
    pub(super) fn forget(&mut self, partitions: &[TopicPartition]) {
        for at in partitions {
            self.stands.remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Topic;

    const ONE: TopicPartition = TopicPartition { topic: Topic::PaymentEvents, partition: 1 };
    const TWO: TopicPartition = TopicPartition { topic: Topic::PaymentEvents, partition: 2 };

    #[test]
    fn news_are_told_together_and_nothing_is_told_where_there_is_none() {
        let (mut mirror, start) = (Mirror::default(), Instant::now());
        assert!(!mirror.is_time(start, false) && mirror.due().is_none());
        assert!(!mirror.is_time(start, true));
        assert_eq!(mirror.due(), Some(start + NEWS_EVERY));
        assert!(!mirror.is_time(start + NEWS_EVERY / 2, true), "more news do not put it off");
        assert!(mirror.is_time(start + NEWS_EVERY, true));
        let news = BTreeMap::from([(ONE, 7), (TWO, 8)]);
        assert_eq!(mirror.told(start + NEWS_EVERY, news.clone()), news);
    }

    #[test]
    fn what_was_told_is_told_again_with_its_newest_place_until_it_is_given_up() {
        let (mut mirror, start) = (Mirror::default(), Instant::now());
        mirror.told(start, BTreeMap::from([(ONE, 7), (TWO, 8)]));
        let news = BTreeMap::from([(TWO, 9)]);
        assert_eq!(mirror.told(start + NEWS_EVERY, news.clone()), news);
        let later = start + ALL_EVERY;
        assert!(mirror.is_time(later, false));
        assert_eq!(mirror.told(later, BTreeMap::new()), BTreeMap::from([(ONE, 7), (TWO, 9)]));
        mirror.forget(&[ONE, TWO]);
        let last = later + ALL_EVERY;
        assert!(mirror.is_time(last, false) && mirror.told(last, BTreeMap::new()).is_empty());
        assert_eq!(mirror.due(), None);
    }
}
