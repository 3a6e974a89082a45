//! The store's promises, each kept or broken through its public functions, and tampering done beside them in SQL.

mod samples;

use std::{collections::BTreeSet, error::Error, path::Path, time::Duration};

use samples::{alert, at, case_of, precedent, repeated, started, tenant};

use jiff::Timestamp;

use super::{Fresh, Store, StoreError, Wanted, Which};
use crate::domain::{
    alert::Alert,
    canonical::Digest,
    case::Case,
    event::Event,
    facts::{Evidence, Known, Start, StoreKind},
    id::{CaseId, PrecedentId, TenantId},
    recorded::Recorded,
    release::Ppm,
};

type Outcome = Result<(), Box<dyn Error>>;

/// The error text of opening `url`; empty where it opens.
async fn refusal(url: &str) -> String {
    match Store::open(url).await {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    }
}

/// Does to the database what no function of the store does.
async fn tamper(store: &Store, statement: &'static str) -> Outcome {
    sqlx::query(statement).execute(&store.writer.pool).await?;
    Ok(())
}

async fn opened(store: &Store, number: u8) -> Result<Case, Box<dyn Error>> {
    let (case, event) = case_of(number, "fingerprint", "occurrence")?;
    store.append(&tenant(), None, &case, &[event]).await?;
    Ok(case)
}

fn url(scheme: &str, folder: &Path) -> String {
    format!("{scheme}://{}", folder.join("x.db").display())
}

#[tokio::test]
async fn the_kind_of_a_store_is_kept_for_life() -> Outcome {
    let folder = tempfile::tempdir()?;
    let kinds = [
        ("sqlite", StoreKind::Live),
        ("demo", StoreKind::Demo),
        ("simulated", StoreKind::Simulated),
    ];
    for (scheme, kind) in kinds {
        let folder = folder.path().join(scheme);
        std::fs::create_dir(&folder)?;
        for _ in 0..2 {
            let store = Store::open(&url(scheme, &folder)).await?;
            assert_eq!(store.kind(), kind);
            store.close().await;
        }
        for (other, opened) in kinds.into_iter().filter(|(_, other)| *other != kind) {
            let expected = format!(
                "store `{path}` was made as `{}`, and was opened as `{}`; open it with `{scheme}://{path}`",
                kind.word(),
                opened.word(),
                path = folder.join("x.db").display(),
            );
            assert_eq!(refusal(&url(other, &folder)).await, expected);
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_url_that_names_no_store_of_this_build_is_refused() {
    for (url, cause) in [
        ("x.db", "it has no scheme"),
        ("sqlite://", "it has no path"),
        ("mysql://secret@host", "its scheme is not known"),
        (
            "postgres://user:secret@host/db",
            "PostgreSQL is not in this build",
        ),
    ] {
        let text = refusal(url).await;
        assert!(
            text.contains(cause) && text.contains("sqlite://PATH"),
            "{text}"
        );
        assert!(!text.contains("secret"), "{text}");
    }
    let text = refusal("sqlite:///no/such/folder/x.db").await;
    assert!(
        text.contains("`/no/such/folder/x.db`") && text.contains("its folder"),
        "{text}"
    );
}

#[tokio::test]
async fn a_store_of_a_newer_build_is_refused() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = Store::open(&url("demo", folder.path())).await?;
    tamper(
        &store,
        "update _sqlx_migrations set version = 99 where version = 3",
    )
    .await?;
    store.close().await;
    let text = refusal(&url("demo", folder.path())).await;
    assert!(
        text.ends_with(&format!(
            "has version 99, and this build reads up to {}; upgrade tierone",
            super::schema::SCHEMA
        )),
        "{text}"
    );
    Ok(())
}

#[tokio::test]
async fn a_file_that_is_not_a_store_is_refused() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = Store::open(&url("demo", folder.path())).await?;
    tamper(&store, "drop table meta").await?;
    store.close().await;
    let text = refusal(&url("demo", folder.path())).await;
    assert!(text.contains("tierone did not make"), "{text}");
    std::fs::write(
        folder.path().join("x.db"),
        "prose, and more of it".repeat(100),
    )?;
    let text = refusal(&url("demo", folder.path())).await;
    assert!(text.contains("file is not a database"), "{text}");
    Ok(())
}

#[tokio::test]
async fn many_may_open_a_new_store_at_once() -> Outcome {
    let folder = tempfile::tempdir()?;
    let url = url("sqlite", folder.path());
    let opening: Vec<_> = (0..8)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move { Store::open(&url).await })
        })
        .collect();
    let mut draws = BTreeSet::new();
    for store in opening {
        draws.insert(store.await??.draws(CaseId::new(uuid::Uuid::nil())));
    }
    assert_eq!(draws.len(), 1);
    Ok(())
}

