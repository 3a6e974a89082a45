//! What a trace and a log show of a call.

use std::{
    fmt::{self, Write as _},
    io,
    sync::{Arc, Mutex},
};

use tracing::{
    Subscriber,
    field::{Field, Visit},
    span,
};
use tracing_subscriber::{Layer, fmt::MakeWriter, layer::Context, layer::SubscriberExt as _};

use super::*;

/// Everything that is logged, at every level, by every library.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// The fields of our spans, in the order in which they are set.
#[derive(Clone, Default)]
struct Fields(Arc<Mutex<String>>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        writeln!(self.0.lock().unwrap(), "{field} = {value:?}").unwrap();
    }
}

impl<S: Subscriber> Layer<S> for Fields {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, _: &span::Id, _: Context<'_, S>) {
        if attributes.metadata().target().starts_with("tierone") {
            attributes.record(&mut self.clone());
        }
    }

    fn on_record(&self, _: &span::Id, values: &span::Record<'_>, _: Context<'_, S>) {
        values.record(&mut self.clone());
    }
}

/// The fields and the log of one call.
async fn traced(reply: Reply) -> (String, String) {
    let receiver = Receiver::start(vec![reply]).await;
    let model = OpenAi::new(settings(&at(&receiver))).unwrap();
    let (log, fields) = (Log::default(), Fields::default());
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish()
        .with(fields.clone());
    let guard = tracing::subscriber::set_default(subscriber);
    // A place that another test's thread reached first has been told that nobody listens.
    drop(model.complete(&request()).await);
    tracing::callsite::rebuild_interest_cache();
    fields.0.lock().unwrap().clear();
    log.0.lock().unwrap().clear();
    drop(model.complete(&request()).await);
    drop(guard);
    let port = receiver.port.to_string();
    let fields = fields.0.lock().unwrap().replace(&port, "PORT");
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    (fields, log)
}

/// One test, as two subscribers at once would hide places from each other.
#[tokio::test]
async fn a_span_has_the_names_of_the_conventions_and_nothing_sent_or_received_is_logged_at_any_level()
 {
    let replies = [
        good(),
        reply("503 Service Unavailable", "", PLANTED),
        reply("200 OK", "", "{\"PLANTED"),
        reply("400 Bad Request", "", PLANTED),
        choice(
            &json!({ "content": 7, "refusal": [PLANTED] }),
            "finish-PLANTED",
        ),
    ];
    let mut spans = Vec::new();
    for reply in replies {
        let (span, log) = traced(reply).await;
        assert!(log.contains("gen_ai"), "nothing was logged: {log}");
        assert!(!log.contains(PLANTED), "{log}");
        assert!(!span.contains(PLANTED), "{span}");
        spans.push(span);
    }
    insta::assert_snapshot!(spans[..2].join("\n"));
}
