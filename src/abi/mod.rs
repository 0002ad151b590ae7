//! The ABI properties of a type: its size and alignment, the scalars in its bytes and, on x86-64, the registers that
//! carry it.

mod by_value;
mod bytes;
mod eightbyte;
mod layout;

pub use by_value::by_value;
pub(crate) use by_value::scalar_class;
pub use bytes::{Bytes, Leaf, ScalarClass, Value, MAX_LEAVES};
pub use eightbyte::{passing, Eightbyte, Passing};
pub use layout::{align_of, is_by_reference, layout_of, size_of};
pub(crate) use layout::{declared_align, max_scalar_align};
