//! What bindings write on purpose: stand-ins, prefixes with a size beside them, records that begin with others.

use ffitypecheck::abi;
use ffitypecheck::ctype::{Kind, Member, Name, Qualifier, RecordClass, TypeId};

use super::Reader;

impl Reader<'_> {
    /// A claimed record that names nothing of the declared one.
    pub fn says_nothing(self, d: TypeId, c: TypeId) -> bool {
        let (Some(declared), Some(claimed)) = (self.record(d), self.record(c)) else {
            return false;
        };
        let shrunk = abi::size_of(self.types, c) < abi::size_of(self.types, d);
        let one_for_many = claimed.members.len() == 1 && declared.members.len() > 1 && shrunk;
        one_for_many || claimed.members.iter().all(is_padding)
    }

    /// The library cannot write what it points to.
    pub fn is_const(self, mut id: TypeId) -> bool {
        loop {
            id = match self.types.get(id).kind {
                Kind::Qualified { qualifier: Qualifier::Const, .. } => return true,
                Kind::Qualified { target, .. } | Kind::Typedef { target } => target,
                _ => return false,
            }
        }
    }

    /// An argument beside this one, or the record's first member, has the size in bytes.
    pub fn tells_its_size(self, d: TypeId) -> bool {
        let member = self.record(d).and_then(|record| record.members.first());
        let beside = self.argument.into_iter().flat_map(|(function, index)| {
            let before = index.checked_sub(1);
            before.into_iter().chain([index + 1]).filter_map(|at| function.parameters.get(at))
        });
        let beside = beside.map(|parameter| match self.kind(parameter.ty) {
            Kind::Pointer { target, .. } => (parameter.name.as_ref(), *target),
            _ => (parameter.name.as_ref(), parameter.ty),
        });
        member
            .map(|member| (member.name.as_ref(), member.ty))
            .into_iter()
            .chain(beside)
            .any(|(name, ty)| self.is_size(name, ty))
    }

    fn is_size(self, name: Option<&Name>, ty: TypeId) -> bool {
        let ends = |name: &Name| {
            let name = name.as_str().to_ascii_lowercase();
            let name = name.trim_matches('_');
            ["len", "length", "size", "sz", "bytes"].iter().any(|end| name.ends_with(end))
        };
        let type_name = self.types.get(ty).name.as_ref();
        let socklen = type_name.is_some_and(|name| name.as_str().ends_with("socklen_t"));
        let number = self.scalar(ty).is_some_and(|scalar| scalar.is_number());
        number && (socklen || name.is_some_and(ends))
    }

    /// Whether the claimed record is another one, which begins with the declared one. `None`: whether their names are
    /// two is not clear.
    pub fn begins_with(self, c: TypeId, d: TypeId) -> Option<bool> {
        let Some(claimed) = self.record(c) else { return Some(false) };
        let nested = claimed.members.first().is_some_and(|first| {
            first.offset == 0
                && claimed.class != RecordClass::Union
                && first.bits.is_none()
                && matches!(self.kind(first.ty), Kind::Record(_))
                && abi::size_of(self.types, first.ty) == abi::size_of(self.types, d)
        });
        if nested {
            return Some(true);
        }
        let name = |id: TypeId| {
            let tag = self.types.resolved(id).name.as_ref();
            tag.or_else(|| self.types.get(id).name.as_ref()).map(|name| name.as_str())
        };
        let (Some(ours), Some(theirs)) = (name(d), name(c)) else { return Some(false) };
        if ours == theirs {
            return Some(false);
        }
        let letters = |name: &str| -> String {
            name.chars().filter(|one| *one != '_').collect::<String>().to_ascii_lowercase()
        };
        let (ours, theirs) = (letters(ours), letters(theirs));
        let one = ours.contains(&theirs) || theirs.contains(&ours);
        (!one).then_some(true)
    }

    /// Row 43: whether the claimed record is called as another one. `None`: whether their names are two, or whether one begins with
    /// the other, is not clear.
    pub fn called_as_another(self, d: TypeId, c: TypeId) -> Option<bool> {
        let (ours, theirs) = (self.names_of(d), self.names_of(c));
        // What a mutant brings along has no name that the library knows.
        let own = |name: &String| matches!(name.as_str(), "ofamutant" | "anothertag");
        let known = !ours.is_empty() && !theirs.is_empty() && !theirs.iter().any(own);
        if !known || ours.iter().any(|name| theirs.contains(name)) {
            return Some(false);
        }
        let one =
            |a: &String| theirs.iter().any(|b| a.contains(b.as_str()) || b.contains(a.as_str()));
        let begins = |record, other: &[String]| {
            let mut first = record;
            for _ in 0..16 {
                match self.record(first).and_then(|record| record.members.first()) {
                    Some(member) if member.offset == 0 => first = member.ty,
                    _ => return false,
                }
                if self.names_of(first).iter().any(|name| other.contains(name)) {
                    return true;
                }
            }
            false
        };
        let unclear = ours.iter().any(one) || begins(d, &theirs) || begins(c, &ours);
        (!unclear).then_some(true)
    }

    /// What a record is called, behind typedefs, in small letters without underscores.
    fn names_of(self, mut id: TypeId) -> Vec<String> {
        let mut names = Vec::new();
        if !matches!(self.kind(id), Kind::Record(_)) {
            return names;
        }
        loop {
            let ty = self.types.get(id);
            let name =
                ty.name.iter().map(|name| name.as_str().replace('_', "").to_ascii_lowercase());
            names.extend(name);
            id = match ty.kind {
                Kind::Qualified { target, .. } | Kind::Typedef { target } => target,
                _ => return names,
            }
        }
    }
}

/// A member that is there for its bytes only.
fn is_padding(member: &Member) -> bool {
    let Some(name) = &member.name else { return false };
    let name = name.as_str().trim_start_matches('_').to_ascii_lowercase();
    let words = ["opaque", "unused", "dummy", "reserved", "private", "priv", "placeholder"];
    name.is_empty() || words.iter().any(|word| name.starts_with(word))
}
