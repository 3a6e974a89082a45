//! The reports of a run: the evidence bundle as canonical JSON, the cases as `JUnit` XML, and a page of Markdown for a pull request.
//!
//! What an attacker wrote stands in names and complaints: it is escaped for each format, and control, bidi and tag characters in all.

use std::{fmt::Write as _, path::Path};

use anyhow::Context as _;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::summary::percent;
use crate::{
    eval::{
        bundle::{Bundle, Part, SuiteResult},
        run::Found,
        runner::Ran,
    },
    inbound::shown::shown,
};

/// The evidence bundle: exactly the bytes that are signed.
pub const BUNDLE_FILE: &str = "bundle.json";
/// Each case with what was said of it, for `eval compare`.
pub const CASES_FILE: &str = "cases.json";
const JUNIT_FILE: &str = "junit.xml";
const MARKDOWN_FILE: &str = "report.md";
const TEXT_MAX: usize = 300;
/// Cases of one suite that the page tells of.
const TOLD_MAX: usize = 20;

/// Writes all of them into `folder`.
pub fn write(folder: &Path, found: &Found) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("report folder `{}` cannot be made", folder.display()))?;
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, bytes)
            .with_context(|| format!("report `{}` cannot be written", path.display()))
    };
    file(BUNDLE_FILE, &found.bundle.to_bytes()?)?;
    file(CASES_FILE, &found.cases()?)?;
    file(JUNIT_FILE, junit(found)?.as_bytes())?;
    file(MARKDOWN_FILE, markdown(found)?.as_bytes())
}

fn junit(found: &Found) -> anyhow::Result<String> {
    let mut report = Report::new("tierone eval");
    for (suite, ran) in found.bundle.suites.iter().zip(&found.ran) {
        let mut tests = TestSuite::new(suite.name.as_str());
        tests.add_test_cases(ran.iter().map(test_case));
        report.add_test_suite(tests);
    }
    Ok(report.to_string()?)
}

fn test_case(ran: &Ran) -> TestCase {
    let status = match (&ran.result, ran.complaint()) {
        (_, None) => TestCaseStatus::success(),
        (Ok(_), Some(complaint)) => bad(NonSuccessKind::Failure, &complaint),
        (Err(_), Some(complaint)) => bad(NonSuccessKind::Error, &complaint),
    };
    let mut case = TestCase::new(shown(&ran.id, TEXT_MAX), status);
    case.set_classname(shown(&ran.cluster, TEXT_MAX));
    case
}

fn bad(kind: NonSuccessKind, complaint: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(shown(complaint, TEXT_MAX));
    status
}

fn markdown(found: &Found) -> anyhow::Result<String> {
    let bundle = &found.bundle;
    let mut page = format!("# Evaluation: {}\n\n", bundle.verdict);
    page.push_str("| suite | verdict | cases | clusters | errors | bar | seen | bound | must be |\n|---|---|--:|--:|--:|---|--:|--:|--:|\n");
    for suite in &bundle.suites {
        suite_rows(&mut page, suite)?;
    }
    parts(&mut page, bundle)?;
    for (suite, ran) in bundle.suites.iter().zip(&found.ran) {
        complaints(&mut page, &suite.name, ran)?;
    }
    writeln!(
        page,
        "\nSeed {}, evidence `{}`.",
        bundle.seed,
        bundle.digest()?
    )?;
    Ok(page)
}

fn suite_rows(page: &mut String, suite: &SuiteResult) -> std::fmt::Result {
    let name = cell(&suite.name);
    for bar in &suite.bars {
        writeln!(
            page,
            "| {name} | {} | {} | {} | {} | {} | {} of {} | {} | {} |",
            bar.verdict,
            suite.cases,
            suite.clusters,
            suite.errors,
            bar.name,
            bar.k,
            bar.n,
            percent(bar.bound),
            percent(bar.limit)
        )?;
    }
    if suite.bars.is_empty() {
        writeln!(
            page,
            "| {name} | {} | {} | {} | {} | | | | |",
            suite.verdict, suite.cases, suite.clusters, suite.errors
        )?;
    }
    Ok(())
}

fn parts(page: &mut String, bundle: &Bundle) -> std::fmt::Result {
    if !bundle.mutants.is_empty() {
        page.push_str("\n| left out | | noticed | first by |\n|---|---|--:|---|\n");
    }
    for mutant in &bundle.mutants {
        let part = match mutant.part {
            Part::Condition => "condition",
            Part::Policy => "policy",
        };
        let by = mutant.caught_by.as_deref().unwrap_or("**nothing**");
        writeln!(
            page,
            "| {} | {part} | {} | {} |",
            cell(&mutant.name),
            mutant.noticed,
            cell(by)
        )?;
    }
    if !bundle.agents.is_empty() {
        page.push_str("\n| agent | graded as it must be | failed by |\n|---|---|---|\n");
    }
    for agent in &bundle.agents {
        let graded = if agent.graded { "yes" } else { "**no**" };
        writeln!(
            page,
            "| {} | {graded} | {} |",
            agent.name,
            agent.failed_by.join(", ")
        )?;
    }
    Ok(())
}

fn complaints(page: &mut String, suite: &str, ran: &[Ran]) -> std::fmt::Result {
    let bad = ran.iter().filter_map(|ran| Some((ran, ran.complaint()?)));
    for (place, (ran, complaint)) in bad.take(TOLD_MAX).enumerate() {
        if place == 0 {
            writeln!(page, "\n## {}\n", cell(suite))?;
        }
        writeln!(page, "* {}: {}", cell(&ran.id), cell(&complaint))?;
    }
    Ok(())
}

/// A text that Markdown and HTML leave as it is: shown, and every mark of theirs as a character reference.
fn cell(text: &str) -> String {
    let mut cell = String::new();
    for letter in shown(text, TEXT_MAX).chars() {
        match letter {
            letter if letter.is_alphanumeric() || " /,:;-.%()".contains(letter) => {
                cell.push(letter);
            }
            letter => {
                // Writing to a string cannot fail.
                let _written = write!(cell, "&#{};", u32::from(letter));
            }
        }
    }
    // What looks like an address is made a link where it stands.
    cell.replace("://", "&#58;//").replace("www.", "www&#46;")
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn an_attackers_text_is_no_markup() {
        for (text, is) in [
            (
                "<img src=x onerror=1>",
                "&#60;img src&#61;x onerror&#61;1&#62;",
            ),
            ("[x](javascript:1)", "&#91;x&#93;(javascript:1)"),
            ("a|b`c`", "a&#124;b&#96;c&#96;"),
            ("https://evil.example", "https&#58;//evil.example"),
            ("@everyone #1", "&#64;everyone &#35;1"),
        ] {
            assert_eq!(cell(text), is);
        }
        assert!(!cell("\u{202e}x\u{1b}[31m\u{e0041}").contains([
            '\u{202e}',
            '\u{1b}',
            '\u{e0041}'
        ]));
    }
}
