//! Finds the identifiers of preprocessed C without parsing it.

use std::collections::{BTreeMap, HashMap};

use super::typedefs::Typedefs;

/// The index of a file, and a line in it.
type Position = (usize, u64);

/// The identifiers of a preprocessed file, and where they are declared.
#[derive(Default)]
pub struct Tokens {
    files: Vec<String>,
    /// For each identifier, its first place outside of parentheses and braces. Declarations have their names there.
    places: HashMap<String, Option<Position>>,
    /// The types with a tag (`struct stat`) or a typedef name, and where they are defined.
    types: BTreeMap<String, Option<Position>>,
}

impl Tokens {
    pub fn read(text: &str) -> Tokens {
        let mut reader = Reader::default();
        let mut position = (reader.tokens.file(""), 0);
        for content in text.lines() {
            position.1 += 1;
            if let Some((number, name)) = line_marker(content) {
                position = (reader.tokens.file(name), number - 1);
                continue;
            }
            if content.trim_start().starts_with('#') {
                continue;
            }
            let mut rest = content;
            while let Some(first) = rest.chars().next() {
                let length = match first {
                    '"' | '\'' => literal(rest, first),
                    c if c.is_alphanumeric() || c == '_' => {
                        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
                        rest.find(|c| !is_part(c)).unwrap_or(rest.len())
                    }
                    c => c.len_utf8(),
                };
                let (token, behind) = rest.split_at(length);
                if !first.is_whitespace() {
                    reader.token(token, first, position);
                }
                rest = behind;
            }
        }
        reader.tokens
    }

    pub fn mentions(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }

    /// The file and line that declare a function or variable.
    pub fn place_of(&self, name: &str) -> Option<(&str, u64)> {
        self.place(*self.places.get(name)?)
    }

    /// The types with a tag (`struct stat`) or a typedef name.
    pub fn types(&self) -> impl Iterator<Item = &str> {
        self.types.keys().map(String::as_str)
    }

    /// The file and line that define a type.
    pub fn place_of_type(&self, name: &str) -> Option<(&str, u64)> {
        self.place(*self.types.get(name)?)
    }

    fn place(&self, position: Option<Position>) -> Option<(&str, u64)> {
        let (file, line) = position?;
        Some((self.files.get(file)?, line))
    }

    fn file(&mut self, name: &str) -> usize {
        match self.files.iter().position(|file| file == name) {
            Some(file) => file,
            None => {
                self.files.push(name.to_owned());
                self.files.len() - 1
            }
        }
    }
}

#[derive(Default)]
struct Reader {
    tokens: Tokens,
    /// The number of open parentheses, brackets and braces.
    depth: usize,
    /// A `struct`, `union` or `enum` at this depth whose tag follows. A tag is not in the name space of declarations.
    keyword: Option<(String, usize)>,
    /// The type whose tag was the previous token, and its place.
    tagged: Option<(String, Position)>,
    typedefs: Typedefs,
}

impl Reader {
    fn token(&mut self, token: &str, first: char, position: Position) {
        // A colon precedes the underlying type of an enumeration (C23), or the base classes of a C++ class.
        if let (Some((name, position)), "{" | ":") = (self.tagged.take(), token) {
            self.tokens.types.insert(name, Some(position));
        }
        match first {
            '(' | '{' | '[' => self.depth += 1,
            ')' | '}' | ']' => self.depth = self.depth.saturating_sub(1),
            _ if first.is_alphabetic() || first == '_' => self.identifier(token, position),
            _ => {}
        }
        if matches!(first, '{' | ';') {
            self.keyword = None;
        }
        if let Some(name) = self.typedefs.token(token, first, self.depth) {
            self.tokens.types.insert(name, Some(position));
        }
    }

    fn identifier(&mut self, name: &str, position: Position) {
        // Attributes may come between the keyword and its tag.
        let is_tag = |(_, depth): &mut (String, usize)| {
            *depth == self.depth && !name.starts_with("__attribute")
        };
        let keyword = self.keyword.take_if(is_tag);
        if let Some((keyword, _)) = &keyword {
            let name = format!("{keyword} {name}");
            self.tokens.types.entry(name.clone()).or_default();
            self.tagged = Some((name, position));
        }
        let place = Some(position).filter(|_| self.depth == 0 && keyword.is_none());
        match self.tokens.places.get_mut(name) {
            Some(known) => *known = known.or(place),
            None => _ = self.tokens.places.insert(name.to_owned(), place),
        }
        if matches!(name, "struct" | "union" | "enum") {
            self.keyword = Some((name.to_owned(), self.depth));
        }
    }
}

/// Parses `# 12 "/usr/include/string.h" 1 3`.
fn line_marker(line: &str) -> Option<(u64, &str)> {
    let rest = line.strip_prefix("# ").or_else(|| line.strip_prefix("#line "))?;
    let (number, rest) = rest.split_once(" \"")?;
    let (name, _) = rest.split_once('"')?;
    Some((number.parse().ok()?, name)).filter(|(number, _)| *number > 0)
}

/// The length of a literal, quotes included. A literal without an end extends to the end of the line.
pub(super) fn literal(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_their_places() {
        let text = "# 1 \"a.h\"\n\
                    extern int open (const char *file, int flags) __asm__ (\"\" \"open64\");\n\
                    # 10 \"dir/b.h\" 1 3\n\
                    struct __attribute__((__packed__)) file { int member; };\n\
                    \n\
                    char quote = '\"', *text = \"it's \\\" hidden\"; int (*pointer)(void);\n\
                    extern int file;\n\
                    #pragma pack\n\
                    long 0x12ul after;\n";
        let tokens = Tokens::read(text);
        assert_eq!(tokens.place_of("open"), Some(("a.h", 2 - 1)));
        assert_eq!(tokens.place_of("quote"), Some(("dir/b.h", 12)));
        assert_eq!(tokens.place_of("text"), Some(("dir/b.h", 12)));
        assert_eq!(tokens.place_of("file"), Some(("dir/b.h", 13)));
        assert_eq!(tokens.place_of("after"), Some(("dir/b.h", 15)));
        assert!(tokens.mentions("pointer") && tokens.mentions("member"));
        assert_eq!(tokens.place_of("member"), None);
        assert_eq!(tokens.types().collect::<Vec<_>>(), ["struct file"]);
        assert_eq!(tokens.place_of_type("struct file"), Some(("dir/b.h", 10)));
        for name in ["open64", "hidden", "pragma", "x12ul", "none"] {
            assert!(!tokens.mentions(name), "{name}");
        }
    }
}
