//! The bound on how long a source may run: each value of a `.[]`, each branch of a `,` and each pass through the argument of a looping
//! filter takes one step of a fixed allowance. Nothing else in the language repeats anything.
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
    ops::Cmp,
    path::{Part, Path},
};
use jaq_json::Val;

use super::{constants::Constants, language, natives};

/// What the filters of source files run on.
pub(super) struct Language;

/// One run: the program, and what is left of steps and of values that text in the payload may hold as JSON.
#[derive(Clone)]
pub(super) struct Run<'a> {
    pub(super) lut: &'a Lut<Language>,
    pub(super) steps: &'a Cell<u64>,
    pub(super) values: &'a Cell<usize>,
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
/// The exit code by which a run ends that would open too much JSON in text.
pub(super) const OUT_OF_VALUES: i32 = 2;

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

/// `def` with a step wherever it may loop, and with its constants taken out.
pub(super) fn counted<'s>(def: Def<&'s str>, constants: &mut Constants<'s>) -> Def<&'s str> {
    Def {
        name: def.name,
        args: def.args,
        body: Rewrite(constants).term(def.body),
    }
}

/// A step, then `term`.
fn before(term: Term<&str>) -> Term<&str> {
    let take = Term::Call(STEP, Vec::new());
    Term::BinOp(Box::new(take), BinaryOp::Pipe(None), Box::new(term))
}

/// `term`, then a step for each value of it.
fn after(term: Term<&str>) -> Term<&str> {
    let take = Term::Call(STEP, Vec::new());
    Term::BinOp(Box::new(term), BinaryOp::Pipe(None), Box::new(take))
}

struct Rewrite<'c, 's>(&'c mut Constants<'s>);

impl<'s> Rewrite<'_, 's> {
    fn term(&mut self, term: Term<&'s str>) -> Term<&'s str> {
        if let Some(constant) = self.0.variable(&term) {
            return constant;
        }
        match term {
            Term::Id
            | Term::Recurse
            | Term::Num(_)
            | Term::Var(_)
            | Term::Break(_)
            | Term::Arr(None) => term,
            Term::Str(format, parts) => Term::Str(
                format,
                parts.into_iter().map(|part| self.part(part)).collect(),
            ),
            Term::Arr(Some(of)) => Term::Arr(Some(self.boxed(*of))),
            Term::Obj(entries) => {
                Term::Obj(entries.into_iter().map(|entry| self.entry(entry)).collect())
            }
            Term::Neg(of) => Term::Neg(self.boxed(*of)),
            Term::BinOp(left, op, right) => self.operation(*left, op, *right),
            Term::Label(name, of) => Term::Label(name, self.boxed(*of)),
            Term::Fold(name, over, pattern, args) => Term::Fold(
                name,
                self.boxed(*over),
                self.pattern(pattern),
                self.terms(args),
            ),
            Term::TryCatch(of, catch) => {
                Term::TryCatch(self.boxed(*of), catch.map(|catch| self.boxed(*catch)))
            }
            Term::IfThenElse(cases, other) => {
                let case = |(when, then)| (self.term(when), self.term(then));
                let cases = cases.into_iter().map(case).collect();
                Term::IfThenElse(cases, other.map(|other| self.boxed(*other)))
            }
            Term::Def(defs, of) => {
                let defs = defs.into_iter().map(|def| counted(def, self.0)).collect();
                Term::Def(defs, self.boxed(*of))
            }
            Term::Call(name, args) if language::loops(name, args.len()) => {
                Term::Call(name, self.terms(args).into_iter().map(before).collect())
            }
            Term::Call(name, args) => Term::Call(name, self.terms(args)),
            Term::Path(of, path) if iterates(&path) => after(self.path(*of, path)),
            Term::Path(of, path) => self.path(*of, path),
        }
    }

    fn boxed(&mut self, term: Term<&'s str>) -> Box<Term<&'s str>> {
        Box::new(self.term(term))
    }

    fn terms(&mut self, terms: Vec<Term<&'s str>>) -> Vec<Term<&'s str>> {
        terms.into_iter().map(|term| self.term(term)).collect()
    }

    fn operation(
        &mut self,
        left: Term<&'s str>,
        op: BinaryOp<&'s str>,
        right: Term<&'s str>,
    ) -> Term<&'s str> {
        if let Some(is_of) = of_type(&left, &op, &right) {
            return Term::Call(is_of, Vec::new());
        }
        let (left, right) = (self.boxed(left), self.boxed(right));
        match op {
            BinaryOp::Comma => Term::BinOp(left, BinaryOp::Comma, Box::new(before(*right))),
            BinaryOp::Pipe(pattern) => {
                let pattern = pattern.map(|pattern| self.pattern(pattern));
                Term::BinOp(left, BinaryOp::Pipe(pattern), right)
            }
            op => Term::BinOp(left, op, right),
        }
    }

    /// A key that stands for itself (`{a}`, `{$x}`) must stay as it is: the value is taken from it.
    fn entry(&mut self, (key, value): Entry<'s>) -> Entry<'s> {
        let key = match key {
            Term::Var(_) | Term::Str(..) => key,
            key => self.term(key),
        };
        (key, value.map(|value| self.term(value)))
    }

    fn part(&mut self, part: StrPart<&'s str, Term<&'s str>>) -> StrPart<&'s str, Term<&'s str>> {
        match part {
            StrPart::Term(term) => StrPart::Term(self.term(term)),
            StrPart::Str(_) | StrPart::Char(_) => part,
        }
    }

    fn pattern(&mut self, pattern: Pattern<&'s str>) -> Pattern<&'s str> {
        match pattern {
            Pattern::Var(_) => pattern,
            Pattern::Arr(parts) => {
                Pattern::Arr(parts.into_iter().map(|part| self.pattern(part)).collect())
            }
            Pattern::Obj(parts) => {
                let part = |(key, part)| (self.term(key), self.pattern(part));
                Pattern::Obj(parts.into_iter().map(part).collect())
            }
        }
    }

    fn path(&mut self, of: Term<&'s str>, path: Path<Term<&'s str>>) -> Term<&'s str> {
        let of = self.boxed(of);
        let part = |(part, opt)| match part {
            Part::Index(at) => (Part::Index(self.term(at)), opt),
            Part::Range(from, to) => {
                let (from, to) = (from.map(|from| self.term(from)), to.map(|to| self.term(to)));
                (Part::Range(from, to), opt)
            }
        };
        Term::Path(of, Path(path.0.into_iter().map(part).collect()))
    }
}

type Entry<'s> = (Term<&'s str>, Option<Term<&'s str>>);

/// The filter that stands for `type == "string"` and its like: sources ask it so often that three steps in place of one are felt.
fn of_type(left: &Term<&str>, op: &BinaryOp<&str>, right: &Term<&str>) -> Option<&'static str> {
    let (Term::Call("type", args), BinaryOp::Cmp(Cmp::Eq), Term::Str(None, parts)) =
        (left, op, right)
    else {
        return None;
    };
    let [StrPart::Str(name)] = parts.as_slice() else {
        return None;
    };
    let mut kinds = natives::IS_OF_TYPE.iter();
    let (_, is_of) = kinds.find(|(kind, _)| kind == name && args.is_empty())?;
    Some(is_of)
}

fn iterates(path: &Path<Term<&str>>) -> bool {
    path.0
        .iter()
        .any(|(part, _)| matches!(part, Part::Range(None, None)))
}
