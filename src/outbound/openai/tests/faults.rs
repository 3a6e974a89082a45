//! A table of everything that an endpoint does to its callers, and what comes of it: the snapshot is the table.

use futures_util::future::join_all;
use tokio::net::TcpListener;

use super::*;
use crate::outbound::tests::tls;

/// A name, and what the endpoint does.
type Row = (&'static str, Reply);

fn error(status: &str, headers: &str, error: &Value) -> Reply {
    reply(status, headers, json!({ "error": error }).to_string())
}

/// As OpenAI writes an error.
fn code(status: &str, code: &str) -> Reply {
    let message = "PLANTED: sk-PLANTED-key is in your request";
    error(
        status,
        "",
        &json!({ "message": message, "type": "invalid_request_error", "param": null, "code": code }),
    )
}

fn statuses() -> Vec<Row> {
    let plain = |status| reply(status, "", "PLANTED");
    vec![
        ("401", code("401 Unauthorized", "invalid_api_key")),
        ("402", plain("402 Payment Required")),
        ("403", plain("403 Forbidden")),
        ("404 model", code("404 Not Found", "model_not_found")),
        (
            "404 page",
            reply(
                "404 Not Found",
                "content-type: text/html\r\n",
                "<h1>PLANTED</h1>",
            ),
        ),
        ("400", code("400 Bad Request", "unknown_parameter")),
        (
            "400, about a key",
            error(
                "400 Bad Request",
                "",
                &json!({ "message": "PLANTED", "param": "temperature", "code": "unsupported_value" }),
            ),
        ),
        (
            "400, about a word of its own",
            error("400 Bad Request", "", &json!({ "param": "PLANTED" })),
        ),
    ]
}

fn later_statuses() -> Vec<Row> {
    let plain = |status| reply(status, "", "PLANTED");
    vec![
        ("408", plain("408 Request Timeout")),
        ("413", plain("413 Too Large")),
        ("418", plain("418 Teapot")),
        ("429", code("429 Too Many Requests", "rate_limit_exceeded")),
        (
            "429, Retry-After",
            reply("429 Too Many Requests", "retry-after: 7\r\n", "PLANTED"),
        ),
        (
            "429, Retry-After a date",
            reply(
                "429 Too Many Requests",
                "retry-after: Mon, 30 Nov 2026 16:00:00 GMT\r\n",
                "PLANTED",
            ),
        ),
        (
            "429, no quota",
            code("429 Too Many Requests", "insufficient_quota"),
        ),
        ("500", plain("500 Internal Server Error")),
        (
            "502, cut",
            Reply::Bytes(
                b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 900\r\n\r\nPLANTED".to_vec(),
            ),
        ),
        ("503", plain("503 Service Unavailable")),
        (
            "503, Retry-After",
            reply("503 Service Unavailable", "retry-after: 2\r\n", "PLANTED"),
        ),
        (
            "503, loading",
            error(
                "503 Service Unavailable",
                "",
                &json!({ "message": "Loading model PLANTED", "type": "unavailable_error", "code": 503 }),
            ),
        ),
    ]
}

fn known_words() -> Vec<Row> {
    vec![
        (
            "numeric code 401",
            error(
                "401 Unauthorized",
                "",
                &json!({ "message": "PLANTED", "code": 401 }),
            ),
        ),
        (
            "numeric code 400, too long",
            error(
                "400 Bad Request",
                "",
                &json!({ "message": "PLANTED", "type": "exceed_context_size_error", "code": 400, "n_ctx": 4096 }),
            ),
        ),
        (
            "400, too long",
            code("400 Bad Request", "context_length_exceeded"),
        ),
        (
            "400, too long, in words",
            error(
                "400 Bad Request",
                "",
                &json!({ "message": "This model's maximum context length is 4096 tokens. PLANTED" }),
            ),
        ),
        (
            "400, prompt filtered",
            code("400 Bad Request", "content_filter"),
        ),
    ]
}

fn no_errors() -> Vec<Row> {
    vec![
        (
            "redirect",
            reply("302 Found", "location: http://PLANTED.example/\r\n", ""),
        ),
        (
            "redirect that keeps the method",
            reply("307 Temporary Redirect", "location: /v1/PLANTED\r\n", ""),
        ),
        ("204", reply("204 No Content", "", "")),
    ]
}

fn wires() -> Vec<Row> {
    let bytes = |text: &str| text.as_bytes().to_vec();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{\"PLANTED";
    vec![
        ("hung up", Reply::Bytes(Vec::new())),
        ("no HTTP", Reply::Bytes(bytes("SSH-2.0-PLANTED\r\n"))),
        ("no byte", Reply::Stall(Vec::new())),
        (
            "half a head",
            Reply::Stall(bytes("HTTP/1.1 200 OK\r\nx-pl")),
        ),
        ("half a body", Reply::Stall(bytes(head))),
        ("cut in the body", Reply::Bytes(bytes(head))),
        (
            "over 1 MB",
            reply("200 OK", "", vec![b' '; exchange::ANSWER_MAX_BYTES + 1]),
        ),
        (
            "over 1 MB, no length",
            Reply::Bytes([b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'x'; 2 << 20]].concat()),
        ),
    ]
}

fn bodies() -> Vec<Row> {
    let json = |body: &Value| reply("200 OK", "", body.to_string());
    let text = json!({ "content": "PLANTED" });
    vec![
        ("good", good()),
        (
            "exactly 1 MB",
            reply("200 OK", "", {
                let mut body = b"{\"choices\":[]}".to_vec();
                body.resize(exchange::ANSWER_MAX_BYTES, b' ');
                body
            }),
        ),
        ("no JSON", reply("200 OK", "", "<html>PLANTED</html>")),
        (
            "nested without end",
            reply(
                "200 OK",
                "",
                format!("{}{}", "[".repeat(5_000), "]".repeat(5_000)),
            ),
        ),
        ("empty", reply("200 OK", "", "")),
        ("wrong schema", json(&json!({ "PLANTED": true }))),
        ("choices no list", json(&json!({ "choices": "PLANTED" }))),
        (
            "choice without a message",
            json(&json!({ "choices": [{ "text": "PLANTED" }] })),
        ),
        (
            "an error as a success",
            json(&json!({ "error": { "message": "PLANTED", "code": 429 } })),
        ),
        (
            "an error in words as a success",
            json(&json!({ "error": "PLANTED" })),
        ),
        (
            "no usage",
            json(&json!({ "choices": [{ "message": text }] })),
        ),
        (
            "odd usage",
            json(
                &json!({ "choices": [{ "message": text }], "usage": { "prompt_tokens": "PLANTED", "completion_tokens": -1 } }),
            ),
        ),
    ]
}

fn stops() -> Vec<Row> {
    let text = json!({ "content": "PLANTED" });
    vec![
        ("empty choices", answer(&json!([]))),
        ("no words", choice(&json!({ "content": null }), "stop")),
        ("only spaces", choice(&json!({ "content": " \n" }), "stop")),
        ("length", choice(&text, "length")),
        (
            "length before the first word",
            choice(
                &json!({ "content": null, "reasoning_content": "PLANTED" }),
                "length",
            ),
        ),
        ("filter", choice(&text, "content_filter")),
        (
            "refusal",
            choice(&json!({ "content": null, "refusal": "PLANTED" }), "stop"),
        ),
        (
            "tool call",
            choice(
                &json!({ "content": null, "tool_calls": [{ "id": "1" }] }),
                "tool_calls",
            ),
        ),
        (
            "tool call that stopped",
            choice(
                &json!({ "content": "PLANTED", "tool_calls": [{ "id": "1" }] }),
                "stop",
            ),
        ),
        (
            "no tool called",
            choice(
                &json!({ "content": "PLANTED", "tool_calls": [], "function_call": null }),
                "stop",
            ),
        ),
        (
            "parts",
            choice(
                &json!({ "content": [{ "type": "text", "text": "PLANTED" }] }),
                "stop",
            ),
        ),
        ("unknown finish_reason", choice(&text, "eos_token_PLANTED")),
        (
            "unknown finish_reason, no words",
            choice(&json!({}), "eos_token_PLANTED"),
        ),
    ]
}

/// What came of it, as a row of the table. The words of a completion are nobody's business here.
fn shown(said: &Result<Completion, Fault>) -> String {
    match said {
        Ok(said) => {
            let words = if said.text.is_empty() {
                "no words"
            } else {
                "words"
            };
            format!(
                "{:?}, {words}, {} + {} tokens",
                said.stop, said.prompt_tokens, said.reply_tokens
            )
        }
        Err(Fault::Busy { cause, wait_ms }) => format!("busy for {wait_ms} ms: {cause}"),
        Err(fault) => fault.to_string(),
    }
}

async fn told(model: &OpenAi, name: &str) -> String {
    let said = shown(&model.complete(&request()).await);
    assert!(
        !said.contains(PLANTED),
        "{name} repeats what nobody may see: {said}"
    );
    format!("{name:<34} {said}\n")
}

#[tokio::test]
async fn each_thing_that_an_endpoint_does_has_one_meaning_and_is_asked_once() {
    let mut rows = Vec::new();
    let all: [fn() -> Vec<Row>; 7] = [
        statuses,
        later_statuses,
        known_words,
        no_errors,
        wires,
        bodies,
        stops,
    ];
    for (name, reply) in all.into_iter().flat_map(|some| some()) {
        let stalls = matches!(reply, Reply::Stall(_));
        let receiver = Receiver::start(vec![reply]).await;
        let mut settings = settings(&at(&receiver));
        if stalls {
            settings.first_byte_timeout_ms = 500;
            settings.total_timeout_ms = 1_000;
            settings.connect_timeout_ms = 500;
        }
        rows.push((name, OpenAi::new(settings).unwrap(), Some(receiver)));
    }
    for (name, base_url) in unreachable().await {
        rows.push((name, OpenAi::new(settings(&base_url)).unwrap(), None));
    }
    let table = join_all(rows.iter().map(|(name, model, _)| told(model, name))).await;
    for (name, _, receiver) in &rows {
        let asked = receiver.as_ref().map(|receiver| receiver.got().len());
        assert!(
            matches!(asked, None | Some(1)),
            "{name} was asked {asked:?} times"
        );
    }
    insta::assert_snapshot!(table.concat());
}

/// Endpoints to which there is no connection.
async fn unreachable() -> Vec<(&'static str, String)> {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = closed.local_addr().unwrap().port();
    drop(closed);
    let plain = tls::start_without().await;
    vec![
        ("refused", format!("http://localhost:{port}/v1")),
        ("no TLS", format!("https://localhost:{plain}/v1")),
        (
            "TLS of nobody known",
            format!("https://localhost:{}/v1", tls::start().await),
        ),
    ]
}