#[tokio::test]
async fn demo_stores_draw_alike_and_live_ones_do_not() -> Outcome {
    let draws = |store: &Store| -> Vec<[Ppm; 2]> {
        let cases = (0..8).map(|number| CaseId::new(uuid::Uuid::from_u128(number)));
        cases.map(|case| store.draws(case)).collect()
    };
    let folder = tempfile::tempdir()?;
    let path = |name: &str| folder.path().join(name).display().to_string();
    let demo = Store::open(&format!("demo://{}", path("demo.db"))).await?;
    let live = Store::open(&format!("sqlite://{}", path("live.db"))).await?;
    let other = Store::open(&format!("sqlite://{}", path("other.db"))).await?;
    assert_eq!(draws(&demo), draws(&Store::throwaway().await?));
    assert_ne!(draws(&live), draws(&other));
    assert_ne!(draws(&live), draws(&demo));
    live.close().await;
    let again = Store::open(&format!("sqlite://{}", path("live.db"))).await?;
    assert_eq!(draws(&live), draws(&again));
    Ok(())
}

#[tokio::test]
async fn a_case_comes_back_as_it_was_appended() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = Store::open(&url("sqlite", folder.path())).await?;
    let (case, events) = started(1, "fingerprint")?;
    store.append(&tenant(), None, &case, &events).await?;
    let appended: Vec<Event> = events.into_iter().map(Recorded::into_event).collect();
    assert_eq!(store.events(&tenant(), case.id).await?, appended);
    assert_eq!(store.case(&tenant(), case.id).await?, Some(case.clone()));
    assert_eq!(store.case(&samples::stranger(), case.id).await?, None);
    assert_eq!(store.case_ids(&tenant(), Which::Open, 10).await?, [case.id]);
    assert_eq!(store.case_ids(&tenant(), Which::All, 0).await?, []);
    Ok(())
}

#[tokio::test]
async fn a_stale_case_is_a_conflict_and_writes_nothing() -> Outcome {
    let store = Store::throwaway().await?;
    let case = opened(&store, 1).await?;
    let (first, event) = repeated(&case, "a", 1)?;
    store
        .append(&tenant(), Some(&case), &first, &[event])
        .await?;
    let (second, event) = repeated(&case, "b", 2)?;
    let stale = store
        .append(&tenant(), Some(&case), &second, &[event])
        .await;
    assert!(
        matches!(stale, Err(StoreError::Conflict { .. })),
        "{stale:?}"
    );
    assert_eq!(store.case(&tenant(), case.id).await?, Some(first));
    Ok(())
}

#[tokio::test]
async fn events_that_do_not_lead_to_the_case_are_not_written() -> Outcome {
    let store = Store::throwaway().await?;
    let (case, event) = case_of(1, "fingerprint", "occurrence")?;
    let (after, _) = repeated(&case, "a", 1)?;
    for (tenant, after) in [(tenant(), &after), (samples::stranger(), &case)] {
        let result = store
            .append(&tenant, None, after, std::slice::from_ref(&event))
            .await;
        assert!(
            matches!(result, Err(StoreError::Misplaced { .. })),
            "{result:?}"
        );
    }
    assert_eq!(store.case(&tenant(), case.id).await?, None);
    Ok(())
}

