//! Parses the name of a type in a query: `struct stat`, `unsigned long`, `ns::foo`.

use super::base::canonical_name;
use crate::ctype::Keyword;
use crate::error::{Error, ErrorKind, Result};

/// The name of a type in a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TypeName {
    /// The whole name, with single spaces.
    pub(crate) text: String,
    /// Its keyword. Without a keyword the name is that of a typedef or a base type, and in C++ of any type.
    pub(crate) keyword: Option<Keyword>,
    /// The namespaces and classes that enclose it, outermost first.
    pub(crate) scopes: Vec<String>,
    /// The last part of the name.
    pub(crate) last: String,
}

impl TypeName {
    /// Parses a name. Spacing does not matter.
    ///
    /// Errors: `InvalidArgument`: the name is empty, or is more than a name (`char *`, `const int`, `int[3]`).
    pub(crate) fn parse(name: &str) -> Result<TypeName> {
        let words: Vec<&str> = name.split_whitespace().collect();
        let (keyword, count) = match words.as_slice() {
            ["struct" | "class", ..] => (Some(Keyword::Struct), 1),
            ["union", ..] => (Some(Keyword::Union), 1),
            ["enum", "class" | "struct", ..] => (Some(Keyword::Enum), 2),
            ["enum", ..] => (Some(Keyword::Enum), 1),
            _ => (None, 0),
        };
        let text = words.join(" ");
        let rest = words.get(count..).unwrap_or_default().join(" ");
        let parts = parts(rest.strip_prefix("::").unwrap_or(&rest));
        let (Some((last, scopes)), true) = (parts.split_last(), is_name(&rest)) else {
            let message = if text.is_empty() {
                "the name of the type is empty".to_owned()
            } else {
                format!("'{text}' is not the name of a type alone")
            };
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        };
        Ok(TypeName { keyword, scopes: scopes.to_vec(), last: last.clone(), text })
    }

    /// The fixed form of the name if it is that of a base type: gcc's `long unsigned int` is clang's `unsigned long`.
    pub(crate) fn base(&self) -> Option<&'static str> {
        match (self.keyword, self.scopes.is_empty()) {
            (None, true) => canonical_name(&self.last),
            _ => None,
        }
    }
}

/// Splits a name at `::`, but not inside the arguments of a template or the parameters of a function.
fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_usize;
    let mut rest = name;
    while let Some(next) = rest.chars().next() {
        if let (0, Some(after)) = (depth, rest.strip_prefix("::")) {
            parts.push(String::new());
            rest = after;
            continue;
        }
        match next {
            '<' | '(' => depth += 1,
            '>' | ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(next);
        }
        rest = rest.get(next.len_utf8()..).unwrap_or_default();
    }
    parts.into_iter().map(|part| part.trim().to_owned()).collect()
}

/// Whether it is only a name, with no declarator and no qualifier outside of template arguments.
fn is_name(name: &str) -> bool {
    let mut depth = 0_usize;
    let mut outside = String::new();
    for character in name.chars() {
        match character {
            '<' | '(' => depth += 1,
            '>' | ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => outside.push(character),
            _ => {}
        }
    }
    let qualifier = |word: &str| matches!(word, "const" | "volatile" | "restrict" | "_Atomic");
    let declarator = |character| matches!(character, '*' | '&' | '[' | ']' | '{' | '}' | ';' | '=');
    !name.is_empty() && !outside.contains(declarator) && !outside.split(' ').any(qualifier)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_scopes_and_names() {
        use Keyword::{Enum, Struct, Union};
        for (name, text, keyword, scopes, last) in [
            ("struct stat", "struct stat", Some(Struct), &[][..], "stat"),
            ("  union \t x ", "union x", Some(Union), &[], "x"),
            ("enum class ns::e", "enum class ns::e", Some(Enum), &["ns"], "e"),
            ("class ns::foo", "class ns::foo", Some(Struct), &["ns"], "foo"),
            ("sqlite3_module", "sqlite3_module", None, &[], "sqlite3_module"),
            ("unsigned  long", "unsigned long", None, &[], "unsigned long"),
            ("::a::b", "::a::b", None, &["a"], "b"),
            ("a<b::c, d*>::e<f(g*)>", "a<b::c, d*>::e<f(g*)>", None, &["a<b::c, d*>"], "e<f(g*)>"),
            (
                "n::(anonymous namespace)::t",
                "n::(anonymous namespace)::t",
                None,
                &["n", "(anonymous namespace)"],
                "t",
            ),
            ("structure", "structure", None, &[], "structure"),
        ] {
            let parsed = TypeName::parse(name).unwrap();
            assert_eq!(parsed.text, text);
            assert_eq!(
                (parsed.keyword, parsed.scopes.as_slice()),
                (keyword, scopes.iter().map(|&s| s.to_owned()).collect::<Vec<_>>().as_slice()),
                "{name}"
            );
            assert_eq!(parsed.last, last);
        }
    }

    #[test]
    fn what_is_no_name() {
        for name in [
            "",
            "  ",
            "struct",
            "enum class",
            "char *",
            "const int",
            "int[3]",
            "struct s { int a; }",
            "T &",
        ] {
            let error = TypeName::parse(name).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{name}: {error}");
        }
    }

    #[test]
    fn one_name_for_a_base_type() {
        for name in ["unsigned long", "long unsigned int", "unsigned long int", "long unsigned"] {
            assert_eq!(TypeName::parse(name).unwrap().base(), Some("unsigned long"));
        }
        assert_eq!(TypeName::parse("size_t").unwrap().base(), None);
        assert_eq!(TypeName::parse("struct int").unwrap().base(), None);
    }
}
