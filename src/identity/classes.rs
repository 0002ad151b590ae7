//! Assigns one number to all types that are the same, in any number of tables.

use foldhash::{HashMap, HashMapExt};

use super::graph::{Graph, NONE};
use super::shape::Names;
use crate::ctype::{TypeId, Types};

/// The number of a set of types that are the same. It is not valid in another [`Identity`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeClass(u32);

impl TypeClass {
    /// From a number; see [`TypeClass::index`].
    pub fn from_index(index: usize) -> TypeClass {
        TypeClass(u32::try_from(index).unwrap_or(NONE))
    }

    /// The number: classes are numbered from 0 without a gap.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Puts types into classes. Two types are in one class if [`same_type`](super::same_type) returns true. Every type
/// is examined once. After that, a comparison compares two numbers.
///
/// Types that are read lazily from the debug information are read as far as they are reachable. Each classified type
/// takes about 50 bytes.
pub struct Identity<'t> {
    graph: Graph<'t>,
    /// The classes of each shape.
    classes_of_shape: Vec<Vec<u32>>,
    /// The class for each content: a shape, then the classes referred to.
    by_content: HashMap<Box<[u32]>, u32>,
    classes: Vec<Class>,
    walk: ComponentWalk,
    /// The work that refinement may still do.
    left: usize,
}

struct Class {
    /// The first of its types.
    node: u32,
    content: Box<[u32]>,
}

/// The state of Tarjan's walk.
#[derive(Default)]
struct ComponentWalk {
    discovered: u32,
    /// The nodes on the current path, each with its next edge.
    path: Vec<(u32, u32)>,
    /// The nodes whose component is not closed yet.
    open: Vec<u32>,
}

/// The number of classes of one shape that a component is compared with.
const CANDIDATES: usize = 256;
/// A bound on the work of all refinement: the number of rounds times the number of types in the component and of
/// types that they refer to.
const WORK: usize = 1 << 27;

