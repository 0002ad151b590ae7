//! Finds the names that typedefs declare.

/// Reads tokens and finds the names in declarations such as `typedef struct s s_t, *s_p;` and
/// `typedef int (*compare)(const void *);`.
#[derive(Default)]
pub struct Typedefs {
    /// The depth of parentheses, brackets and braces around the typedef that is being read.
    outside: Option<usize>,
    /// A possible name, and whether it is certainly the name.
    name: Option<String>,
    is_sure: bool,
    /// Whether the token before was a parenthesis, or a star that follows a parenthesis.
    opened: bool,
    starred: bool,
}

impl Typedefs {
    /// Takes the next token, its first character, and the depth after it. Returns a name at the end of its
    /// declarator.
    pub fn token(&mut self, token: &str, first: char, depth: usize) -> Option<String> {
        let Some(outside) = self.outside else {
            if token == "typedef" {
                *self = Typedefs { outside: Some(depth), ..Typedefs::default() };
            }
            return None;
        };
        let (opened, starred) = (self.opened, self.starred);
        (self.opened, self.starred) = (false, false);
        match first {
            ';' | ',' if depth <= outside => {
                let name = self.name.take();
                self.is_sure = false;
                if first == ';' {
                    self.outside = None;
                }
                return name;
            }
            // Lists of parameters also begin here, but with no star after the parenthesis.
            '(' => self.opened = depth == outside + 1 || starred,
            '*' => self.starred = opened || starred,
            _ if !(first.is_alphabetic() || first == '_') => {}
            _ if is_qualifier(token) => self.starred = starred,
            // Attributes come after the name.
            _ if token.starts_with("__attribute") || token.starts_with("__asm") => {}
            _ if depth == outside && !self.is_sure => self.name = Some(token.to_owned()),
            _ if depth > outside && starred && !self.is_sure => {
                self.name = Some(token.to_owned());
                self.is_sure = true;
            }
            _ => {}
        }
        None
    }
}

/// The qualifiers of C in gcc's and clang's spellings. They may stand where the name is expected.
fn is_qualifier(token: &str) -> bool {
    let bare = token.trim_matches('_');
    matches!(token, "_Atomic" | "_Nonnull" | "_Nullable" | "_Null_unspecified")
        || matches!(bare, "const" | "volatile" | "restrict")
            && (bare == token || token.starts_with("__"))
}

#[cfg(test)]
mod tests {
    use crate::header::tokens::Tokens;

    #[test]
    fn names_of_typedefs() {
        for (text, expected) in [
            ("typedef unsigned long size_type;", &["size_type"][..]),
            ("typedef struct { int a, b; } pair, *pairs;", &["pair", "pairs"]),
            ("typedef int (*compare)(const void *a, void *(*b)(int));", &["compare"]),
            ("typedef int call(int (*inner)(void)), other;", &["call", "other"]),
            ("typedef char name[4][8] __attribute__((aligned(16)));", &["name"]),
            ("typedef __attribute__((aligned(8))) long wide;", &["wide"]),
            ("typedef void (**handlers)(int);", &["handlers"]),
            ("typedef char (*const row)[3];", &["row"]),
            ("typedef char (*__const__ *const volatile rows)[3];", &["rows"]),
            ("typedef int *const fixed, word;", &["fixed", "word"]),
            ("typedef void (*(*const signals)(int, void (*)(int)))(int);", &["signals"]),
            ("typedef int (*restrict p), (*volatile q)(int const);", &["p", "q"]),
            ("typedef __typeof__(sizeof(0)) size; int x, y;", &["size"]),
            ("int typedefs, other;", &[]),
        ] {
            let tokens = Tokens::read(text);
            assert_eq!(tokens.types().collect::<Vec<_>>(), expected, "{text}");
        }
    }
}
