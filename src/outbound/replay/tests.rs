//! What is recorded is replayed, and nothing else is.

use std::{
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use serde_json::{Map, Value, json};

use super::*;
use crate::{
    outbound::recorder::Recorder,
    ports::{Stop, Turn},
};

/// Says the next of these, and counts.
struct Says(Vec<Result<Completion, Fault>>, AtomicUsize);

#[async_trait]
impl ChatModel for Says {
    fn name(&self) -> &'static str {
        "small-1"
    }

    async fn complete(&self, _: &ChatRequest) -> Result<Completion, Fault> {
        self.0[self.1.fetch_add(1, Ordering::Relaxed)].clone()
    }
}

fn said(text: &str, stop: Stop) -> Completion {
    Completion {
        text: text.into(),
        stop,
        prompt_tokens: 31,
        reply_tokens: 7,
    }
}

fn recordings(folder: &Path) -> Recordings {
    Recordings {
        folder: folder.into(),
        model: "small-1".into(),
        parameters: Map::from_iter([("temperature".to_owned(), Value::from(0))]),
    }
}

fn request() -> ChatRequest {
    ChatRequest {
        system: "Answer in JSON.".into(),
        turns: vec![
            Turn::Asked("a".into()),
            Turn::Said("b".into()),
            Turn::Asked("c".into()),
        ],
        schema: json!({ "type": "object", "required": ["a", "b"] }),
        reply_tokens_max: 80,
    }
}

async fn record(folder: &Path, said: Result<Completion, Fault>) -> Result<Completion, Fault> {
    let model = Says(vec![said], AtomicUsize::new(0));
    let recorder = Recorder::new(model, recordings(folder)).unwrap();
    assert_eq!(recorder.name(), "small-1");
    recorder.complete(&request()).await
}

#[tokio::test]
async fn what_was_said_is_said_again_whatever_it_was() {
    for stop in [
        Stop::Ended,
        Stop::Length,
        Stop::Refusal,
        Stop::Filter,
        Stop::ToolCall,
        Stop::Empty,
    ] {
        let folder = tempfile::tempdir().unwrap();
        let once = record(folder.path(), Ok(said("{\"a\": \"ü\u{0}\"}", stop)))
            .await
            .unwrap();
        let replay = Replay::new(recordings(folder.path())).unwrap();
        assert_eq!(replay.complete(&request()).await.unwrap(), once);
    }
}

#[tokio::test]
async fn a_recording_is_a_file_without_the_prompt() {
    let folder = tempfile::tempdir().unwrap();
    record(folder.path(), Ok(said("{}", Stop::Ended)))
        .await
        .unwrap();
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(files.len(), 1, "nothing lies beside it");
    let path = files[0].as_ref().unwrap().path();
    let text = std::fs::read_to_string(&path).unwrap();
    insta::assert_snapshot!(format!("{}\n{text}", path.file_name().unwrap().display()));
}

#[tokio::test]
async fn a_miss_names_the_key_and_the_cure() {
    let folder = tempfile::tempdir().unwrap();
    let replay = Replay::new(recordings(folder.path())).unwrap();
    let Fault::Permanent(cause) = replay.complete(&request()).await.unwrap_err() else {
        panic!("a miss is permanent");
    };
    let key = recordings(folder.path()).key(&request()).unwrap();
    assert!(
        cause.contains(&key.to_string()) && cause.contains("record it with"),
        "{cause}"
    );
}

#[tokio::test]
async fn a_fault_is_told_and_not_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let fault = Fault::Transient("it failed".into());
    assert_eq!(record(folder.path(), Err(fault.clone())).await, Err(fault));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_key_covers_everything_that_shapes_a_reply_and_not_the_order_of_keys() {
    let own = |change: &dyn Fn(&mut ChatRequest, &mut Recordings)| {
        let (mut request, mut recordings) = (request(), recordings(Path::new("r")));
        change(&mut request, &mut recordings);
        recordings.key(&request).unwrap()
    };
    let same = own(&|_, _| ());
    let schema = r#"{ "required": ["a", "b"], "type": "object" }"#;
    assert_eq!(
        own(&|request, _| request.schema = serde_json::from_str(schema).unwrap()),
        same
    );
    assert_eq!(
        own(&|_, recordings| recordings.folder = "elsewhere".into()),
        same
    );
    let others = [
        own(&|request, _| request.system.push('.')),
        own(&|request, _| request.turns[1] = Turn::Asked("b".into())),
        own(&|request, _| request.turns.truncate(1)),
        own(&|request, _| request.schema = json!({})),
        own(&|request, _| request.reply_tokens_max = 81),
        own(&|_, recordings| recordings.model = "small-2".into()),
        own(&|_, recordings| recordings.parameters.clear()),
    ];
    for other in others {
        assert_ne!(other, same);
    }
}

#[tokio::test]
async fn what_is_no_recording_is_not_replayed() {
    let folder = tempfile::tempdir().unwrap();
    record(folder.path(), Ok(said("{}", Stop::Ended)))
        .await
        .unwrap();
    let own = recordings(folder.path());
    let path = own.path(own.key(&request()).unwrap());
    let good = std::fs::read_to_string(&path).unwrap();
    let key = own.key(&request()).unwrap().to_string();
    let wrong = [
        "{".to_owned(),
        good.replace("ended", "tired"),
        good.replace(&key, &"0".repeat(64)),
        good.replacen('{', "{\"urk\":1,", 1),
        " ".repeat(3 << 20),
    ];
    let replay = Replay::new(own).unwrap();
    for text in wrong {
        std::fs::write(&path, &text).unwrap();
        let fault = replay.complete(&request()).await.unwrap_err();
        assert!(fault.to_string().contains("record it anew"), "{fault}");
    }
    assert!(Replay::new(recordings(&folder.path().join("nowhere"))).is_err());
}
