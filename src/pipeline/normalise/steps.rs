//! The bound on how long a source may run: each pass through a pipe, an argument or a fold takes one step of a fixed allowance.
//!
//! The language has no endless loop, but loops within loops over a large payload take too long all the same. Steps are counted, not
//! timed, so that a payload reads the same on every machine.

use std::cell::Cell;

use jaq_core::{
    DataT, Exn, Lut, Native,
    data::HasLut,
    load::{
        lex::StrPart,
        parse::{BinaryOp, Def, Pattern, Term},
    },
    native::{Fun, v},
    path::{Part, Path},
};
use jaq_json::Val;

/// What the filters of source files run on.
pub(super) struct Language;

/// One run: the program, and the steps that are left.
#[derive(Clone)]
pub(super) struct Run<'a> {
    pub(super) lut: &'a Lut<Language>,
    pub(super) steps: &'a Cell<u64>,
}

impl DataT for Language {
    type V<'a> = Val;
    type Data<'a> = Run<'a>;
}

impl<'a> HasLut<'a, Language> for Run<'a> {
    fn lut(&self) -> &'a Lut<Language> {
        self.lut
    }
}

/// The filter that takes a step. No file can call it: its name is no jq name.
const STEP: &str = "!step";

/// The exit code by which a run ends that has no step left; `try` does not catch it.
const OUT_OF_STEPS: i32 = 1;

/// The filter that takes a step, for values, for paths and for updates.
pub(super) fn native() -> Fun<Language> {
    let native = Native::<Language>::new(|cv| {
        let step = take(cv.0.data().steps);
        Box::new(std::iter::once(step.map(|()| cv.1)))
    })
    .with_paths(|cv| {
        let step = take(cv.0.data().steps);
        Box::new(std::iter::once(step.map(|()| cv.1)))
    })
    .with_update(|cv, f| match take(cv.0.data().steps) {
        Ok(()) => f(cv.1),
        Err(ended) => Box::new(std::iter::once(Err(ended))),
    });
    (STEP, v(0), native)
}

fn take<'a>(steps: &Cell<u64>) -> Result<(), Exn<'a, Val>> {
    let left = steps.get().checked_sub(1);
    steps.set(left.unwrap_or(0));
    left.map(|_| ()).ok_or_else(|| Exn::halt(OUT_OF_STEPS))
}

/// `def` with a step wherever it may loop.
pub(super) fn counted(def: Def<&str>) -> Def<&str> {
    Def {
        name: def.name,
        args: def.args,
        body: within(def.body),
    }
}

/// `term` behind a step.
fn step(term: Term<&str>) -> Term<&str> {
    let free = matches!(term, Term::Num(_) | Term::Var(_));
    let term = within(term);
    if free {
        return term;
    }
    let take = Term::Call(STEP, Vec::new());
    Term::BinOp(Box::new(take), BinaryOp::Pipe(None), Box::new(term))
}

/// `term` with steps inside.
fn within(term: Term<&str>) -> Term<&str> {
    let boxed = |term: Box<Term<_>>| Box::new(within(*term));
    match term {
        Term::Id
        | Term::Recurse
        | Term::Num(_)
        | Term::Var(_)
        | Term::Break(_)
        | Term::Arr(None) => term,
        Term::Str(format, parts) => Term::Str(format, parts.into_iter().map(part).collect()),
        Term::Arr(Some(of)) => Term::Arr(Some(boxed(of))),
        Term::Obj(entries) => Term::Obj(
            entries
                .into_iter()
                .map(|(key, value)| (key_within(key), value.map(within)))
                .collect(),
        ),
        Term::Neg(of) => Term::Neg(boxed(of)),
        Term::BinOp(left, op @ BinaryOp::Pipe(_), right) => {
            Term::BinOp(boxed(left), operator(op), Box::new(step(*right)))
        }
        Term::BinOp(left, op, right) => Term::BinOp(boxed(left), op, boxed(right)),
        Term::Label(name, of) => Term::Label(name, boxed(of)),
        Term::Fold(name, over, pattern, args) => Term::Fold(
            name,
            boxed(over),
            bound(pattern),
            args.into_iter().map(step).collect(),
        ),
        Term::TryCatch(of, catch) => Term::TryCatch(boxed(of), catch.map(boxed)),
        Term::IfThenElse(cases, other) => Term::IfThenElse(
            cases
                .into_iter()
                .map(|(when, then)| (within(when), within(then)))
                .collect(),
            other.map(boxed),
        ),
        Term::Def(defs, of) => Term::Def(defs.into_iter().map(counted).collect(), boxed(of)),
        Term::Call(name, args) => Term::Call(name, args.into_iter().map(step).collect()),
        Term::Path(of, path) => Term::Path(boxed(of), indexed(path)),
    }
}

/// A key that stands for itself (`{a}`, `{$x}`) must stay as it is: the value is taken from it.
fn key_within(key: Term<&str>) -> Term<&str> {
    match key {
        Term::Var(_) | Term::Str(..) => key,
        key => within(key),
    }
}

fn part<'s>(part: StrPart<&'s str, Term<&'s str>>) -> StrPart<&'s str, Term<&'s str>> {
    match part {
        StrPart::Term(term) => StrPart::Term(within(term)),
        StrPart::Str(_) | StrPart::Char(_) => part,
    }
}

fn operator(op: BinaryOp<&str>) -> BinaryOp<&str> {
    match op {
        BinaryOp::Pipe(Some(pattern)) => BinaryOp::Pipe(Some(bound(pattern))),
        op => op,
    }
}

fn bound(pattern: Pattern<&str>) -> Pattern<&str> {
    match pattern {
        Pattern::Var(_) => pattern,
        Pattern::Arr(parts) => Pattern::Arr(parts.into_iter().map(bound).collect()),
        Pattern::Obj(parts) => Pattern::Obj(
            parts
                .into_iter()
                .map(|(key, part)| (within(key), bound(part)))
                .collect(),
        ),
    }
}

fn indexed(path: Path<Term<&str>>) -> Path<Term<&str>> {
    let index = |part| match part {
        Part::Index(at) => Part::Index(within(at)),
        Part::Range(from, to) => Part::Range(from.map(within), to.map(within)),
    };
    Path(
        path.0
            .into_iter()
            .map(|(part, opt)| (index(part), opt))
            .collect(),
    )
}
