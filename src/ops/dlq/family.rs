use serde::Serialize;

/// How a family writes its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Numbers {
    Text,
    /// 4 or 8 bytes, the highest first.
    BigEndian,
}

/// The header names by which one tool says where a dead letter comes from and why it is dead.
struct Family {
    name: &'static str,
    numbers: Numbers,
    topic: &'static [&'static str],
    partition: &'static [&'static str],
    offset: &'static [&'static str],
    group: &'static [&'static str],
    error: &'static [&'static str],
    message: &'static [&'static str],
    attempts: &'static [&'static str],
    failed_at: &'static [&'static str],
    stage: &'static [&'static str],
}

const NOTHING: Family = Family {
    name: "",
    numbers: Numbers::Text,
    topic: &[],
    partition: &[],
    offset: &[],
    group: &[],
    error: &[],
    message: &[],
    attempts: &[],
    failed_at: &[],
    stage: &[],
};

/// Those that say most come first: a record may bear the headers of several.
const FAMILIES: &[Family] = &[
    Family {
        name: "payctl",
        topic: &["__dlq.errors.topic"],
        partition: &["__dlq.errors.partition"],
        offset: &["__dlq.errors.offset"],
        group: &["__dlq.errors.group", "payctl-service"],
        error: &["payctl-error-code"],
        message: &["__dlq.errors.message"],
        attempts: &["__dlq.errors.delivery.count"],
        failed_at: &["payctl-last-failed-at"],
        ..NOTHING
    },
    Family {
        name: "share group",
        topic: &["__dlq.errors.topic"],
        partition: &["__dlq.errors.partition"],
        offset: &["__dlq.errors.offset"],
        group: &["__dlq.errors.group"],
        message: &["__dlq.errors.message"],
        attempts: &["__dlq.errors.delivery.count"],
        ..NOTHING
    },
    Family {
        name: "Kafka Connect",
        topic: &["__connect.errors.topic"],
        partition: &["__connect.errors.partition"],
        offset: &["__connect.errors.offset"],
        group: &["__connect.errors.connector.name"],
        error: &["__connect.errors.exception.class.name"],
        message: &["__connect.errors.exception.message"],
        stage: &["__connect.errors.stage"],
        ..NOTHING
    },
    Family {
        name: "Kafka Streams",
        topic: &["__streams.errors.topic"],
        partition: &["__streams.errors.partition"],
        offset: &["__streams.errors.offset"],
        error: &["__streams.errors.exception"],
        message: &["__streams.errors.message"],
        stage: &["__streams.errors.processor.node.id"],
        ..NOTHING
    },
    // The names without `dlt-` are what Spring writes where it publishes again elsewhere.
    Family {
        name: "Spring",
        numbers: Numbers::BigEndian,
        topic: &["kafka_dlt-original-topic", "kafka_original-topic"],
        partition: &["kafka_dlt-original-partition", "kafka_original-partition"],
        offset: &["kafka_dlt-original-offset", "kafka_original-offset"],
        group: &["kafka_dlt-original-consumer-group", "kafka_original-consumer-group"],
        error: &["kafka_dlt-exception-cause-fqcn", "kafka_dlt-exception-fqcn", "kafka_exception-cause-fqcn", "kafka_exception-fqcn"],
        message: &["kafka_dlt-exception-message", "kafka_exception-message"],
        attempts: &["retry_topic-attempts", "kafka_deliveryAttempt"],
        failed_at: &["kafka_dlt-original-timestamp", "kafka_original-timestamp"],
        ..NOTHING
    },
    Family {
        name: "SmallRye",
        topic: &["dead-letter-topic"],
        partition: &["dead-letter-partition"],
        offset: &["dead-letter-offset"],
        error: &["dead-letter-exception-class-name"],
        message: &["dead-letter-reason", "dead-letter-cause"],
        ..NOTHING
    },
    Family {
        name: "MassTransit",
        topic: &["MT-Fault-InputAddress"],
        group: &["MT-Fault-ConsumerType"],
        error: &["MT-Fault-ExceptionType"],
        message: &["MT-Fault-Message"],
        attempts: &["MT-Fault-RetryCount"],
        failed_at: &["MT-Fault-Timestamp"],
        ..NOTHING
    },
    Family {
        name: "NServiceBus",
        topic: &["NServiceBus.FailedQ"],
        group: &["NServiceBus.ProcessingEndpoint"],
        error: &["NServiceBus.ExceptionInfo.ExceptionType"],
        message: &["NServiceBus.ExceptionInfo.Message"],
        failed_at: &["NServiceBus.TimeOfFailure"],
        ..NOTHING
    },
    Family {
        name: "hand-rolled",
        topic: &["x-original-topic"],
        partition: &["x-original-partition"],
        offset: &["x-original-offset"],
        group: &["x-service-name"],
        error: &["x-error-type"],
        message: &["x-error-message"],
        attempts: &["x-retry-count"],
        failed_at: &["x-failed-at"],
        ..NOTHING
    },
];

