//! Tables and lists that never change are made once, when a file is compiled, not at each use.

use jaq_core::{
    ValT as _,
    load::{
        Arena,
        lex::StrPart,
        parse::{BinaryOp, Term},
    },
};
use jaq_json::{Map, Val};

/// The constants of one file: what stands for them in its terms, and their values, in the same order.
pub(super) struct Constants<'s> {
    arena: &'s Arena,
    pub(super) names: Vec<&'s str>,
    pub(super) values: Vec<Val>,
}

impl<'s> Constants<'s> {
    pub(super) fn new(arena: &'s Arena) -> Self {
        Self {
            arena,
            names: Vec::new(),
            values: Vec::new(),
        }
    }

    /// The variable that stands for `term`, where that is a table or list without anything to compute.
    pub(super) fn variable(&mut self, term: &Term<&'s str>) -> Option<Term<&'s str>> {
        let is_table = match term {
            Term::Arr(of) => of.is_some(),
            Term::Obj(entries) => !entries.is_empty(),
            _ => false,
        };
        let value = is_table.then(|| constant(term))??;
        // No file can name it: `!` is no part of a jq name.
        let name: &'s str = self.arena.alloc(format!("$!{}", self.names.len()));
        self.names.push(name);
        self.values.push(value);
        Some(Term::Var(name))
    }
}

/// The value of a literal. The words `true`, `false` and `null` may not be redefined.
fn constant(term: &Term<&str>) -> Option<Val> {
    match term {
        Term::Num(digits) => Val::from_num(digits).ok(),
        Term::Str(None, parts) => text(parts).map(Val::from),
        Term::Call("true", args) if args.is_empty() => Some(Val::Bool(true)),
        Term::Call("false", args) if args.is_empty() => Some(Val::Bool(false)),
        Term::Call("null", args) if args.is_empty() => Some(Val::Null),
        Term::Arr(None) => Some(std::iter::empty().collect()),
        Term::Arr(Some(of)) => {
            let mut items = Vec::new();
            listed(of, &mut items)?;
            Some(items.into_iter().collect())
        }
        Term::Obj(entries) => {
            let entry = |(key, value): &(Term<&str>, Option<Term<&str>>)| {
                let Term::Str(None, key) = key else {
                    return None;
                };
                Some((Val::from(text(key)?), constant(value.as_ref()?)?))
            };
            entries
                .iter()
                .map(entry)
                .collect::<Option<Map>>()
                .map(Val::obj)
        }
        _ => None,
    }
}

fn listed(term: &Term<&str>, items: &mut Vec<Val>) -> Option<()> {
    match term {
        Term::BinOp(left, BinaryOp::Comma, right) => {
            listed(left, items)?;
            listed(right, items)
        }
        term => {
            items.push(constant(term)?);
            Some(())
        }
    }
}

fn text(parts: &[StrPart<&str, Term<&str>>]) -> Option<String> {
    let part = |part: &StrPart<&str, Term<&str>>| match part {
        StrPart::Str(text) => Some((*text).to_owned()),
        StrPart::Char(char) => Some(char.to_string()),
        StrPart::Term(_) => None,
    };
    parts.iter().map(part).collect()
}
