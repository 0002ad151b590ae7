//! Paths: where in a type something was found.

use std::fmt::Write;

use crate::ctype::Name;

/// One step from a type to a part of it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'t> {
    /// Behind a pointer.
    Pointee,
    /// A member.
    Member(&'t Name),
    /// A member without a name, by its offset in bytes.
    Unnamed(u64),
    /// An element of an array.
    Element,
    /// A parameter of a function behind a pointer, counted from 1.
    Parameter(usize),
    /// The result of such a function.
    Result,
}

/// A path, as its number in [`Paths`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Path(usize);

impl Path {
    /// The whole type at a position.
    pub(super) const ROOT: Path = Path(0);
}

/// All paths. Each one consists of another path and one more step.
#[derive(Default)]
pub(super) struct Paths<'t> {
    steps: Vec<(Path, Step<'t>)>,
}

/// The text of a path has at most this many steps, the last ones.
const STEPS: usize = 24;

impl<'t> Paths<'t> {
    /// The path with one step more than `path`.
    pub(super) fn behind(&mut self, path: Path, step: Step<'t>) -> Path {
        self.steps.push((path, step));
        Path(self.steps.len())
    }

    /// Whether the path has exactly one step.
    pub(super) fn is_first(&self, path: Path) -> bool {
        let step = path.0.checked_sub(1).and_then(|at| self.steps.get(at));
        step.is_some_and(|(before, _)| *before == Path::ROOT)
    }

    /// The path as text, such as `→ st_mtim.tv_nsec`. An arrow follows a pointer.
    pub(super) fn text(&self, path: Path) -> String {
        let mut steps = Vec::new();
        let mut at = path;
        while let Some(&(before, step)) = at.0.checked_sub(1).and_then(|at| self.steps.get(at)) {
            steps.push(step);
            at = before;
            if steps.len() == STEPS {
                break;
            }
        }
        let mut text = if at == Path::ROOT { String::new() } else { "…".to_owned() };
        let mut behind_pointer = false;
        for step in steps.into_iter().rev() {
            let arrow = behind_pointer;
            behind_pointer = false;
            // Writing to a String cannot fail.
            let _ = match step {
                Step::Pointee => {
                    behind_pointer = true;
                    if arrow {
                        text.push_str(" pointee");
                    }
                    write!(text, "{}→", if text.is_empty() { "" } else { " " })
                }
                Step::Member(name) if arrow => write!(text, " {name}"),
                Step::Member(name) => write!(text, ".{name}"),
                Step::Unnamed(offset) if arrow => write!(text, " (offset {offset})"),
                Step::Unnamed(offset) => write!(text, ".(offset {offset})"),
                Step::Element => write!(text, "{}[]", if arrow { " " } else { "" }),
                Step::Parameter(number) => write!(text, " parameter {number}"),
                Step::Result => write!(text, " result"),
            };
        }
        if behind_pointer {
            text.push_str(" pointee");
        }
        // The text begins with a space if the first step is a parameter or a result.
        text.trim_start().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_follow_pointers() {
        let (mtim, nsec): (Name, Name) = ("st_mtim".into(), "tv_nsec".into());
        let mut paths = Paths::default();
        assert_eq!(paths.text(Path::ROOT), "");
        let pointee = paths.behind(Path::ROOT, Step::Pointee);
        assert_eq!(paths.text(pointee), "→ pointee");
        let member = paths.behind(pointee, Step::Member(&mtim));
        let inner = paths.behind(member, Step::Member(&nsec));
        assert_eq!(paths.text(inner), "→ st_mtim.tv_nsec");
        let element = paths.behind(inner, Step::Element);
        let far = paths.behind(element, Step::Pointee);
        let farther = paths.behind(far, Step::Pointee);
        let unnamed = paths.behind(farther, Step::Unnamed(8));
        assert_eq!(paths.text(unnamed), "→ st_mtim.tv_nsec[] → pointee → (offset 8)");
        let parameter = paths.behind(pointee, Step::Parameter(2));
        let behind = paths.behind(parameter, Step::Pointee);
        assert_eq!(paths.text(behind), "→ parameter 2 → pointee");
        let mut deep = Path::ROOT;
        for _ in 0..100 {
            deep = paths.behind(deep, Step::Member(&mtim));
        }
        assert!(paths.text(deep).starts_with("….st_mtim"));
    }
}
