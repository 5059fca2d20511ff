//! Which paths a batch can request.
//!
//! Invariant: it rejects exactly what `smartcar_batch::BatchPath` rejects. A test
//! compares the two.

/// Longest batch path, in bytes.
const LENGTH: usize = 256;

/// What is wrong with a path, and how to fix it.
pub(crate) fn fault(path: &str) -> Option<String> {
    let Some(rest) = path.strip_prefix('/') else {
        return Some(if path.is_empty() {
            "is empty: write one such as `/odometer`".to_owned()
        } else {
            format!("does not begin with a slash: write `/{path}`")
        });
    };
    if path.len() > LENGTH {
        return Some(format!("is longer than {LENGTH} bytes"));
    }
    if path.contains('?') {
        return Some(
            "has a query, which a batch cannot carry: request that endpoint alone".to_owned(),
        );
    }
    let odd = |letter: &char| !letter.is_ascii_graphic() || "\\%\"<>^`{|}#".contains(*letter);
    if let Some(letter) = path.chars().find(odd) {
        return Some(format!(
            "has the character {letter:?}: write it as the API's documentation does"
        ));
    }
    let bad = |step: &str| matches!(step, "" | "." | "..");
    if !rest.is_empty() && rest.split('/').any(bad) {
        return Some(
            "has a segment that is empty or made of dots: write each segment once, without a trailing slash"
                .to_owned(),
        );
    }
    (path == "/batch").then(|| {
        "is the batch endpoint itself: a batch holds endpoints that are read with GET".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use smartcar_batch::BatchPath;

    use super::fault;

    #[test]
    fn it_refuses_what_the_facade_refuses() {
        let mut paths: Vec<String> = [
            "/",
            "/odometer",
            "/tesla/charge",
            "/batch",
            "/batch/x",
            "/a.b",
            "/..a",
            "/~x",
            "/a-b_c",
            "",
            "odometer",
            " /odometer",
            "/odometer ",
            "/a?b=1",
            "/a#b",
            "/a%2e",
            "//",
            "/a/",
            "/a//b",
            "/./a",
            "/a/..",
            "/é",
            "/a\tb",
            "/a\\b",
            "/{id}",
            "/a\"b",
            "/a|b",
            "/a:b@c",
        ]
        .map(str::to_owned)
        .to_vec();
        paths.extend((0..128_u8).map(|letter| format!("/a{}", char::from(letter))));
        paths.extend([255, 256, 257].map(|length| format!("/{}", "a".repeat(length - 1))));
        for path in paths {
            let facade = BatchPath::new(path.as_str()).is_err();
            assert_eq!(fault(&path).is_some(), facade, "{path:?}");
        }
    }
}
