//! The sources: jq files, compiled once, run by many threads. How the files are found is the caller's business.

use std::{
    cell::Cell,
    fmt::Write as _,
    panic::{AssertUnwindSafe, catch_unwind},
};

use jaq_core::{
    Compiler, Ctx, Exn, Filter, Vars, compile,
    load::{Arena, File, Loader, parse::Def},
};
use jaq_json::Val;

use super::{
    caps,
    check::{self, Finding, finding},
    constants::Constants,
    language,
    steps::{self, Language, Run},
};
use crate::domain::id::SourceId;

/// The source of last resort: asked only where no other recognises a payload.
pub const GENERIC: &str = "generic";

/// All sources of a site, in the order of their names.
pub struct Sources(Vec<Source>);

/// One source.
pub(super) struct Source {
    pub(super) id: SourceId,
    recognises: Filter<Language>,
    alerts: Filter<Language>,
    constants: Vec<Val>,
}

/// A source file that is not accepted.
#[derive(Debug, thiserror::Error)]
#[error("source `{file}:{line}:{column}` has `{value}`: {cause}; {cure}")]
pub struct SourceError {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What stands there.
    pub value: String,
    /// Why it is not accepted.
    pub cause: String,
    /// What to do.
    pub cure: &'static str,
}

impl Sources {
    /// Compiles `files`, given as name and text; a name may end in `.jq` and have folders.
    pub fn compile<N, T>(files: impl IntoIterator<Item = (N, T)>) -> Result<Self, SourceError>
    where
        N: AsRef<str>,
        T: AsRef<str>,
    {
        let mut sources: Vec<Source> = Vec::new();
        for (name, text) in files {
            let (name, text) = (name.as_ref(), text.as_ref());
            let source = Source::compile(name, text)?;
            if sources.iter().any(|other| other.id == source.id) {
                let twice = finding(text, "another source has this name", "rename one of them");
                return Err(located(name, text, &twice));
            }
            sources.push(source);
        }
        sources.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(Self(sources))
    }

    /// The names of the sources, in order.
    pub fn names(&self) -> impl Iterator<Item = &SourceId> {
        self.0.iter().map(|source| &source.id)
    }

    /// Whether there is a source of this name.
    pub fn contains(&self, id: &SourceId) -> bool {
        self.get(id).is_some()
    }

    pub(super) fn get(&self, id: &SourceId) -> Option<&Source> {
        self.0.iter().find(|source| source.id == *id)
    }

    pub(super) fn generic(&self) -> Option<&Source> {
        self.0.iter().find(|source| source.id.as_str() == GENERIC)
    }

    /// Every source but [`GENERIC`].
    pub(super) fn specific(&self) -> impl Iterator<Item = &Source> {
        self.0.iter().filter(|source| source.id.as_str() != GENERIC)
    }
}

impl Source {
    fn compile(file: &str, text: &str) -> Result<Self, SourceError> {
        let arena = Arena::default();
        let compiled = || {
            let defs = check::definitions(text)?;
            for name in ["recognises", "alerts"] {
                if !defs
                    .iter()
                    .any(|def| def.name == name && def.args.is_empty())
                {
                    let end = text.get(text.len()..).unwrap_or(text);
                    return Err(finding(
                        end,
                        format!("`{name}` is not defined"),
                        "define it",
                    ));
                }
            }
            let mut constants = Constants::new(&arena);
            let defs = defs
                .into_iter()
                .map(|def| steps::counted(def, &mut constants));
            let parts = Parts {
                text,
                arena: &arena,
                defs: defs.collect(),
                constants: &constants.names,
            };
            let (recognises, alerts) = (parts.program("recognises")?, parts.program("alerts")?);
            Ok((recognises, alerts, constants.values))
        };
        let (recognises, alerts, constants) =
            compiled().map_err(|found| located(file, text, &found))?;
        let stem = file.rsplit(['/', '\\']).next().unwrap_or(file);
        Ok(Self {
            id: SourceId::new(stem.strip_suffix(".jq").unwrap_or(stem)),
            recognises,
            alerts,
            constants,
        })
    }

    /// Whether the payload is this source's. A source that fails on it does not recognise it.
    pub(super) fn recognises(&self, payload: &Val, size: usize) -> bool {
        let mut answer = false;
        let outcome = self.run(&self.recognises, payload, size, &mut |output| {
            answer = matches!(output, Val::Bool(true));
            Next::Stop
        });
        outcome.is_ok() && answer
    }

