//! The table of types: append-only, filled on first use, read without a lock.

use foldhash::{HashMap, HashMapExt};
use std::any::Any;
use std::fmt;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::{Kind, Name, Qualifier, Target, Type};

/// The number of a type in its [`Types`]. It is not valid in another table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(u32);

impl TypeId {
    /// `void`, in every table.
    pub const VOID: TypeId = TypeId(0);

    /// The number, as the C interface uses it.
    pub fn index(self) -> u32 {
        self.0
    }

    /// Makes a `TypeId` from a number. A number that the table never gave out reads as an unknown type.
    pub fn from_index(index: u32) -> TypeId {
        TypeId(index)
    }
}

/// Reads one type on first use. Implemented by the module that reads the file format.
pub trait TypeSource: Send + Sync {
    /// Reads the type with the key `key`. May call [`Types::id_of`] for the types that it refers to, but not
    /// [`Types::get`]. A type that cannot be read becomes [`Kind::Unknown`].
    fn read(&self, types: &Types, key: u64) -> Type;

    /// The key of the definition of a record or enumeration that is only declared. `None` if there is no definition.
    fn definition_of(&self, _declared: &Type) -> Option<u64> {
        None
    }

    /// The struct or union with that name in C that the exports of the library reach, see [`Types::record_named`].
    fn record_named(&self, _types: &Types, _name: &str) -> Option<Name> {
        None
    }

    /// The size in bytes of the files that the types are read from. 0 if there are none.
    fn size(&self) -> u64 {
        0
    }

    /// The source file and the line of the declaration with the key `key`. Lines are counted from 1; 0 means not
    /// known.
    fn source_of(&self, key: u64) -> Option<(Name, u64)>;
}

/// The size and alignment of a type. [`layout_of`](crate::abi::layout_of) computes it, and the table remembers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The size in bytes. `None` for an incomplete type, a function, an array of unknown length, and an unknown type.
    pub size: Option<u64>,
    /// The alignment in bytes: a power of two, at least 1.
    pub align: u64,
    /// Whether it is a C++ class that is passed and returned by invisible reference, or an array of such a class.
    /// `None` if options of the compiler change or hide how it is passed
    /// ([`Record::by_reference`](super::Record::by_reference)).
    pub by_reference: Option<bool>,
    /// Whether the true alignment may be a larger one than `align`, and larger than a pointer's. The source states a
    /// smaller alignment for a record, or for something in it, than its members have. That has an effect only if the
    /// record is also packed, and nothing shows whether it is.
    pub disputed: bool,
    /// Whether it has padding that no alignment explains. It may have a larger alignment than `align`, or it may have
    /// bit-fields without a name. Compilers do not record those, and with GCC they decide how the record is passed.
    pub unexplained: bool,
}

struct Slot {
    key: u64,
    ty: OnceLock<Type>,
    /// For a type that is only declared, its definition.
    definition: OnceLock<Option<TypeId>>,
    layout: OnceLock<Layout>,
    kept: Kept,
}

/// What the C interface keeps with a type.
type Kept = OnceLock<Box<dyn Any + Send + Sync>>;

/// Chunk `n` has `FIRST_CHUNK << n` slots. Slots never move.
const FIRST_CHUNK: u32 = 16;
const CHUNKS: usize = 24;

/// A bound on the typedefs and qualifiers on a type.
const CHAIN: usize = 64;

struct Ids {
    by_key: HashMap<u64, TypeId>,
    len: u32,
}

/// A table of types. Types are only added, never moved or changed, so the result of [`Types::get`] is valid as long as
/// the table. Any number of threads may use it at once.
pub struct Types {
    target: Target,
    source: Option<Box<dyn TypeSource>>,
    chunks: [OnceLock<Box<[OnceLock<Slot>]>>; CHUNKS],
    ids: Mutex<Ids>,
    unknown: Type,
    /// What is kept with a number that the table never gave out.
    #[cfg_attr(not(feature = "capi"), allow(dead_code))]
    kept_unknown: Kept,
    /// Types of unknown size with which something is kept. An amendment may change that.
    provisional: Mutex<Vec<TypeId>>,
}

impl Types {
    /// Makes a table that contains only `void`. [`Types::add`] fills it.
    pub fn new(target: Target) -> Types {
        Types::build(target, None)
    }

    /// A table that reads its types from `source` on first use.
    pub fn from_source(target: Target, source: Box<dyn TypeSource>) -> Types {
        Types::build(target, Some(source))
    }

    /// The size in bytes of the files that its types are read from. `None` if the table has no source.
    pub(crate) fn size_of_source(&self) -> Option<u64> {
        self.source.as_ref().map(|source| source.size())
    }

    fn build(target: Target, source: Option<Box<dyn TypeSource>>) -> Types {
        let types = Types {
            target,
            source,
            chunks: [const { OnceLock::new() }; CHUNKS],
            ids: Mutex::new(Ids { by_key: HashMap::new(), len: 0 }),
            unknown: Type::unknown("it is not in the table of types"),
            kept_unknown: Kept::new(),
            provisional: Mutex::default(),
        };
        types.add(Type::void());
        types
    }