/// Where a dead letter comes from and why it is dead, as its headers say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Whose headers these are.
    pub family: &'static str,
    /// The topic that it was read from.
    pub topic: Option<String>,
    /// Its partition there; never taken from where the dead letter lies.
    pub partition: Option<i64>,
    /// Its offset there.
    pub offset: Option<i64>,
    /// Who failed: a group, connector or service.
    pub group: Option<String>,
    /// The class or code of the error.
    pub error: Option<String>,
    /// What is wrong.
    pub message: Option<String>,
    /// How often it was tried.
    pub attempts: Option<i64>,
    /// When it failed, or when the record was written, in the family's own form.
    pub failed_at: Option<String>,
    /// At which step.
    pub stage: Option<String>,
}

/// What the headers say, where a family of them is known. A header that stands twice counts as it was written last.
pub fn told(headers: &[(String, Vec<u8>)]) -> Option<Told> {
    let has = |names: &[&str]| names.iter().any(|name| headers.iter().any(|(header, _)| header == name));
    let family = FAMILIES.iter().find(|family| {
        let is_theirs = has(family.error) || has(family.topic) || has(family.message);
        is_theirs && (family.name != "payctl" || has(family.error))
    })?;
    let raw = |names: &[&str]| {
        names.iter().find_map(|name| headers.iter().rev().find(|(header, _)| header == name)).map(|(_, value)| value.as_slice())
    };
    let text = |names: &[&str]| raw(names).map(|value| String::from_utf8_lossy(value).into_owned()).filter(|text| !text.is_empty());
    let number = |names: &[&str]| raw(names).and_then(|value| family.numbers.read(value));
    let failed_at = match family.numbers {
        Numbers::Text => text(family.failed_at),
        Numbers::BigEndian => number(family.failed_at).and_then(moment),
    };
    Some(Told {
        family: family.name,
        topic: text(family.topic),
        partition: number(family.partition),
        offset: number(family.offset),
        group: text(family.group),
        error: text(family.error),
        message: text(family.message),
        attempts: number(family.attempts),
        failed_at,
        stage: text(family.stage),
    })
}

impl Numbers {
    /// Text is tried as well where bytes are expected: not everybody who takes the names takes the form with them.
    fn read(self, value: &[u8]) -> Option<i64> {
        let text = || std::str::from_utf8(value).ok()?.trim().parse().ok();
        match self {
            Self::Text => text(),
            Self::BigEndian => match value.len() {
                4 => value.try_into().ok().map(i32::from_be_bytes).map(i64::from),
                8 => value.try_into().ok().map(i64::from_be_bytes),
                _ => text(),
            },
        }
    }
}

