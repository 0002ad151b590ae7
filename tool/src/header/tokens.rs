//! The identifiers of preprocessed C.

use std::collections::HashMap;

/// Which identifiers a preprocessed file has, and where each is declared, as far as that shows without parsing.
pub struct Tokens {
    files: Vec<String>,
    /// Of each identifier its first place outside of parentheses and braces, where declarations have their names.
    places: HashMap<String, Option<(usize, u64)>>,
}

impl Tokens {
    pub fn read(text: &str) -> Tokens {
        let mut tokens = Tokens { files: vec![String::new()], places: HashMap::new() };
        let (mut file, mut line, mut depth) = (0, 0, 0_usize);
        // Whether a tag follows, which is a name of another kind.
        let mut tag = false;
        for content in text.lines() {
            line += 1;
            if let Some((number, name)) = line_marker(content) {
                line = number - 1;
                file = tokens.file(name);
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
                match first {
                    '(' | '{' | '[' => depth += 1,
                    ')' | '}' | ']' => depth = depth.saturating_sub(1),
                    '"' | '\'' | '0'..='9' => {}
                    _ if first.is_alphabetic() || first == '_' => {
                        let place = (depth == 0 && !tag).then_some((file, line));
                        tag = matches!(token, "struct" | "union" | "enum");
                        match tokens.places.get_mut(token) {
                            Some(known) => *known = known.or(place),
                            None => _ = tokens.places.insert(token.to_owned(), place),
                        }
                    }
                    _ => {}
                }
                rest = behind;
            }
        }
        tokens
    }

    pub fn mentions(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }

    /// The file and the line that declare a name.
    pub fn place_of(&self, name: &str) -> Option<(&str, u64)> {
        let (file, line) = (*self.places.get(name)?)?;
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

/// `# 12 "/usr/include/string.h" 1 3`.
fn line_marker(line: &str) -> Option<(u64, &str)> {
    let rest = line.strip_prefix("# ").or_else(|| line.strip_prefix("#line "))?;
    let (number, rest) = rest.split_once(" \"")?;
    let (name, _) = rest.split_once('"')?;
    Some((number.parse().ok()?, name)).filter(|(number, _)| *number > 0)
}

/// The length of a literal, quotes included; to the end of the line if it has no end.
fn literal(text: &str, quote: char) -> usize {
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
                    struct file { int member; };\n\
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
        for name in ["open64", "hidden", "pragma", "x12ul", "none"] {
            assert!(!tokens.mentions(name), "{name}");
        }
    }
}
