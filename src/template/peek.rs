//! The embeddings of a stored template without its maps: what a search among very many templates holds in memory.

use std::io::{Read, Seek, SeekFrom};

use super::{CHECK, Header, MAGIC, MOST_HEADER, PREFIX, VERSION, are_sensible};
use crate::error::{Error, Result};

/// What a template begins with, and its references' embeddings.
#[derive(Debug, Clone, PartialEq)]
pub struct Peek {
    /// As [`super::Template::model`].
    pub model: String,
    /// One of each reference.
    pub embeddings: Vec<Vec<f32>>,
}

/// Reads the embeddings of a template of `length` bytes and skips the maps. Its check is not computed, for that takes
/// all bytes: whoever reads the whole template later, does.
///
/// # Errors
/// [`Error::InvalidTemplate`] if it is none, or cannot be read.
pub fn peek(template: &mut (impl Read + Seek), length: u64) -> Result<Peek> {
    let wrong = |what: &str| Error::InvalidTemplate(what.into());
    let cut = |error: std::io::Error| Error::InvalidTemplate(format!("it is cut short: {error}"));
    let mut prefix = [0; PREFIX];
    template.read_exact(&mut prefix).map_err(cut)?;
    if &prefix[..4] != MAGIC {
        return Err(wrong("it is something else"));
    }
    let version = u16::from_le_bytes([prefix[4], prefix[5]]);
    if version != VERSION {
        return Err(wrong(&format!("it has version {version}; this program reads {VERSION}")));
    }
    let json = u32::from_le_bytes([prefix[6], prefix[7], prefix[8], prefix[9]]) as usize;
    if json > MOST_HEADER {
        return Err(wrong("its header is cut short"));
    }
    let mut json = vec![0; json];
    template.read_exact(&mut json).map_err(cut)?;
    let header: Header = serde_json::from_slice(&json).map_err(|error| wrong(&error.to_string()))?;
    let size = header.reference_size()?;
    let references = header.quality.len();
    if length != (PREFIX + json.len() + size * references + CHECK) as u64 {
        return Err(wrong("its length does not fit its header"));
    }
    let mut embeddings = Vec::with_capacity(references);
    let mut bytes = vec![0; 4 * header.embedding];
    for _ in 0..references {
        template.read_exact(&mut bytes).map_err(cut)?;
        let values: Vec<f32> = bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
        if !are_sensible(&values) {
            return Err(wrong("it holds values that make no sense"));
        }
        embeddings.push(values);
        template.seek(SeekFrom::Current((size - bytes.len()) as i64)).map_err(cut)?;
    }
    Ok(Peek { model: header.model, embeddings })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::tests::template;
    use super::*;
    use crate::template::Template;

    fn of(bytes: &[u8]) -> Result<Peek> {
        peek(&mut Cursor::new(bytes), bytes.len() as u64)
    }

    #[test]
    fn the_embeddings_are_those_of_the_whole() {
        for count in [1, 3] {
            let whole = template(count);
            let Peek { model, embeddings } = of(&whole.to_bytes().unwrap()).unwrap();
            assert_eq!(model, whole.model);
            let own: Vec<&Vec<f32>> = whole.references.iter().map(|reference| &reference.embedding).collect();
            assert_eq!(embeddings.iter().collect::<Vec<_>>(), own);
        }
    }

    #[test]
    fn what_is_cut_or_something_else_is_refused() {
        let bytes = template(2).to_bytes().unwrap();
        for end in 0..bytes.len() {
            assert_eq!(of(&bytes[..end]).unwrap_err().code(), "invalid-template", "{end}");
        }
        for at in 0..PREFIX {
            let mut changed = bytes.clone();
            changed[at] ^= 0x20;
            assert_eq!(of(&changed).unwrap_err().code(), "invalid-template", "{at}");
        }
        // not seen by a peek, but by whoever reads all
        let mut changed = bytes;
        let last = changed.len() - 12;
        changed[last] ^= 1;
        assert!(of(&changed).is_ok() && Template::from_bytes(&changed).is_err());
    }
}