/// Milliseconds since 1970 as a time.
fn moment(millis: i64) -> Option<String> {
    chrono::DateTime::from_timestamp_millis(millis).map(crate::domain::format_timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Raw = [(&'static str, &'static [u8])];

    fn headers(texts: &[(&str, &[u8])]) -> Vec<(String, Vec<u8>)> {
        texts.iter().map(|(name, value)| ((*name).to_owned(), value.to_vec())).collect()
    }

    #[test]
    fn our_own_copies_are_told_from_those_of_share_groups_by_their_code() {
        let mut found = headers(&[
            ("__dlq.errors.topic", b"payment.events"),
            ("__dlq.errors.partition", b"3"),
            ("__dlq.errors.offset", b"881"),
            ("__dlq.errors.group", b"payctl.accounting"),
            ("__dlq.errors.message", b"no such account"),
            ("__dlq.errors.delivery.count", b"4"),
        ]);
        let share = told(&found).unwrap();
        assert_eq!((share.family, share.partition, share.offset, share.attempts), ("share group", Some(3), Some(881), Some(4)));
        assert_eq!((share.group.as_deref(), share.error.as_deref()), (Some("payctl.accounting"), None));
        found.extend(headers(&[("payctl-error-code", b"ACCOUNT_NOT_FOUND"), ("payctl-last-failed-at", b"2026-01-02T03:04:05Z")]));
        let ours = told(&found).unwrap();
        assert_eq!((ours.family, ours.error.as_deref()), ("payctl", Some("ACCOUNT_NOT_FOUND")));
        assert_eq!(ours.failed_at.as_deref(), Some("2026-01-02T03:04:05Z"));
    }

    #[test]
    fn connect_writes_every_value_as_text() {
        let told = told(&headers(&[
            ("__connect.errors.topic", b"orders"),
            ("__connect.errors.partition", b"7"),
            ("__connect.errors.offset", b"12"),
            ("__connect.errors.connector.name", b"sink-1"),
            ("__connect.errors.stage", b"VALUE_CONVERTER"),
            ("__connect.errors.exception.class.name", b"org.apache.kafka.connect.errors.DataException"),
            ("__connect.errors.exception.message", b"bad json"),
        ]))
        .unwrap();
        assert_eq!((told.family, told.topic.as_deref(), told.partition, told.offset), ("Kafka Connect", Some("orders"), Some(7), Some(12)));
        assert_eq!((told.group.as_deref(), told.stage.as_deref(), told.attempts), (Some("sink-1"), Some("VALUE_CONVERTER"), None));
    }

    #[test]
    fn spring_writes_numbers_in_four_or_eight_bytes() {
        let texts: &[(&str, &[u8])] = &[
            ("kafka_dlt-original-topic", b"orders"),
            ("kafka_dlt-original-partition", &3_i32.to_be_bytes()),
            ("kafka_dlt-original-offset", &70_000_000_000_i64.to_be_bytes()),
            ("kafka_dlt-original-timestamp", &1_767_323_045_000_i64.to_be_bytes()),
            ("kafka_dlt-original-consumer-group", b"billing"),
            ("kafka_dlt-exception-fqcn", b"org.springframework.kafka.listener.ListenerExecutionFailedException"),
            ("kafka_dlt-exception-cause-fqcn", b"java.lang.IllegalStateException"),
            ("kafka_dlt-exception-message", b"Listener failed"),
            ("retry_topic-attempts", &5_i32.to_be_bytes()),
        ];
        let told = told(&headers(texts)).unwrap();
        assert_eq!((told.family, told.partition, told.offset, told.attempts), ("Spring", Some(3), Some(70_000_000_000), Some(5)));
        assert_eq!(told.failed_at.as_deref(), Some("2026-01-02T03:04:05.000000Z"));
        assert_eq!((told.group.as_deref(), told.error.as_deref()), (Some("billing"), Some("java.lang.IllegalStateException")));
    }

    #[test]
    fn springs_other_set_of_names_is_known_and_numbers_as_text_do_no_harm() {
        let texts: &[(&str, &[u8])] =
            &[("kafka_original-topic", b"orders"), ("kafka_original-partition", b"12"), ("kafka_exception-fqcn", b"java.lang.Error")];
        let told = told(&headers(texts)).unwrap();
        assert_eq!((told.family, told.partition, told.error.as_deref()), ("Spring", Some(12), Some("java.lang.Error")));
    }

    #[test]
    fn streams_and_the_other_families_are_known_by_their_names() {
        let cases: &[(&str, &Raw)] = &[
            (
                "Kafka Streams",
                &[("__streams.errors.topic", b"t"), ("__streams.errors.exception", b"e"), ("__streams.errors.message", b"m")],
            ),
            ("SmallRye", &[("dead-letter-topic", b"t"), ("dead-letter-exception-class-name", b"e"), ("dead-letter-reason", b"m")]),
            ("MassTransit", &[("MT-Fault-InputAddress", b"t"), ("MT-Fault-ExceptionType", b"e"), ("MT-Fault-Message", b"m")]),
            (
                "NServiceBus",
                &[
                    ("NServiceBus.FailedQ", b"t"),
                    ("NServiceBus.ExceptionInfo.ExceptionType", b"e"),
                    ("NServiceBus.ExceptionInfo.Message", b"m"),
                ],
            ),
            ("hand-rolled", &[("x-original-topic", b"t"), ("x-error-type", b"e"), ("x-error-message", b"m"), ("x-retry-count", b"2")]),
        ];
        for (family, texts) in cases {
            let told = told(&headers(texts)).unwrap();
            assert_eq!(told.family, *family);
            assert_eq!(
                (told.topic.as_deref(), told.error.as_deref(), told.message.as_deref()),
                (Some("t"), Some("e"), Some("m")),
                "{family}"
            );
        }
    }

    #[test]
    fn headers_that_pile_up_count_as_they_were_written_last_and_others_mean_nothing() {
        let told_last =
            told(&headers(&[("x-original-topic", b"old"), ("x-original-topic", b"new"), ("x-retry-count", b"\xff\xfe")])).unwrap();
        assert_eq!((told_last.topic.as_deref(), told_last.attempts), (Some("new"), None));
        assert_eq!(told(&headers(&[("event_id", b"1"), ("payctl-service", b"order")])), None);
    }
}