#[tokio::test]
async fn a_fingerprint_has_one_open_case_in_each_tenant() -> Outcome {
    let store = Store::throwaway().await?;
    let case = opened(&store, 1).await?;
    let fingerprint = case.alert()?.fingerprint;
    assert_eq!(
        store.open_case(&tenant(), fingerprint).await?,
        Some(case.id)
    );
    assert_eq!(
        store.open_case(&samples::stranger(), fingerprint).await?,
        None
    );
    let (second, event) = case_of(2, "fingerprint", "occurrence")?;
    let result = store
        .append(&tenant(), None, &second, std::slice::from_ref(&event))
        .await;
    assert!(
        matches!(result, Err(StoreError::Conflict { .. })),
        "{result:?}"
    );
    tamper(&store, "update cases set open = 0").await?;
    assert_eq!(store.open_case(&tenant(), fingerprint).await?, None);
    store.append(&tenant(), None, &second, &[event]).await?;
    assert_eq!(
        store.open_case(&tenant(), fingerprint).await?,
        Some(second.id)
    );
    Ok(())
}

#[tokio::test]
async fn an_erased_payload_leaves_the_chain_valid() -> Outcome {
    let store = Store::throwaway().await?;
    let (case, events) = started(1, "fingerprint")?;
    store.append(&tenant(), None, &case, &events).await?;
    tamper(&store, "delete from payloads").await?;
    let found = store.case(&tenant(), case.id).await?;
    let found = found.ok_or("the case is gone")?;
    assert_eq!(found.head, case.head);
    assert!(found.alert().is_err());
    let (after, event) = repeated(&found, "again", 9)?;
    assert!(after.events > found.events);
    assert_eq!(event.previous, case.head);
    Ok(())
}

