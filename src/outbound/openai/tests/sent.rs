//! What is sent, to whom, and how a reply's form is asked for.

use super::*;

fn sent(receiver: &Receiver) -> Vec<Value> {
    let got = receiver.got().into_iter();
    got.map(|request| serde_json::from_slice(&request.body).unwrap())
        .collect()
}

fn formats(receiver: &Receiver) -> Vec<Value> {
    let sent = sent(receiver).into_iter();
    sent.map(|body| body["response_format"]["type"].clone())
        .collect()
}

fn about_the_format(status: &str, error: &Value) -> Reply {
    reply(status, "", error.to_string())
}

#[tokio::test]
async fn a_request_is_sent_as_written() {
    let receiver = Receiver::start(vec![good()]).await;
    let model = OpenAi::new(settings(&format!("{}/", at(&receiver)))).unwrap();
    let said = model.complete(&request()).await.unwrap();
    assert_eq!(
        (said.text.as_str(), said.stop),
        ("{\"a\":\"PLANTED\"}", Stop::Ended)
    );
    let got = receiver.got().remove(0);
    assert_eq!(got.line, "POST /v1/chat/completions HTTP/1.1");
    assert_eq!(got.headers["authorization"], "Bearer sk-PLANTED-key");
    assert!(!got.headers.contains_key("api-key"));
    insta::assert_json_snapshot!(sent(&receiver).remove(0));
}

#[tokio::test]
async fn azure_has_its_own_path_key_and_version() {
    let receiver = Receiver::start(vec![good()]).await;
    let mut settings = settings(&format!("http://127.0.0.1:{}", receiver.port));
    settings.api_version = Some("2024-10-21".into());
    settings.name = "our model/1".into();
    settings.limit_key = "max_tokens";
    settings.parameters = Map::new();
    OpenAi::new(settings)
        .unwrap()
        .complete(&request())
        .await
        .unwrap();
    let got = receiver.got().remove(0);
    assert_eq!(
        got.line,
        "POST /openai/deployments/our%20model%2F1/chat/completions?api-version=2024-10-21 HTTP/1.1"
    );
    assert_eq!(got.headers["api-key"], "sk-PLANTED-key");
    assert!(!got.headers.contains_key("authorization"));
    let body = sent(&receiver).remove(0);
    assert_eq!(body["max_tokens"], 80);
    assert_eq!(body.get("temperature"), None);
}

#[tokio::test]
async fn without_a_key_none_is_sent() {
    let receiver = Receiver::start(vec![good()]).await;
    let mut settings = settings(&at(&receiver));
    settings.api_key = None;
    OpenAi::new(settings)
        .unwrap()
        .complete(&request())
        .await
        .unwrap();
    assert!(!receiver.got()[0].headers.contains_key("authorization"));
}

#[tokio::test]
async fn a_refused_format_moves_one_rung_down_and_is_remembered() {
    let openai = json!({ "error": { "message": "Invalid parameter.", "param": "response_format", "code": null } });
    let fastapi =
        json!({ "detail": [{ "loc": ["body", "response_format", "type"], "msg": "no" }] });
    let receiver = Receiver::start(vec![
        about_the_format("400 Bad Request", &openai),
        about_the_format("422 Unprocessable", &fastapi),
        good(),
    ])
    .await;
    let model = OpenAi::new(settings(&at(&receiver))).unwrap();
    for next in ["json_object", "nothing"] {
        let fault = model.complete(&request()).await.unwrap_err();
        assert!(matches!(fault, Fault::Transient(_)), "{fault}");
        assert!(fault.to_string().contains(next), "{fault}");
    }
    for _ in 0..2 {
        model.complete(&request()).await.unwrap();
    }
    let asked = [
        json!("json_schema"),
        json!("json_object"),
        Value::Null,
        Value::Null,
    ];
    assert_eq!(formats(&receiver), asked);
}

#[tokio::test]
async fn no_other_refusal_moves_it() {
    let other = [
        (
            "400 Bad Request",
            json!({ "error": { "message": "no", "param": "temperature", "code": "unsupported_value" } }),
        ),
        (
            "500 Failed",
            json!({ "error": { "message": "no response_format", "param": "response_format" } }),
        ),
        (
            "422 Unprocessable",
            json!({ "detail": [{ "loc": ["body", "messages"], "input": { "response_format": 1 } }] }),
        ),
    ];
    for (status, error) in other {
        let receiver = Receiver::start(vec![about_the_format(status, &error), good()]).await;
        let model = OpenAi::new(settings(&at(&receiver))).unwrap();
        model.complete(&request()).await.unwrap_err();
        model.complete(&request()).await.unwrap();
        assert_eq!(formats(&receiver)[1], "json_schema", "{status} {error}");
    }
}

#[tokio::test]
async fn an_endpoint_that_refuses_what_was_not_sent_is_not_asked_for_ever() {
    let error = json!({ "error": { "message": "response_format is not supported" } });
    let receiver = Receiver::start(vec![about_the_format("400 Bad Request", &error)]).await;
    let model = OpenAi::new(settings(&at(&receiver))).unwrap();
    let mut kinds = Vec::new();
    for _ in 0..3 {
        kinds.push(model.complete(&request()).await.unwrap_err());
    }
    assert!(
        matches!(
            kinds[..],
            [
                Fault::Transient(_),
                Fault::Transient(_),
                Fault::Permanent(_)
            ]
        ),
        "{kinds:?}"
    );
}

#[test]
fn what_cannot_work_is_said_before_anything_is_called() {
    let with = |change: &dyn Fn(&mut OpenAiSettings)| {
        let mut settings = settings("https://models.example/v1");
        change(&mut settings);
        match OpenAi::new(settings) {
            Ok(_) => "nothing is wrong".to_owned(),
            Err(fault) => {
                assert!(matches!(fault, Fault::Permanent(_)));
                assert!(!fault.to_string().contains(PLANTED), "{fault}");
                fault.to_string()
            }
        }
    };
    let url = |url: &str| with(&|it| it.base_url = url.into());
    let cases = [
        (with(&|_| ()), "nothing is wrong"),
        (url("http://127.0.0.1:8000/v1"), "nothing is wrong"),
        (url("http://10.1.2.3/v1"), "nothing is wrong"),
        (url("http://[::1]:8000/v1"), "nothing is wrong"),
        (
            url("http://8.8.8.8/v1"),
            "is public and the url is not https",
        ),
        (url("ftp://models.example/"), "use https"),
        (url("https://u:p@models.example/"), "a name or password"),
        (
            url("https://models.example/v1?api-version=1"),
            "has a query",
        ),
        (url("models"), "cannot be read"),
        (with(&|it| it.api_key = None), "name one by api_key"),
        (
            with(&|it| it.api_key = Some(SecretString::from("PLANTED\nPLANTED"))),
            "on one line",
        ),
        (
            with(&|it| it.connect_timeout_ms = 0),
            "make the first at least 1",
        ),
        (
            with(&|it| it.first_byte_timeout_ms = 10_001),
            "none longer than the next",
        ),
        (
            with(&|it| {
                it.parameters.insert("tools".into(), json!([]));
            }),
            "`tools` is no decoding parameter",
        ),
    ];
    for (said, expected) in cases {
        assert!(said.contains(expected), "{said}, expected {expected}");
    }
}
