//! The files of the tree, and just enough reading of Rust to tell code from comments, strings and tests.

use std::{fs, path::Path};

use regex::Regex;

/// A file of the tree.
pub struct File {
    /// From the root of the project, with `/`.
    pub path: String,
    pub text: String,
    /// The code without comments, the insides of strings, and tests; line for line as in the text. Empty where the file is a test.
    pub product: String,
}

impl File {
    pub fn new(path: &str, text: &str) -> Self {
        let is_test = path.ends_with("/tests.rs") || path.contains("/tests/");
        let product = if is_test || ending(path) != "rs" {
            String::new()
        } else {
            without_tests(&blanked(text))
        };
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            product,
        }
    }

    pub fn complaint(&self, line: usize, what: &str, cure: &str) -> String {
        format!("{}:{line}: {what}; {cure}", self.path)
    }

    /// The top-level module.
    pub fn layer(&self) -> &str {
        self.path
            .split('/')
            .nth(1)
            .map_or("", |part| part.trim_end_matches(".rs"))
    }

    /// Every top-level module of ours that the code names, with its line.
    pub fn names_of_ours(&self) -> Vec<(usize, String)> {
        let inside = self
            .path
            .trim_end_matches("/mod.rs")
            .trim_end_matches(".rs");
        let to_the_root = "super::".repeat(inside.split('/').count() - 1);
        let roots = ["crate::", "tierone::", to_the_root.as_str()];
        roots
            .iter()
            .flat_map(|root| paths(&self.product, root))
            .collect()
    }
}

pub fn tree() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let local = name == ".git" || name.starts_with("target");
            if path.is_dir() && !local {
                folders.push(path);
            } else if !local && let Ok(text) = fs::read_to_string(&path) {
                let relative = path
                    .strip_prefix(root)
                    .unwrap()
                    .to_string_lossy()
                    .replace('\\', "/");
                files.push(File::new(&relative, &text));
            }
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

pub fn ending(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, ending)| ending)
}

pub fn rust<'a>(files: &'a [File], under: &'a str) -> impl Iterator<Item = &'a File> {
    files
        .iter()
        .filter(move |file| file.path.starts_with(under) && ending(&file.path) == "rs")
}

pub fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap()
}

pub fn from(text: &str, place: usize) -> &str {
    text.get(place..).unwrap_or_default()
}

pub fn line_at(text: &str, place: usize) -> usize {
    text.get(..place).unwrap_or_default().matches('\n').count() + 1
}

/// What follows `root` in a path, with its line: `b` in `root::b::c`; `b` and `d` in `root::{b::c, d}`.
pub fn paths(code: &str, root: &str) -> Vec<(usize, String)> {
    let word = pattern(r"^\s*(\w+)");
    let mut found = Vec::new();
    for (start, _) in code.match_indices(root) {
        let before = code.get(..start).unwrap_or_default();
        let joined = before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
        if joined {
            continue;
        }
        let after = start + root.len();
        let mut depth = 0_usize;
        for (at, char) in from(code, after).char_indices() {
            match char {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            let begins = (depth == 0 && at == 0) || (depth == 1 && matches!(char, '{' | ','));
            let place = after + at + usize::from(depth == 1);
            if let Some(name) = begins
                .then(|| word.captures(from(code, place)))
                .flatten()
                .and_then(|c| c.get(1))
            {
                found.push((
                    line_at(code, place + name.start()),
                    name.as_str().to_owned(),
                ));
            }
            if depth == 0 {
                break;
            }
        }
    }
    found
}

/// The function at the start of `code`, to its last bracket.
pub fn body(code: &str) -> &str {
    let mut depth = 0_usize;
    for (at, char) in code.char_indices() {
        match char {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && matches!(char, '}' | ';') {
            return code.get(..=at).unwrap_or(code);
        }
    }
    code
}

/// `code` up to its `#[cfg(test)] mod NAME {`, which is its last part.
fn without_tests(code: &str) -> String {
    let tests = pattern(r"#\[cfg\(test\)\]\s*mod \w+ \{");
    let end = tests.find(code).map_or(code.len(), |found| found.start());
    code.get(..end).unwrap_or_default().to_owned()
}

/// `text` with comments, strings and characters made blank, and every line in its place.
fn blanked(text: &str) -> String {
    let token = pattern(
        r#"(?x) //[^\n]*                               # comment to the end of the line
          | (?s:/\*.*?\*/)                             # comment between marks
          | \br\x23(?s:".*?"\x23) | \bb?r(?s:"[^"]*")      # raw strings
          | b?"(?s:\\.|[^"\\])*"                       # strings
          | b?'(?:\\[^\n']+|\\'|[^'\\\n])'             # characters, which lifetimes are not"#,
    );
    let blank = |found: &regex::Captures<'_>| found[0].replace(|c: char| c != '\n', " ");
    token.replace_all(text, blank).into_owned()
}
