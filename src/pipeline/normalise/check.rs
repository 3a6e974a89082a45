//! The check of a source file before it is compiled: it may call only what the language has, and no definition may call itself.

use jaq_core::{
    load::{
        self, Lexer, Parser,
        lex::{self, StrPart, Tok, Token},
        parse::{BinaryOp, Def, Pattern, Term},
    },
    path::{Part, Path},
};

use super::{caps, language};

/// What is wrong in a file: the text that it is about, which lies in the file, and why and what to do.
#[derive(Debug)]
pub(super) struct Finding<'s> {
    pub(super) at: &'s str,
    pub(super) cause: String,
    pub(super) cure: &'static str,
}

/// A finding at `at`.
pub(super) fn finding<'s>(
    at: &'s str,
    cause: impl Into<String>,
    cure: &'static str,
) -> Finding<'s> {
    Finding {
        at,
        cause: cause.into(),
        cure,
    }
}

/// The definitions of `text`, all of whose calls end.
pub(super) fn definitions(text: &str) -> Result<Vec<Def<&str>>, Finding<'_>> {
    size(text)?;
    let tokens = Lexer::new(text)
        .lex()
        .map_err(|errors| unlexed(errors, text))?;
    symbols(&tokens, Place::Top)?;
    let parsed = Parser::new(&tokens).parse(Parser::defs);
    let defs = parsed.map_err(|errors| unparsed(&errors, text))?;
    let mut scope = Scope(Vec::new());
    scope.definitions(&defs)?;
    Ok(defs)
}

/// jaq's parser recurses with the brackets, so their depth is bounded first; brackets in strings count too.
fn size(text: &str) -> Result<(), Finding<'_>> {
    let cure = "split the file into smaller definitions, or into more sources";
    if text.len() > caps::SOURCE_MAX_BYTES {
        let cause = format!("the file is larger than {} bytes", caps::SOURCE_MAX_BYTES);
        return Err(finding(text, cause, cure));
    }
    let mut depth = 0_usize;
    for (at, char) in text.char_indices() {
        match char {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > caps::SOURCE_MAX_DEPTH {
            let at = text.get(at..).unwrap_or(text);
            let cause = format!("more than {} brackets are open", caps::SOURCE_MAX_DEPTH);
            return Err(finding(at, cause, cure));
        }
    }
    Ok(())
}

fn unlexed<'s>(errors: Vec<lex::Error<&'s str>>, text: &'s str) -> Finding<'s> {
    let first = errors.into_iter().next();
    let (cause, at) = match first {
        Some((lex::Expect::Delim(open), at)) => (format!("`{open}` is not closed"), at),
        Some((lex::Expect::Escape | lex::Expect::Unicode, at)) => {
            ("this is no escape sequence".into(), at)
        }
        Some((_, at)) => ("this is no jq".into(), at),
        None => ("the file is no jq".into(), text),
    };
    finding(at, cause, "correct it")
}

fn unparsed<'s>(errors: &[load::parse::TError<'_, &'s str>], text: &'s str) -> Finding<'s> {
    let end = text.get(text.len()..).unwrap_or(text);
    let Some((expected, found)) = errors.first() else {
        return finding(end, "the file is no jq", "correct it");
    };
    let at = found.map_or(end, |token| token.0);
    match expected.as_str() {
        "nothing" => finding(
            at,
            "a source file has definitions only",
            "put it into `def recognises: …;` or `def alerts: …;`",
        ),
        expected => finding(at, format!("expected {expected}"), "correct it"),
    }
}

/// Where a list of tokens stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Outside of all brackets.
    Top,
    /// Inside of some.
    Inner,
}

/// Refuses symbols, which the syntax tree no longer has a place for.
fn symbols<'s>(tokens: &[Token<&'s str>], place: Place) -> Result<(), Finding<'s>> {
    let mut statement = place == Place::Top;
    for Token(text, token) in tokens {
        match token {
            Tok::Sym if matches!(*text, ".." | "*" | "*=") => return Err(refused(text)),
            Tok::Word if statement && matches!(*text, "import" | "include" | "module") => {
                return Err(refused(text));
            }
            Tok::Block(inner) => symbols(inner, Place::Inner)?,
            Tok::Str(parts) => {
                for part in parts {
                    if let StrPart::Term(term) = part {
                        symbols(std::slice::from_ref(term), Place::Inner)?;
                    }
                }
            }
            Tok::Sym | Tok::Word | Tok::Var | Tok::Fmt | Tok::Num => {}
        }
        statement = place == Place::Top && *text == ";";
    }
    Ok(())
}

fn refused(name: &str) -> Finding<'_> {
    let (cause, cure) = language::refusal(name);
    finding(name, cause, cure)
}

/// What jq itself would put into a variable comes from outside.
fn variable(name: &str) -> Result<(), Finding<'_>> {
    if matches!(name, "$ENV" | "$__loc__") {
        return Err(refused(name));
    }
    Ok(())
}

