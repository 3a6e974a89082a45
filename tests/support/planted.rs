//! Secrets to plant, of many kinds, and how they are put into what somebody else wrote. None of them is anybody's.

use serde_json::Value;

/// A secret as it stands in a text, and the part of it that must not leave.
pub const SECRETS: [(&str, &str); 36] = [
    (
        "aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYzzzzEXAMPLE",
        "wJalrXUtnFEMIK7MDENG",
    ),
    (
        "AWS_SESSION_TOKEN=FwoGZXIvYXdzEXAMPLE//////////wEaDExampleTokenZz9",
        "FwoGZXIvYXdzEXAMPLE",
    ),
    ("AKIA2EXAMPLE7QWERTYU", "AKIA2EXAMPLE7QWERTYU"),
    (
        "Authorization: token ghp_EXAMPLEexampleEXAMPLEexample0123456789",
        "EXAMPLEexampleEXAMPLE",
    ),
    ("glpat-EXAMPLE-example-20chars", "EXAMPLE-example-20chars"),
    (
        "xoxb-0000000000-EXAMPLE-0000000000000-examplEexamplE",
        "EXAMPLE-0000000000000",
    ),
    (
        "hooks.slack.example.com/services/T0EXAMPLE/B0EXAMPLE/eXaMpLeSeCrEtPaThZz",
        "eXaMpLeSeCrEt",
    ),
    (
        "sk_live_EXAMPLEexampleEXAMPLE0123",
        "EXAMPLEexampleEXAMPLE0123",
    ),
    ("AIzaSyEXAMPLEexampleEXAMPLEexampleEXAMPLE", "AIzaSyEXAMPLE"),
    (
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJleGFtcGxlIn0.c2lnbmF0dXJlLWV4YW1wbGUtMDE",
        "eyJzdWIiOiJleGFtcGxlIn0",
    ),
    (
        "Authorization: Bearer 0a1b2c3d4e5f-example-bearer-6a7b8c9d",
        "example-bearer",
    ),
    (
        "Authorization: Basic c3ZjLWJhY2t1cDpIdW50ZXIyLUVYQU1QTEU=",
        "c3ZjLWJhY2t1cDpIdW50",
    ),
    ("mysql -u root -pHunter2EXAMPLEzz shop", "Hunter2EXAMPLEzz"),
    (
        "DB_PASSWORD=correct-horse-EXAMPLE-staple",
        "correct-horse-EXAMPLE",
    ),
    (
        "the new password is Sommer2026-EXAMPLE! please change it",
        "Sommer2026",
    ),
    ("das Passwort lautet Winter2026-EXAMPLE", "Winter2026"),
    (
        "https://svc:p4ss-EXAMPLE-w0rd@db.example.com/shop",
        "p4ss-EXAMPLE",
    ),
    (
        "Server=db;User Id=sa;Password=EXAMPLE-pwd-77;Encrypt=true",
        "EXAMPLE-pwd-77",
    ),
    (
        "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIEXAMPLEexampleEXAMPLEexample\n-----END EC PRIVATE KEY-----",
        "MHcCAQEEIEXAMPLE",
    ),
    (
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktEXAMPLE and it is cut",
        "b3BlbnNzaC1rZXkt",
    ),
    ("card 4111 1111 1111 1111 exp 12/29", "1111 1111"),
    ("pay to DE02 1203 0000 0000 2020 51", "1203 0000"),
    (
        "Your code is 914-883-EXAMPLE, valid five minutes",
        "914-883",
    ),
    ("recovery: 8f3k-EXAMPLE-q2m7-zz91", "8f3k-EXAMPLE"),
    (
        "Cookie: theme=dark; sid=s%3AEXAMPLEsession.cookieValue0123",
        "EXAMPLEsession",
    ),
    (
        "https://files.example.com/a?sv=2026-01-01&sig=EXAMPLE%2Bsignature%3D",
        "EXAMPLE%2Bsignature",
    ),
    (
        "//registry.example.com/:_authToken=npm_EXAMPLEexampleEXAMPLE0123456789",
        "EXAMPLEexampleEXAMPLE",
    ),
    (
        "OPENAI_API_KEY=sk-proj-EXAMPLEexampleEXAMPLE0123",
        "EXAMPLEexampleEXAMPLE",
    ),
    (
        "kubectl --token=eyEXAMPLE.kube.token-0123 get pods",
        "eyEXAMPLE.kube",
    ),
    (
        "X-Vault-Token: hvs.EXAMPLEexampleEXAMPLE0123",
        "EXAMPLEexampleEXAMPLE",
    ),
    ("SK1234567890EXAMPLE000000000000000", "SK1234567890EXAMPLE"),
    ("call me on +49 151 0000 0000", "151 0000"),
    ("write to ana.example@mail.example.com", "ana.example@mail"),
    (
        "{\"client_secret\": \"EXAMPLE~client.secret_77\"}",
        "EXAMPLE~client",
    ),
    (
        "redis://:EXAMPLE-redis-pass@cache.internal:6379/0",
        "EXAMPLE-redis-pass",
    ),
    ("postgres://app:EXAMPLEpgpass@10.0.0.9/app", "EXAMPLEpgpass"),
];

/// How a secret is put into a string.
pub const CARRIED: [fn(&str, &str) -> String; 3] = [
    |_, secret| secret.into(),
    |text, secret| format!("{text} {secret}"),
    |text, secret| format!("{secret} was seen by {text} and by others"),
];

/// `value` with something planted in each of its strings.
pub fn planted(value: &Value, plant: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(plant(text)),
        Value::Array(items) => items.iter().map(|item| planted(item, plant)).collect(),
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(key, value)| (key.clone(), planted(value, plant)));
            Value::Object(fields.collect())
        }
        other => other.clone(),
    }
}
