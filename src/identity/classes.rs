//! One number for all types that are the same, over any number of tables.

use foldhash::{HashMap, HashMapExt};

use super::shape::{Names, Shape};
use crate::ctype::{Keyword, Name, TypeId, Types};

/// The number of a set of types that are the same. It means nothing in another [`Identity`].
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

/// Puts types into classes, such that two are in one class when [`same_type`](super::same_type) holds for them.
/// Every type is looked at once: after that, a comparison is a comparison of two numbers.
///
/// Types that the debug information reads lazily are read as far as they are reachable. A type once classified
/// costs about 50 bytes.
pub struct Identity<'t> {
    names: Names,
    tables: Vec<&'t Types>,
    /// The meaning of records and enumerations that are only declared, by tag.
    completions: HashMap<(Keyword, Name), u32>,
    /// For each table, the nodes of its types by their numbers.
    numbers: Vec<Vec<u32>>,
    nodes: Vec<Node>,
    /// The types that the nodes refer to, one node after the other.
    edges: Vec<u32>,
    shapes: HashMap<Box<[u8]>, u32>,
    /// Per shape, the classes that have it.
    classes_of_shape: Vec<Vec<u32>>,
    /// A shape, then the classes referred to.
    by_content: HashMap<Box<[u32]>, u32>,
    classes: Vec<Class>,
    walk: ComponentWalk,
    /// What refinement may still cost.
    left: usize,
}

struct Node {
    table: u32,
    id: TypeId,
    shape: u32,
    first_edge: u32,
    edge_count: u32,
    class: u32,
    /// Tarjan's numbers: order of discovery, and the lowest reachable. 0: not discovered.
    index: u32,
    low: u32,
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
    /// The nodes on the way, each with its next edge.
    path: Vec<(u32, u32)>,
    /// The nodes whose component is not closed yet.
    open: Vec<u32>,
}

const NONE: u32 = u32::MAX;
/// Classes of one shape that a component is held against.
const CANDIDATES: usize = 256;
/// What all refinement may cost: rounds, times the types of the component and those that they refer to.
const WORK: usize = 1 << 27;

