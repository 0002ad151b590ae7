//! ELF files made by hand: 64-bit, little-endian, x86-64.

/// A section: its name, its type and its contents.
pub struct Section {
    pub name: &'static str,
    pub kind: u32,
    pub link: u32,
    pub data: Vec<u8>,
}

pub const PROGBITS: u32 = 1;
pub const NOTE: u32 = 7;

/// A file to be.
#[derive(Default)]
pub struct Elf {
    pub sections: Vec<Section>,
    /// Name, value, and the kind of symbol: 1 for data, 2 for a function, 10 for an IFUNC.
    symbols: Vec<(String, u64, u8)>,
    /// Headers more for a section that is there: its index from 0, and how many.
    pub repeated: Option<(usize, usize)>,
    /// The section of this index says that it is compressed (SHF_COMPRESSED).
    pub compressed: Option<usize>,
}

impl Elf {
    pub fn section(mut self, name: &'static str, data: impl Into<Vec<u8>>) -> Elf {
        self.sections.push(Section { name, kind: PROGBITS, link: 0, data: data.into() });
        self
    }

    pub fn function(self, name: &str, value: u64) -> Elf {
        self.symbol(name, value, 2)
    }

    pub fn symbol(mut self, name: &str, value: u64, kind: u8) -> Elf {
        self.symbols.push((name.to_owned(), value, kind));
        self
    }

    /// The bytes of the file.
    pub fn bytes(mut self) -> Vec<u8> {
        let (mut symbols, mut strings) = (vec![0; 24], vec![0]);
        for (name, value, kind) in &self.symbols {
            symbols.extend((strings.len() as u32).to_le_bytes());
            // Global binding, default visibility, and some section.
            symbols.extend([1 << 4 | kind, 0, 1, 0]);
            symbols.extend(value.to_le_bytes());
            symbols.extend(8_u64.to_le_bytes());
            strings.extend(name.bytes());
            strings.push(0);
        }
        let more = self.repeated.map_or(0, |(_, times)| times as u32 - 1);
        let link = self.sections.len() as u32 + 2 + more;
        self.sections.push(Section { name: ".dynsym", kind: 11, link, data: symbols });
        self.sections.push(Section { name: ".dynstr", kind: 3, link: 0, data: strings });
        let names: Vec<u8> = std::iter::once(0)
            .chain(self.sections.iter().flat_map(|s| s.name.bytes().chain([0])))
            .collect();
        self.sections.push(Section { name: "", kind: 3, link: 0, data: names });

        let mut file = vec![0; 64];
        let mut headers = vec![0; 64];
        let mut name_at = 1_u32;
        for (index, section) in self.sections.iter().enumerate() {
            let offset = file.len() as u64;
            file.extend(&section.data);
            let times = match self.repeated {
                Some((repeated, times)) if repeated == index => times,
                _ => 1,
            };
            for _ in 0..times {
                headers.extend(name_at.to_le_bytes());
                headers.extend(section.kind.to_le_bytes());
                let flags = if self.compressed == Some(index) { 0x800_u64 } else { 0 };
                headers.extend([flags, 0].map(u64::to_le_bytes).concat());
                headers.extend(offset.to_le_bytes());
                headers.extend((section.data.len() as u64).to_le_bytes());
                headers.extend(section.link.to_le_bytes());
                headers.extend([0; 4]);
                headers.extend(1_u64.to_le_bytes());
                headers.extend([0; 8]);
            }
            name_at += section.name.len() as u32 + 1;
        }
        let (at, count) = (file.len() as u64, headers.len() / 64);
        file.extend(&headers);
        file[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
        file[16..24].copy_from_slice(&[3, 0, 62, 0, 1, 0, 0, 0]);
        file[0x28..0x30].copy_from_slice(&at.to_le_bytes());
        file[0x34] = 64;
        file[0x3a] = 64;
        file[0x3c..0x3e].copy_from_slice(&(count as u16).to_le_bytes());
        file[0x3e..0x40].copy_from_slice(&(count as u16 - 1).to_le_bytes());
        file
    }
}
