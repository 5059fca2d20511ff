//! The URL of a request.
//!
//! Invariant: an ID never leaves its segment of the path.

use progenitor_client::encode_path;
use reqwest::Url;

/// The base URL with more path: text and IDs in turn, text first.
pub(crate) fn with_path(base: &Url, parts: &[&str]) -> Url {
    let start = base.path().trim_end_matches('/');
    let length = parts.iter().map(|part| part.len()).sum::<usize>();
    let mut path = String::with_capacity(start.len() + length);
    path.push_str(start);
    for (position, part) in parts.iter().enumerate() {
        let is_text = position % 2 == 0;
        if is_text || part.bytes().all(is_plain) {
            path.push_str(part);
        } else {
            path.push_str(&encode_path(part));
        }
    }
    let mut url = base.clone();
    url.set_path(&path);
    url
}

fn is_plain(byte: u8) -> bool {
    const PLAIN: [bool; 256] = {
        let mut plain = [false; 256];
        let mut byte: u8 = 0;
        while byte.is_ascii() {
            let is_other = matches!(byte, b'-' | b'_' | b'.' | b'~');
            plain[byte as usize] = byte.is_ascii_alphanumeric() || is_other;
            byte += 1;
        }
        plain
    };
    PLAIN[usize::from(byte)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_what_parsing_its_text_gives() {
        for base in ["http://127.0.0.1:9", "https://api.smartcar.com/v2.0"] {
            for id in [
                "36ab27d0-fd9d-4455-823a-ce30af709ffc",
                "a/../b",
                "a b?c#d",
                "50%",
                "é",
                ":@!$&'()*+,;=",
            ] {
                let parts = ["/vehicles/", id, "/signals/", "odometer-traveleddistance"];
                let url = with_path(&base.parse().unwrap(), &parts);
                let text = format!(
                    "{base}/vehicles/{}/signals/odometer-traveleddistance",
                    encode_path(id)
                );
                assert_eq!(url, Url::parse(&text).unwrap());
                assert_eq!(url.path_segments().unwrap().rev().nth(3), Some("vehicles"));
            }
        }
    }
}