impl<'t> Identity<'t> {
    /// No types yet. With `parameter_names`, other names of parameters make another function type.
    pub fn new(parameter_names: bool) -> Identity<'t> {
        Identity::with_names(Names { parameters: parameter_names, types: false })
    }

    /// The same, but types that have the same bits and other names are others too: what one of a class says, down to the names that
    /// C does not have, all say.
    pub fn by_names(parameter_names: bool) -> Identity<'t> {
        Identity::with_names(Names { parameters: parameter_names, types: true })
    }

    fn with_names(names: Names) -> Identity<'t> {
        Identity {
            names,
            tables: Vec::new(),
            completions: HashMap::new(),
            numbers: Vec::new(),
            nodes: Vec::new(),
            edges: Vec::new(),
            shapes: HashMap::new(),
            classes_of_shape: Vec::new(),
            by_content: HashMap::new(),
            classes: Vec::new(),
            walk: ComponentWalk::default(),
            left: WORK,
        }
    }

    /// From now on, a record or enumeration that is only declared, with the tag of this one, stands for this one.
    /// The first of a tag counts. Types that were classified before keep their class.
    pub fn complete_with(&mut self, types: &'t Types, id: TypeId) {
        let ty = types.get(id);
        let (Some((keyword, name)), false) = (ty.tag(), ty.is_only_declared()) else { return };
        if !self.completions.contains_key(&(keyword, name.clone())) {
            let node = self.node(types, id);
            self.completions.insert((keyword, name.clone()), node);
        }
    }

    /// Whether the two types are the same.
    pub fn same(&mut self, a: &'t Types, id_a: TypeId, b: &'t Types, id_b: TypeId) -> bool {
        self.class_of(a, id_a) == self.class_of(b, id_b)
    }

    /// The first type that came into the class.
    pub fn representative(&self, class: TypeClass) -> Option<(&'t Types, TypeId)> {
        let node = self.nodes.get(self.classes.get(class.index())?.node as usize)?;
        Some((self.tables.get(node.table as usize)?, node.id))
    }

    /// The class of a type that was classified before.
    pub fn known_class(&self, types: &Types, id: TypeId) -> Option<TypeClass> {
        let table = self.tables.iter().position(|table| std::ptr::eq(*table, types))?;
        let class = self.class_at(*self.numbers.get(table)?.get(id.index() as usize)?);
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

    /// The class of a type; of everything reachable from it, too.
    pub fn class_of(&mut self, types: &'t Types, id: TypeId) -> TypeClass {
        let root = self.node(types, id);
        if self.class_at(root) == NONE {
            self.classify(root);
        }
        TypeClass(self.class_at(root))
    }

    /// Tarjan's strongly connected components, without recursion. A component is complete after everything that it
    /// refers to, so that types that do not refer to themselves are looked up by their content.
    fn classify(&mut self, root: u32) {
        self.discover(root);
        while let Some((node, edge)) = self.walk.path.pop() {
            let Some(target) = self.edge(node, edge) else {
                self.leave(node);
                continue;
            };
            self.walk.path.push((node, edge + 1));
            match self.nodes.get(target as usize) {
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
        self.expand(node);
        self.walk.discovered += 1;
        let index = self.walk.discovered;
        if let Some(node) = self.nodes.get_mut(node as usize) {
            node.index = index;
            node.low = index;
        }
        self.walk.path.push((node, 0));
        self.walk.open.push(node);
    }

    /// Everything reachable from `node` is discovered.
    fn leave(&mut self, node: u32) {
        let Some((index, low)) = self.nodes.get(node as usize).map(|node| (node.index, node.low))
        else {
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
        if let Some(node) = self.nodes.get_mut(node as usize) {
            node.low = node.low.min(low);
        }
    }

    /// Gives every type of a component its class.
    fn close(&mut self, component: &[u32]) {
        if let [node] = component {
            if !self.edges_of(*node).contains(node) {
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

    /// Looks for classes that the component's types belong to. Since each of them leads to all others, all do or none.
    fn find_component(&mut self, component: &[u32]) -> bool {
        let known = |node: &u32| {
            let shape = self.nodes.get(*node as usize).map_or(NONE, |node| node.shape);
            self.classes_of_shape.get(shape as usize).map_or(&[][..], Vec::as_slice)
        };
        // The type with the fewest candidates; none for one is none for all.
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
            if self.nodes.get(node as usize)?.shape != *shape {
                return None;
            }
            for (edge, target) in self.edges_of(node).iter().zip(targets) {
                match self.class_at(*edge) {
                    NONE => work.push((*edge, *target)),
                    known if known == *target => {}
                    _ => return None,
                }
            }
        }
        Some(found)
    }

    /// Splits the component by shape, then by what its types refer to, until nothing is split any more.
    fn new_component(&mut self, component: &[u32]) {
        let mut blocks: HashMap<u32, u32> = HashMap::new();
        for node in component {
            blocks.insert(*node, self.nodes.get(*node as usize).map_or(NONE, |node| node.shape));
        }
        let edges: usize = component.iter().map(|node| self.edges_of(*node).len()).sum();
        let mut count = 0;
        loop {
            let mut split: HashMap<Vec<u32>, u32> = HashMap::new();
            let mut next = HashMap::with_capacity(component.len());
            for node in component {
                let mut key = self.content(*node, |identity, node| match blocks.get(&node) {
                    // Inverted, so that no block is taken for a class.
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
                // Not merged where they might be: no compiler's output takes so many rounds.
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

    /// The shape of a node, and what stands for each of the types that it refers to.
    fn content(&self, node: u32, name: impl Fn(&Identity, u32) -> u32) -> Vec<u32> {
        let shape = self.nodes.get(node as usize).map_or(NONE, |node| node.shape);
        let edges = self.edges_of(node).iter().map(|edge| name(self, *edge));
        std::iter::once(shape).chain(edges).collect()
    }

    fn class_at(&self, node: u32) -> u32 {
        self.nodes.get(node as usize).map_or(NONE, |node| node.class)
    }

    fn set_class(&mut self, node: u32, class: u32) {
        if let Some(node) = self.nodes.get_mut(node as usize) {
            node.class = class;
        }
    }

    fn edges_of(&self, node: u32) -> &[u32] {
        let Some(node) = self.nodes.get(node as usize) else { return &[] };
        let first = node.first_edge as usize;
        self.edges.get(first..first + node.edge_count as usize).unwrap_or(&[])
    }

    fn edge(&self, node: u32, edge: u32) -> Option<u32> {
        self.edges_of(node).get(edge as usize).copied()
    }

    /// The node of a type, or of the one that completes it.
    fn node(&mut self, types: &'t Types, id: TypeId) -> u32 {
        let table = match self.tables.iter().position(|table| std::ptr::eq(*table, types)) {
            Some(table) => table,
            None => {
                self.tables.push(types);
                self.numbers.push(Vec::new());
                self.tables.len() - 1
            }
        };
        if let Some(node) = self.number(table, id).filter(|node| *node != NONE) {
            return node;
        }
        let ty = types.get(id);
        if let (Some((keyword, name)), true, false) =
            (ty.tag(), ty.is_only_declared(), self.completions.is_empty())
        {
            if let Some(&node) = self.completions.get(&(keyword, name.clone())) {
                self.set_number(table, id, node);
                return node;
            }
        }
        let node = self.nodes.len() as u32;
        self.nodes.push(Node {
            table: table as u32,
            id,
            shape: NONE,
            first_edge: 0,
            edge_count: 0,
            class: NONE,
            index: 0,
            low: 0,
        });
        self.set_number(table, id, node);
        node
    }

    fn number(&self, table: usize, id: TypeId) -> Option<u32> {
        self.numbers.get(table)?.get(id.index() as usize).copied()
    }

    fn set_number(&mut self, table: usize, id: TypeId, node: u32) {
        let Some(numbers) = self.numbers.get_mut(table) else { return };
        let index = id.index() as usize;
        if numbers.len() <= index {
            // A number that no table gave out has no place here.
            let types = self.tables.get(table).filter(|types| types.contains(id));
            if types.is_none() {
                return;
            }
            numbers.resize((index + 1).next_power_of_two(), NONE);
        }
        if let Some(place) = numbers.get_mut(index) {
            *place = node;
        }
    }

    /// Reads the shape of a node, and the nodes that it refers to.
    fn expand(&mut self, node: u32) {
        let Some(Node { table, id, .. }) = self.nodes.get(node as usize) else { return };
        let (Some(types), id) = (self.tables.get(*table as usize).copied(), *id) else { return };
        let shape = Shape::of(types, id, self.names);
        let number = match self.shapes.get(shape.bytes.as_slice()) {
            Some(number) => *number,
            None => {
                let number = self.shapes.len() as u32;
                self.shapes.insert(shape.bytes.into_boxed_slice(), number);
                self.classes_of_shape.push(Vec::new());
                number
            }
        };
        let first_edge = self.edges.len() as u32;
        let edge_count = shape.refers_to.len() as u32;
        for target in shape.refers_to {
            let target = self.node(types, target);
            self.edges.push(target);
        }
        if let Some(node) = self.nodes.get_mut(node as usize) {
            node.shape = number;
            node.first_edge = first_edge;
            node.edge_count = edge_count;
        }
    }
}

#[cfg(test)]
mod tests;
