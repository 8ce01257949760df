use super::*;

pub(super) fn template(references: usize) -> Template {
    let reference = |index: usize| Reference {
        embedding: vec![index as f32, 0.5, -0.25],
        map: (0..12).map(|i| f16::from_f32(i as f32 / 8.0 - index as f32)).collect(),
        quality: if index == 1 { vec![Quality::TooSmall] } else { vec![] },
    };
    Template {
        model: "0123456789abcdef".into(),
        embedding: 3,
        map: [2, 2, 3],
        references: (0..references).map(reference).collect(),
        agreement: 1.0 / 3.0,
    }
}

/// Bytes with a right check, whatever they say.
fn sealed(mut content: Vec<u8>) -> Vec<u8> {
    let check = digest(&content);
    content.extend_from_slice(&check);
    content
}

#[test]
fn written_and_read() {
    for count in [1, 2, MOST_REFERENCES] {
        let bytes = template(count).to_bytes().unwrap();
        assert_eq!(Template::from_bytes(&bytes).unwrap(), template(count));
    }
}

#[test]
fn none_or_too_many_references() {
    for count in [0, MOST_REFERENCES + 1] {
        assert_eq!(template(count).to_bytes().unwrap_err().code(), "reference-count");
    }
}

#[test]
fn values_that_make_no_sense() {
    let spoilt: [fn(&mut Template); 8] = [
        |t| t.agreement = f32::NAN,
        |t| t.agreement = -2e4,
        |t| t.references[0].embedding[0] = f32::NAN,
        |t| t.references[1].embedding[1] = -2e6,
        |t| t.references[1].map[3] = f16::INFINITY,
        |t| t.references[0].map.truncate(5),
        |t| t.embedding = 0,
        |t| t.map = [usize::MAX, 2, 2],
    ];
    for spoil in spoilt {
        let mut template = template(2);
        spoil(&mut template);
        assert_eq!(template.to_bytes().unwrap_err().code(), "invalid-template");
    }
}

#[test]
fn every_cut_and_every_changed_byte_is_refused() {
    let bytes = template(2).to_bytes().unwrap();
    for end in 0..bytes.len() {
        assert_eq!(Template::from_bytes(&bytes[..end]).unwrap_err().code(), "invalid-template");
    }
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x20;
        assert_eq!(Template::from_bytes(&changed).unwrap_err().code(), "invalid-template");
    }
    assert!(Template::from_bytes(&vec![0; MOST_BYTES + 1]).is_err());
}

#[test]
fn a_stored_number_of_references_is_no_users_mistake() {
    for count in [0, MOST_REFERENCES + 1] {
        let Template { model, embedding, map, .. } = template(1);
        let header = Header { model, embedding, map, agreement: 0.5, quality: vec![vec![]; count] };
        let json = serde_json::to_vec(&header).unwrap();
        let length = (json.len() as u32).to_le_bytes();
        let bytes = sealed([&MAGIC[..], &VERSION.to_le_bytes(), &length, &json].concat());
        assert_eq!(Template::from_bytes(&bytes).unwrap_err().code(), "invalid-template", "{count}");
    }
}

#[test]
fn a_later_version_is_named() {
    let mut bytes = template(1).to_bytes().unwrap();
    bytes[4] = VERSION as u8 + 1;
    let error = Template::from_bytes(&bytes).unwrap_err();
    assert!(error.to_string().contains(&format!("version {}", VERSION + 1)), "{error}");
}

#[cfg(not(target_family = "wasm"))]
mod fuzz {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = Template::from_bytes(&bytes);
            // past the magic and the check, into the header
            let length = (bytes.len() as u32).to_le_bytes();
            let content = [&MAGIC[..], &VERSION.to_le_bytes(), &length, &bytes].concat();
            prop_assert!(Template::from_bytes(&sealed(content)).is_err());
        }

        #[test]
        fn any_header(model in ".{0,70}", embedding: usize, map: [usize; 3], counts in 0usize..14, data in 0usize..400) {
            let quality = vec![vec![]; counts];
            let header = Header { model, embedding, map, agreement: 0.5, quality };
            let json = serde_json::to_vec(&header).unwrap();
            let length = (json.len() as u32).to_le_bytes();
            let content = [&MAGIC[..], &VERSION.to_le_bytes(), &length, &json, &vec![0; data]].concat();
            let _ = Template::from_bytes(&sealed(content));
        }

        #[test]
        fn changed_and_sealed_again(at in 0usize..200, value: u8) {
            let bytes = template(2).to_bytes().unwrap();
            let mut content = bytes[..bytes.len() - CHECK].to_vec();
            let at = at % content.len();
            content[at] = value;
            if let Ok(read) = Template::from_bytes(&sealed(content)) {
                prop_assert!(read.to_bytes().is_ok());
            }
        }
    }
}