impl<'t> Identity<'t> {
    /// Starts without types. With `parameter_names`, function types with different parameter names are different.
    pub fn new(parameter_names: bool) -> Identity<'t> {
        Identity::with_names(Names { parameters: parameter_names, types: false })
    }

    /// The same, but types with the same bits and different names are also different. All types of a class then say
    /// the same, including names that C does not have.
    pub fn by_names(parameter_names: bool) -> Identity<'t> {
        Identity::with_names(Names { parameters: parameter_names, types: true })
    }

    fn with_names(names: Names) -> Identity<'t> {
        Identity {
            graph: Graph::new(names),
            classes_of_shape: Vec::new(),
            by_content: HashMap::new(),
            classes: Vec::new(),
            walk: ComponentWalk::default(),
            left: WORK,
        }
    }

    /// From now on, this type represents every record or enumeration with its tag that is only declared. The first
    /// type of a tag counts. Types that were classified before keep their class.
    pub fn complete_with(&mut self, types: &'t Types, id: TypeId) {
        self.graph.complete_with(types, id);
    }

    /// Whether the two types are the same.
    pub fn same(&mut self, a: &'t Types, id_a: TypeId, b: &'t Types, id_b: TypeId) -> bool {
        self.class_of(a, id_a) == self.class_of(b, id_b)
    }

    /// The first type that was put into the class.
    pub fn representative(&self, class: TypeClass) -> Option<(&'t Types, TypeId)> {
        self.graph.type_of(self.classes.get(class.index())?.node)
    }

    /// The class of a type that was classified before.
    pub fn known_class(&self, types: &Types, id: TypeId) -> Option<TypeClass> {
        let class = self.class_at(self.graph.known_node(types, id)?);
        (class != NONE).then_some(TypeClass(class))
    }

    /// The number of classes.
    pub fn len(&self) -> usize {
        self.classes.len()
    }

    /// Whether nothing was classified yet.
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }

    /// The class of a type. Also classifies everything that is reachable from it.
    pub fn class_of(&mut self, types: &'t Types, id: TypeId) -> TypeClass {
        let root = self.graph.node(types, id);
        if self.class_at(root) == NONE {
            self.classify(root);
        }
        TypeClass(self.class_at(root))
    }

    /// Finds Tarjan's strongly connected components, without recursion. A component is finished after everything that
    /// it refers to. So a type that does not refer to itself can be looked up by its content.
    fn classify(&mut self, root: u32) {
        self.discover(root);
        while let Some((node, edge)) = self.walk.path.pop() {
            let Some(target) = self.graph.edge(node, edge) else {
                self.leave(node);
                continue;
            };
            self.walk.path.push((node, edge + 1));
            match self.graph.get(target) {
                Some(other) if other.index == 0 => self.discover(target),
                Some(other) if other.class == NONE => {
                    let index = other.index;
                    self.lower(node, index);
                }
                _ => {}
            }
        }
    }

    fn discover(&mut self, node: u32) {
        self.graph.expand(node);
        self.classes_of_shape.resize(self.graph.shape_count(), Vec::new());
        self.walk.discovered += 1;
        let index = self.walk.discovered;
        if let Some(node) = self.graph.get_mut(node) {
            node.index = index;
            node.low = index;
        }
        self.walk.path.push((node, 0));
        self.walk.open.push(node);
    }

    /// Called when everything reachable from `node` is discovered.
    fn leave(&mut self, node: u32) {
        let Some((index, low)) = self.graph.get(node).map(|node| (node.index, node.low)) else {
            return;
        };
        if let Some(&(above, _)) = self.walk.path.last() {
            self.lower(above, low);
        }
        if index == low {
            let start = self.walk.open.iter().rposition(|open| *open == node).unwrap_or(0);
            let component = self.walk.open.split_off(start);
            self.close(&component);
        }
    }

    fn lower(&mut self, node: u32, low: u32) {
        if let Some(node) = self.graph.get_mut(node) {
            node.low = node.low.min(low);
        }
    }

    /// Gives every type of a component its class.
    fn close(&mut self, component: &[u32]) {
        if let [node] = component {
            if !self.graph.edges_of(*node).contains(node) {
                let content = self.content(*node, |identity, node| identity.class_at(node));
                let class = match self.by_content.get(content.as_slice()) {
                    Some(class) => *class,
                    None => {
                        let class = self.reserve_class(*node);
                        self.fill_class(class, content);
                        class
                    }
                };
                self.set_class(*node, class);
                return;
            }
        }
        if !self.find_component(component) {
            self.new_component(component);
        }
    }

    /// Looks for existing classes of the component's types. Each type leads to all others, so either all of them have
    /// one or none.
    fn find_component(&mut self, component: &[u32]) -> bool {
        let known = |node: &u32| {
            let shape = self.graph.get(*node).map_or(NONE, |node| node.shape);
            self.classes_of_shape.get(shape as usize).map_or(&[][..], Vec::as_slice)
        };
        // The type with the fewest candidates. If one type has none, no type has a class.
        let Some(anchor) = component.iter().min_by_key(|node| known(node).len()) else {
            return false;
        };
        let candidates: Vec<u32> = known(anchor).iter().take(CANDIDATES).copied().collect();
        for candidate in candidates {
            if let Some(found) = self.matches(*anchor, candidate) {
                for (node, class) in found {
                    self.set_class(node, class);
                }
                return true;
            }
        }
        false
    }

    /// The classes of the component's types, if `node` belongs to `class`.
    fn matches(&self, node: u32, class: u32) -> Option<HashMap<u32, u32>> {
        let mut found = HashMap::new();
        let mut work = vec![(node, class)];
        while let Some((node, class)) = work.pop() {
            match found.insert(node, class) {
                Some(other) if other == class => continue,
                Some(_) => return None,
                None => {}
            }
            let (shape, targets) = self.classes.get(class as usize)?.content.split_first()?;
            if self.graph.get(node)?.shape != *shape {
                return None;
            }
            for (edge, target) in self.graph.edges_of(node).iter().zip(targets) {
                match self.class_at(*edge) {
                    NONE => work.push((*edge, *target)),
                    known if known == *target => {}
                    _ => return None,
                }
            }
        }
        Some(found)
    }

    /// Splits the component by shape, then by the types referred to, until nothing changes.
    fn new_component(&mut self, component: &[u32]) {
        let mut blocks: HashMap<u32, u32> = HashMap::new();
        for node in component {
            blocks.insert(*node, self.graph.get(*node).map_or(NONE, |node| node.shape));
        }
        let edges: usize = component.iter().map(|node| self.graph.edges_of(*node).len()).sum();
        let mut count = 0;
        loop {
            let mut split: HashMap<Vec<u32>, u32> = HashMap::new();
            let mut next = HashMap::with_capacity(component.len());
            for node in component {
                let mut key = self.content(*node, |identity, node| match blocks.get(&node) {
                    // Inverted, so that the number of a block differs from that of a class.
                    Some(block) => !block,
                    None => identity.class_at(node),
                });
                key.push(blocks.get(node).copied().unwrap_or(NONE));
                let fresh = split.len() as u32;
                next.insert(*node, *split.entry(key).or_insert(fresh));
            }
            blocks = next;
            self.left = self.left.saturating_sub(component.len().saturating_add(edges));
            if split.len() == count {
                break;
            }
            count = split.len();
            if self.left == 0 {
                // Keep all types apart, even if some are the same. No compiler's output takes so many rounds.
                blocks = component.iter().copied().zip(0..).collect();
                break;
            }
        }
        let mut class_of_block = HashMap::new();
        for node in component {
            let block = blocks.get(node).copied().unwrap_or(NONE);
            let class = match class_of_block.get(&block) {
                Some(class) => *class,
                None => {
                    let class = self.reserve_class(*node);
                    class_of_block.insert(block, class);
                    class
                }
            };
            self.set_class(*node, class);
        }
        for class in class_of_block.into_values() {
            let Some(node) = self.classes.get(class as usize).map(|class| class.node) else {
                continue;
            };
            let content = self.content(node, |identity, node| identity.class_at(node));
            self.fill_class(class, content);
        }
    }

    fn reserve_class(&mut self, node: u32) -> u32 {
        let class = self.classes.len() as u32;
        self.classes.push(Class { node, content: Box::default() });
        class
    }

    /// Registers the class under its content: its shape, and the classes that it refers to.
    fn fill_class(&mut self, class: u32, content: Vec<u32>) {
        let content = content.into_boxed_slice();
        let shape = content.first().copied().unwrap_or(NONE);
        if let Some(classes) = self.classes_of_shape.get_mut(shape as usize) {
            classes.push(class);
        }
        self.by_content.insert(content.clone(), class);
        if let Some(class) = self.classes.get_mut(class as usize) {
            class.content = content;
        }
    }

    /// The shape of a node, followed by a number for each type that it refers to.
    fn content(&self, node: u32, name: impl Fn(&Identity, u32) -> u32) -> Vec<u32> {
        let shape = self.graph.get(node).map_or(NONE, |node| node.shape);
        let edges = self.graph.edges_of(node).iter().map(|edge| name(self, *edge));
        std::iter::once(shape).chain(edges).collect()
    }

    fn class_at(&self, node: u32) -> u32 {
        self.graph.get(node).map_or(NONE, |node| node.class)
    }

    fn set_class(&mut self, node: u32, class: u32) {
        if let Some(node) = self.graph.get_mut(node) {
            node.class = class;
        }
    }
}

#[cfg(test)]
mod tests;
