use std::fmt;

use payctl::telemetry;
use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::{DefaultFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// Lines for eyes, with the trace that the task works for at their end. It is asked for when a line is written, so that
/// requests that log nothing pay nothing.
pub(crate) struct TracedFields;

impl<'w> FormatFields<'w> for TracedFields {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'w>, fields: R) -> fmt::Result {
        DefaultFields::new().format_fields(writer.by_ref(), fields)?;
        telemetry::current().map_or(Ok(()), |context| write!(writer, " trace_id={}", context.trace_id()))
    }
}

/// The same for lines of JSON, whose fields are written elsewhere.
pub(crate) struct TracedJson<F>(pub(crate) F);

impl<S, N, F> FormatEvent<S, N> for TracedJson<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(&self, ctx: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let Some(context) = telemetry::current() else { return self.0.format_event(ctx, writer, event) };
        let mut line = String::new();
        self.0.format_event(ctx, Writer::new(&mut line), event)?;
        match line.trim_end().strip_suffix('}') {
            Some(open) => writeln!(writer, r#"{open},"trace_id":"{}"}}"#, context.trace_id()),
            None => writer.write_str(&line),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use payctl::telemetry::{SpanContext, within_sync};
    use tracing_subscriber::fmt;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    /// Keeps what is logged.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Kept {
        fn lines(&self) -> Vec<String> {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap().lines().map(str::to_owned).collect()
        }
    }

    fn log_twice() {
        tracing::info!(order = 1, "outside");
        within_sync(SpanContext { trace: 0xabc, span: 1, sampled: false }, || tracing::info!(order = 2, "inside"));
    }

    #[test]
    fn a_line_within_a_request_or_event_names_its_trace_and_others_do_not() {
        let trace = format!("{:032x}", 0xabc);
        let (json, eyes) = (Kept::default(), Kept::default());
        let to = json.clone();
        let layer = fmt::layer().json().event_format(TracedJson(fmt::format().json().flatten_event(true))).with_writer(move || to.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), log_twice);
        let lines: Vec<serde_json::Value> = json.lines().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((&lines[0]["message"], lines[0].get("trace_id")), (&"outside".into(), None));
        assert_eq!(
            (&lines[1]["message"], &lines[1]["order"], &lines[1]["trace_id"]),
            (&"inside".into(), &2.into(), &trace.as_str().into())
        );
        let to = eyes.clone();
        let layer = fmt::layer().fmt_fields(TracedFields).with_ansi(false).with_writer(move || to.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), log_twice);
        assert!(eyes.lines()[0].ends_with("outside order=1"), "{:?}", eyes.lines());
        assert!(eyes.lines()[1].ends_with(&format!("inside order=2 trace_id={trace}")), "{:?}", eyes.lines());
    }
}