    /// The machine that the types are laid out for.
    pub fn target(&self) -> Target {
        self.target
    }

    /// Adds a type and returns its number.
    pub fn add(&self, ty: Type) -> TypeId {
        let id = self.reserve();
        self.set(id, ty);
        id
    }

    /// Reserves a number for a type that refers to itself. [`Types::set`] sets its content.
    pub fn reserve(&self) -> TypeId {
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        self.push(&mut ids, u64::MAX)
    }

    /// Sets the content of a reserved number. Only the first call has an effect. Returns whether this was the first.
    pub fn set(&self, id: TypeId, ty: Type) -> bool {
        self.slot(id).is_some_and(|slot| slot.ty.set(ty).is_ok())
    }

    /// Changes a type that was added, such as a record that is now complete. Returns whether the table has the type.
    /// The layout of a type that contains it by value must not have been computed yet.
    pub(crate) fn amend(&mut self, id: TypeId, change: impl FnOnce(&mut Type)) -> bool {
        let provisional =
            std::mem::take(self.provisional.get_mut().unwrap_or_else(PoisonError::into_inner));
        for id in provisional {
            if let Some(slot) = self.slot_mut(id) {
                slot.kept = Kept::new();
            }
        }
        let Some(slot) = self.slot_mut(id) else { return false };
        slot.layout = OnceLock::new();
        slot.kept = Kept::new();
        slot.ty.get_mut().map(change).is_some()
    }

    fn slot_mut(&mut self, id: TypeId) -> Option<&mut Slot> {
        let (chunk, index) = place(id);
        let slots = self.chunks.get_mut(chunk)?.get_mut()?;
        slots.get_mut(index)?.get_mut()
    }

    /// Removes the types from the number `len` on. Only for a table that was built by hand, and only if no other type
    /// refers to them.
    pub(crate) fn truncate(&mut self, len: usize) {
        let ids = self.ids.get_mut().unwrap_or_else(PoisonError::into_inner);
        let len = u32::try_from(len).unwrap_or(u32::MAX).min(ids.len);
        for id in (len..ids.len).map(TypeId) {
            let (chunk, index) = place(id);
            let slots = self.chunks.get_mut(chunk).and_then(OnceLock::get_mut);
            slots.and_then(|slots| slots.get_mut(index)).and_then(OnceLock::take);
        }
        ids.len = len;
    }

