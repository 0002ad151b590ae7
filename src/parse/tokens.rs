//! Splits C text into tokens.

use crate::error::{Error, ErrorKind, Result};

/// A token. Texts are parts of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// An identifier or keyword.
    Word(&'t str),
    /// A number, with its suffix.
    Number(&'t str),
    /// A character constant, without its quotes.
    Character(&'t str),
    /// A string, without its quotes.
    Text(&'t str),
    /// An operator or other punctuation.
    Mark(&'t str),
    /// The end of the text.
    End,
}

/// A place in the text, with the token that was read there. A copy of it can read ahead.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tokens<'t> {
    text: &'t str,
    /// The offset of the first byte after the token.
    next: usize,
    /// The token, and the offset of its first byte.
    pub(super) token: Token<'t>,
    pub(super) start: usize,
    /// The offset of the first byte after the token before it.
    pub(super) end_of_last: usize,
}

/// The marks of more than one character, the longest first.
const LONG_MARKS: [&str; 10] = ["...", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "->"];

/// The directives that have no effect on types, as far as their first words.
const HARMLESS: [&str; 7] = [
    "line ",
    "pragma GCC ",
    "pragma clang ",
    "pragma STDC ",
    "pragma once",
    "ident ",
    "pragma weak ",
];

impl<'t> Tokens<'t> {
    /// Reads the first token.
    pub(super) fn new(text: &'t str) -> Result<Tokens<'t>> {
        // A byte order mark.
        let next = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let mut tokens = Tokens { text, next, token: Token::End, start: 0, end_of_last: 0 };
        tokens.advance()?;
        Ok(tokens)
    }

    /// Reads the next token. At the end of the text the token stays [`Token::End`].
    pub(super) fn advance(&mut self) -> Result<()> {
        self.end_of_last = self.next;
        self.skip_space()?;
        self.start = self.next;
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            self.token = Token::End;
            return Ok(());
        };
        let second = rest.chars().nth(1);
        if is_letter(first) {
            let word = prefix(rest, |c| is_letter(c) || c.is_ascii_digit());
            self.take(Token::Word(word), word.len());
        } else if first.is_ascii_digit()
            || (first == '.' && second.is_some_and(|second| second.is_ascii_digit()))
        {
            let number = prefix(rest, |c| is_letter(c) || c.is_ascii_digit() || c == '.');
            self.take(Token::Number(number), number.len());
        } else if matches!(first, '\'' | '"') {
            let inner = self.quoted(rest, first)?;
            let token = if first == '"' { Token::Text(inner) } else { Token::Character(inner) };
            self.take(token, inner.len() + 2);
        } else if first.is_ascii_punctuation() && !matches!(first, '#' | '@' | '`' | '\\') {
            let long = LONG_MARKS.into_iter().find(|mark| rest.starts_with(mark));
            let length = long.map_or(1, str::len);
            self.take(Token::Mark(rest.get(..length).unwrap_or_default()), length);
        } else {
            let character = first.escape_debug();
            return Err(self.error(self.start, &format!("'{character}' cannot stand here")));
        }
        Ok(())
    }

    fn take(&mut self, token: Token<'t>, length: usize) {
        self.token = token;
        self.next += length;
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.next..).unwrap_or_default()
    }

    /// Skips white space, comments and the directives that have no effect.
    fn skip_space(&mut self) -> Result<()> {
        // A directive stands at the start of a line.
        let mut is_line_start = self.next == 0 || self.start == 0 && self.token == Token::End;
        loop {
            let rest = self.rest();
            let start = self.next;
            if rest.starts_with("//") {
                self.next += line(rest).len();
            } else if rest.starts_with("/*") {
                let inside = rest.get(2..).unwrap_or_default();
                let Some(end) = inside.find("*/") else {
                    return Err(self.error(start, "the comment does not end"));
                };
                self.next += end + 4;
            } else if rest.starts_with('#') && is_line_start {
                self.directive(line(rest))?;
            } else if let Some(length) = line_break(rest.strip_prefix('\\').unwrap_or_default()) {
                self.next += 1 + length;
            } else {
                match rest.chars().next() {
                    Some(c) if c.is_ascii_whitespace() || c == '\u{b}' => {
                        is_line_start |= c == '\n';
                        self.next += 1;
                    }
                    _ => return Ok(()),
                }
            }
        }
    }

    fn directive(&mut self, line: &str) -> Result<()> {
        let words = line.get(1..).unwrap_or_default().trim_ascii();
        let is_marker = words.is_empty() || words.starts_with(|c: char| c.is_ascii_digit());
        if is_marker || HARMLESS.iter().any(|harmless| words.starts_with(harmless.trim_end())) {
            self.next += line.len();
            return Ok(());
        }
        let name = words.split(|c: char| !is_letter(c)).next().unwrap_or_default();
        let message = if name == "pragma" {
            let pragma: String = words.chars().take(40).collect();
            format!(
                "'#{pragma}' may change layouts; write __attribute__((packed)) or aligned instead"
            )
        } else {
            format!("'#{name}' needs a preprocessor: pass the text through 'gcc -E -P'")
        };
        Err(self.error(self.next, &message))
    }

    /// What stands between two quotes.
    fn quoted(&self, rest: &'t str, quote: char) -> Result<&'t str> {
        let inside = rest.get(1..).unwrap_or_default();
        let mut escaped = false;
        for (index, character) in inside.char_indices() {
            match character {
                '\n' => break,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                _ if character == quote => return Ok(inside.get(..index).unwrap_or_default()),
                _ => {}
            }
        }
        Err(self.error(self.start, &format!("the closing {quote} is missing in this line")))
    }

    /// An error at an offset of the text. `message` is one sentence.
    pub(super) fn error(&self, offset: usize, message: &str) -> Error {
        self.error_of(ErrorKind::InvalidArgument, offset, message)
    }

    pub(super) fn error_of(&self, kind: ErrorKind, offset: usize, message: &str) -> Error {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Error::new(kind, format!("line {line}, column {column}: {message}"))
    }
}

fn is_letter(character: char) -> bool {
    character.is_ascii_alphabetic()
        || matches!(character, '_' | '$')
        || (!character.is_ascii() && character.is_alphanumeric())
}

fn prefix(text: &str, belongs: impl Fn(char) -> bool) -> &str {
    let end = text.find(|c| !belongs(c)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// The length of a line break at the start of a text.
fn line_break(text: &str) -> Option<usize> {
    ["\n", "\r\n"].into_iter().find(|end| text.starts_with(end)).map(str::len)
}

/// The text up to the end of its line, which may be continued by a backslash.
fn line(text: &str) -> &str {
    let is_end = |&(end, _): &(usize, &str)| {
        let line = text.get(..end).unwrap_or_default();
        !line.strip_suffix('\r').unwrap_or(line).ends_with('\\')
    };
    let end = text.match_indices('\n').find(is_end).map_or(text.len(), |(end, _)| end);
    text.get(..end).unwrap_or_default()
}
