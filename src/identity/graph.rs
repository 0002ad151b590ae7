//! Types of several tables as the nodes of one graph: what each type says by itself, and which types it refers to.

use foldhash::{HashMap, HashMapExt};

use super::shape::{Names, Shape};
use crate::ctype::{Keyword, Name, TypeId, Types};

/// The nodes. A node has its edges once it is expanded.
pub(super) struct Graph<'t> {
    names: Names,
    tables: Vec<&'t Types>,
    /// The definitions of records and enumerations that are only declared, by tag.
    completions: HashMap<(Keyword, Name), u32>,
    /// For each table, the nodes of its types, indexed by the types' numbers.
    numbers: Vec<Vec<u32>>,
    nodes: Vec<Node>,
    /// The types that the nodes refer to, one node after the other.
    edges: Vec<u32>,
    shapes: HashMap<Box<[u8]>, u32>,
}

/// A type as a node.
pub(super) struct Node {
    table: u32,
    id: TypeId,
    pub shape: u32,
    first_edge: u32,
    edge_count: u32,
    pub class: u32,
    /// Tarjan's numbers: the order of discovery, and the lowest reachable number. 0 means not discovered.
    pub index: u32,
    pub low: u32,
}

/// Stands for no node, no shape or no class.
pub(super) const NONE: u32 = u32::MAX;

impl<'t> Graph<'t> {
    pub(super) fn new(names: Names) -> Graph<'t> {
        Graph {
            names,
            tables: Vec::new(),
            completions: HashMap::new(),
            numbers: Vec::new(),
            nodes: Vec::new(),
            edges: Vec::new(),
            shapes: HashMap::new(),
        }
    }

    pub(super) fn get(&self, node: u32) -> Option<&Node> {
        self.nodes.get(node as usize)
    }

    pub(super) fn get_mut(&mut self, node: u32) -> Option<&mut Node> {
        self.nodes.get_mut(node as usize)
    }

    pub(super) fn shape_count(&self) -> usize {
        self.shapes.len()
    }

    /// The type of a node.
    pub(super) fn type_of(&self, node: u32) -> Option<(&'t Types, TypeId)> {
        let Node { table, id, .. } = self.get(node)?;
        Some((self.tables.get(*table as usize)?, *id))
    }

    /// See [`Identity::complete_with`](super::Identity::complete_with).
    pub(super) fn complete_with(&mut self, types: &'t Types, id: TypeId) {
        let ty = types.get(id);
        let (Some((keyword, name)), false) = (ty.tag(), ty.is_only_declared()) else { return };
        if !self.completions.contains_key(&(keyword, name.clone())) {
            let node = self.node(types, id);
            self.completions.insert((keyword, name.clone()), node);
        }
    }

    /// The node of a type, if it has one.
    pub(super) fn known_node(&self, types: &Types, id: TypeId) -> Option<u32> {
        let table = self.tables.iter().position(|table| std::ptr::eq(*table, types))?;
        self.number(table, id)
    }

    pub(super) fn edges_of(&self, node: u32) -> &[u32] {
        let Some(node) = self.nodes.get(node as usize) else { return &[] };
        let first = node.first_edge as usize;
        self.edges.get(first..first + node.edge_count as usize).unwrap_or(&[])
    }

    pub(super) fn edge(&self, node: u32, edge: u32) -> Option<u32> {
        self.edges_of(node).get(edge as usize).copied()
    }

    /// The node of a type, or of the type that completes it.
    pub(super) fn node(&mut self, types: &'t Types, id: TypeId) -> u32 {
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
            // Ignore a number that no table gave out.
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

    /// Reads the shape of a node and the nodes that it refers to.
    pub(super) fn expand(&mut self, node: u32) {
        let Some(Node { table, id, .. }) = self.nodes.get(node as usize) else { return };
        let (Some(types), id) = (self.tables.get(*table as usize).copied(), *id) else { return };
        let shape = Shape::of(types, id, self.names);
        let number = match self.shapes.get(shape.bytes.as_slice()) {
            Some(number) => *number,
            None => {
                let number = self.shapes.len() as u32;
                self.shapes.insert(shape.bytes.into_boxed_slice(), number);
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