    /// The number of the type with the key `key` in the source. Reads nothing.
    pub fn id_of(&self, key: u64) -> TypeId {
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&id) = ids.by_key.get(&key) {
            return id;
        }
        let id = self.push(&mut ids, key);
        ids.by_key.insert(key, id);
        id
    }

    /// The key of a type in the source. `None` if it was not read from a source.
    pub(crate) fn key_of(&self, id: TypeId) -> Option<u64> {
        self.slot(id).map(|slot| slot.key).filter(|&key| key != u64::MAX)
    }

    /// Whether the table ever gave out the number.
    pub fn contains(&self, id: TypeId) -> bool {
        self.slot(id).is_some()
    }

    /// The type with that number. It is read on first use. For a record or enumeration that is only declared in the
    /// unit of its DIE, this is the library's definition, if it has one (docs/slim.md). A number that the table never
    /// gave out, or that is reserved and not set, is [`Kind::Unknown`].
    pub fn get(&self, id: TypeId) -> &Type {
        let ty = self.declared(id);
        match ty.is_only_declared().then(|| self.definition_of(id, ty)) {
            Some(Some(definition)) => self.declared(definition),
            _ => ty,
        }
    }

    /// The definition of a type that is only declared.
    fn definition_of(&self, id: TypeId, ty: &Type) -> Option<TypeId> {
        let (source, slot) = (self.source.as_ref()?, self.slot(id)?);
        let find = || Some(self.id_of(source.definition_of(ty)?));
        *slot.definition.get_or_init(find)
    }

    /// The type as its own unit has it. If it is only declared there, this does not look for a definition.
    /// [`Types::get`] does, and may have to read the whole library. Kind and name are the same.
    pub fn declared(&self, id: TypeId) -> &Type {
        let Some(slot) = self.slot(id) else { return &self.unknown };
        match (&self.source, slot.key) {
            (Some(source), key) if key != u64::MAX => {
                slot.ty.get_or_init(|| source.read(self, key))
            }
            _ => slot.ty.get().unwrap_or(&self.unknown),
        }
    }

    pub(crate) fn known_layout(&self, id: TypeId) -> Option<Layout> {
        self.slot(id)?.layout.get().copied()
    }

    pub(crate) fn remember_layout(&self, id: TypeId, layout: Layout) {
        if let Some(slot) = self.slot(id) {
            let _ = slot.layout.set(layout);
        }
    }

    /// What is kept with a type: the same value on each call, as long as the type is not amended. `make` makes it on
    /// first use. `None` if something of another Rust type is kept.
    ///
    /// Errors: those of `make`.
    #[cfg(feature = "capi")]
    pub(crate) fn kept<T: Any + Send + Sync, E>(
        &self,
        id: TypeId,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Option<&T>, E> {
        let kept = self.slot(id).map_or(&self.kept_unknown, |slot| &slot.kept);
        let value = match kept.get() {
            Some(value) => value,
            None => {
                let made = Box::new(make()?);
                if self.source.is_none() && self.known_layout(id).is_none() {
                    let provisional = &self.provisional;
                    provisional.lock().unwrap_or_else(PoisonError::into_inner).push(id);
                }
                kept.get_or_init(|| made)
            }
        };
        Ok(value.downcast_ref())
    }

    pub(super) fn source_of(&self, key: u64) -> Option<(Name, u64)> {
        self.source.as_ref()?.source_of(key)
    }

    /// The name of the struct or union with this name in C: `struct git_tree`, `union u` (with one space), or the
    /// name of a typedef for it, `git_tree`. See [`Types::record_name`]. `None` if the exports of the library do not
    /// reach such a type, defined or only declared. The result is the same for every source of types; of several
    /// names it is the first in alphabetical order. `None` for a table that was built by hand.
    pub fn record_named(&self, name: &str) -> Option<Name> {
        self.source.as_ref()?.record_named(self, name)
    }

    /// The tag of a struct or union, behind typedefs and qualifiers. If it has no tag, the name of the innermost
    /// typedef. Does not look for the definition of a type that is only declared.
    pub fn record_name(&self, id: TypeId) -> Option<&Name> {
        let record = self.declared(self.resolve(id));
        let name = || record.name.as_ref().or_else(|| self.typedef_names(id).last());
        record.is_record().then(name).flatten()
    }

    /// The names of the typedefs on a type, the outermost first.
    pub(crate) fn typedef_names(&self, id: TypeId) -> impl Iterator<Item = &Name> {
        let target = |id: &TypeId| match self.declared(*id).kind {
            Kind::Typedef { target } | Kind::Qualified { target, .. } => Some(target),
            _ => None,
        };
        let chain = std::iter::successors(Some(id), target).take(CHAIN);
        chain.filter_map(|id| {
            let ty = self.declared(id);
            ty.name.as_ref().filter(|_| matches!(ty.kind, Kind::Typedef { .. }))
        })
    }

    /// The source file and the line of a type, if the debug information has them. Lines are counted from 1; 0 means
    /// not known.
    pub fn source_of_type(&self, id: TypeId) -> Option<(Name, u64)> {
        let definition = self.slot(id)?.definition.get().copied().flatten();
        self.source_of(self.slot(definition.unwrap_or(id))?.key)
    }

    fn push(&self, ids: &mut Ids, key: u64) -> TypeId {
        let id = TypeId(ids.len);
        let (chunk, index) = place(id);
        let Some(cell) = self.chunks.get(chunk) else { return TypeId(u32::MAX) };
        let slots = cell.get_or_init(|| {
            (0..FIRST_CHUNK << chunk)
                .map(|_| OnceLock::new())
                .collect::<Vec<_>>()
                .into_boxed_slice()
        });
        if let Some(slot) = slots.get(index) {
            let _ = slot.set(Slot {
                key,
                ty: OnceLock::new(),
                definition: OnceLock::new(),
                layout: OnceLock::new(),
                kept: Kept::new(),
            });
            ids.len += 1;
        }
        id
    }

    fn slot(&self, id: TypeId) -> Option<&Slot> {
        let (chunk, index) = place(id);
        self.chunks.get(chunk)?.get()?.get(index)?.get()
    }

    /// Looks through typedefs and qualifiers. Returns `id` itself for a cycle, and for more than 64 of them, which no
    /// compiler emits.
    pub fn resolve(&self, id: TypeId) -> TypeId {
        let mut current = id;
        for _ in 0..CHAIN {
            match self.declared(current).kind {
                Kind::Typedef { target } | Kind::Qualified { target, .. } => current = target,
                _ => return current,
            }
        }
        id
    }

    /// The type behind typedefs and qualifiers.
    pub fn resolved(&self, id: TypeId) -> &Type {
        self.get(self.resolve(id))
    }

    /// Whether the type has the qualifier `qualifier`. Looks through typedefs.
    pub fn is_qualified(&self, id: TypeId, qualifier: Qualifier) -> bool {
        let mut current = id;
        for _ in 0..CHAIN {
            match self.declared(current).kind {
                Kind::Qualified { qualifier: found, .. } if found == qualifier => return true,
                Kind::Typedef { target } | Kind::Qualified { target, .. } => current = target,
                _ => return false,
            }
        }
        false
    }
}

/// The chunk of a number, and its index in the chunk.
fn place(id: TypeId) -> (usize, usize) {
    let position = u64::from(id.0) + u64::from(FIRST_CHUNK);
    let chunk = position.ilog2() - FIRST_CHUNK.ilog2();
    (chunk as usize, (position - (u64::from(FIRST_CHUNK) << chunk)) as usize)
}

impl fmt::Debug for Types {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        f.debug_struct("Types").field("target", &self.target).field("len", &ids.len).finish()
    }
}

#[cfg(test)]
mod tests;
