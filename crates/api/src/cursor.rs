//! Where a list goes on: the last video that was looked at, as text that means nothing to anybody else.
//!
//! A cursor is only a position. Whose library it is a position in comes from the token at each request, so a made-up
//! cursor shows nobody anything that isn't theirs, and the key is no secret. It is there so that a cursor that was
//! changed, or that belongs to another list or another stack, is an error instead of an odd page.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::table::Position;
use common::time::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

const TAG_BYTES: usize = 16;
const TIME_BYTES: usize = 8;
const ID_BYTES: usize = 16;

/// The cursor of a position in the list that `list` describes; `None` for an id that no video has.
pub(crate) fn encode(key: &str, list: &str, position: &Position) -> Option<String> {
    let id = Uuid::try_parse(&position.id).ok()?;
    let mut content = Vec::with_capacity(TAG_BYTES + TIME_BYTES + ID_BYTES);
    content.extend(position.created_at.unix_ms().to_be_bytes());
    content.extend(id.as_bytes());
    let mut bytes = tag(key, list, &content)?.to_vec();
    bytes.extend(content);
    Some(URL_SAFE_NO_PAD.encode(bytes))
}

/// The position of a cursor; `None` where it isn't one of ours for this list.
pub(crate) fn decode(key: &str, list: &str, cursor: &str) -> Option<Position> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (claimed, content) = bytes.split_first_chunk::<TAG_BYTES>()?;
    if tag(key, list, content)? != *claimed {
        return None;
    }
    let (time, id) = content.split_first_chunk::<TIME_BYTES>()?;
    Some(Position {
        created_at: Timestamp::from_unix_ms(i64::from_be_bytes(*time)),
        id: Uuid::from_slice(id).ok()?.to_string(),
    })
}

fn tag(key: &str, list: &str, content: &[u8]) -> Option<[u8; TAG_BYTES]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
    mac.update(content);
    mac.update(list.as_bytes());
    let full = mac.finalize().into_bytes();
    full.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};
    use common::table::Position;
    use common::time::Timestamp;
    use proptest::prelude::*;

    fn position() -> Position {
        Position {
            created_at: Timestamp::from_unix_ms(1_768_471_301_123),
            id: "6f2a41f0-58a8-4b8d-9f8d-0d2f5a3c1e77".to_owned(),
        }
    }

    #[test]
    fn a_cursor_reads_back_in_its_own_list_only() {
        let cursor = encode("key", "anna", &position()).unwrap();
        assert_eq!(decode("key", "anna", &cursor), Some(position()));
        assert_eq!(decode("key", "berta", &cursor), None);
        assert_eq!(decode("another", "anna", &cursor), None);
    }

    proptest! {
        #[test]
        fn a_changed_character_is_noticed(index in 0..53_usize, replacement in "[A-Za-z0-9_-]") {
            let cursor = encode("key", "anna", &position()).unwrap();
            let mut changed = cursor.clone();
            changed.replace_range(index..=index, &replacement);
            prop_assert!(changed == cursor || decode("key", "anna", &changed).is_none());
        }

        #[test]
        fn garbage_is_no_cursor(text in "\\PC{0,80}") {
            prop_assert_eq!(decode("key", "anna", &text), None);
        }
    }
}