    /// Hands each output of `alerts` to `each`; the error is why the source ended early.
    pub(super) fn alerts(
        &self,
        payload: &Val,
        size: usize,
        each: &mut dyn FnMut(Val) -> Next,
    ) -> Result<(), String> {
        self.run(&self.alerts, payload, size, each)
    }

    /// Runs `filter` within its steps. jaq has arithmetic that panics on odd numbers; that ends this payload only.
    fn run(
        &self,
        filter: &Filter<Language>,
        payload: &Val,
        size: usize,
        each: &mut dyn FnMut(Val) -> Next,
    ) -> Result<(), String> {
        let allowed = caps::STEPS_PER_BYTE.saturating_mul(size as u64);
        let steps = Cell::new(caps::STEPS_BASE.saturating_add(allowed));
        let values = Cell::new(caps::VALUES_MAX);
        let data = Run {
            lut: &filter.lut,
            steps: &steps,
            values: &values,
        };
        let outputs = AssertUnwindSafe(|| {
            let context = Ctx::<Language>::new(data, Vars::new(self.constants.iter().cloned()));
            for output in filter.id.run((context, payload.clone())) {
                if let Next::Stop = each(output.map_err(cause)?) {
                    break;
                }
            }
            Ok(())
        });
        catch_unwind(outputs)
            .unwrap_or_else(|_| Err("the source met a number that jq cannot handle".into()))
    }
}

/// Whether more outputs are wanted.
pub(super) enum Next {
    More,
    Stop,
}

/// Why a run ended, in a bounded text. Never [`jaq_core::unwrap_valr`], which exits the process.
fn cause(exception: Exn<'_, Val>) -> String {
    match exception.get_err() {
        Ok(error) => {
            let mut text = Bounded(String::new());
            // An error here only says that the text is full.
            let _full = write!(text, "{error}");
            format!("the source failed: {}", text.0)
        }
        Err(other) => match other.get_halt() {
            Ok(steps::OUT_OF_VALUES) => "text in it holds too many values as JSON".into(),
            Ok(_) => "the source took too many steps".into(),
            Err(_) => "the source broke out of itself".into(),
        },
    }
}

/// A text that takes no more than a cause may have.
struct Bounded(String);

impl std::fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let room = caps::CAUSE_MAX_BYTES.saturating_sub(self.0.len());
        let kept = super::marks::cut_bytes(text, room);
        self.0.push_str(kept);
        if kept.len() < text.len() {
            return Err(std::fmt::Error);
        }
        Ok(())
    }
}

/// A file that is ready to be compiled.
struct Parts<'s, 'c> {
    text: &'s str,
    arena: &'s Arena,
    defs: Vec<Def<&'s str>>,
    constants: &'c [&'s str],
}

impl<'s> Parts<'s, '_> {
    /// The program that calls `main` of the file.
    fn program(&self, main: &'s str) -> Result<Filter<Language>, Finding<'s>> {
        let mut prelude: Vec<Def<&'s str>> = language::definitions().collect();
        prelude.extend(self.defs.iter().cloned());
        let file = File {
            code: main,
            path: (),
        };
        let modules = Loader::new(prelude).load(self.arena, file);
        let modules = modules.map_err(|_| {
            finding(
                self.text,
                "jaq cannot load it",
                "report this as a fault of tierone",
            )
        })?;
        let compiled = Compiler::default()
            .with_funs(language::natives())
            .with_global_vars(self.constants.iter().copied())
            .compile(modules);
        compiled.map_err(|errors| {
            let first = errors
                .into_iter()
                .flat_map(|(_, undefined)| undefined)
                .next();
            let (at, cause) = first.map_or(
                (self.text, "jaq cannot compile it".to_owned()),
                |(at, kind)| (at, undefined_cause(&kind)),
            );
            finding(at, cause, "define it above its first use")
        })
    }
}

fn undefined_cause(kind: &compile::Undefined) -> String {
    format!("this {} is not defined", kind.as_str())
}

/// `found` as an error that names its place in `text`.
fn located(file: &str, text: &str, found: &Finding<'_>) -> SourceError {
    let offset = (found.at.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize);
    let before = text.get(..offset).unwrap_or("");
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let value = found.at.split(['\n', ' ']).next().unwrap_or("");
    SourceError {
        file: file.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before.get(line_start..).unwrap_or("").chars().count() + 1,
        value: if value.is_empty() {
            "end of file"
        } else {
            super::marks::cut_bytes(value, 40)
        }
        .to_owned(),
        cause: found.cause.clone(),
        cure: found.cure,
    }
}