/// The names that are in reach, innermost last.
struct Scope<'s>(Vec<Known<'s>>);

struct Known<'s> {
    name: &'s str,
    arity: usize,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// A definition whose body is being read.
    Open,
    /// A definition that has been read, or an argument.
    Closed,
}

impl<'s> Scope<'s> {
    /// Reads `defs`, which stay in reach.
    fn definitions(&mut self, defs: &[Def<&'s str>]) -> Result<(), Finding<'s>> {
        defs.iter().try_for_each(|def| self.definition(def))
    }

    fn definition(&mut self, def: &Def<&'s str>) -> Result<(), Finding<'s>> {
        let fixed =
            |name: &&&'s str| matches!(**name, "true" | "false" | "null" | "empty" | "type");
        if let Some(name) = [&def.name].into_iter().chain(&def.args).find(fixed) {
            return Err(finding(
                name,
                "this word means one thing in every file",
                "choose another name",
            ));
        }
        let own = self.0.len();
        self.push(def.name, def.args.len(), State::Open);
        for arg in def.args.iter().filter(|arg| !arg.starts_with('$')) {
            self.push(arg, 0, State::Closed);
        }
        self.term(&def.body)?;
        self.0.truncate(own);
        self.push(def.name, def.args.len(), State::Closed);
        Ok(())
    }

    fn push(&mut self, name: &'s str, arity: usize, state: State) {
        self.0.push(Known { name, arity, state });
    }

    fn call(&self, name: &'s str, arity: usize) -> Result<(), Finding<'s>> {
        let known = self
            .0
            .iter()
            .rev()
            .find(|known| known.name == name && known.arity == arity);
        match known.map(|known| known.state) {
            Some(State::Closed) => Ok(()),
            Some(State::Open) => Err(finding(
                name,
                "a definition may not call itself",
                "name each path, or iterate with `.[]`",
            )),
            None if language::allows(name, arity) => Ok(()),
            None => Err(refused(name)),
        }
    }

    fn term(&mut self, term: &Term<&'s str>) -> Result<(), Finding<'s>> {
        match term {
            // The one `Recurse` symbol was refused before the file was parsed.
            Term::Id | Term::Recurse | Term::Num(_) | Term::Break(_) | Term::Arr(None) => Ok(()),
            Term::Var(name) => variable(name),
            Term::Str(format, parts) => self.string(*format, parts),
            Term::Arr(Some(of)) | Term::Neg(of) | Term::Label(_, of) => self.term(of),
            Term::Obj(entries) => entries.iter().try_for_each(|(key, value)| {
                self.term(key)?;
                value.iter().try_for_each(|value| self.term(value))
            }),
            Term::BinOp(left, op, right) => {
                self.term(left)?;
                if let BinaryOp::Pipe(Some(pattern)) = op {
                    self.pattern(pattern)?;
                }
                self.term(right)
            }
            Term::Fold(_, over, pattern, args) => {
                self.term(over)?;
                self.pattern(pattern)?;
                args.iter().try_for_each(|arg| self.term(arg))
            }
            Term::TryCatch(of, catch) => {
                self.term(of)?;
                catch.iter().try_for_each(|catch| self.term(catch))
            }
            Term::IfThenElse(cases, other) => {
                for (when, then) in cases {
                    self.term(when)?;
                    self.term(then)?;
                }
                other.iter().try_for_each(|other| self.term(other))
            }
            Term::Def(defs, of) => {
                let outer = self.0.len();
                self.definitions(defs)?;
                self.term(of)?;
                self.0.truncate(outer);
                Ok(())
            }
            Term::Call(name, args) => {
                self.call(name, args.len())?;
                args.iter().try_for_each(|arg| self.term(arg))
            }
            Term::Path(of, path) => {
                self.term(of)?;
                self.path(path)
            }
        }
    }

    fn string(
        &mut self,
        format: Option<&'s str>,
        parts: &[StrPart<&'s str, Term<&'s str>>],
    ) -> Result<(), Finding<'s>> {
        format.map_or(Ok(()), |format| self.call(format, 0))?;
        parts.iter().try_for_each(|part| match part {
            StrPart::Term(term) => self.term(term),
            StrPart::Str(_) | StrPart::Char(_) => Ok(()),
        })
    }

    fn pattern(&mut self, pattern: &Pattern<&'s str>) -> Result<(), Finding<'s>> {
        match pattern {
            Pattern::Var(_) => Ok(()),
            Pattern::Arr(parts) => parts.iter().try_for_each(|part| self.pattern(part)),
            Pattern::Obj(parts) => parts.iter().try_for_each(|(key, part)| {
                self.term(key)?;
                self.pattern(part)
            }),
        }
    }

    fn path(&mut self, path: &Path<Term<&'s str>>) -> Result<(), Finding<'s>> {
        path.0.iter().try_for_each(|(part, _)| match part {
            Part::Index(at) => self.term(at),
            Part::Range(from, to) => from.iter().chain(to).try_for_each(|bound| self.term(bound)),
        })
    }
}
