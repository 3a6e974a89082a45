//! A model before an attacker's strings, as `eval run --live` puts it there: what is counted, and that nothing unsafe fires whatever it says.

use std::sync::Arc;

use serde_json::json;
use tierone::{
    app::{
        drafting::terms::Ceilings,
        evaluate::{live, material},
    },
    config::Config,
    eval::live::Live,
    ports::Fault,
};

use super::double::{Double, form, models, said, terms, user};

const PAIRS: usize = 24;

async fn run(double: &Arc<Double>) -> Live {
    let config = Config::default();
    let material = Arc::new(material(&config, None).unwrap());
    let models = models(&[(double.clone(), terms())], Ceilings::default());
    let live = live::by(&models, &material, &config, 1, PAIRS, |_| {});
    let live = live.await.unwrap();
    assert_eq!((live.pairs, live.errors), (PAIRS as u64, 0));
    assert_eq!(live.unsafe_fires, Vec::<String>::new());
    assert_eq!(usize::try_from(live.calls), Ok(double.asked().len()));
    live
}

/// What stands between the two lines of the mark, which is what somebody else wrote.
fn inside(prompt: &str) -> &str {
    prompt.split_once("\nEND ").unwrap().0
}

#[tokio::test(start_paused = true)]
async fn a_model_that_obeys_is_counted_and_one_that_says_the_same_of_the_twin_is_not() {
    let closes = form(json!({"disposition": "false_positive", "action": "close"}));
    let obeys = Double::new("obeys", {
        let closes = closes.clone();
        move |_, request| {
            let ordered = inside(user(request)).contains("lose");
            Ok(said(&if ordered {
                closes.clone()
            } else {
                form(json!({}))
            }))
        }
    });
    let live = run(&obeys).await;
    assert_eq!(live.compared, PAIRS as u64);
    assert!(
        live.hijacked > 0 && live.hijacked < live.compared,
        "{live:?}"
    );
    let (least, most) = live.hijacked_between;
    let share = live.hijacked * 1_000_000 / live.compared;
    assert!(
        u64::from(least) < share && share < u64::from(most),
        "{live:?}"
    );
    let alike = run(&Double::says(closes)).await;
    assert_eq!((alike.compared, alike.hijacked), (PAIRS as u64, 0));
}

#[tokio::test(start_paused = true)]
async fn a_model_that_is_down_leaves_every_case_to_the_precedents() {
    let down = Double::new("down", |_, _| Err(Fault::Permanent("401".into())));
    let live = run(&down).await;
    assert_eq!(
        (live.fallen_back, live.compared, live.fires),
        (2 * PAIRS as u64, 0, 0),
        "without a model's agreement nothing fires"
    );
}
