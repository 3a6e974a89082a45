//! Near misses side by side: two alerts of one detection in a run, of which one would fire and the other would not.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
};

use comfy_table::{ContentArrangement, Table, presets::NOTHING};

use super::table::{action, decision};
use crate::inbound::{
    shown::shown,
    view::{DecisionView, Line},
};

const WIDTH: u16 = 150;
const VALUE_MAX: usize = 60;
/// The most pairs that are shown.
const PAIRS_MAX: usize = 3;
/// The most facets by which two near misses differ.
const FACETS_MAX: usize = 2;

/// Writes the near misses in `lines`, those that differ least first, and of each detection only one, so that they vary.
pub fn write(out: &mut impl Write, lines: &[Line]) -> std::io::Result<()> {
    let decisions: Vec<&DecisionView> = lines.iter().filter_map(decision).collect();
    for pair in pairs(&decisions) {
        writeln!(out, "\nAlike, and not the same:")?;
        for row in pair.table().to_string().lines() {
            writeln!(out, "{}", row.trim_end())?;
        }
    }
    Ok(())
}

fn pairs<'a>(decisions: &[&'a DecisionView]) -> Vec<Pair<'a>> {
    let mut pairs: Vec<(usize, Pair<'_>)> = decisions
        .iter()
        .filter(|decision| decision.would == "fire")
        .flat_map(|fires| decisions.iter().map(move |other| Pair { fires, other }))
        .filter_map(|pair| Some((pair.difference()?.len(), pair)))
        .collect();
    pairs.sort_by_key(|(facets, _)| *facets);
    let mut detections = BTreeSet::new();
    let varied = pairs.into_iter().map(|(_, pair)| pair).filter(|pair| {
        let fires = pair.fires;
        detections.insert((&fires.source, &fires.alert.detection_id))
    });
    varied.take(PAIRS_MAX).collect()
}

struct Pair<'a> {
    fires: &'a DecisionView,
    other: &'a DecisionView,
}

impl Pair<'_> {
    /// The facets in which the two differ; `None` where they are no near miss.
    fn difference(&self) -> Option<Vec<String>> {
        let (fires, other) = (&self.fires.alert, &self.other.alert);
        let alike = self.other.would != "fire"
            && self.other.would != "none"
            && self.fires.source == self.other.source
            && fires.detection_id == other.detection_id
            && fires.detection_id.is_some();
        let (left, right) = (facets(self.fires), facets(self.other));
        let keys = left
            .keys()
            .chain(right.keys().filter(|key| !left.contains_key(*key)));
        let differ: Vec<String> = keys
            .filter(|key| left.get(*key) != right.get(*key))
            .map(|key| (*key).to_owned())
            .collect();
        (alike && (1..=FACETS_MAX).contains(&differ.len())).then_some(differ)
    }

    fn table(&self) -> Table {
        let mut table = Table::new();
        table
            .load_style(NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(WIDTH)
            .set_header([
                "",
                &shown(self.fires.file.as_deref().unwrap_or_default(), VALUE_MAX),
                &shown(self.other.file.as_deref().unwrap_or_default(), VALUE_MAX),
            ]);
        let both = |name: &str, of: &dyn Fn(&DecisionView) -> String| {
            [name.to_owned(), of(self.fires), of(self.other)]
        };
        table.add_row(both("alert", &|view| shown(&view.alert.title, VALUE_MAX)));
        for key in self.difference().unwrap_or_default() {
            table.add_row(both(&key, &|view| {
                let value = facets(view).get(key.as_str()).copied().flatten();
                value.map_or_else(|| "absent".into(), |value| shown(value, VALUE_MAX))
            }));
        }
        table.add_row(both("would", &|view| view.would.to_owned()));
        table.add_row(both("action", &|view| {
            view.action.as_ref().map_or_else(|| "-".into(), action)
        }));
        table.add_row(both("held by", &|view| {
            view.held_by
                .iter()
                .map(|code| code.text())
                .collect::<Vec<_>>()
                .join(" ")
        }));
        table
    }
}

fn facets(view: &DecisionView) -> BTreeMap<&str, Option<&str>> {
    let facets = view.alert.facets.iter();
    facets
        .map(|facet| (facet.key.as_str(), facet.value.as_deref()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{
            alert::Status,
            facet::{Facet, SetBy},
        },
        inbound::view::AlertView,
    };

    fn view(
        detection: &str,
        name: &str,
        would: &'static str,
        facets: &[(&str, &str)],
    ) -> DecisionView {
        let facet = |(key, value): &(&str, &str)| {
            Facet::new(*key, Some((*value).to_owned()), SetBy::Environment)
        };
        DecisionView {
            file: Some(name.into()),
            source: "badge".into(),
            alert: AlertView {
                title: name.into(),
                detection_id: Some(detection.into()),
                severity: None,
                raw_severity: None,
                occurred_at: None,
                status: Status::Firing,
                entities: vec![],
                facets: facets.iter().map(facet).collect(),
                attack: vec![],
                fingerprint: String::new(),
            },
            case_id: String::new(),
            duplicate: false,
            disposition: None,
            action: None,
            effect: "ask",
            would,
            held_by: vec![],
            reasons: vec![],
            citations: vec![],
            drafter: None,
            rationale: None,
        }
    }

    #[test]
    fn of_each_detection_the_pair_that_differs_least_is_shown() {
        let views = [
            view("held open", "a", "fire", &[("door", "dock"), ("hour", "1")]),
            view("held open", "b", "ask", &[("door", "roof"), ("hour", "2")]),
            view("held open", "c", "ask", &[("door", "dock"), ("hour", "3")]),
            view("held open", "d", "none", &[("door", "dock"), ("hour", "4")]),
            view("denied", "e", "fire", &[("door", "dock"), ("hour", "1")]),
            view("denied", "f", "refuse", &[("door", "roof"), ("hour", "2")]),
            view("forced", "g", "fire", &[("door", "dock")]),
        ];
        let views: Vec<&DecisionView> = views.iter().collect();
        let shown: Vec<(&str, &str)> = pairs(&views)
            .iter()
            .map(|pair| {
                (
                    pair.fires.alert.title.as_str(),
                    pair.other.alert.title.as_str(),
                )
            })
            .collect();
        assert_eq!(shown, [("a", "c"), ("e", "f")]);
    }
}