#[tokio::test]
async fn tampering_is_detected() -> Outcome {
    for statement in [
        "update events set bytes = cast(replace(cast(bytes as text), 'high', 'none') as blob) where number = 1",
        "update events set hash = zeroblob(32) where number = 2",
        "update events set bytes = zeroblob(9) where number = 3",
        "update payloads set bytes = cast(replace(cast(bytes as text), 'web-1', 'web-2') as blob)",
        "update payloads set salt = zeroblob(32)",
        "delete from events where number = 2",
        "delete from events where number = 6",
        "delete from events",
        "update cases set head = zeroblob(32)",
        "update cases set events = 5",
    ] {
        let store = Store::throwaway().await?;
        let (case, events) = started(1, "fingerprint")?;
        store.append(&tenant(), None, &case, &events).await?;
        tamper(&store, statement).await?;
        let result = store.case(&tenant(), case.id).await;
        assert!(
            matches!(result, Err(StoreError::Corrupt { .. })),
            "{statement}: {result:?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn an_event_of_a_newer_build_is_left_alone() -> Outcome {
    let store = Store::throwaway().await?;
    let case = opened(&store, 1).await?;
    let bytes = br#"{"kind":"unheard of","version":2}"#;
    sqlx::query("update events set bytes = $1, hash = $2")
        .bind(bytes.as_slice())
        .bind(Digest::of_bytes(bytes).as_bytes().as_slice())
        .execute(&store.writer.pool)
        .await?;
    let result = store.events(&tenant(), case.id).await;
    assert!(
        matches!(result, Err(StoreError::Newer { found: 2, .. })),
        "{result:?}"
    );
    Ok(())
}

/// When the alert that `case` decides on was seen before.
async fn seen(store: &Store, case: &Case) -> Result<Option<i64>, Box<dyn Error>> {
    let alert: &Alert = case.alert()?;
    let fresh = store
        .fresh(&tenant(), alert, case.alert.digest(), wanted(at(0)))
        .await?;
    let Known::Read(seen) = fresh.occurrence_seen else {
        return Err(format!("{fresh:?}").into());
    };
    Ok(seen.map(|seen| seen.as_second() - at(0).as_second()))
}

#[tokio::test]
async fn an_occurrence_is_seen_before_only_by_what_came_before_it() -> Outcome {
    let store = Store::throwaway().await?;
    let (unknown, _) = case_of(7, "fingerprint", "occurrence")?;
    assert_eq!(seen(&store, &unknown).await?, None, "never seen");

    let first = opened(&store, 1).await?;
    assert_eq!(
        seen(&store, &first).await?,
        None,
        "its own sighting is no replay"
    );
    assert_eq!(
        seen(&store, &unknown).await?,
        Some(1),
        "an alert not appended yet"
    );

    let (other, event) = repeated(&first, "another occurrence", 20)?;
    store
        .append(&tenant(), Some(&first), &other, &[event])
        .await?;
    assert_eq!(
        seen(&store, &other).await?,
        None,
        "another occurrence is no replay"
    );

    let (again, event) = repeated(&other, "occurrence", 30)?;
    store
        .append(&tenant(), Some(&other), &again, &[event])
        .await?;
    assert_eq!(
        seen(&store, &again).await?,
        Some(1),
        "a repeat of it is one"
    );
    assert_eq!(
        seen(&store, &first).await?,
        None,
        "but the first is still the first"
    );

    tamper(&store, "update cases set open = 0").await?;
    let third = opened(&store, 3).await?;
    assert_eq!(
        seen(&store, &third).await?,
        Some(30),
        "so is one in a later case"
    );
    let alert = third.alert()?;
    let stranger = store
        .fresh(&samples::stranger(), alert, Digest::ZERO, wanted(at(0)))
        .await?;
    assert_eq!(
        stranger.occurrence_seen,
        Known::Read(None),
        "another tenant's sightings do not count"
    );
    Ok(())
}

/// What is known of an alert of `rule`, from `since` on.
async fn fresh(store: &Store, tenant: &TenantId, since: Timestamp) -> Result<Fresh, StoreError> {
    let alert = alert("fingerprint", "occurrence", 1);
    store
        .fresh(tenant, &alert, Digest::ZERO, wanted(since))
        .await
}

fn wanted(starts_since: Timestamp) -> Wanted {
    Wanted {
        starts_since,
        stage_of: Digest::ZERO,
    }
}

async fn evidence_of(store: &Store, tenant: &TenantId) -> Result<Evidence, StoreError> {
    Ok(fresh(store, tenant, at(0)).await?.evidence)
}

async fn starts_of(
    store: &Store,
    tenant: &TenantId,
    since: Timestamp,
) -> Result<Vec<Start>, StoreError> {
    match fresh(store, tenant, since).await?.starts {
        Known::Read(starts) => Ok(starts),
        Known::Unreadable(cause) => Err(StoreError::corrupt("the starts", &cause)),
    }
}

#[tokio::test]
async fn evidence_is_all_of_the_key_and_nothing_else() -> Outcome {
    let store = Store::throwaway().await?;
    let rows: Vec<_> = (0..50)
        .map(|number| precedent(&tenant(), "rule", number))
        .collect();
    store.add_precedents(&tenant(), &rows).await?;
    store
        .add_precedents(&tenant(), &[precedent(&tenant(), "other rule", 100)])
        .await?;
    let stranger = samples::stranger();
    store
        .add_precedents(&stranger, &[precedent(&stranger, "rule", 1)])
        .await?;

    let evidence = evidence_of(&store, &tenant()).await?;
    assert_eq!((evidence.rows.to_vec(), evidence.total), (rows.clone(), 50));
    assert_eq!(evidence.quarantine, Known::Read([].into()));
    assert_eq!(store.precedents(&tenant()).await?.len(), 51);

    let bad = [PrecedentId::new("p-0000"), PrecedentId::new("elsewhere")];
    store.quarantine(&tenant(), &bad, at(0)).await?;
    let evidence = evidence_of(&store, &tenant()).await?;
    let sound = rows.into_iter().skip(1).collect();
    assert_eq!((evidence.rows.to_vec(), evidence.total), (sound, 50));
    assert_eq!(evidence.quarantine, Known::Read(bad.into()));
    let elsewhere = evidence_of(&store, &stranger).await?;
    assert_eq!(
        (elsewhere.rows.len(), elsewhere.quarantine),
        (1, Known::Read([].into()))
    );
    Ok(())
}

#[tokio::test]
async fn a_quarantine_that_cannot_be_read_is_said_to_be() -> Outcome {
    let store = Store::throwaway().await?;
    store
        .add_precedents(&tenant(), &[precedent(&tenant(), "rule", 1)])
        .await?;
    tamper(&store, "drop table quarantine").await?;
    let evidence = evidence_of(&store, &tenant()).await?;
    assert!(
        matches!(evidence.quarantine, Known::Unreadable(_)),
        "{evidence:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_precedent_is_not_replaced_by_another_of_its_id() -> Outcome {
    let store = Store::throwaway().await?;
    let (one, other) = (
        precedent(&tenant(), "rule", 1),
        precedent(&tenant(), "other", 1),
    );
    let new = precedent(&tenant(), "rule", 2);
    store
        .add_precedents(&tenant(), std::slice::from_ref(&one))
        .await?;
    store
        .add_precedents(&tenant(), std::slice::from_ref(&one))
        .await?;
    let taken = store.add_precedents(&tenant(), &[new, other.clone()]).await;
    assert!(matches!(taken, Err(StoreError::Taken { .. })), "{taken:?}");
    assert_eq!(store.precedents(&tenant()).await?, [one]);
    let result = store.add_precedents(&samples::stranger(), &[other]).await;
    assert!(
        matches!(result, Err(StoreError::Misplaced { .. })),
        "{result:?}"
    );
    Ok(())
}

#[tokio::test]
async fn starts_are_those_of_the_tenant_since_then() -> Outcome {
    let store = Store::throwaway().await?;
    let (case, events) = started(1, "fingerprint")?;
    store.append(&tenant(), None, &case, &events).await?;
    let last = events.last().ok_or("no events")?.at;
    let starts = starts_of(&store, &tenant(), last).await?;
    let [start] = starts.as_slice() else {
        return Err(format!("{starts:?}").into());
    };
    assert_eq!((start.action.as_str(), start.at), ("close", last));
    assert_eq!(start.targets, ["web-1"]);
    let later = last + Duration::from_secs(1);
    assert_eq!(starts_of(&store, &tenant(), later).await?, []);
    assert_eq!(starts_of(&store, &samples::stranger(), last).await?, []);
    Ok(())
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_no_transaction_open() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = Store::open(&url("sqlite", folder.path())).await?;
    let (mut case, tenant) = (opened(&store, 1).await?, tenant());
    for number in 0..20 {
        let (after, event) = repeated(&case, "again", number)?;
        let events = [event];
        let patience = Duration::from_micros(50 * number.unsigned_abs());
        let append = store.append(&tenant, Some(&case), &after, &events);
        let _abandoned = tokio::time::timeout(patience, append).await;
        let appended = async {
            while store.case(&tenant, case.id).await?.as_ref() != Some(&after) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            Ok::<(), StoreError>(())
        };
        tokio::time::timeout(Duration::from_secs(10), appended).await??;
        case = after;
    }
    Ok(())
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_is_named() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = Store::open(&url("sqlite", folder.path())).await?;
    let case = opened(&store, 1).await?;
    tamper(&store, "pragma max_page_count = 1").await?;
    let rows: Vec<_> = (0..100)
        .map(|number| precedent(&tenant(), "rule", number))
        .collect();
    let full = store.add_precedents(&tenant(), &rows).await;
    let text = full.err().ok_or("there was room")?.to_string();
    assert!(
        text.ends_with("disk is full; make room on the disk"),
        "{text}"
    );
    assert_eq!(store.precedents(&tenant()).await?, []);
    tamper(&store, "pragma max_page_count = 1000000").await?;
    store.add_precedents(&tenant(), &rows).await?;
    assert_eq!(store.case(&tenant(), case.id).await?, Some(case));
    Ok(())
}

#[tokio::test]
async fn appends_that_come_together_are_answered_each_for_itself() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = Store::open(&url("sqlite", folder.path())).await?;
    let mut appends = tokio::task::JoinSet::new();
    for number in 0..200_u8 {
        // Every third one opens a second case for a fingerprint that has one: whichever comes later is the conflict.
        let (case, event) = case_of(
            number,
            &format!("fingerprint {}", number % 150),
            "occurrence",
        )?;
        let store = store.clone();
        appends.spawn(async move {
            let appended = store.append(&tenant(), None, &case, &[event]).await;
            (case, appended)
        });
    }
    let (mut stored, mut conflicts) = (0, 0);
    for (case, appended) in appends.join_all().await {
        let found = store.case(&tenant(), case.id).await?;
        match appended {
            Ok(()) => {
                assert_eq!(found, Some(case));
                stored += 1;
            }
            Err(StoreError::Conflict { .. }) => {
                assert_eq!(found, None);
                conflicts += 1;
            }
            Err(other) => return Err(other.into()),
        }
    }
    assert_eq!((stored, conflicts), (150, 50));
    Ok(())
}

#[tokio::test]
async fn one_append_that_cannot_be_written_does_not_fail_the_others() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = Store::open(&url("sqlite", folder.path())).await?;
    tamper(
        &store,
        "create trigger broken before insert on events when new.case_id like '%0007' begin select raise(abort, 'broken'); end",
    )
    .await?;
    let mut appends = tokio::task::JoinSet::new();
    for number in 1..=40_u8 {
        let (case, event) = case_of(number, &format!("fingerprint {number}"), "occurrence")?;
        let store = store.clone();
        appends.spawn(async move {
            let appended = store.append(&tenant(), None, &case, &[event]).await;
            (number, case, appended.is_ok())
        });
    }
    for (number, case, appended) in appends.join_all().await {
        assert_eq!(appended, number != 7, "append {number}");
        let found = store.case(&tenant(), case.id).await?;
        assert_eq!(found, appended.then_some(case), "append {number}");
    }
    Ok(())
}

#[tokio::test]
async fn a_case_is_due_from_its_last_event_until_only_a_person_is_awaited() -> Outcome {
    let store = Store::throwaway().await?;
    let case = opened(&store, 1).await?;
    let since = case.opened_at;
    let before = since - jiff::SignedDuration::from_micros(1);
    assert_eq!(store.due(before, 10).await?, []);
    assert_eq!(store.due(since, 10).await?, [(tenant(), case.id)]);
    assert_eq!(store.due(since, 0).await?, []);
    tamper(&store, "update cases set due_at = null").await?;
    assert_eq!(store.due(since, 10).await?, []);
    Ok(())
}

#[tokio::test]
async fn nothing_is_written_to_a_file_that_lost_its_name() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (path, aside) = (folder.path().join("x.db"), folder.path().join("y.db"));
    let store = Store::open(&url("sqlite", folder.path())).await?;
    opened(&store, 1).await?;
    std::fs::rename(&path, &aside)?;
    for (there, cause) in [
        (None, "cannot be found any more"),
        (Some("a letter"), "another file has taken its place"),
    ] {
        if let Some(text) = there {
            std::fs::write(&path, text)?;
        }
        let (case, event) = case_of(2, "another", "occurrence")?;
        let refused = store.append(&tenant(), None, &case, &[event]).await;
        let text = refused.map_err(|error| error.to_string());
        assert!(text.is_err_and(|text| text.contains(cause)));
        assert!(!store.seen_so_far().writes);
    }
    std::fs::rename(&aside, &path)?;
    store.probe().await?;
    assert!(store.seen_so_far().writes);
    assert_eq!(store.case_ids(&tenant(), Which::All, 9).await?.len(), 1);
    Ok(())
}
